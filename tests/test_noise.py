"""Noise: what each kind does to a conversation, and that the same seed does it again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanzha import Turn
from fanzha.conversation import Party
from fanzha.errors import InputError
from fanzha.measure.noise import KINDS, Disturber, parse_noise
from fanzha.sound import sound_of
from fanzha.text import fold

TERMS = ["支付宝", "借呗", "转账", "验证码", "qq", "三倍"]
SAID = "您好，请把钱转账到支付宝借呗，再把验证码告诉我。加QQ有三倍。"
TALK = [Turn(SAID, "客服", Party.OTHER), Turn("好的，我看看。", "我", Party.SELF)]


def disturbed(*noises: str, turns: list[Turn] = TALK, name: str = "a", seed: int = 0) -> tuple[Turn, ...]:
    return Disturber([parse_noise(one) for one in noises], TERMS, seed).disturb(turns, name)


def said(noise: str, text: str = SAID) -> str:
    return disturbed(noise, turns=[Turn(text)])[0].text


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_no_share_changes_nothing(kind: str) -> None:
    assert disturbed(f"{kind}:0") == tuple(TALK)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_whole_share_changes_something_and_always_the_same(kind: str) -> None:
    assert disturbed(f"{kind}:1") != tuple(TALK)
    assert disturbed(f"{kind}:1") == disturbed(f"{kind}:1")


def test_records_and_seeds_differ() -> None:
    one = disturbed("homophone:0.5")
    assert one != disturbed("homophone:0.5", name="b")
    assert one != disturbed("homophone:0.5", seed=1)


@pytest.mark.parametrize(
    ("noise", "text", "changed"),
    [
        ("marks:1", "您好，去吧。", "您好去吧"),
        ("drop:1", "您a好，", "a，"),
        ("space:1", "去借呗看", "去借 呗看"),
        ("double:1", "去借呗看", "去借借呗呗看"),
        ("parts:1", "去借呗看", "去亻昔口贝看"),
        ("initials:1", "用支付宝", "用zfb"),
        ("full-width:1", "加QQ吧", "加ＱＱ吧"),
        ("leet:1", "有三倍", "有3倍"),
        ("emoji:1", "打三倍", "打3⃣倍"),
    ],
)
def test_what_a_noise_does(noise: str, text: str, changed: str) -> None:
    assert said(noise, text) == changed


def test_disguise_leaves_other_words_alone() -> None:
    assert said("glyph:1", "请把东西给我") == "请把东西给我"
    assert said("glyph:1", "去借呗看") != "去借呗看"


def test_a_sound_alike_sounds_alike() -> None:
    heard = said("homophone:1", "您的快递丢失")
    assert heard != "您的快递丢失"
    assert sound_of(heard) == sound_of("您的快递丢失")


def test_a_character_is_heard_as_it_is_read_in_its_word() -> None:
    assert sound_of(said("homophone:1", "银行"))[1] == sound_of("航")


def test_what_cannot_be_seen_is_folded_away() -> None:
    assert fold(said("zero-width:1")).text == fold(SAID).text


@given(st.integers(0, 1000))
def test_a_tenth_of_asr_errors_is_about_a_tenth(seed: int) -> None:
    text = "快递包裹物流衣服鞋子" * 20
    (turn,) = disturbed("homophone:0.1", turns=[Turn(text)], seed=seed)
    assert 2 <= sum(a != b for a, b in zip(text, turn.text, strict=True)) <= 45


def test_split_turns_hold_the_same_text() -> None:
    turns = disturbed("split:1")
    assert len(turns) == 4
    assert "".join(turn.text for turn in turns) == "".join(turn.text for turn in TALK)
    assert [turn.speaker for turn in turns] == ["客服", "客服", "我", "我"]


def test_merged_turns_are_all_said_by_the_first() -> None:
    (turn,) = disturbed("merge:1")
    assert (turn.text, turn.speaker) == (SAID + TALK[1].text, "客服")


def test_swapped_and_missing_labels() -> None:
    assert [turn.party for turn in disturbed("swap:1")] == [Party.SELF, Party.OTHER]
    assert [turn.speaker for turn in disturbed("unlabel:1")] == [None, None]


def test_noises_are_put_on_one_after_the_other() -> None:
    assert disturbed("marks:1", "drop:1", turns=[Turn("您a好，")])[0].text == "a"


@pytest.mark.parametrize("written", ["", "asr", "asr:", "asr:2", "asr:-1", "asr:nan", "asr:x", "hiss:0.1"])
def test_a_wrong_noise_is_told(written: str) -> None:
    with pytest.raises(InputError):
        parse_noise(written)
