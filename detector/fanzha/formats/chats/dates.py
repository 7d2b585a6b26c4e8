"""Dates and clocks as phones write them in their own language → seconds.

In: "2026-01-01T09:00:00+08:00", 1767229200000, "下午9:00", "9:00 a. m.", 1/2/26 of a whole file … Out: seconds since
1970, or since midnight, or None. A time without a zone is China Standard Time, as in `fanzha.formats.clock`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import pairwise

from fanzha.formats.clock import CHINA, moment

# The marks of halves of the day that the programs write, by language.
_MORNING = r"上午|凌晨|早上|清晨|午前|오전|a\.?\s?m\.?"
_AFTERNOON = r"下午|中午|晚上|傍晚|午後|午后|오후|p\.?\s?m\.?"
HALF = rf"(?:{_MORNING}|{_AFTERNOON})"
CLOCK = rf"(?:{HALF}\s?)?\d{{1,2}}[:.]\d{{2}}(?:[:.]\d{{2}})?(?:\s?{HALF}(?!\w))?"
_CLOCK = re.compile(
    rf"(?P<before>{HALF})?\s?(?P<h>\d{{1,2}})[:.](?P<m>\d{{2}})(?:[:.](?P<s>\d{{2}}))?(?:\s?(?P<after>{HALF})(?!\w))?",
    re.IGNORECASE,
)
_IS_AFTERNOON = re.compile(_AFTERNOON, re.IGNORECASE)
_ENGLISH = re.compile(r"([A-Z][a-z]{2})[a-z]{0,6}\.? (\d{1,2}), (\d{4})")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_YEARS = range(1990, 2101)
_SPAN = 400 * 86_400.0  # seconds in which most chats end: a reading that spreads them over years is the wrong one


def read_moment(value: object) -> float | None:
    """Return seconds since 1970 of an epoch (in seconds to nanoseconds) or a date with a clock."""
    written = moment(value.strip() if isinstance(value, str) else value)
    return None if written is None else datetime.fromisoformat(written).timestamp()


def read_clock(text: str) -> float | None:
    """Return seconds since midnight: 9:00:50, 下午9:00, 9:00 PM, 21.00."""
    match = _CLOCK.search(text[:64])
    if match is None:
        return None
    hour, minute, second = int(match["h"]), int(match["m"]), int(match["s"] or 0)
    half = match["before"] or match["after"]
    hour = _of_day(hour, half) if half else hour
    return hour * 3600.0 + minute * 60 + second if hour <= 24 and minute < 60 and second <= 60 else None


def has_half(clock: str) -> bool:
    """Whether a clock is of twelve hours."""
    match = _CLOCK.search(clock[:64])
    return match is not None and bool(match["before"] or match["after"])


def _of_day(hour: int, half: str) -> int:
    """下午9 → 21, 凌晨12 → 0; 中午11 and 下午15 stay."""
    if hour > 12 or (half == "中午" and hour == 11):
        return hour
    return hour % 12 + (12 if _IS_AFTERNOON.fullmatch(half) else 0)


def read_dates(dates: Iterable[Sequence[int]], *, american: bool = False) -> list[float | None]:
    """Read days written as three numbers in an order that only the whole file tells → seconds of their midnights.

    The order in which most are real days and time runs backwards least often wins; of equal ones the first of
    day-month-year, month-day-year (the other way round for an `american` clock), year-month-day.
    """
    rows = [tuple(row) for row in dates]
    orders = [(2, 0, 1), (2, 1, 0), (0, 1, 2)] if american else [(2, 1, 0), (2, 0, 1), (0, 1, 2)]
    return min(([midnight(row[y], row[m], row[d]) for row in rows] for y, m, d in orders), key=_disorder)


def midnight(year: int, month: int, day: int) -> float | None:
    """Seconds since 1970 of a day's beginning; None if there is no such day. Years may have two digits."""
    year += 2000 if year < 100 else 0
    if year not in _YEARS:
        return None
    try:
        return datetime(year, month, day, tzinfo=CHINA).timestamp()
    except ValueError:
        return None


def read_english_date(text: str) -> float | None:
    """Return the midnight of "May 17, 2022"."""
    match = _ENGLISH.search(text)
    if match is None or match[1] not in _MONTHS:
        return None
    return midnight(int(match[3]), _MONTHS.index(match[1]) + 1, int(match[2]))


def _disorder(days: Sequence[float | None]) -> tuple[int, int, float]:
    known = [day for day in days if day is not None]
    backwards = sum(later < earlier for earlier, later in pairwise(known))
    return len(days) - len(known), backwards, (max(known) - min(known)) // _SPAN if known else 0.0
