"""Hits of signals in one turn: an automaton pass over the two views, then joins over the positions found.

In: the compiled Ruleset and a folded text. Out: a Scan (positions, sentences, clauses) and the hits, before stance.
Time is linear in the text: joins walk sorted positions and never backtrack over characters. A text in which no word of
the rules stands costs one pass and nothing per rule.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from fanzha.amounts import find_amounts
from fanzha.entities import EntityKind, find_entities
from fanzha.ruleset import CUE_BIT, DAMAGED, EXACT, SOUND, SOUND_BIT, TRIGGER, Glimpses, Join, Node, Ruleset, SignalRule
from fanzha.sound import same_syllables, sound_of

# How an occurrence was matched, worst last. A two-character sound-alike counts only beside an exact word.
_EXACT, _DAMAGED, _SOUND, _SOUND_SHORT = range(4)
HOW = (EXACT, DAMAGED, SOUND, SOUND)
_SENTENCE_END = re.compile("[。！？!?；;\n…]")
_CLAUSE_END = re.compile("[。！？!?；;\n…，,：:]")
REGEX_SECONDS = 0.05
_PIECE = 200  # code points; jieba reads long sentences in pieces of about so many
MAX_HITS_PER_SIGNAL = 16  # in one turn; more of the same adds nothing

_FEW = 8  # anchors; with more of them the joins are walked at once

Span = tuple[int, int, int]  # start, end, rank of how


@dataclass(frozen=True, slots=True)
class Hit:
    """A signal found in a turn; start and end are offsets in the view (code points)."""

    signal: int
    start: int
    end: int
    how: str


class Scan:
    """One folded text with the positions of all atoms in it, computed as they are asked for."""

    __slots__ = ("_bounds", "_breaks", "_edges", "_lazy", "has_cues", "occurrences", "rules", "skipped", "text")

    def __init__(self, rules: Ruleset, text: str, breaks: Callable[[], list[int]] = list) -> None:
        self.rules = rules
        self._breaks = breaks
        self.text = text
        self.occurrences: dict[int, dict[tuple[int, int], int]] = {}
        self.skipped: list[str] = []
        self.has_cues = False
        self._lazy: dict[int, list[Span]] = {}
        self._bounds: dict[str, list[int]] = {}
        self._edges: dict[tuple[int, int], frozenset[int]] = {}

    def spans(self, atom: int) -> list[Span]:
        """Every occurrence of an atom, by start."""
        if atom in self._lazy:
            return self._lazy[atom]
        found = [(start, end, rank) for (start, end), rank in self.occurrences.get(atom, {}).items()]
        rule = self.rules.atoms[atom]
        if rule.finder is not None:
            found += [(match.start(), match.end(), _EXACT) for match in rule.finder.finditer(self.text)]
        if rule.entity == "money":
            found += [(amount.start, amount.end, _EXACT) for amount in find_amounts(self.text)]
        elif rule.entity is not None:
            kinds = frozenset({EntityKind(rule.entity)})
            found += [(entity.start, entity.end, _EXACT) for entity in find_entities(self.text, kinds)]
        found.sort()
        self._lazy[atom] = found
        return found

    def unit(self, scope: str, position: int) -> tuple[int, int]:
        """The clause, sentence or turn in which the position stands, as [start, end)."""
        if scope == "turn":
            return 0, len(self.text)
        bounds = self._bounds.get(scope)
        if bounds is None:
            marks = _CLAUSE_END if scope == "clause" else _SENTENCE_END
            bounds = [match.end() for match in marks.finditer(self.text)]
            if scope == "clause":
                bounds = sorted({*bounds, *self._breaks()})
            self._bounds[scope] = bounds
        index = bisect_right(bounds, position)
        start = bounds[index - 1] if index else 0
        return start, bounds[index] if index < len(bounds) else len(self.text)

    def on_words(self, start: int, end: int) -> bool:
        """Whether words of the sentence begin at `start` and end at `end`; jieba reads a piece once or twice."""
        first, last = self.unit("sentence", start)[0], self.unit("sentence", end - 1)[1]
        piece = start - (start - first) % _PIECE
        low, high = max(first, piece - _PIECE // 2), min(last, max(piece + 2 * _PIECE, end + _PIECE // 2))
        edges = self._edges.get((low, high))
        if edges is None:
            edges = self._edges[low, high] = self.rules.segmenter.edges(self.text, low, high)
        return start in edges and end in edges


def scan(rules: Ruleset, text: str, breaks: Callable[[], list[int]] = list) -> Scan | None:
    """Find the literals of the rules; None where no join, sound-alike or cue can come of them: the common case.

    `breaks` gives further ends of clauses that the text does not show, and is asked only if a hit needs them.
    """
    matches = rules.automaton.find_matches_as_indexes(text, overlapping=True)
    if not matches:
        return None
    masks = rules.masks
    seen = 0
    for match in matches:
        seen |= masks[match[0]]
    possible = seen & SOUND_BIT or _joins_possible(rules, text, matches, seen)
    if not possible and not seen & CUE_BIT:
        return None
    found = Scan(rules, text, breaks)
    found.has_cues = bool(seen & CUE_BIT)
    if possible:
        _note(found, matches)
    if seen & SOUND_BIT:
        _note(found, rules.automaton.find_matches_as_indexes(sound_of(text), overlapping=True))
    return found


def _joins_possible(rules: Ruleset, text: str, matches: list[tuple[int, int, int]], seen: int) -> bool:
    """Whether some join has all its automaton atoms in the text, and its one-character words beside the anchor."""
    tries = rules.tries
    for literal, start, end in matches:
        for mask, near in tries[literal]:
            if mask & seen == mask and (not near or _beside(near, text, start, end)):
                return True
    return False


def _beside(near: Glimpses, text: str, start: int, end: int) -> bool:
    """Whether what must stand around an anchor at [start, end) can stand there."""
    for finder, before, after in near:
        if not (
            finder.search(text, max(0, start + before), start) if before else finder.search(text, end, end + after)
        ):
            return False
    return True


def _note(found: Scan, matches: list[tuple[int, int, int]]) -> None:
    """Note the occurrences of atoms; literals of sound are private-use characters, so they meet the sound view only."""
    text, rules, occurrences = found.text, found.rules, found.occurrences
    for number, start, end in matches:
        for use in rules.uses[number]:
            if use.how == TRIGGER:
                occurrences.setdefault(use.atom, {})
                continue
            rank = _EXACT
            if use.how != EXACT:
                rank = _DAMAGED if use.how == DAMAGED else _sound_rank(text[start:end], use.word, use.unlike)
                if rank < 0:
                    continue
            spans = occurrences.setdefault(use.atom, {})
            if rank < spans.get((start, end), _SOUND_SHORT + 1):
                spans[start, end] = rank


def _sound_rank(written: str, word: str, unlike: frozenset[str]) -> int:
    if written == word:
        return -1  # the exact match says so already
    if any(other in written for other in unlike):
        return -1
    if len(word) < 4 and not same_syllables(written, word):
        return -1
    return _SOUND_SHORT if len(word) == 2 else _SOUND


def find_hits(found: Scan) -> list[Hit]:
    """The hits of all signals in a scanned text, by position; each signal's hits do not overlap."""
    leaves = _leaf_spans(found)
    if not leaves:
        return []
    rules = found.rules
    hits: list[Hit] = []
    for index in sorted({signal for leaf in leaves for signal in rules.leaf_signals[leaf]}):
        hits.extend(_signal_hits(found, rules.signals[index], leaves))
    hits.sort(key=lambda hit: (hit.start, hit.end, hit.signal))
    return hits


def _signal_hits(found: Scan, rule: SignalRule, leaves: dict[int, list[Span]]) -> Iterator[Hit]:
    if rule.node is None:
        return
    last_end = -1
    count = 0
    excuses = _reduced(_evaluate(found, rule.unless, leaves)) if rule.unless is not None else []
    for start, end, rank in sorted(_evaluate(found, rule.node, leaves), key=lambda span: (span[0], -span[1])):
        if start < last_end or count >= MAX_HITS_PER_SIGNAL:
            continue
        if excuses and _excused(found, rule, excuses, start, end):
            continue
        if rule.word and not found.on_words(start, end):
            continue
        last_end = end
        count += 1
        yield Hit(rule.index, start, end, HOW[rank])


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


def _leaf_spans(found: Scan) -> dict[int, list[Span]]:
    """Run the joins whose rarest atom was seen and whose other automaton atoms were seen too."""
    rules = found.rules
    seen = found.occurrences.keys()
    leaves: dict[int, list[Span]] = {}
    for atom in seen:
        for number in rules.anchored.get(atom, ()):
            join = rules.joins[number]
            if join.required <= seen and _near(found, join):
                spans = _regex_spans(found, join) if join.regex is not None else join_spans(found, join)
                if spans:
                    leaves.setdefault(join.leaf, []).extend(spans)
    return leaves


def _near(found: Scan, join: Join) -> bool:
    """A cheap look whether one-character words stand where they must, beside some occurrence of the anchor."""
    if not join.near:
        return True
    anchors = found.occurrences[join.anchor]
    if len(anchors) > _FEW:
        return True
    return any(_beside(join.near, found.text, start, end) for start, end in anchors)


def join_spans(found: Scan, join: Join) -> list[Span]:
    """Every way the sequence ends, each with its closest start: reached states walk from atom to atom.

    For an occurrence, the closest earlier state decides: if any state is near enough and in the same sentence, the
    closest one is. So one pass per atom over sorted positions is exact.
    """
    text = found.text
    states = [(start, end, rank, rank == _EXACT and end - start > 1) for start, end, rank in found.spans(join.atoms[0])]
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
            if start - previous_end <= gap and not _SENTENCE_END.search(text, previous_end, start):
                exact = rank == _EXACT and end - start > 1
                reached.append((begin, end, max(worst, rank), supported or exact))
        states = reached
    return [(begin, end, worst) for begin, end, worst, supported in states if worst < _SOUND_SHORT or supported]


def _regex_spans(found: Scan, join: Join) -> list[Span]:
    (atom,) = join.required
    spans: list[Span] = []
    done = -1
    for position, _, _ in found.spans(atom):
        low, high = found.unit("sentence", position)
        if low <= done:
            continue
        done = low
        try:
            matches = join.regex.finditer(found.text, low, high, timeout=REGEX_SECONDS)
            spans += [(match.start(), match.end(), _EXACT) for match in matches if match.end() > match.start()]
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
