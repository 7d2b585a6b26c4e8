"""One pass over a turn: which words of the rules stand where, and whether anything can come of them.

In: the compiled Ruleset and a folded text. Out: a Scan (positions of atoms, sentences, clauses), or None where no join,
sound-alike or cue is possible, which is the common case: then nothing per rule is done. It makes no hits.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence

from fanzha.amounts import find_amounts
from fanzha.entities import EntityKind, find_entities
from fanzha.ruleset import (
    CUE_BIT,
    DAMAGED,
    EXACT,
    SOUND,
    SOUND_BIT,
    TRIGGER,
    Glimpses,
    LiteralUse,
    Ruleset,
    pattern,
)
from fanzha.sound import same_syllables, sound_of

# How an occurrence was matched, worst last. A two-character sound-alike counts only beside an exact word.
BY_EXACT, BY_DAMAGED, BY_SOUND, BY_SHORT_SOUND = range(4)
HOW = (EXACT, DAMAGED, SOUND, SOUND)
SENTENCE_END = re.compile("[。！？!?；;\n…]")
_CLAUSE_END = re.compile("[。！？!?；;\n…，,：:]")
_PIECE = 200  # code points; jieba reads long sentences in pieces of about so many

Span = tuple[int, int, int]  # start, end, rank of how
Matches = Sequence[tuple[int, int, int]]  # literal, start, end


class Scan:
    """One folded text with the positions of atoms in it, noted as they are asked for."""

    __slots__ = (
        "_bounds",
        "_breaks",
        "_edges",
        "_lazy",
        "_matches",
        "_noted",
        "has_cues",
        "joins",
        "occurrences",
        "rules",
        "seen",
        "skipped",
        "text",
    )

    def __init__(
        self, rules: Ruleset, text: str, matches: Matches = (), seen: int = 0, breaks: Callable[[], list[int]] = list
    ) -> None:
        self.rules = rules
        self.text = text
        self.seen = seen  # the atoms seen, as bits
        self.has_cues = bool(seen & CUE_BIT)
        self.joins: list[int] = []  # the joins of signals that may stand in the text
        self.occurrences: dict[int, dict[tuple[int, int], int]] = {}
        self.skipped: list[str] = []
        self._matches = matches
        self._noted: set[int] = set()
        self._breaks = breaks
        self._lazy: dict[int, list[Span]] = {}
        self._bounds: dict[str, list[int]] = {}
        self._edges: dict[tuple[int, int], frozenset[int]] = {}

    def note(self, joins: Iterable[int]) -> None:
        """Note where the atoms of these joins stand; the other words of the text are left alone."""
        wanted = {atom for number in joins for atom in self.rules.joins[number].atoms} - self._noted
        if not wanted:
            return
        self._noted |= wanted
        for literal, start, end in self._matches:
            uses = self.rules.uses[literal]
            for atom in wanted & uses.keys():
                self._note(atom, uses[atom], start, end)

    def _note(self, atom: int, uses: tuple[LiteralUse, ...], start: int, end: int) -> None:
        spans = self.occurrences.setdefault(atom, {})
        for use in uses:
            if use.how == TRIGGER:
                continue
            rank = BY_EXACT
            if use.how != EXACT:
                damaged = use.how == DAMAGED
                rank = BY_DAMAGED if damaged else _sound_rank(self.text[start:end], use.word, use.unlike)
            if 0 <= rank < spans.get((start, end), BY_SHORT_SOUND + 1):
                spans[start, end] = rank

    def possible(self, joins: Iterable[int]) -> list[int]:
        """Of these joins, those of which every word that the automaton finds was seen."""
        looks, seen = self.rules.looks, self.seen
        return [number for number in joins if (mask := looks[number][0]) & seen == mask]

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

    def entities(self, *kinds: str) -> list[tuple[str, str]]:
        """What stands in the text of these kinds (code, url …), each as its kind and its words."""
        wanted = frozenset(map(EntityKind, kinds))
        return [(entity.kind.value, entity.text) for entity in find_entities(self.text, wanted)]

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
    seen = _seen(rules, matches)
    if seen & SOUND_BIT:  # the words that only sound like those of the rules stand beside the others
        heard = rules.automaton.find_matches_as_indexes(sound_of(text), overlapping=True)
        matches += [match for match in heard if rules.sounds[match[0]]]
        seen |= _seen(rules, heard)
    joins = _possible_joins(rules, text, matches, seen)
    if not joins and not seen & CUE_BIT:
        return None
    found = Scan(rules, text, matches, seen, breaks)
    if joins:
        found.joins = sorted(joins)
        found.note(joins)
    return found


def _seen(rules: Ruleset, matches: Matches) -> int:
    masks = rules.masks
    seen = 0
    for match in matches:
        seen |= masks[match[0]]
    return seen


def _possible_joins(rules: Ruleset, text: str, matches: Matches, seen: int) -> set[int]:
    """The joins that have all their automaton atoms in the text, and their one-character words beside the anchor."""
    tries, looks = rules.tries, rules.looks
    joins: set[int] = set()
    for literal, start, end in matches:
        for number in tries[literal]:
            if number in joins:
                continue
            mask, near = looks[number]
            if mask & seen == mask and (not near or may_stand(near, text, start, end)):
                joins.add(number)
    return joins


def may_stand(near: Glimpses, text: str, start: int, end: int) -> bool:
    """Whether what must stand around an anchor at [start, end) can stand there."""
    for source, before, after in near:
        finder = pattern(source)
        if not (
            finder.search(text, max(0, start + before), start) if before else finder.search(text, end, end + after)
        ):
            return False
    return True


def _sound_rank(written: str, word: str, unlike: frozenset[str]) -> int:
    if written == word:
        return -1  # the exact match says so already
    if any(other in written for other in unlike):
        return -1
    if len(word) < 4 and not same_syllables(written, word):
        return -1
    return BY_SHORT_SOUND if len(word) == 2 else BY_SOUND
