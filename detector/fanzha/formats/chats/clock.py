"""Moments as chat exports write them → seconds. Only differences are used, so a time without a zone is read as UTC.

In: 1767229200, "1767229200000", "2026-01-01T09:00:00+08:00", "2026/1/1 下午9:00", "Jan 01, 2026  9:00:00 AM" …
Out: seconds since 1970, or None where it is no moment. It never guesses between 1/2 and 2/1: see `read_dates`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

_DAY = 86_400.0
# The marks of halves of the day that the programs write, by language.
_MORNING = "上午|凌晨|早上|清晨|午前|오전|AM|am|a\\.\\s?m\\.|A\\.M\\."
_AFTERNOON = "下午|中午|晚上|傍晚|午後|午后|오후|PM|pm|p\\.\\s?m\\.|P\\.M\\."
HALF = f"(?:{_MORNING}|{_AFTERNOON})"
CLOCK = rf"(?:{HALF}\s?)?\d{{1,2}}[:.]\d{{2}}(?:[:.]\d{{2}})?(?:\s?{HALF})?"
_CLOCK = re.compile(
    rf"(?P<before>{HALF})?\s?(?P<h>\d{{1,2}})[:.](?P<m>\d{{2}})(?:[:.](?P<s>\d{{2}}))?(?:[.,](?P<part>\d{{1,9}}))?"
    rf"(?:\s?(?P<after>{HALF}))?"
)
_DATE = re.compile(r"(\d{4})\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})日?")
_MONTH_DAY = re.compile(r"(\d{1,2})[-/月](\d{1,2})日?\s")
_ENGLISH_DATE = re.compile(r"([A-Z][a-z]{2})[a-z]*\.? (\d{1,2}),? (\d{4})")
_ZONE = re.compile(r"(Z|[+-]\d{2}:?\d{2})$")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_AFTERNOON_MARK = re.compile(_AFTERNOON)


def read_moment(value: object) -> float | None:
    """Read a number of seconds, milliseconds, micro- or nanoseconds since 1970, or a date and time in words."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return _from_number(value)
    if not isinstance(value, str):
        return None
    text = value.strip()[:64]
    if re.fullmatch(r"\d{9,19}(?:\.\d{1,9})?", text):
        return _from_number(float(text))
    return _from_words(text)


def read_clock(text: str) -> float | None:
    """Return seconds since midnight: 9:00:50, 下午9:00, 9:00 PM."""
    match = _CLOCK.search(text[:64])
    if match is None:
        return None
    hour, minute, second = int(match["h"]), int(match["m"]), int(match["s"] or 0)
    half = match["before"] or match["after"]
    if half:
        hour = _of_day(hour, half)
    if hour > 24 or minute > 59 or second > 60:
        return None
    return hour * 3600.0 + minute * 60 + second + float(f"0.{match['part'] or 0}")


def _of_day(hour: int, half: str) -> int:
    """Hours of halves of the day: 下午9 → 21, 凌晨12 → 0; 中午11 and 下午15 stay."""
    if hour > 12 or (half == "中午" and hour == 11):
        return hour
    return hour % 12 + (12 if _AFTERNOON_MARK.fullmatch(half) else 0)


def read_dates(dates: Iterable[Sequence[int]], clocks_have_halves: bool = False) -> list[float | None]:
    """Read days written as three numbers in an order that only the whole file tells; seconds of their midnights.

    The order in which all are real days and time runs backwards least often wins; of equal ones the first of
    year-month-day, day-month-year, month-day-year, the last two the other way round beside AM and PM.
    """
    rows = [tuple(row) for row in dates]
    orders = [(0, 1, 2), (2, 0, 1), (2, 1, 0)] if clocks_have_halves else [(0, 1, 2), (2, 1, 0), (2, 0, 1)]
    readings = [[_midnight(row[y], row[m], row[d]) for row in rows] for y, m, d in orders]
    return min(readings, key=_disorder)


def _disorder(days: Sequence[float | None]) -> tuple[int, int, float]:
    known = [day for day in days if day is not None]
    backwards = sum(later < earlier for earlier, later in zip(known, known[1:], strict=False))
    return len(days) - len(known), backwards, (max(known) - min(known)) // (400 * _DAY) if known else 0.0


def _midnight(year: int, month: int, day: int) -> float | None:
    year += 2000 if year < 100 else 0
    if not 1990 <= year <= 2100:
        return None
    try:
        return datetime(year, month, day, tzinfo=UTC).timestamp()
    except (ValueError, OverflowError):
        return None


def _from_number(value: float) -> float | None:
    for floor, scale in ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3)):
        if value >= floor:
            value /= scale
            break
    return float(value) if 0 < value < 1e11 else None


def _from_words(text: str) -> float | None:
    clock, rest = _split_clock(text)
    zone = _ZONE.search(text)
    match = _DATE.search(rest)
    if match is not None:
        day = _midnight(int(match[1]), int(match[2]), int(match[3]))
    elif (match := _ENGLISH_DATE.search(rest)) is not None and match[1].lower() in _MONTHS:
        day = _midnight(int(match[3]), _MONTHS.index(match[1].lower()) + 1, int(match[2]))
    elif (match := _MONTH_DAY.match(rest)) is not None:
        day = _midnight(2000, int(match[1]), int(match[2]))
    else:
        day = 0.0 if clock is not None else None
    if day is None:
        return None
    return day + (clock or 0.0) - (_offset(zone[1]) if zone and clock is not None else 0.0)


def _split_clock(text: str) -> tuple[float | None, str]:
    """Return seconds of the day, and what stands before the clock."""
    match = re.search(rf"{HALF}?\s?\d{{1,2}}:\d{{2}}", text)
    if match is None:
        return None, text
    return read_clock(text[match.start() :]), text[: match.start()] + " "


def _offset(zone: str) -> float:
    if zone == "Z":
        return 0.0
    digits = zone[1:].replace(":", "")
    seconds = int(digits[:2]) * 3600.0 + int(digits[2:]) * 60
    return -seconds if zone[0] == "-" else seconds
