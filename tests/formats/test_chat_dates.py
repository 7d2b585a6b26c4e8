"""Dates and clocks as phones write them."""

from __future__ import annotations

import pytest

from fanzha.formats.chats.dates import midnight, read_clock, read_dates, read_english_date, read_moment

NINE = 9 * 3600.0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("9:00", NINE),
        ("09:00:05", NINE + 5),
        ("上午9:00", NINE),
        ("下午9:00", NINE + 43200),
        ("午後9:00", NINE + 43200),
        ("오후 9:00", NINE + 43200),
        ("9:00 PM", NINE + 43200),
        ("9:00 p. m.", NINE + 43200),
        ("9.00", NINE),
        ("12:00 AM", 0.0),
        ("凌晨12:30", 1800.0),
        ("中午12:30", 45000.0),
        ("99:99", None),
        ("没有", None),
    ],
)
def test_clocks(text: str, seconds: float | None) -> None:
    assert read_clock(text) == seconds


def test_the_order_of_day_and_month_is_told_by_the_whole_file() -> None:
    march = midnight(2026, 3, 1)
    assert read_dates([(3, 1, 26), (3, 14, 26)])[0] == march
    assert read_dates([(1, 3, 26), (14, 3, 26)])[0] == march
    assert read_dates([(2026, 3, 1)])[0] == march
    assert read_dates([(1, 3, 2026)])[0] == march
    assert read_dates([(3, 1, 26)], american=True)[0] == march
    assert read_dates([(28, 2, 26), (1, 3, 26)])[1] == march
    assert read_dates([(99, 99, 99)]) == [None]


def test_moments_have_a_zone_or_are_chinese() -> None:
    assert read_moment("2026-03-01 10:00:00") == read_moment("2026-03-01T02:00:00Z") == 1772330400
    assert read_moment(1772330400000) == read_moment("1772330400") == 1772330400
    assert read_moment(True) is None
    assert read_moment([1]) is None
    assert read_moment("昨天") is None


def test_english_dates() -> None:
    assert read_english_date("Mar 1, 2026") == midnight(2026, 3, 1)
    assert read_english_date("Foo 1, 2026") is None
