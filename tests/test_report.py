"""From the state to the verdict: what is told at which level, and what is only described."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from conftest import signal
from fanzha import Detector, Verdict

Make = Callable[..., Detector]

SCRIPT: dict[str, Any] = {
    "id": "play",
    "title": "剧本",
    "summary": "概要",
    "fact": "事实",
    "uses": {"hook": ["hook.lost"], "harvest": ["ask.code"], "extract": ["ask.pay"]},
    "next": {"hook": ["要验证码"], "harvest": ["要转账"]},
    "advice": [
        {"level": "medium", "say": "先挂断"},
        {"stage": "harvest", "level": "high", "say": "不给验证码"},
        {"stage": "extract", "level": "high", "say": "不转账"},
    ],
}


@pytest.fixture(scope="module")
def tiny(make_detector: Make) -> Detector:
    signals = [
        signal("hook.lost", "快递丢", weight=2.5),
        signal("ask.code", "报验证码", stage="harvest", weight=2.5),
        signal("ask.pay", "转账给", stage="extract", weight=2.5),
        signal("hook.other", "无关话", weight=5.0),
    ]
    return make_detector(signals, scripts=[SCRIPT])


def play(detector: Detector, *texts: str) -> Verdict:
    return detector.score([("客服", text) for text in texts])


def test_silence(tiny: Detector) -> None:
    verdict = play(tiny, "您好", "再见")
    assert (verdict.score, verdict.level, verdict.alert, verdict.script) == (2, "none", False, None)
    assert [line.kind for line in verdict.lines] == ["base"]
    assert verdict.timeline == (2, 2)
    assert verdict.first_alert_turn is None
    assert verdict.pack == tiny.pack


def test_low(tiny: Detector) -> None:
    verdict = play(tiny, "快递丢")
    assert (verdict.level, verdict.script, verdict.fact) == ("low", "play", "事实")
    assert (verdict.next, verdict.advice) == ((), ())
    assert verdict.missing == ("套取", "要钱")


def test_high(tiny: Detector) -> None:
    verdict = play(tiny, "快递丢", "好", "报验证码")
    assert (verdict.level, verdict.alert, verdict.first_alert_turn) == ("high", True, 2)
    assert [(stage.id, stage.turn) for stage in verdict.stages] == [("hook", 0), ("harvest", 2)]
    assert verdict.next == ("要转账",)
    assert verdict.missing == ("要钱",)
    assert verdict.advice == ("先挂断", "不给验证码", "打 110")
    assert verdict.timeline == (18, 18, 73)


def test_stages_are_in_the_order_of_the_play(tiny: Detector) -> None:
    verdict = play(tiny, "转账给", "报验证码", "快递丢")
    assert [(stage.id, stage.turn) for stage in verdict.stages] == [("hook", 2), ("harvest", 1), ("extract", 0)]
    assert (verdict.level, verdict.missing, verdict.next) == ("critical", (), ())


def test_evidence_tells_where_what_and_why(tiny: Detector) -> None:
    (one,) = tiny.score([("客服", "😀您的快递丢了")]).evidence
    assert (one.turn, one.start, one.end, one.text) == (0, 3, 6, "快递丢")
    assert (one.start_utf16, one.end_utf16) == (4, 7)
    assert (one.signal, one.stage, one.why, one.how, one.speaker, one.party) == (
        "hook.lost", "hook", "缘由", "exact", "客服", "other",
    )  # fmt: skip


def test_what_another_party_says_is_shown_and_not_counted(tiny: Detector) -> None:
    (one,) = tiny.score([("我", "快递丢")]).evidence
    assert (one.party, one.counted) == ("self", False)


def test_a_warning_describes_the_script_and_does_not_play_it(tiny: Detector) -> None:
    verdict = play(tiny, "不要报验证码, 不要转账给他, 快递丢是诈骗")
    assert (verdict.level, verdict.alert, verdict.script) == ("none", False, None)
    assert (verdict.describes, verdict.describes_title) == ("play", "剧本")


@pytest.mark.parametrize("text", ["不要报验证码", "我们不会要您报验证码。也不会要您转账给谁。没有快递丢"])
def test_little_is_no_description_and_neither_is_a_denial(tiny: Detector, text: str) -> None:
    assert play(tiny, text).describes is None


def test_a_played_script_is_not_described(tiny: Detector) -> None:
    verdict = play(tiny, "快递丢", "报验证码", "转账给", "不要报验证码")
    assert verdict.alert
    assert verdict.describes is None


def test_entities_are_listed_once_something_was_hit(tiny: Detector) -> None:
    assert not play(tiny, "转62块钱给 www.a.com").entities
    found = play(tiny, "快递丢, 赔😀您62块钱, 点 www.lipei.com").entities
    assert [(one.kind, one.text, one.yuan) for one in found] == [("money", "62块钱", 62.0), ("url", "www.lipei.com", None)]


def test_a_price_far_below_the_claim_is_seen(make_detector: Make) -> None:
    match = {"amounts": {"any_of": ["claim"], "ratio": 5, "at_least": 1000}}
    detector = make_detector([signal(), signal("proof.above", match, stage="extract", weight=1.5)])
    verdict = play(detector, "您买的衣服价格62块钱", "快递丢了", "给您理赔一万八千六")
    (one,) = [one for one in verdict.evidence if one.signal == "proof.above"]
    assert (one.turn, one.text) == (2, "一万八千六")
    assert not [one for one in play(detector, "快递丢了", "给您理赔一万八千六").evidence if one.signal == "proof.above"]


def test_evidence_tells_whether_the_script_shown_uses_it(make_detector):
    signals = [signal("a.key", match=["蓝色钥匙"], weight=5.0), signal("b.box", match=["绿色箱子"], weight=1.0)]
    scripts = [
        {"id": name, "title": name, "summary": "概要", "fact": "事实", "uses": {"hook": [own]}}
        for name, own in (("keys", "a.key"), ("boxes", "b.box"))
    ]
    verdict = make_detector(signals, scripts=scripts).score("蓝色钥匙绿色箱子")
    assert verdict.script == "keys"
    assert {one.signal: one.in_script for one in verdict.evidence} == {"a.key": True, "b.box": False}
