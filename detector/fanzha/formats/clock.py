"""Moments and seconds, as the many tools write them.

In: numbers and strings of files. Out: moments in ISO 8601 with an offset, seconds as floats, or None where a value says
none. Local times are taken as China Standard Time, which is what exporters of Chinese chats write.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

CHINA = timezone(timedelta(hours=8))
DATE = r"(?P<year>\d{4})[-/.年](?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})日?"
TIME_OF_DAY = (
    r"(?P<half>上午|下午|凌晨|早上|中午|晚上|[AaPp][Mm])?\s{0,2}"
    r"(?P<hour>\d{1,2})[:：时](?P<minute>\d{1,2})(?:[:：分](?P<second>\d{1,2})(?P<part>[.,]\d{1,9})?)?秒?"
    r"(?:\s{0,2}(?P<late>[AaPp][Mm]))?"
)
ZONE = r"(?:\s{0,2}(?P<zone>Z|(?:UTC|GMT)[+-]\d{1,2}(?::?\d{2})?|[+-]\d{2}:?\d{2}))?"
MOMENT = DATE + r"[,，]?[ T\u202f\u00a0]{0,3}(?:[(（]?(?:周|星期|礼拜).[)）]?)?\s{0,2}" + TIME_OF_DAY + ZONE
_MOMENT = re.compile(rf"\s*{MOMENT}\s*")
_CLOCK = re.compile(r"(?:(?P<hours>\d{1,3})[:：])?(?P<minutes>\d{1,3})[:：](?P<seconds>\d{1,2}(?:[.,]\d{1,6})?)")
_ZONE = re.compile(r"([+-])(\d{1,2}):?(\d{2})?")
_A_MOMENT = 100_000_000  # seconds since 1970: no recording is so long, every chat is later
_FAR = 10_000_000_000  # seconds since 1970 in the year 2286
_SLOWEST = 0.1  # characters that somebody speaks in a second


def number(value: Any) -> float | None:
    """Read a finite number, also one in a string."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        read = float(value)
    except (ValueError, OverflowError):
        return None
    return read if math.isfinite(read) else None


def moment(value: Any) -> str | None:
    """Return the moment that an epoch (seconds to nanoseconds, by size) or a date with a clock tells, or None."""
    if value is None:
        return None
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=CHINA)).isoformat()
    seconds = number(value)
    if seconds is not None:
        return epoch_moment(seconds)
    return _written_moment(value) if isinstance(value, str) and len(value) < 60 else None


def epoch_moment(seconds: float) -> str | None:
    """Return the moment of an epoch in seconds, milliseconds, microseconds or nanoseconds, in China Standard Time."""
    while abs(seconds) >= _FAR:
        seconds /= 1000
    if seconds < _A_MOMENT:
        return None
    return datetime.fromtimestamp(seconds, UTC).astimezone(CHINA).isoformat(timespec=_precision(seconds))


def _precision(seconds: float) -> str:
    return "seconds" if seconds == int(seconds) else "milliseconds"


def _written_moment(text: str) -> str | None:
    found = _MOMENT.fullmatch(text)
    if found is None:
        return None
    hour = hour_of_day(int(found["hour"]), found["half"] or found["late"])
    try:
        written = datetime(
            int(found["year"]), int(found["month"]), int(found["day"]), hour, int(found["minute"]),
            int(found["second"] or 0), tzinfo=_zone(found["zone"]),
        )  # fmt: skip
    except ValueError:
        return None
    return written.isoformat()


def hour_of_day(hour: int, half: str | None) -> int:
    """Return 0 to 23 of an hour written with 上午, 下午, 凌晨, AM …; 12 o'clock is noon in the second half."""
    if half in ("下午", "晚上", "PM", "pm", "Pm") and hour < 12:
        return hour + 12
    if half in ("上午", "凌晨", "早上", "AM", "am", "Am") and hour == 12:
        return 0
    return hour


def _zone(written: str | None) -> timezone:
    if written is None:
        return CHINA
    found = _ZONE.search(written)
    if found is None:
        return UTC
    offset = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    return timezone(-offset if found[1] == "-" else offset)


def clock_seconds(text: str) -> float | None:
    """Return the seconds of 01:23, 00:01:23,500 or 12.5, or None."""
    found = _CLOCK.fullmatch(text.strip())
    if found is None:
        return number(text)
    seconds = float(found["seconds"].replace(",", "."))
    return int(found["hours"] or 0) * 3600 + int(found["minutes"]) * 60 + seconds


def in_milliseconds(spans: Iterable[tuple[Any, Any, str]]) -> bool:
    """Whether (start, end, text) count in milliseconds rather than in seconds, by how fast somebody would speak.

    Nobody says less than a character in ten seconds, and no recording that counts in whole milliseconds ends before
    its first second. Tools write milliseconds as integers; 4200.0 needs more evidence.
    """
    integers, spoken, length, last = True, 0, 0.0, 0.0
    for raw_start, raw_end, text in spans:
        start, end = number(raw_start), number(raw_end)
        if start is None:
            continue
        end = start if end is None else end
        if start != int(start) or end != int(end):
            return False
        integers = integers and not isinstance(raw_start, float) and not isinstance(raw_end, float)
        spoken += len(text.strip())
        length += max(0.0, end - start)
        last = max(last, end)
    if last < 1000:
        return False
    return spoken / (length or last) < (_SLOWEST if integers else _SLOWEST / 5)


def to_seconds(value: Any, *, milliseconds: bool) -> float | None:
    """Return the seconds of a number in seconds or milliseconds, or None."""
    read = number(value)
    if read is None:
        return None
    return round(read / 1000, 3) if milliseconds else read
