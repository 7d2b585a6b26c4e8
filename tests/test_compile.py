"""From a pack to a ruleset: references, defaults, scripts, and what a pack may leave out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conftest import HEAD, pack, signal
from fanzha import Detector, PackError
from fanzha.stance import REQUIRED_CUES

Write = Callable[..., Path]
Make = Callable[..., Detector]

SCRIPT: dict[str, Any] = {"id": "play", "title": "剧本", "summary": "概要", "fact": "事实"}


def fault(write_rules: Write, content: dict[str, Any]) -> str:
    with pytest.raises(PackError) as caught:
        Detector(write_rules(content), bundled=False)
    (only,) = caught.value.diagnostics
    return only.message


def test_weights_and_points_are_whole_milli_logits(make_detector: Make) -> None:
    script = {**SCRIPT, "uses": {"hook": ["hook.lost"], "harvest": ["ask.code"]}, "caps": {"hook": 1.25}}
    script["decisive"] = [{"title": "对", "first": ["hook.lost"], "then": "stage:harvest", "points": 0.7}]
    signals = [signal(weight=0.1234), signal("ask.code", "验证码发", stage="harvest")]
    rules = make_detector(signals, scripts=[script]).rules
    assert (rules.base, rules.signals[0].weight) == (-4000, 123)
    assert (rules.scripts[0].caps["hook"], rules.scripts[0].decisive[0].points) == (1250, 700)


def test_questions_count_in_full_only_for_asks(make_detector: Make) -> None:
    claim, ask, own = make_detector(
        [signal(), signal("b", "包裹破", ask=True), signal("c", "物流慢", stances={"asserted": 0.5, "negated": 1})]
    ).rules.signals
    assert dict(claim.stances) == {"asserted": 1.0, "asked": 0.6}
    assert dict(ask.stances) == {"asserted": 1.0, "asked": 1.0}
    assert dict(own.stances) == {"asserted": 0.5, "asked": 0.6, "negated": 1.0}


def test_a_script_uses_signals_by_name_and_by_wildcard(make_detector: Make) -> None:
    signals = [signal("hook.a", "甲乙"), signal("hook.b", "丙丁"), signal("ask.c", "戊己")]
    rules = make_detector(signals, scripts=[{**SCRIPT, "uses": {"hook": ["hook.*"], "extract": ["ask.c"]}}]).rules
    assert dict(rules.scripts[0].stage_of) == {0: "hook", 1: "hook", 2: "extract"}
    assert rules.scripts_of[2] == (0,)


def test_a_pair_may_name_a_whole_stage(make_detector: Make) -> None:
    pair = {"title": "对", "first": "stage:hook", "then": ["ask.*"], "points": 1}
    signals = [signal("hook.a", "甲乙"), signal("hook.b", "丙丁"), signal("ask.c", "戊己")]
    script = {**SCRIPT, "uses": {"hook": ["hook.*"], "extract": ["ask.c"]}, "decisive": [pair]}
    (decisive,) = make_detector(signals, scripts=[script]).rules.scripts[0].decisive
    assert (decisive.first, decisive.then) == ({0, 1}, {2})


def test_a_script_that_uses_an_unknown_signal_is_told(write_rules: Write) -> None:
    told = fault(write_rules, pack([signal()], scripts=[{**SCRIPT, "uses": {"hook": ["hook.lost", "hook.typo"]}}]))
    assert told == "没有信号 hook.typo"


def test_a_pair_outside_the_uses_is_told(write_rules: Write) -> None:
    pair = {"title": "对", "first": ["hook.lost"], "then": ["hook.b"], "points": 1}
    script = {**SCRIPT, "uses": {"hook": ["hook.lost"]}, "decisive": [pair]}
    assert "hook.b 不在本剧本的 uses 里" in fault(write_rules, pack([signal(), signal("hook.b", "包裹破")], scripts=[script]))


def test_a_signal_over_turns_must_be_all_then_or_count(write_rules: Write) -> None:
    told = fault(write_rules, pack([signal(match={"any": ["快递丢", "包裹丢"], "within": "3 turns"})]))
    assert "跨轮次只支持" in told


@pytest.mark.parametrize("amounts", [{}, {"any_of": []}, {"any_of": ["salary"]}, {"scaled": "yes"}, 5])
def test_amounts_must_say_what_they_are_for(write_rules: Write, amounts: Any) -> None:
    assert "amounts 要写" in fault(write_rules, pack([signal(match={"amounts": amounts})]))


def test_the_parts_of_a_signal_over_turns_are_hidden(make_detector: Make) -> None:
    match = {"then": ["快递丢", {"any": ["多打了"], "by": "self"}, {"not": "开玩笑"}], "within": "5 turns"}
    rules = make_detector([signal(match=match)]).rules
    shown = [rule for rule in rules.signals if not rule.hidden]
    (target,) = shown
    assert (len(target.parts), len(target.absent), target.ordered, target.window) == (2, 1, True, 5)
    assert rules.signals[target.parts[1]].by == "self"


def test_levels_are_sorted_by_threshold(make_detector: Make) -> None:
    assert [name for name, _ in make_detector([signal()]).rules.levels] == ["low", "medium", "high", "critical"]


def test_a_pack_without_guards_scores(write_rules: Write) -> None:
    content = {**pack([signal(weight=6)]), "guards": []}
    detector = Detector(write_rules(content), bundled=False)
    assert detector.rules.cues.keys() == REQUIRED_CUES
    verdict = detector.score([("客服", "不要说您的快递丢了,骗子让我说的,是真的吗"), ("客户", "快递丢了")])
    assert [(one.stance, one.counted) for one in verdict.evidence] == [("asserted", True), ("asserted", False)]


def test_a_pack_with_no_signals_scores(write_rules: Write) -> None:
    verdict = Detector(write_rules({"pack": HEAD}), bundled=False).score("把验证码告诉我")
    assert (verdict.score, verdict.level, verdict.evidence) == (2, "none", ())


def test_bundled_guards_hold_every_cue_that_is_read(detector: Detector) -> None:
    cues = detector.rules.cues
    assert cues.keys() == REQUIRED_CUES
    assert all(cue.stands(word, 0, len(word)) for cue in cues.values() for word in cue.words)
    assert all(cue.words for cue in cues.values())
