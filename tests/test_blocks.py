"""The blocks of a signal's match: what they become, and how their faults are told, with the place."""

from __future__ import annotations

from typing import Any

import pytest

from fanzha.pack.blocks import Leaves, read_block, spans_turns
from fanzha.pack.pattern import Words
from fanzha.ruleset import Node

Path = tuple[str | int, ...]


def read(body: Any, *, spanning: bool = False) -> tuple[Node | None, Leaves, list[tuple[str, Path]]]:
    leaves = Leaves({"give": Words(frozenset({"退还"}))})
    faults: list[tuple[str, Path]] = []
    node = read_block(body, leaves, lambda message, path: faults.append((message, path)), ("match",), spanning=spanning)
    return node, leaves, faults


def test_a_string_is_a_leaf() -> None:
    node, leaves, faults = read("快递丢了")
    assert node == Node("leaf", leaf=0)
    assert len(leaves.leaves[0].sequences) == 1
    assert not faults


def test_all_strings_of_any_are_one_leaf() -> None:
    node, leaves, _ = read({"any": ["快递丢了", "包裹丢了", {"all": ["快递", "包裹"]}]})
    assert node is not None
    assert (node.op, [child.op for child in node.children]) == ("any", ["leaf", "all"])
    assert len(leaves.leaves[0].sequences) == 2


def test_a_list_is_any() -> None:
    assert read(["快递丢了", "包裹丢了"])[0] == read({"any": ["快递丢了", "包裹丢了"]})[0]


def test_scope_and_party_of_a_block_are_kept() -> None:
    node, _, faults = read({"then": ["快递", {"not": "包裹"}], "within": "turn", "by": "other"})
    assert node is not None
    assert (node.op, node.within, node.by) == ("then", "turn", "other")
    assert node.children[1].op == "not"
    assert not faults


def test_count_wants_a_number_and_what_to_count() -> None:
    node, _, _ = read({"count": 3, "of": ["快递", "包裹"]})
    assert node is not None
    assert (node.op, node.at_least) == ("count", 3)


def test_a_regex_runs_behind_words() -> None:
    node, leaves, faults = read({"regex": "[0-9]{4,6}", "behind": ["验证码"]})
    assert node is not None
    assert node.op == "leaf"
    assert leaves.leaves[0].regex == "[0-9]{4,6}"
    assert not faults


@pytest.mark.parametrize(
    ("within", "turns"),
    [("clause", 0), ("turn", 0), ("1 turn", 1), ("20 turns", 20), ("0 turns", 0), ("-1 turns", 0), ("many", 0)],
)
def test_windows_in_turns(within: str, turns: int) -> None:
    assert spans_turns(within) == turns


def test_a_conversation_is_a_very_long_window() -> None:
    assert spans_turns("conversation") > 100_000


FAULTS: list[tuple[Any, str, Path]] = [
    (5, "应为模式", ("match",)),
    (None, "应为模式", ("match",)),
    ({}, "有且只有一个", ("match",)),
    ({"any": ["快递"], "all": ["包裹"]}, "有且只有一个", ("match",)),
    ({"any": ["快递"], "wihtin": "turn"}, "不认识 ['wihtin']", ("match",)),
    ({"any": []}, "非空列表", ("match", "any")),
    ({"all": "快递"}, "非空列表", ("match", "all")),
    ({"any": ["快递", {"not": "包裹"}]}, "不能放 not", ("match", "any", 1)),
    ({"all": [{"not": "包裹"}]}, "不是 not", ("match", "all")),
    ({"count": 1, "of": ["快递"]}, "至少 2", ("match", "count")),
    ({"count": 2}, "应为模式", ("match", "of")),
    ({"all": ["快递", "包裹"], "within": "page"}, "within 取", ("match", "within")),
    ({"all": ["快递", {"all": ["包裹", "物流"], "within": "3 turns"}]}, "最外层", ("match", "all", 1, "within")),
    ({"any": ["快递", "[坏"]}, "括号", ("match", "any", 1)),
    ("多", "两个字以上", ("match",)),
    ("[多|多打] …2 了", "两个字以上", ("match",)),
    ({"regex": "a.*b", "behind": ["验证码"]}, "有界", ("match", "regex")),
    ({"regex": r"\bcode", "behind": ["验证码"]}, "有界", ("match", "regex")),
    ({"regex": "(a{1,3}){2,}", "behind": ["验证码"]}, "有界", ("match", "regex")),
    ({"regex": "([0-9]", "behind": ["验证码"]}, "写法有误", ("match", "regex")),
    ({"regex": "[0-9]{4}", "behind": ["码"]}, "至少两个字", ("match", "behind")),
    ({"regex": "[0-9]{4}"}, "behind", ("match",)),
]


@pytest.mark.parametrize(("body", "says", "path"), FAULTS, ids=[repr(body) for body, _, _ in FAULTS])
def test_a_fault_is_told_with_its_place(body: Any, says: str, path: Path) -> None:
    faults = read(body)[2]
    assert any(says in message and at == path for message, at in faults), faults


def test_all_faults_are_told_at_once() -> None:
    faults = read({"any": ["[坏", "多", {"all": ["<nothing>", "快递"]}]})[2]
    assert [at for _, at in faults] == [("match", "any", 0), ("match", "any", 1), ("match", "any", 2, "all", 0)]
