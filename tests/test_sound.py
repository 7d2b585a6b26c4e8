"""The sound view: what sounds alike, and what does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanzha.sound import merged, same_syllables, sound_of


@pytest.mark.parametrize(
    ("left", "right"),
    [("借呗", "接呗"), ("借呗", "界被"), ("备用金", "被用金"), ("支付宝", "之付宝"), ("理赔", "你陪"), ("信用", "兴用")],
)
def test_sound_alikes_meet(left: str, right: str) -> None:
    assert sound_of(left) == sound_of(right)


@pytest.mark.parametrize(("left", "right"), [("借呗", "花呗"), ("退还", "退换货"), ("转账", "赚钱")])
def test_others_do_not(left: str, right: str) -> None:
    assert sound_of(left) != sound_of(right)


@pytest.mark.parametrize(
    ("syllable", "class_"),
    [("zhang", "zan"), ("chi", "ci"), ("shi", "si"), ("ning", "lin"), ("fu", "hu"), ("an", "an"), ("er", "er")],
)
def test_confusions_are_merged(syllable: str, class_: str) -> None:
    assert merged(syllable) == class_


def test_same_syllables_knows_no_confusion() -> None:
    assert same_syllables("借呗", "接被")
    assert not same_syllables("支付", "资付")
    assert sound_of("支付") == sound_of("资付")


def test_same_syllables_compares_other_characters_as_they_are() -> None:
    assert same_syllables("加v", "家v")
    assert not same_syllables("加v", "加x")
    assert not same_syllables("加", "加v")


@given(st.text(max_size=40))
def test_the_view_is_as_long_as_the_text(text: str) -> None:
    assert len(sound_of(text)) == len(text)


@given(st.text(st.characters(max_codepoint=0x2FFF), max_size=40))
def test_only_han_is_changed(text: str) -> None:
    assert sound_of(text) == text.replace("〇", sound_of("〇"))


def test_classes_never_meet_written_text() -> None:
    assert all(0xE000 <= ord(character) <= 0xF8FF for character in sound_of("借呗备用金"))
