"""The written view: what folding changes, what it drops, and the way back to the original."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fanzha.text import fold

HOSTILE = st.text(
    st.sampled_from("借呗支付宝aB1 。，.·-_*|\n\t\u200b\u200d\u00ad\ufe0f\x00😀𠮷ＱＱ①轉賬\u3000㊙"), max_size=30
)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("ＱＱ群１２３", "qq群123"),
        ("轉賬貸款", "转账贷款"),
        ("加VX", "加vx"),
        ("借\u200b呗", "借呗"),
        ("收\u035f银\u035f行\u035f卡\u0337", "收银行卡"),
        ("\ufeff借\u00ad呗\u2060", "借呗"),
        ("借.呗", "借呗"),
        ("支 付 宝", "支付宝"),
        ("支·付|宝", "支付宝"),
        ("借\u200b.\u200b呗", "借呗"),
        ("借.\u200b.呗", "借呗"),
        ("借\x00呗", "借呗"),
        ("\u3000借\u3000呗", " 借呗"),
    ],
)
def test_disguises_are_folded(written: str, folded: str) -> None:
    assert fold(written).text == folded


@pytest.mark.parametrize(
    "kept", ["", "您好", "12.5", "a b", "app store", "好，了。", "借...呗", "借\n呗", "3-5天", "😀𠮷"]
)
def test_what_means_something_is_kept(kept: str) -> None:
    assert fold(kept).text == kept


def test_a_span_maps_back_over_what_was_dropped() -> None:
    original = "😀点 借\u200b.呗 吧"
    view = fold(original)
    start = view.text.index("借")
    low, high = view.span(start, start + 2)
    assert original[low:high] == "借\u200b.呗"


def test_a_span_holds_no_dropped_character_at_its_ends() -> None:
    original = "去\u200b借呗\u200b看"
    view = fold(original)
    assert original[slice(*view.span(1, 3))] == "借呗"


@given(HOSTILE)
@example("\u200b")
@example("借 . 呗")
def test_every_character_of_the_view_stands_where_it_says(original: str) -> None:
    view = fold(original)
    for offset, character in enumerate(view.text):
        start, end = view.span(offset, offset + 1)
        assert end == start + 1
        assert fold(original[start]).text == character


@given(HOSTILE)
def test_offsets_only_grow(original: str) -> None:
    view = fold(original)
    origins = [view.origin(offset) for offset in range(len(view.text) + 1)]
    assert origins == sorted(set(origins))
    assert origins[-1] <= len(original)


@given(HOSTILE)
def test_folding_twice_changes_nothing_more(original: str) -> None:
    once = fold(original).text
    assert fold(once).text == once


def test_a_space_in_chat_ends_a_clause() -> None:
    assert fold("没有货啦 老板说明天").breaks() == [4]


def test_a_spelt_out_word_has_no_breaks() -> None:
    assert fold("支 付 宝").breaks() == []


def test_what_cannot_be_seen_ends_no_clause() -> None:
    assert fold("把手机验证码\u200b快点告诉我吧").breaks() == []


@given(HOSTILE)
def test_breaks_are_offsets_of_the_view(original: str) -> None:
    view = fold(original)
    breaks = view.breaks()
    assert breaks == sorted(breaks)
    assert all(0 <= offset <= len(view.text) for offset in breaks)
