"""One pass over a turn: which words of the rules stand where, and whether anything can come of them.

In: the compiled Ruleset and a folded text. Out: a Scan (positions of atoms, sentences, clauses), or None where no join,
sound-alike or cue is possible, which is the common case: then nothing per rule is done. It makes no hits.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from operator import itemgetter
from typing import NamedTuple

from fanzha.amounts import Amount, find_amounts
from fanzha.entities import EntityKind, find_entities
from fanzha.ruleset import (
    CUE_BIT,
    DAMAGED,
    EXACT,
    SOUND,
    SOUND_BIT,
    TRIGGER,
    Glimpses,
    Lone,
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
Match = tuple[int, int, int]  # literal, start, end
Matches = Sequence[Match]
_FEW = 48  # literals in a text up to which a look through all of them is cheaper than an index


class Places:
    """Where the literals of an atom stand. A short text is looked through for each atom; a long one gets an index."""

    __slots__ = ("_found", "_index", "_late", "_matches", "_sorted", "_uses")

    def __init__(self, rules: Ruleset, matches: Matches) -> None:
        self._uses = rules.uses
        self._late = rules.late
        self._matches = matches
        self._found: dict[int, list[Match]] = {}
        self._sorted: dict[int, tuple[list[int], list[Match], int]] = {}
        self._index: dict[int, list[Match]] | None = None if len(matches) <= _FEW else self._indexed()

    def _indexed(self) -> dict[int, list[Match]]:
        index: dict[int, list[Match]] = {}
        for match in self._matches:
            for atom in self._uses[match[0]]:
                index.setdefault(atom, []).append(match)
        return index

    def of(self, atom: int) -> Sequence[Match]:
        """The literals of the atom, by where they end."""
        if self._index is not None:
            return self._index.get(atom, ())
        found = self._found.get(atom)
        if found is None:
            uses = self._uses
            found = self._found[atom] = [match for match in self._matches if atom in uses[match[0]]]
        return found

    def between(self, atom: int, earliest: int, latest: int) -> Sequence[Match]:
        """Of the literals of the atom at least those that end at `earliest` or later and begin by `latest`."""
        found = self.of(atom)
        if len(found) <= _FEW:
            return found
        if atom not in self._sorted:
            by_start = sorted(found, key=itemgetter(1))
            longest = max(end - start for _, start, end in found)
            self._sorted[atom] = [start for _, start, _ in by_start], by_start, longest
        starts, by_start, longest = self._sorted[atom]
        return by_start[bisect_left(starts, earliest - longest) : bisect_right(starts, latest)]

    def hold(self, atoms: Iterable[int]) -> bool:
        """Whether each of these atoms stands somewhere."""
        if self._index is not None:
            return all(atom in self._index for atom in atoms)
        return all(map(self.of, atoms))

    def late(self) -> Set[int]:
        """The anchors of joins that are looked for only once something was hit, as far as they stand somewhere."""
        late = self._late
        return {atom for match in self._matches for atom in late[match[0]]}


class Scan:
    """One folded text with the positions of atoms in it, looked up as they are asked for."""

    __slots__ = (
        "_amounts",
        "_bounds",
        "_breaks",
        "_edges",
        "_late",
        "_lazy",
        "_places",
        "has_cues",
        "joins",
        "rules",
        "skipped",
        "text",
    )

    def __init__(
        self,
        rules: Ruleset,
        text: str,
        places: Places | None = None,
        joins: Sequence[int] = (),
        has_cues: bool = False,
        breaks: Callable[[], list[int]] = list,
    ) -> None:
        self.rules = rules
        self.text = text
        self.has_cues = has_cues
        self.joins = joins  # the joins of signals that may stand in the text
        self.skipped: list[str] = []
        self._amounts: tuple[Amount, ...] | None = None
        self._places = places or Places(rules, ())
        self._breaks = breaks
        self._late: Set[int] | None = None
        self._lazy: dict[int, list[Span]] = {}
        self._bounds: dict[str, list[int]] = {}
        self._edges: dict[tuple[int, int], frozenset[int]] = {}

    def possible(self, by_anchor: Mapping[int, Sequence[int]]) -> list[int]:
        """Of these joins, those of which every word that the automaton finds was seen."""
        joins, hold = self.rules.joins, self._places.hold
        if self._late is None:
            self._late = self._places.late()
        return [
            number
            for anchor in by_anchor.keys() & self._late
            for number in by_anchor[anchor]
            if len(joins[number].required) == 1 or hold(joins[number].required)
        ]

    def spans(self, atom: int) -> list[Span]:
        """Every occurrence of an atom, by start."""
        if atom in self._lazy:
            return self._lazy[atom]
        found = self._noted(atom)
        rule = self.rules.atoms[atom]
        if rule.finder is not None:
            found += [(match.start(), match.end(), BY_EXACT) for match in pattern(rule.finder).finditer(self.text)]
        if rule.entity == "money":
            found += [(amount.start, amount.end, BY_EXACT) for amount in self.amounts()]
        elif rule.entity is not None:
            kinds = frozenset({EntityKind(rule.entity)})
            found += [(entity.start, entity.end, BY_EXACT) for entity in find_entities(self.text, kinds)]
        found.sort()
        self._lazy[atom] = found
        return found

    def _noted(self, atom: int) -> list[Span]:
        """The occurrences that the automaton found; of several ways to match one place, the best."""
        best: dict[tuple[int, int], int] = {}
        uses = self.rules.uses
        for literal, start, end in self._places.of(atom):
            for use in uses[literal][atom]:
                if use.how == EXACT:
                    best[start, end] = BY_EXACT
                elif use.how != TRIGGER:
                    damaged = use.how == DAMAGED
                    rank = BY_DAMAGED if damaged else _sound_rank(self.text[start:end], use.word, use.unlike)
                    if 0 <= rank < best.get((start, end), BY_SHORT_SOUND + 1):
                        best[start, end] = rank
        return [(start, end, rank) for (start, end), rank in best.items()]

    def amounts(self) -> tuple[Amount, ...]:
        """The sums in the text."""
        if self._amounts is None:
            self._amounts = find_amounts(self.text)
        return self._amounts

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
    survey = _survey(rules, matches)
    if survey.seen & SOUND_BIT:  # the words that only sound like those of the rules stand beside the others
        sounds = rules.sounds
        heard = rules.automaton.find_matches_as_indexes(sound_of(text), overlapping=True)
        heard = [match for match in heard if sounds[match[0]]]
        if heard:
            matches += heard
            survey = _survey(rules, matches)
    joins: set[int] = set()
    for lone, start, end in survey.alone:
        if lone.opens(text, start, end):
            joins.update(number for number in lone.joins if may_stand(rules.joins[number].near, text, start, end))
    places = Places(rules, matches)
    if survey.wanted & survey.seen:
        joins.update(_meetings(rules, text, places, survey))
    has_cues = bool(survey.seen & CUE_BIT)
    return Scan(rules, text, places, sorted(joins), has_cues, breaks) if joins or has_cues else None


class _Survey(NamedTuple):
    """What stands in a text and what is wanted beside it, as bits; what wants a partner, and what needs none."""

    seen: int
    wanted: int
    pairing: list[tuple[int, Match]]
    alone: list[tuple[Lone, int, int]]


def _survey(rules: Ruleset, matches: Matches) -> _Survey:
    facts = rules.facts
    seen = wanted = 0
    pairing: list[tuple[int, Match]] = []
    alone: list[tuple[Lone, int, int]] = []
    for match in matches:
        bits, partners, lone = facts[match[0]]
        seen |= bits
        if partners:
            wanted |= partners
            pairing.append((partners, match))
        if lone is not None:
            alone.append((lone, match[1], match[2]))
    return _Survey(seen, wanted, pairing, alone)


def _meetings(rules: Ruleset, text: str, places: Places, survey: _Survey) -> Iterator[int]:
    """The joins whose two rarest words stand near enough to each other, and whose other words stand somewhere."""
    joins = rules.joins
    for partners, (literal, start, end) in survey.pairing:
        meets = partners & survey.seen
        while meets:
            bit = meets & -meets
            meets ^= bit
            meeting = rules.pairs[literal][bit]
            earliest, latest = start - meeting.before, end + meeting.after
            for _, low, high in places.between(meeting.partner, earliest, latest):
                if low <= latest and high >= earliest and (low >= end or high <= start or meeting.anywhere):
                    break
            else:
                continue
            for number in meeting.joins:
                join = joins[number]
                if (len(join.required) == 2 or places.hold(join.required)) and may_stand(join.near, text, start, end):
                    yield number


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
