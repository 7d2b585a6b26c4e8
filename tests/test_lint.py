"""What lint tells of a pack."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import pack, signal
from fanzha.pack.lint import lint
from fanzha.pack.load import load_pack
from tiny_pack import TINY

Write = Callable[..., Path]


@pytest.fixture
def faults(write_rules: Write) -> Callable[[str, str], list[str]]:
    """The diagnostics of TINY with one piece replaced, without those about cues, which TINY lacks."""

    def read(old: str, new: str) -> list[str]:
        assert old in TINY
        found = lint(load_pack([write_rules(TINY.replace(old, new))]))
        return [str(fault) for fault in found if "缺少语气线索" not in fault.message]

    return read


def test_a_good_pack_has_no_faults(faults: Callable[[str, str], list[str]]) -> None:
    assert faults("小规则", "小规则") == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("{parcel} …4 丢了", "{parcels} …4 丢了", "error: 没有词表 {parcels}"),
        ("hook: [hook.lost]", "hook: [hook.lots]", "error: 没有信号 hook.lots"),
        ("weight: 2.0", "wieght: 2.0", "error: wieght: 不认识的键"),
        ("{words: [快递, 包裹]}", "{words: [快递, 包裹]}\n  idle: [闲]", "warning: 没有信号用到词表 {idle}"),
        (
            "{hook: [hook.lost], extract: [ask.money]}",
            "{hook: [hook.lost]}",
            "warning: 没有剧本用到信号 ask.money",
        ),
        ("[快递, 包裹]", "[快递, 包裹, 快递]", "warning: 快递 写了两次"),
        ("[快递, 包裹]", "[快递, 快遞]", "warning: 快遞 与 快递 统一写法后是同一个词"),
        ("转账 …4 过来", "{parcel}  …4 丢了", "在信号 hook.lost 里已有"),
        ("title: 要转账", "title: 说快递丢了", "warning: 标题与信号 hook.lost 相同"),
        ("id: prohibit", "id: prohibits", "warning: 引擎不认识语气线索 prohibits"),
    ],
)
def test_a_fault_is_told(faults: Callable[[str, str], list[str]], old: str, new: str, told: str) -> None:
    assert any(told in fault for fault in faults(old, new))


def test_a_fault_has_its_line(faults: Callable[[str, str], list[str]]) -> None:
    line = TINY.splitlines().index('    match: ["转账 …4 过来"]') + 1
    (fault,) = faults("转账 …4 过来", "转账 …99 过来")
    assert f"0.yaml:{line}:" in fault


def test_a_cue_that_the_engine_wants_and_the_pack_lacks_is_told(write_rules: Write) -> None:
    assert any("缺少语气线索 is_scam" in fault.message for fault in lint(load_pack([write_rules(TINY)])))


def test_wildcards_in_uses_count_as_use(faults: Callable[[str, str], list[str]]) -> None:
    assert faults("[ask.money]}", '["ask.*"]}') == []


def test_openings_that_may_alert_by_themselves_are_told(write_rules):
    script = {"id": "play", "title": "剧本", "summary": "概要", "fact": "事实", "uses": {"hook": ["a.one"]}}
    for cap, told in ((6.0, True), (3.3, False)):
        scripts = [{**script, "caps": {"hook": cap}}]
        found = lint(load_pack([write_rules(pack([signal("a.one", weight=6.0)], scripts=scripts))]))
        assert any("不问不要就能报警" in str(fault) for fault in found) is told


def test_a_pair_of_mere_openings_is_told_unless_it_falls_under_a_cap(write_rules):
    signals = [signal("a.one"), signal("a.two", match=["绿色箱子"])]
    pair = {"title": "一对", "first": ["a.one"], "then": ["a.two"], "points": 2.0}
    script = {"id": "play", "title": "剧本", "summary": "概要", "fact": "事实", "uses": {"hook": ["a.one", "a.two"]}}
    for more, told in (({}, True), ({"stage": "hook"}, False)):
        scripts = [{**script, "caps": {"hook": 3.0}, "decisive": [{**pair, **more}]}]
        found = lint(load_pack([write_rules(pack(signals, scripts=scripts))]))
        assert any("只由开场构成" in str(fault) for fault in found) is told
