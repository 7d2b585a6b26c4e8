"""How far a play has got: points, caps, pairs, order, and signals that span turns."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import exp
from typing import Any

import pytest

from conftest import pack, signal
from fanzha import Detector, Verdict
from fanzha.judge import Counted, Side, level_of, score_of

Make = Callable[..., Detector]

HOOK = signal("hook.lost", "快递丢")
HOOK2 = signal("hook.broken", "包裹破", weight=1.0)
CODE = signal("ask.code", "验证码发", stage="harvest", weight=1.5)
PAY = signal("ask.pay", "转账给", stage="extract", weight=1.0)
SIGNALS = [HOOK, HOOK2, CODE, PAY]


def script(**more: Any) -> dict[str, Any]:
    uses = {"hook": ["hook.*"], "harvest": ["ask.code"], "extract": ["ask.pay"]}
    return {"id": "play", "title": "剧本", "summary": "概要", "fact": "事实", "uses": uses, **more}


def play(detector: Detector, *texts: str) -> Verdict:
    return detector.score([("客服", text) for text in texts])


def lines(verdict: Verdict) -> list[tuple[str, float]]:
    return [(line.id, line.points) for line in verdict.lines]


# ── score and level ──


@pytest.mark.parametrize(("total", "score"), [(0, 50), (-4000, 2), (4000, 98), (-99_000, 0), (99_000, 100), (847, 70)])
def test_the_score_is_the_logistic_of_the_total(total: int, score: int) -> None:
    assert score_of(total) == score == round(100 / (1 + exp(-total / 1000)))


@pytest.mark.parametrize(("score", "level"), [(11, "none"), (12, "low"), (69, "medium"), (70, "high"), (92, "critical")])
def test_a_level_begins_at_its_threshold(make_detector: Make, score: int, level: str) -> None:
    assert level_of(make_detector(SIGNALS).rules, score) == level


# ── signals ──


def test_a_signal_earns_once_at_its_best(make_detector: Make) -> None:
    verdict = play(make_detector(SIGNALS), "快递丢了吗", "快递丢", "快递丢")
    assert lines(verdict) == [("base", -4.0), ("hook.lost", 2.0)]
    assert verdict.lines[1].turn == 1


def test_a_stage_earns_at_most_its_cap(make_detector: Make) -> None:
    verdict = play(make_detector(SIGNALS, scripts=[script(caps={"hook": 2.5})]), "快递丢,包裹破", "验证码发")
    assert lines(verdict) == [
        ("base", -4.0), ("hook.broken", 1.0), ("hook.lost", 2.0), ("cap.hook", -0.5), ("ask.code", 1.5),
    ]  # fmt: skip


def test_the_script_with_the_most_points_is_told(make_detector: Make) -> None:
    other = script(id="other", title="另一剧本", uses={"hook": ["hook.broken"], "extract": ["ask.pay"]})
    detector = make_detector([{**one, "weight": 3.0} for one in SIGNALS], scripts=[script(), other])
    assert play(detector, "快递丢", "验证码发").script == "play"
    assert play(detector, "包裹破", "转账给").script == "play"
    assert play(make_detector(SIGNALS, scripts=[other, script()]), "包裹破,转账给").script_title == "另一剧本"


def test_a_signal_of_no_script_earns_nothing(make_detector: Make) -> None:
    verdict = play(make_detector(SIGNALS, scripts=[script(uses={"hook": ["hook.lost"]})]), "验证码发")
    assert lines(verdict) == [("base", -4.0)]


# ── pairs ──


def pair(**more: Any) -> list[dict[str, Any]]:
    return [{"title": "由头后要码", "first": ["hook.lost"], "then": ["ask.code"], "points": 1.25, "window": 3, **more}]


@pytest.mark.parametrize(
    ("texts", "unordered", "holds"),
    [
        (("快递丢", "验证码发"), False, True),
        (("快递丢,验证码发",), False, True),
        (("验证码发", "快递丢"), False, False),
        (("验证码发", "快递丢"), True, True),
        (("快递丢", "好", "好", "验证码发"), False, True),
        (("快递丢", "好", "好", "好", "验证码发"), False, False),
        (("快递丢", "快递丢", "好", "好", "验证码发"), False, True),
        (("验证码发", "好", "好", "好", "快递丢"), True, False),
        (("快递丢吗", "验证码发"), False, True),
        (("快递丢",), True, False),
    ],
)
def test_a_pair_decides_within_its_window(
    make_detector: Make, texts: tuple[str, ...], unordered: bool, holds: bool
) -> None:
    verdict = play(make_detector(SIGNALS, scripts=[script(decisive=pair(unordered=unordered))]), *texts)
    assert (("play.pair1", 1.25) in lines(verdict)) is holds


def test_a_pair_counts_once_in_the_turn_that_completed_it(make_detector: Make) -> None:
    verdict = play(make_detector(SIGNALS, scripts=[script(decisive=pair())]), "快递丢", "验证码发", "验证码发")
    assert [(line.kind, line.turn) for line in verdict.lines if line.id == "play.pair1"] == [("decisive", 1)]


def test_a_hit_discounted_below_half_decides_nothing(make_detector: Make) -> None:
    signals = [{**HOOK, "stances": {"asked": 0.4}}, *SIGNALS[1:]]
    verdict = play(make_detector(signals, scripts=[script(decisive=pair())]), "快递丢吗", "验证码发")
    assert ("hook.lost", 0.8) in lines(verdict)
    assert "play.pair1" not in dict(lines(verdict))


# ── order ──


@pytest.mark.parametrize(
    ("texts", "earned"),
    [
        (("快递丢", "验证码发", "转账给"), True),
        (("快递丢,验证码发", "转账给"), True),
        (("快递丢,验证码发,转账给",), False),
        (("快递丢", "转账给", "验证码发"), False),
        (("快递丢", "验证码发"), False),
    ],
)
def test_the_order_of_the_play_earns_a_bonus(make_detector: Make, texts: tuple[str, ...], earned: bool) -> None:
    verdict = play(make_detector(SIGNALS, scripts=[script(order_bonus=0.5)]), *texts)
    assert (("order", 0.5) in lines(verdict)) is earned


# ── signals over turns ──


def chain(match: dict[str, Any]) -> dict[str, Any]:
    return signal("hook.chain", match, weight=3.0)


@pytest.mark.parametrize(
    ("match", "texts", "at"),
    [
        ({"all": ["快递丢", "要赔偿"], "within": "2 turns"}, ("要赔偿", "快递丢"), 1),
        ({"all": ["快递丢", "要赔偿"], "within": "2 turns"}, ("要赔偿,快递丢",), 0),
        ({"all": ["快递丢", "要赔偿"], "within": "2 turns"}, ("快递丢", "好", "要赔偿"), 2),
        ({"all": ["快递丢", "要赔偿"], "within": "2 turns"}, ("快递丢", "好", "好", "要赔偿"), None),
        ({"all": ["快递丢", "要赔偿"], "within": "conversation"}, ("快递丢", *["好"] * 50, "要赔偿"), 51),
        ({"then": ["快递丢", "要赔偿"], "within": "2 turns"}, ("快递丢", "要赔偿"), 1),
        ({"then": ["快递丢", "要赔偿"], "within": "2 turns"}, ("要赔偿", "快递丢"), None),
        ({"then": ["快递丢", "要赔偿"], "within": "2 turns"}, ("快递丢", "快递丢", "好", "要赔偿"), 3),
        ({"then": ["快递丢", "要赔偿", "扫码"], "within": "4 turns"}, ("快递丢", "扫码", "要赔偿", "扫码"), 3),
        ({"then": ["快递丢", "要赔偿", "扫码"], "within": "2 turns"}, ("快递丢", "要赔偿", "好", "扫码"), None),
        ({"all": ["快递丢", {"not": "开玩笑"}, "要赔偿"], "within": "5 turns"}, ("快递丢", "开玩笑", "要赔偿"), None),
        ({"all": ["快递丢", {"not": "开玩笑"}, "要赔偿"], "within": "5 turns"}, ("开玩笑", "快递丢", "要赔偿"), 2),
        ({"count": 3, "of": "快递丢", "within": "4 turns"}, ("快递丢", "快递丢", "快递丢"), 2),
        ({"count": 3, "of": "快递丢", "within": "4 turns"}, ("快递丢,快递丢,快递丢",), None),
        ({"count": 3, "of": "快递丢", "within": "2 turns"}, ("快递丢", "好", "快递丢", "快递丢"), None),
    ],
)
def test_a_signal_over_turns(make_detector: Make, match: dict[str, Any], texts: tuple[str, ...], at: int | None) -> None:
    verdict = play(make_detector([chain(match)]), *texts)
    assert [line.turn for line in verdict.lines if line.id == "hook.chain"] == ([] if at is None else [at])
    assert [one.turn for one in verdict.evidence] == ([] if at is None else [at])


def test_parts_of_a_signal_over_turns_may_be_by_different_parties(make_detector: Make) -> None:
    match = {"then": [{"any": ["要赔偿"], "by": "other"}, {"any": ["加好了"], "by": "self"}], "within": "3 turns"}
    detector = make_detector([chain(match)])
    assert "hook.chain" in dict(lines(detector.score([("客服", "要赔偿"), ("客户", "加好了")])))
    assert "hook.chain" not in dict(lines(detector.score([("客服", "要赔偿"), ("客服", "加好了")])))


# ── growth ──


def test_totals_only_grow(make_detector: Make) -> None:
    side = Side(make_detector(SIGNALS, scripts=[script(caps={"hook": 2.5}, decisive=pair(), order_bonus=0.5)]).rules)
    totals: list[int] = []
    hits: Iterable[list[Counted]] = ([Counted(0, 0.6)], [Counted(1, 1)], [Counted(0, 1)], [Counted(2, 1)], [Counted(3, 1)])
    for turn, counted in enumerate(hits):
        side.add(counted, turn)
        totals.append(side.totals[0])
    assert totals == sorted(totals)
    assert totals[-1] == sum(entry.points for entry in side.entries(side.rules.scripts[0], totals[-1]))


def test_the_best_of_nothing_is_nothing(write_rules: Callable[..., Any]) -> None:
    side = Side(Detector(write_rules(pack([HOOK], scripts=[])), bundled=False).rules)
    side.add([Counted(0, 1.0)], 0)
    assert side.best() is None


def opening(make_detector, **pair):
    signals = [signal("a.who", match=["蓝色钥匙"], weight=2.0), signal("a.why", match=["绿色箱子"], weight=2.0)]
    decisive = [{"title": "一对", "first": ["a.who"], "then": ["a.why"], "points": 3.0, **pair}]
    script = {"id": "play", "title": "剧本", "summary": "概要", "fact": "事实", "uses": {"hook": ["a.who", "a.why"]},
              "caps": {"hook": 3.3}, "decisive": decisive}  # fmt: skip
    return make_detector(signals, scripts=[script]).score("蓝色钥匙绿色箱子")


def test_a_pair_that_stands_on_a_stage_falls_under_its_cap(make_detector):
    verdict = opening(make_detector, stage="hook")
    assert verdict.log_odds == pytest.approx(-4 + 3.3)
    assert [line.kind for line in verdict.lines] == ["base", "signal", "signal", "decisive", "cap"]
    assert sum(line.points for line in verdict.lines) == pytest.approx(verdict.log_odds)


def test_a_pair_without_a_stage_comes_on_top_of_the_cap(make_detector):
    assert opening(make_detector).log_odds == pytest.approx(-4 + 3.3 + 3.0)
