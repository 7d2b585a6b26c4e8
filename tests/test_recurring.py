"""Accounts, links, ids and sums gathered over conversations."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from fanzha.render import recurring
from fanzha.render.recurring import Gathered, Trace
from fanzha.verdict import FoundEntity, Line, Verdict


def verdict(*entities: tuple[str, str], level: str = "high") -> Verdict:
    """A verdict that names these (kind, text); a sum is written in yuan."""
    found = tuple(
        FoundEntity(kind=kind, turn=0, start=0, end=1, text=text, yuan=float(text) if kind == "money" else None)
        for kind, text in entities
    )
    line = Line(kind="base", id="base", title="", points=0.0)
    more: dict[str, Any] = {"level": level}
    return Verdict(score=50, log_odds=0.0, lines=(line,), entities=found, pack="p", **more)


def gather(*verdicts: Verdict) -> Gathered:
    gathered = Gathered()
    for number, one in zip(count(1), verdicts, strict=False):
        gathered.add(number, one)
    return gathered


@pytest.mark.parametrize(
    ("kind", "first", "second"),
    [
        ("account", "6222 0202 0011 2233", "6222020200112233"),
        ("account", "尾号九零二二", "后四位是9022"),
        ("phone", "138 0013-8000", "+8613800138000"),
        ("phone", "１３８００１３８０００", "13800138000"),
        ("url", "https://www.pay-lp.top/a?x=1", "pay-lp.top/b"),
        ("url", "pay-lp点top", "hxxp://pay-lp。top:8080"),
        ("im_id", "LP_kefu888", "lp_kefu888"),
        ("id_card", "11010119900307123X", "11010119900307123x"),
    ],
)
def test_what_is_written_in_two_ways_is_one_trace(kind: str, first: str, second: str) -> None:
    (trace,) = gather(verdict((kind, first)), verdict((kind, second))).recurring()
    assert (trace.count, trace.conversations) == (2, [1, 2])


@pytest.mark.parametrize(
    ("kind", "first", "second"),
    [
        ("account", "尾号9022", "尾号9023"),
        ("im_id", "lp_kefu888", "lpkefu888"),
        ("url", "pay-lp.top", "pay-lp.com"),
        ("money", "1234567", "1234568"),
    ],
)
def test_what_differs_is_two_traces(kind: str, first: str, second: str) -> None:
    gathered = gather(verdict((kind, first)), verdict((kind, second)))
    assert gathered.recurring() == []
    assert len(gathered.single() + gathered.sums()) == 2


@pytest.mark.parametrize(
    ("kind", "text"),
    [("phone", "95588"), ("url", "[链接]"), ("account", "6222****2233"), ("url", "网址xxxx"), ("code", "123456")],
)
def test_what_many_share_by_chance_is_no_trace(kind: str, text: str) -> None:
    gathered = gather(verdict((kind, text)), verdict((kind, text)))
    assert gathered.recurring() + gathered.single() == []


def test_what_only_harmless_conversations_share_does_not_recur() -> None:
    one = ("phone", "13800138000")
    assert gather(verdict(one, level="none"), verdict(one, level="low")).recurring() == []


def test_one_risky_conversation_among_harmless_ones_is_enough() -> None:
    one = ("phone", "13800138000")
    (trace,) = gather(verdict(one, level="none"), verdict(one, level="medium")).recurring()
    assert (trace.count, trace.alerts, trace.risky) == (2, 0, 1)


def test_a_trace_counts_once_a_conversation() -> None:
    one = ("im_id", "lp_kefu888")
    (trace,) = gather(verdict(one, one)).single()
    assert trace.count == 1


def test_the_trace_of_most_alerts_comes_first() -> None:
    rare, common = ("im_id", "abc1234"), ("account", "6222020200112233")
    gathered = gather(*[verdict(common)] * 9, *[verdict(rare)] * 2)
    assert [(one.shown, one.count) for one in gathered.recurring()] == [("6222020200112233", 9), ("abc1234", 2)]


def test_sums_are_kept_apart_and_said_in_yuan() -> None:
    gathered = gather(verdict(("money", "15000")), verdict(("money", "15000")), verdict(("money", "1200000")))
    assert gathered.recurring() == []
    assert [(one.shown, one.count) for one in gathered.sums()] == [("15,000 元", 2), ("1,200,000 元", 1)]


def test_all_conversations_are_counted_but_only_so_many_are_named() -> None:
    (trace,) = gather(*[verdict(("im_id", "lp_kefu888"))] * 300).recurring()
    assert isinstance(trace, Trace)
    assert (trace.count, len(trace.conversations)) == (300, 200)


def test_what_everybody_names_is_no_gang_and_comes_after_one() -> None:
    firm, gang = ("im_id", "our_service"), ("im_id", "lp_kefu888")
    alerts = [verdict(firm, gang), verdict(firm, gang), verdict(firm)]
    found = gather(*alerts, *[verdict(firm, level="none")] * 9).recurring()
    assert [(one.shown, one.gang) for one in found] == [("lp_kefu888", True), ("our_service", False)]


def test_the_name_of_an_app_is_no_gang() -> None:
    (trace,) = gather(*[verdict(("app", "会讯通"))] * 2).recurring()
    assert not trace.gang


def test_beyond_the_limit_what_was_met_once_harmlessly_is_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recurring, "MOST_DISTINCT", 10)
    risky = verdict(("im_id", "lp_kefu888"))
    harmless = [verdict(("im_id", f"friend{number:03}"), level="none") for number in range(95)]
    gathered = gather(risky, *harmless, risky)
    assert [one.count for one in gathered.recurring()] == [2]
    assert not gathered.complete


def test_at_the_limit_of_risky_ones_no_new_ones_are_taken_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recurring, "MOST_DISTINCT", 10)
    gathered = gather(*[verdict(("im_id", f"lp_kefu{number:03}")) for number in range(30)])
    assert len(gathered.single()) == 10
    assert not gathered.complete
