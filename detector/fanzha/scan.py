"""One pass over a turn: which words of the rules stand where, and whether anything can come of them.

In: the compiled Ruleset and a folded text. Out: a Scan (positions of atoms, sentences, clauses), or None where no join,
sound-alike or cue is possible, which is the common case: then nothing per rule is done. It makes no hits.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable

from fanzha.amounts import find_amounts
from fanzha.entities import EntityKind, find_entities
from fanzha.ruleset import CUE_BIT, DAMAGED, EXACT, SOUND, SOUND_BIT, TRIGGER, Glimpses, Ruleset, pattern
from fanzha.sound import same_syllables, sound_of

# How an occurrence was matched, worst last. A two-character sound-alike counts only beside an exact word.
BY_EXACT, BY_DAMAGED, BY_SOUND, BY_SHORT_SOUND = range(4)
HOW = (EXACT, DAMAGED, SOUND, SOUND)
SENTENCE_END = re.compile("[。！？!?；;\n…]")
_CLAUSE_END = re.compile("[。！？!?；;\n…，,：:]")
_PIECE = 200  # code points; jieba reads long sentences in pieces of about so many

Span = tuple[int, int, int]  # start, end, rank of how


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
            found += [(match.start(), match.end(), BY_EXACT) for match in pattern(rule.finder).finditer(self.text)]
        if rule.entity == "money":
            found += [(amount.start, amount.end, BY_EXACT) for amount in find_amounts(self.text)]
        elif rule.entity is not None:
            kinds = frozenset({EntityKind(rule.entity)})
            found += [(entity.start, entity.end, BY_EXACT) for entity in find_entities(self.text, kinds)]
        found.sort()
        self._lazy[atom] = found
        return found

    def unit(self, scope: str, position: int) -> tuple[int, int]:
        """The clause, sentence or turn in which the position stands, as [start, end)."""
        if scope == "turn":
            return 0, len(self.text)
        bounds = self._bounds.get(scope)
        if bounds is None:
            marks = _CLAUSE_END if scope == "clause" else SENTENCE_END
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
            if mask & seen == mask and (not near or may_stand(near, text, start, end)):
                return True
    return False


def may_stand(near: Glimpses, text: str, start: int, end: int) -> bool:
    """Whether what must stand around an anchor at [start, end) can stand there."""
    for source, before, after in near:
        finder = pattern(source)
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
            rank = BY_EXACT
            if use.how != EXACT:
                rank = BY_DAMAGED if use.how == DAMAGED else _sound_rank(text[start:end], use.word, use.unlike)
                if rank < 0:
                    continue
            spans = occurrences.setdefault(use.atom, {})
            if rank < spans.get((start, end), BY_SHORT_SOUND + 1):
                spans[start, end] = rank


def _sound_rank(written: str, word: str, unlike: frozenset[str]) -> int:
    if written == word:
        return -1  # the exact match says so already
    if any(other in written for other in unlike):
        return -1
    if len(word) < 4 and not same_syllables(written, word):
        return -1
    return BY_SHORT_SOUND if len(word) == 2 else BY_SOUND
