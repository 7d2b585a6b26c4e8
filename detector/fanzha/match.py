"""Hits of signals in one scanned turn: joins over the positions of words, and the blocks of signals over the joins.

In: a Scan. Out: hits, before stance. Time is linear in the text: joins walk sorted positions and never backtrack over
characters.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from fanzha.ruleset import Join, Node, SignalRule
from fanzha.scan import BY_EXACT, BY_SHORT_SOUND, HOW, SENTENCE_END, Scan, Span

# Of the wall clock, which also runs while other threads do: long enough that only a hostile input meets it.
REGEX_SECONDS = 1.0
MAX_HITS_PER_SIGNAL = 16  # in one turn; more of the same adds nothing


@dataclass(frozen=True, slots=True)
class Hit:
    """A signal found in a turn; start and end are offsets in the view (code points), `share` what it is worth."""

    signal: int
    start: int
    end: int
    how: str
    share: float = 1.0


def find_hits(found: Scan) -> list[Hit]:
    """The hits of all signals in a scanned text, by position; each signal's hits do not overlap."""
    leaves = leaf_spans(found, found.joins)
    if not leaves:
        return []
    rules = found.rules
    hits: list[Hit] = []
    for index in sorted({signal for leaf in leaves for signal in rules.leaf_signals[leaf]}):
        hits.extend(_signal_hits(found, rules.signals[index], leaves))
    if hits:
        hits.extend(_beside(found))
    hits.sort(key=lambda hit: (hit.start, hit.end, hit.signal))
    return hits


def _beside(found: Scan) -> Iterator[Hit]:
    """The hits of everyday signals, which are looked for only beside others."""
    for index, by_anchor in found.rules.beside.items():
        joins = found.possible(by_anchor)
        if joins:
            yield from _signal_hits(found, found.rules.signals[index], leaf_spans(found, joins))


def leaf_spans(found: Scan, joins: Iterable[int]) -> dict[int, list[Span]]:
    """The spans of joins, by leaf."""
    leaves: dict[int, list[Span]] = {}
    for number in joins:
        join = found.rules.joins[number]
        spans = walk(found, join)
        if spans:
            leaves.setdefault(join.leaf, []).extend(spans)
    return leaves


def walk(found: Scan, join: Join) -> list[Span]:
    """Every span of a join."""
    return _regex_spans(found, join) if join.regex is not None else join_spans(found, join)


def _signal_hits(found: Scan, rule: SignalRule, leaves: dict[int, list[Span]]) -> Iterator[Hit]:
    if rule.node is None:
        return
    spans = sorted(_evaluate(found, rule.node, leaves), key=lambda span: (span[0], -span[1]))
    if not spans:
        return
    last_end = -1
    count = 0
    excuses = _excuses(found, rule) if rule.unless is not None else []
    for start, end, rank in spans:
        if start < last_end or count >= MAX_HITS_PER_SIGNAL:
            continue
        if excuses and _excused(found, rule, excuses, start, end):
            continue
        if rule.word and not found.on_words(start, end):
            continue
        last_end = end
        count += 1
        yield Hit(rule.index, start, end, HOW[rank])


def _excuses(found: Scan, rule: SignalRule) -> list[tuple[int, int]]:
    """What excuses a signal that was hit; looked for only now."""
    joins = found.possible(found.rules.excusing.get(rule.index, {}))
    if not joins or rule.unless is None:
        return []
    return _reduced(_evaluate(found, rule.unless, leaf_spans(found, joins)))


def _reduced(spans: list[Span]) -> list[tuple[int, int]]:
    """Start and end, by start, where the end is the least of all spans that start there or later."""
    reduced: list[tuple[int, int]] = []
    for start, end, _ in sorted(spans, reverse=True):
        reduced.append((start, min(end, reduced[-1][1]) if reduced else end))
    return reduced[::-1]


def _excused(found: Scan, rule: SignalRule, excuses: list[tuple[int, int]], start: int, end: int) -> bool:
    """Whether some excuse stands wholly in the scope around [start, end)."""
    low, _ = found.unit(rule.unless_within, start)
    _, high = found.unit(rule.unless_within, end - 1)
    index = bisect_left(excuses, (low, -1))
    return index < len(excuses) and excuses[index][1] <= high


def join_spans(found: Scan, join: Join) -> list[Span]:
    """Every way the sequence ends, each with its closest start: reached states walk from atom to atom.

    For an occurrence, the closest earlier state decides: if any state is near enough and in the same sentence, the
    closest one is. So one pass per atom over sorted positions is exact.
    """
    text = found.text
    states = [
        (start, end, rank, rank == BY_EXACT and end - start > 1) for start, end, rank in found.spans(join.atoms[0])
    ]
    for atom, gap in zip(join.atoms[1:], join.gaps[1:], strict=True):
        if not states:
            return []
        states.sort(key=lambda state: (state[1], state[0], -state[2]))
        reached = []
        index = 0
        for start, end, rank in found.spans(atom):
            while index < len(states) and states[index][1] <= start:
                index += 1
            if index == 0:
                continue
            begin, previous_end, worst, supported = states[index - 1]
            if start - previous_end <= gap and not SENTENCE_END.search(text, previous_end, start):
                exact = rank == BY_EXACT and end - start > 1
                reached.append((begin, end, max(worst, rank), supported or exact))
        states = reached
    return [(begin, end, worst) for begin, end, worst, supported in states if worst < BY_SHORT_SOUND or supported]


@cache
def _expression(source: str) -> Any:
    """Compiled by the regex package, whose search can be given a time limit; imported where a rule needs it."""
    import regex

    return regex.compile(source)


def _regex_spans(found: Scan, join: Join) -> list[Span]:
    (atom,) = join.required
    expression = _expression(join.regex or "")
    spans: list[Span] = []
    done = -1
    for position, _, _ in found.spans(atom):
        low, high = found.unit("sentence", position)
        if low <= done:
            continue
        done = low
        try:
            matches = expression.finditer(found.text, low, high, timeout=REGEX_SECONDS)
            spans += [(match.start(), match.end(), BY_EXACT) for match in matches if match.end() > match.start()]
        except TimeoutError:
            found.skipped.append("regex_timeout")
    return spans


def _evaluate(found: Scan, node: Node, leaves: dict[int, list[Span]]) -> list[Span]:
    """The spans of a block. `all`, `then` and `count` give the cover of what they need in one unit of their scope."""
    if node.op == "leaf":
        return leaves.get(node.leaf, [])
    if node.op == "any":
        return [span for child in node.children for span in _evaluate(found, child, leaves)]
    wanted = [child for child in node.children if child.op != "not"]
    units: dict[tuple[int, int], list[list[Span]]] = {}
    for number, child in enumerate(wanted):
        for span in sorted(_evaluate(found, child, leaves)):
            units.setdefault(found.unit(node.within, span[0]), [[] for _ in wanted])[number].append(span)
    barred = {
        found.unit(node.within, span[0])
        for child in node.children
        if child.op == "not"
        for span in _evaluate(found, child.children[0], leaves)
    }
    return [cover for unit, groups in units.items() if unit not in barred for cover in _covers(node, groups)]


def _covers(node: Node, groups: list[list[Span]]) -> Iterator[Span]:
    if not all(groups):
        return
    if node.op == "count":
        spans = sorted(set(groups[0]))
        if len(spans) < node.at_least:
            return
        chosen = spans[: node.at_least]
    elif node.op == "then":
        chosen = []
        position = 0
        for spans in groups:
            following = [span for span in spans if span[0] >= position]
            if not following:
                return
            chosen.append(min(following, key=lambda span: (span[1], span[0])))
            position = chosen[-1][1]
    else:
        chosen = [spans[0] for spans in groups]
    yield min(s for s, _, _ in chosen), max(e for _, e, _ in chosen), max(r for _, _, r in chosen)
