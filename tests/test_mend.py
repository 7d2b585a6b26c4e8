"""The second reading: what was heard wrong is mended where something was found, and nothing else is touched."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from conftest import signal
from fanzha import Detector
from fanzha.measure.records import RawLine, Record, parse_record
from fanzha.measure.sounds import listen, sounds_file
from fanzha.mend import HEARD, UNSURE, Mender, vocabulary
from fanzha.text import fold

Make = Callable[..., Detector]

WORDS = {"理赔": True, "验证码": True, "备用金": True, "银行卡": True, "征信": True, "客服": True, "转账": False}
MENDER = Mender(vocabulary(WORDS, {"真心": 2, "你赔": 2, "专账": 1}, ("嗯", "那个", "就是说", "那么"), {"💰": "钱", "zfb": "支付宝"}))


def mended(text: str, known: tuple[str, ...] = ()) -> str:
    view = fold(text)
    spans = [(at, at + len(word)) for word in known if (at := view.text.find(word)) >= 0]
    result = MENDER.mend(view, spans)
    return result.text if result is not None else view.text


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("报验政码", "报验证码"),
        ("报验阵码", "报验证码"),
        ("去离赔", "去理赔"),
        ("开被用金", "开备用金"),
        ("绑银航卡", "绑银行卡"),
        ("赚账", "转账"),
        ("传账", "传账"),
        ("报嗯验证嗯码", "报验证码"),
        ("验那个证码", "验证码"),
        ("验验证证码", "验证码"),
        ("报验证验证码", "报验证码"),
        ("理嗯，赔", "理赔"),
        ("报验★证😀码", "报验证码"),
        ("报验zheng码", "报验证码"),
        ("绑银行卡里的💰", "绑银行卡里的钱"),
        ("用zfb转账", "用支付宝转账"),
        ("马佥讠正石马", "验证码"),
        ("纟车专贝长", "纟转账"),
    ],
)
def test_what_was_heard_wrong_is_mended(heard: str, meant: str) -> None:
    assert mended(heard) == meant


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("克服困难", "a common word"),
        ("我真心的", "ordinary text writes it often"),
        ("你赔我", "the same"),
        ("离陪", "two characters with none right"),
        ("那么转账", "at the beginning of a clause it joins sentences"),
        ("八八八元", "a number is no stutter"),
        ("验证码", "as it should be"),
        ("", "nothing"),
    ],
)
def test_what_is_meant_so_stays(text: str, why: str) -> None:
    assert mended(text) == text, why


def test_a_word_of_the_rules_stays() -> None:
    assert mended("开被用金") == "开备用金"
    assert mended("开被用金", known=("被用",)) == "开被用金"


def test_a_stutter_inside_a_word_of_the_rules_stays() -> None:
    assert mended("拼多多", known=("拼多多",)) == "拼多多"


def test_what_ordinary_text_wrote_once_is_worth_less() -> None:
    for heard, grade in (("赚账", HEARD), ("专账", UNSURE)):
        result = MENDER.mend(fold(heard), [])
        assert result is not None
        assert result.grade(0, 2) == grade


def test_what_stands_beside_a_mended_word_is_as_it_was() -> None:
    result = MENDER.mend(fold("您报验政码吧"), [])
    assert result is not None
    assert result.grade(0, 2) is None
    assert result.grade(1, 3) == HEARD


SPOKEN = st.lists(
    st.sampled_from(["验政码", "嗯", "那个", "离赔", "\u200b", "借.呗", "赚", "账", "😀", "💰", "亻昔", "zfb", "zheng", "★", "您", "，", "a", "八八", " "]), max_size=12
).map("".join)


@given(SPOKEN)
@example("嗯")
@example("验.政\u200b码嗯嗯")
def test_every_character_of_a_mended_view_stands_where_it_says(text: str) -> None:
    view = fold(text)
    result = MENDER.mend(view, [])
    if result is None:
        return
    marked = {place for mark in result.marks for place in range(mark.start, mark.end)}
    origins = [result.origin(place) for place in range(len(result.text) + 1)]
    assert origins == sorted(origins)
    assert origins[-1] <= len(text)
    for place, character in enumerate(result.text):
        start, end = result.span(place, place + 1)
        assert 0 <= start < end <= len(text)
        assert place in marked or (end == start + 1 and fold(text[start]).text == character)
    assert result.breaks() == sorted(result.breaks())


# ── in a conversation ──


def loan(make_detector: Make, **more: Any) -> Detector:
    signals = [signal(match="快递丢"), signal("extract.loan", "点开 …3 {loan}", stage="extract")]
    terms = {"loan": {"words": ["备用金额"], **more}}
    return make_detector(signals, terms=terms, speech={"fillers": ["嗯", "那个"]})


def heard(detector: Detector, *turns: str) -> list[tuple[int, str, str]]:
    found = detector.score([("客服", text) for text in turns]).evidence
    return [(one.turn, one.how, one.text) for one in found if one.signal == "extract.loan"]


def test_a_turn_in_which_something_was_found_is_read_twice(make_detector: Make) -> None:
    detector = loan(make_detector)
    assert heard(detector, "快递丢了，点开嗯那个被用金鹅") == [(0, "sound", "点开嗯那个被用金鹅")]
    assert heard(detector, "点开被用金鹅") == []


def test_so_is_a_turn_after_one(make_detector: Make) -> None:
    assert heard(loan(make_detector), "快递丢了", "好。点开被用金鹅") == [(1, "sound", "点开被用金鹅")]


def test_a_filler_alone_costs_nothing(make_detector: Make) -> None:
    assert heard(loan(make_detector), "快递丢了", "点开，备用嗯金额")[0][1:] == ("exact", "点开，备用嗯金额")


def test_a_mended_word_earns_a_share(make_detector: Make) -> None:
    detector = loan(make_detector)
    exact, sound = (detector.score([("客服", f"快递丢了，点开{word}")]).log_odds for word in ("备用金额", "被用金鹅"))
    assert exact - sound == pytest.approx(0.2)


def test_a_term_can_be_left_out(make_detector: Make) -> None:
    assert heard(loan(make_detector, mend=False), "快递丢了，点开被用金鹅") == []


def test_what_the_first_reading_found_is_kept(make_detector: Make) -> None:
    detector = make_detector([signal(match="快递丢"), signal("hook.that", "那个 …2 拿", stage="hook")])
    found = detector.score([("客服", "快递丢了，你把那个您拿来")]).evidence
    assert {one.signal for one in found} == {"hook.lost", "hook.that"}


# ── learning ──


def record(text: str, label: str = "benign") -> Record:
    parsed = parse_record(RawLine("set", 1, f'{{"label": "{label}", "turns": [{{"text": "{text}"}}]}}'.encode()))
    assert isinstance(parsed, Record)
    return parsed


def test_forms_of_ordinary_text_are_learnt() -> None:
    texts = ["他用证信", "看看证信的", "去离赔吧", "客付，客付"]
    written = sounds_file(listen(frozenset(WORDS), map(record, texts)), ["set"])
    assert "often: >-\n    客付 证信" in written
    assert "once: >-\n    离赔" in written
    assert "证信" not in sounds_file(listen(frozenset(WORDS), [record(texts[0], "scam")]), ["set"])


def test_a_word_that_much_else_sounds_like_is_not_heard() -> None:
    texts = [f"{form}。" for form in ("理培", "理配", "理佩", "理沛", "理裴", "离赔", "里赔", "李赔")]
    written = sounds_file(listen(frozenset(WORDS), map(record, texts)), ["set"])
    assert "unheard: >-\n    理赔" in written


def test_learning_again_gives_the_same_file() -> None:
    texts = [record("他用证信，去离赔吧")]
    assert sounds_file(listen(frozenset(WORDS), texts), ["set"]) == sounds_file(listen(frozenset(WORDS), texts), ["set"])

