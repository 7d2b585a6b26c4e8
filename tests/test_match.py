"""Hits of signals in a text: sequences, blocks, scopes, excuses, word boundaries, sound and damage."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

import pytest

from conftest import signal
from fanzha import Detector
from fanzha.limits import MAX_EVIDENCE_PER_SIGNAL
from fanzha.match import MAX_HITS_PER_SIGNAL, find_hits
from fanzha.scan import scan
from fanzha.text import fold

Make = Callable[..., Detector]


@pytest.fixture(scope="module")
def hits(make_detector: Make) -> Callable[..., list[tuple[str, str]]]:
    """The pieces of a text that a signal hits, and how."""
    made: dict[str, Detector] = {}

    def find(match: Any, text: str, **more: Any) -> list[tuple[str, str]]:
        terms = more.pop("terms", {})
        key = repr((match, more, terms))
        if key not in made:
            made[key] = make_detector([signal(match=match, **more)], terms=terms)
        view = fold(text)
        found = scan(made[key].rules, view.text, view.breaks)
        return [(view.text[hit.start : hit.end], hit.how) for hit in find_hits(found)] if found else []

    return find


# ── sequences ──


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("给您打多了", "打多了"),
        ("给您打得多了", "打得多了"),
        ("打成多了", "打成多了"),
        ("打成一二多了", None),
        ("打。多了", None),
        ("打，多了", "打，多了"),
        ("打\n多了", None),
        ("多了打", None),
        ("打多", None),
        ("", None),
    ],
)
def test_a_gap_is_as_long_as_it_says_and_ends_with_the_sentence(hits: Any, text: str, found: str | None) -> None:
    assert hits("[打|转] …2 多了", text) == ([(found, "exact")] if found else [])


def test_the_closest_start_is_taken(hits: Any) -> None:
    assert hits("转 …9 多了", "转来转去多了") == [("转去多了", "exact")]


def test_what_overlaps_is_one_hit(hits: Any) -> None:
    assert hits("快递 …9 丢了", "快递丢了丢了，快递丢了") == [("快递丢了丢了", "exact"), ("快递丢了", "exact")]


@pytest.mark.parametrize(
    ("text", "found"), [("转给您 62块钱", "转给您 62块钱"), ("转给您一万二", "转给您一万二"), ("转给您这些钱", None)]
)
def test_an_entity_is_an_element(hits: Any, text: str, found: str | None) -> None:
    assert hits("转给您 …2 <money>", text) == ([(found, "exact")] if found else [])


def test_a_one_character_word_is_found_beside_a_longer_one(hits: Any) -> None:
    assert hits("多 …3 了 …3 快递", "多打了快递") == [("多打了快递", "exact")]
    assert hits("多 …3 了 …3 快递", "打了快递，多") == []


def test_a_one_character_word_is_found_beside_an_entity(hits: Any) -> None:
    assert hits("[进|上] …3 <url>", "请进 http://a.cn/x 查看") == [("进 http://a.cn/x", "exact")]
    assert hits("[进|上] …3 <url>", "请看 http://a.cn/x") == []


def test_a_regex_runs_in_the_sentence_of_its_words_only(hits: Any) -> None:
    match = {"regex": "[0-9]{6}", "behind": ["验证码"]}
    assert hits(match, "单号111111。验证码是222222。还有333333") == [("222222", "exact")]


def test_at_most_so_many_hits_of_a_signal(hits: Any) -> None:
    assert len(hits("快递丢", "快递丢。" * 100)) == MAX_HITS_PER_SIGNAL


# ── blocks ──


@pytest.mark.parametrize(
    ("match", "text", "found"),
    [
        ({"all": ["快递", "丢了"]}, "丢了什么，快递", ["丢了什么，快递"]),
        ({"all": ["快递", "丢了"]}, "快递。丢了", []),
        ({"all": ["快递", "丢了"], "within": "turn"}, "快递。丢了", ["快递。丢了"]),
        ({"all": ["快递", "丢了"], "within": "clause"}, "快递，丢了", []),
        ({"all": ["快递", "丢了"], "within": "clause"}, "我的快递还是丢了", ["快递还是丢了"]),
        ({"all": ["快递", {"not": "签收"}]}, "快递到了。已签收", ["快递"]),
        ({"all": ["快递", {"not": "签收"}]}, "快递已签收", []),
        ({"then": ["快递", "丢了"]}, "快递，是丢了", ["快递，是丢了"]),
        ({"then": ["快递", "丢了"]}, "丢了快递", []),
        ({"then": ["快递", {"any": ["丢了", "破了"]}]}, "破了的快递丢了", ["快递丢了"]),
        ({"count": 2, "of": ["快递", "包裹"]}, "快递", []),
        ({"count": 2, "of": ["快递", "包裹"]}, "快递还是快递", ["快递还是快递"]),
        ({"count": 2, "of": ["快递", "包裹"]}, "快递。包裹", []),
        ({"any": ["快递", {"all": ["包裹", "物流"]}]}, "物流的包裹。快递", ["物流的包裹", "快递"]),
    ],
)
def test_blocks(hits: Any, match: Any, text: str, found: list[str]) -> None:
    assert [piece for piece, _ in hits(match, text)] == found


# ── excuses ──


@pytest.mark.parametrize(
    ("within", "text", "excused"),
    [
        ("sentence", "取件扫码，快递丢了", True),
        ("sentence", "取件扫码。快递丢了", False),
        ("clause", "取件扫码，快递丢了", False),
        ("clause", "快递丢了取件扫码", True),
        ("turn", "快递丢了。取件扫码", True),
        ("turn", "快递丢了", False),
    ],
)
def test_an_excuse_holds_in_its_scope(hits: Any, within: str, text: str, excused: bool) -> None:
    found = hits("快递丢了", text, unless=["取件扫码"], unless_within=within)
    assert found == ([] if excused else [("快递丢了", "exact")])


def test_an_excuse_must_stand_wholly_in_the_scope(hits: Any) -> None:
    excuse = [{"all": ["取件", "扫码"], "within": "turn"}]
    assert hits("快递丢了", "取件。快递丢了。扫码", unless=excuse) == [("快递丢了", "exact")]


def test_one_hit_excused_leaves_the_others(hits: Any) -> None:
    text = "快递丢了取件。快递丢了。取件快递丢了。快递丢了"
    assert len(hits("快递丢了", text, unless=["取件"])) == 2


# ── word boundaries ──


@pytest.mark.parametrize(("text", "found"), [("财务多打了一万", True), ("您好，多打扰了", False), ("多打", True)])
def test_a_hit_must_lie_on_word_boundaries_where_the_signal_says_so(hits: Any, text: str, found: bool) -> None:
    assert bool(hits("多打", text, word=True, terms={"打": ["多打"]})) is found
    assert hits("多打", text)


def test_word_boundaries_hold_far_into_speech_without_marks(hits: Any) -> None:
    filler = "我们这边帮您看一下然后给您处理" * 80
    assert len(hits("快递", f"{filler}您的快递到了{filler}那个快递呢", word=True)) == 2


def test_a_hit_over_sentences_can_lie_on_word_boundaries(hits: Any) -> None:
    match = {"all": ["快递", "丢了"], "within": "turn"}
    assert hits(match, "您的快递。真的丢了", word=True) == [("快递。真的丢了", "exact")]


# ── sound and damage ──

LOAN = {"loan": {"words": ["备用金", "借呗"], "sound": True, "unlike": ["被用尽"]}}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("点一下备用金", "exact"),
        ("点一下被用金", "sound"),
        ("点一下备佣金", "sound"),
        ("点一下接呗", None),
        ("点一下借呗", "exact"),
        ("点一下北有金", None),
    ],
)
def test_words_of_three_characters_sound(hits: Any, text: str, found: str | None) -> None:
    assert hits("点一下 …2 {loan}", text, terms=LOAN) == ([(text, found)] if found else [])


def test_two_characters_sound_by_choice_and_beside_a_written_word(hits: Any) -> None:
    terms = {"loan": {"words": ["借呗"], "sound": ["借呗"]}}
    assert hits("点一下 …2 {loan}", "点一下接呗", terms=terms) == [("点一下接呗", "sound")]
    assert hits("{loan}", "点一下接呗", terms=terms) == []


def test_what_is_another_word_does_not_sound(hits: Any) -> None:
    terms = {"bond": {"words": ["保证金"], "sound": True, "unlike": ["保政"]}}
    assert hits("要求您 …2 {bond}", "要求您保正金", terms=terms) == [("要求您保正金", "sound")]
    assert hits("要求您 …2 {bond}", "要求您保政金", terms=terms) == []


CLERK = {"clerk": ["理赔专管员", "快递专员"], "still": ["钱还没到账"]}


@pytest.mark.parametrize(
    ("text", "found"),
    [("理赔专管员", "exact"), ("理专管员", "damaged"), ("理赔专员", "damaged"), ("赔专管员", None), ("理赔专管", None)],
)
def test_a_term_of_five_characters_may_have_lost_an_inner_one(hits: Any, text: str, found: str | None) -> None:
    assert hits("{clerk}", text, terms=CLERK) == ([(text, found)] if found else [])


@pytest.mark.parametrize("text", ["快专员", "快递员", "递专员"])
def test_of_four_characters_none_may_be_lost(hits: Any, text: str) -> None:
    assert hits("{clerk}", text, terms=CLERK) == []


def test_a_word_that_turns_the_meaning_may_not_be_lost(hits: Any) -> None:
    assert hits("{still}", "钱还到账", terms=CLERK) == []


# ── disguise ──


@pytest.mark.parametrize("text", ["借.呗额度", "借\u200b呗额度", "借 呗 额 度", "Ｄ借呗额度", "借唄額度"])
def test_a_disguise_is_seen_through(hits: Any, text: str) -> None:
    assert hits("借呗额度", text) == [("借呗额度", "exact")]


# ── bounds ──


@pytest.mark.parametrize(
    ("match", "unit", "more"),
    [
        ("扫码", "扫码取件。", {"unless": ["取件"]}),
        ("多打", "很多打扰了", {"word": True}),
        ("[多打|打了] …9 [打了|多打]", "多打了", {}),
        ({"all": ["快递", "包裹", {"not": "签收"}]}, "快递包裹。", {}),
        ({"then": ["快递", "包裹"], "within": "turn"}, "包裹快递", {}),
        ({"regex": "快[^。]{0,40}递", "behind": ["快快"]}, "快快", {}),
        ("[扫|码] …9 扫码 …9 [扫|码]", "扫码", {}),
    ],
    ids=["unless", "word", "overlaps", "not", "then", "regex", "one-character"],
)
def test_time_grows_with_the_text_and_not_with_its_square(
    make_detector: Make, match: Any, unit: str, more: dict[str, Any]
) -> None:
    detector = make_detector([signal(match=match, **more)])
    detector.score(unit)

    def seconds(length: int) -> float:
        text = (unit * (length // len(unit) + 1))[:length]
        began = perf_counter()
        detector.score(text)
        return perf_counter() - began

    short = min(seconds(12_500) for _ in range(3))
    long = min(seconds(100_000) for _ in range(2))  # a garbage collection may fall into one of them
    assert long < 24 * short + 0.1  # 8 times the text; its square would be 64


def test_evidence_of_a_signal_is_bounded(make_detector: Make) -> None:
    verdict = make_detector([signal()]).score([("客服", "快递丢")] * 50)
    assert len(verdict.evidence) == MAX_EVIDENCE_PER_SIGNAL


def test_a_signal_beside_others_is_found_only_in_their_turn(make_detector: Any) -> None:
    signals = [
        signal("a.goods", "蓝色钥匙"),
        signal("a.asking", "有没有", beside=True, unless=["没有没有"]),
    ]
    detector = make_detector(signals)

    def found(text: str) -> list[str]:
        return [one.signal for one in detector.score(text).evidence]

    assert found("有没有空") == []
    assert found("有没有蓝色钥匙") == ["a.asking", "a.goods"]
    assert found("没有没有蓝色钥匙") == ["a.goods"]
