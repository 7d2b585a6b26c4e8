"""The blocks of a signal's `match`: any, all, then, not, count, regex, amounts, with `within` and `by`.

In: the plain data of one block. Out: a tree of Node over leaves. Leaves are handed to a `Leaves` collector, which
the compiler owns. Faults are collected with the path inside the signal where they stand; nothing is raised.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import regex

from fanzha.pack.pattern import PatternError, Step, Words, findable, parse
from fanzha.ruleset import Node
from fanzha.text import fold

_SCOPES = ("clause", "sentence", "turn")
_OPERATORS = ("any", "all", "then", "not", "count", "regex")
_EXTRA_KEYS = {"within", "by", "of", "behind"}
# What a bounded, linear regex of ours never needs: unbounded repeats, and \b \w, which do not fit Han text.
_FORBIDDEN_REGEX = re.compile(r"\\[bBwW]|[.\])][*+]|\{\d*,\}|[*+}]\)[*+{]|(?<!\\)[*+](?![?+]?\))")

Report = Callable[[str, tuple[str | int, ...]], None]


@dataclass(slots=True)
class Leaf:
    """The plain sequences of one leaf, or a regex with the words that it is run behind."""

    sequences: list[tuple[Step, ...]] = field(default_factory=list)
    regex: str | None = None


@dataclass(slots=True)
class Leaves:
    """Collects the leaves of all signals."""

    terms: Mapping[str, Words]
    leaves: list[Leaf] = field(default_factory=list)

    def patterns(self, patterns: list[tuple[str, tuple[str | int, ...]]], report: Report) -> Node:
        """One leaf for several patterns; a faulty pattern is reported and left out."""
        leaf = Leaf()
        for pattern, path in patterns:
            try:
                sequences = parse(pattern, self.terms)
            except PatternError as error:
                report(str(error), path)
                continue
            for sequence in sequences:
                problem = _unanchored(sequence)
                if problem:
                    report(problem, path)
                else:
                    leaf.sequences.append(sequence)
        self.leaves.append(leaf)
        return Node("leaf", leaf=len(self.leaves) - 1)

    def regex(self, body: Mapping[str, Any], path: tuple[str | int, ...], report: Report) -> Node:
        """A leaf that runs a bounded regex on the sentences in which one of the `behind` words stands."""
        leaf = Leaf()
        behind = body.get("behind")
        source = body["regex"]
        if not isinstance(source, str) or not isinstance(behind, list) or not behind:
            report("regex 要写成 {regex: '…', behind: [触发词, …]}", path)
        elif _FORBIDDEN_REGEX.search(source):
            report("regex 只许有界重复, 不许 .* + \\b \\w 或嵌套量词; 用 {0,12} 与 [^。]", (*path, "regex"))
        else:
            try:
                regex.compile(source)
                leaf.regex = source
            except regex.error as error:
                report(f"regex 写法有误: {error}", (*path, "regex"))
            words = frozenset(fold(str(word)).text for word in behind)
            if min(map(len, words)) < 2:
                report("behind 的词至少两个字", (*path, "behind"))
            leaf.sequences.append((Step(0, Words(words)),))
        self.leaves.append(leaf)
        return Node("leaf", leaf=len(self.leaves) - 1)


def _unanchored(sequence: tuple[Step, ...]) -> str:
    """Why a sequence cannot be found by the automaton, or ""."""
    if findable(sequence):
        return ""
    return "每条模式至少要有一个成分, 其全部词都有两个字以上 (否则每句话都要细查)"


def read_block(
    body: Any, leaves: Leaves, report: Report, path: tuple[str | int, ...], *, spanning: bool = False
) -> Node | None:
    """Read one block. `spanning` allows `within: N turns`, which only a signal's top block may say."""
    if isinstance(body, str):
        return leaves.patterns([(body, path)], report)
    if isinstance(body, list):
        return _any(body, leaves, report, path)
    if not isinstance(body, Mapping):
        report("应为模式字符串、列表或 any/all/then/not/count/regex 块", path)
        return None
    operators = [key for key in _OPERATORS if key in body]
    unknown = [key for key in body if key not in _OPERATORS and key not in _EXTRA_KEYS]
    if len(operators) != 1 or unknown:
        report(f"一个块要有且只有一个 {'/'.join(_OPERATORS)}" + (f"; 不认识 {unknown}" if unknown else ""), path)
        return None
    operator = operators[0]
    within = str(body.get("within", "sentence"))
    if within not in _SCOPES and not (spanning and spans_turns(within)):
        report(
            "within 取 clause | sentence | turn; 'N turns' 与 conversation 只能写在 match 的最外层", (*path, "within")
        )
        return None
    by = str(body.get("by", ""))
    node = _read_operator(operator, body, leaves, report, path, within)
    return None if node is None else Node(node.op, node.leaf, node.children, within, node.at_least, by)


def spans_turns(within: str) -> int:
    """The window in turns of `within: N turns` / `conversation`, or 0 for a scope inside one turn."""
    if within == "conversation":
        return 1_000_000
    match = re.fullmatch(r"([1-9]\d{0,4}) turns?", within)
    return int(match[1]) if match else 0


def _read_operator(
    operator: str,
    body: Mapping[str, Any],
    leaves: Leaves,
    report: Report,
    path: tuple[str | int, ...],
    within: str,
) -> Node | None:
    value = body[operator]
    inside = (*path, operator)
    if operator == "regex":
        return leaves.regex(body, path, report)
    if operator == "not":
        child = read_block(value, leaves, report, inside)
        return child and Node("not", children=(child,))
    if operator == "count":
        child = read_block(body.get("of"), leaves, report, (*path, "of"))
        if not isinstance(value, int) or value < 2:
            report("count 要写至少 2 的整数, 并用 of 给出内容", inside)
            return None
        return child and Node("count", children=(child,), at_least=value)
    if not isinstance(value, list) or not value:
        report(f"{operator} 应为非空列表", inside)
        return None
    if operator == "any":
        return _any(value, leaves, report, inside)
    children = [read_block(item, leaves, report, (*inside, index)) for index, item in enumerate(value)]
    known = tuple(child for child in children if child is not None)
    if all(child.op == "not" for child in known):
        report(f"{operator} 里至少要有一个不是 not 的块", inside)
        return None
    return Node(operator, children=known) if len(known) == len(children) else None


def _any(items: list[Any], leaves: Leaves, report: Report, path: tuple[str | int, ...]) -> Node | None:
    """All strings become one leaf, so that a long list of patterns costs one node."""
    strings = [(item, (*path, index)) for index, item in enumerate(items) if isinstance(item, str)]
    nodes = [leaves.patterns(strings, report)] if strings else []
    for index, item in enumerate(items):
        if not isinstance(item, str):
            node = read_block(item, leaves, report, (*path, index))
            if node is None or node.op == "not":
                report("any 里不能放 not", (*path, index))
                return None
            nodes.append(node)
    return nodes[0] if len(nodes) == 1 else Node("any", children=tuple(nodes))
