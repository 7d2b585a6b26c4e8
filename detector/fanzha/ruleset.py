"""The compiled, frozen rules that the engine runs on: made by pack.compile, read by scan, match, stance and judge.

`Compiled` is plain data, which pack.cache keeps in a file; `assemble` makes the Ruleset of it, with the automaton.
Patterns are kept as text and compiled when they are first asked for: most are never needed in one run.

Sizes are code points; weights and points are milli-logits (1000 = one logit), integers so that lines sum exactly.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from operator import or_
from typing import NamedTuple, TypeVar

from ahocorasick_rs import AhoCorasick, Implementation

from fanzha.mend import Mender, Vocabulary
from fanzha.words import Segmenter

EXACT, SOUND, DAMAGED, DISGUISED = "exact", "sound", "damaged", "disguised"
CUE_BIT, SOUND_BIT = 1, 2  # a cue of the conversation's tone stands here; sound-alikes are worth a look
TRIGGER = "trigger"  # tells only that an entity may be near; its own finder then looks


_Made = TypeVar("_Made")
CueWords = tuple[tuple[str, ...], tuple[str, ...]]  # words, exceptions
Glimpses = tuple[tuple[str, int, int], ...]  # a pattern, and from and to where it must begin
_RESERVED_BITS = 2  # CUE_BIT and SOUND_BIT stand below the partners


@cache
def pattern(source: str) -> re.Pattern[str]:
    """A compiled pattern of the rules; they are few and live as long as the process."""
    return re.compile(source)


@dataclass(frozen=True, slots=True)
class LiteralUse:
    """What a literal of the automaton means: an atom, and how it was matched (for sound, which word it stands for)."""

    atom: int
    how: str = EXACT
    word: str = ""
    unlike: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Atom:
    """A set of words or an entity. `finder` finds what the automaton does not carry: one-character words."""

    finder: str | None = None
    entity: str | None = None


@dataclass(frozen=True, slots=True)
class Join:
    """A plain sequence: atoms with the most characters before each; `required` atoms come from the automaton."""

    leaf: int
    atoms: tuple[int, ...]
    gaps: tuple[int, ...]
    required: frozenset[int]  # the atoms that the automaton finds
    near: Glimpses  # what else must stand around the anchor: glimpse, from, to
    anchor: int  # the rarest of the required atoms, by which the join is looked for
    partner: int | None = None  # the next rarest: where it does not stand as well, the join is not tried
    reach: tuple[int, int] | None = None  # how far before and after the anchor the partner may stand; None is anywhere
    regex: str | None = None  # run on the sentence around the required atom, with a timeout


class Lazily(dict[int, _Made]):
    """What is made of each literal when a text first holds it: most literals of the rules are never met in one run."""

    __slots__ = ("_make",)

    def __init__(self, make: Callable[[int], _Made]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, literal: int) -> _Made:
        made = self[literal] = self._make(literal)
        return made


class Lone:
    """The joins that a literal starts without any other word of the automaton.

    A few looks around the literal tell whether any of them can stand; they are compiled when a text first holds it.
    """

    __slots__ = ("_all", "_looks", "joins")

    def __init__(self, joins: tuple[Join, ...], numbers: Iterable[int]) -> None:
        self.joins = tuple(numbers)
        self._all = joins
        self._looks: tuple[tuple[re.Pattern[str], int, int], ...] | None = None

    def opens(self, text: str, start: int, end: int) -> bool:
        """Whether some join can stand around the literal at [start, end); one that asks for nothing more always can."""
        looks = self._looks
        if looks is None:
            looks = self._looks = self._compile()
        for finder, before, after in looks:
            if before:
                if finder.search(text, start - before if start > before else 0, start):
                    return True
            elif finder.search(text, end, end + after):
                return True
        return False

    def _compile(self) -> tuple[tuple[re.Pattern[str], int, int], ...]:
        """Words of one side are looked for together: alternatives of words alone are skipped to by their beginnings."""
        looks: dict[tuple[str, bool], list[int]] = {}
        sources: dict[tuple[str, bool], dict[str, None]] = {}
        for join in (self._all[number] for number in self.joins):
            if not join.near:
                return ((_ANYTHING, 0, 0),)
            source, begin, reach = min(join.near, key=lambda glimpse: glimpse[2] - glimpse[1])
            key = ("" if _WORDS_ONLY.fullmatch(source) else source, begin < 0)
            sources.setdefault(key, {})[source] = None
            looks[key] = [max(one) for one in zip(looks.get(key, (0, 0)), (-begin, reach), strict=True)]
        return tuple(
            (pattern("|".join(sources[key])), before, after) for key, (before, after) in sorted(looks.items())
        )


@dataclass(frozen=True, slots=True)
class Meeting:
    """The joins that a literal starts with one partner, and how far before and after it the partner may stand."""

    partner: int
    joins: tuple[int, ...]
    before: int
    after: int
    anywhere: bool  # also where the two overlap: one is an entity, which is longer than what triggers it

    @classmethod
    def of(cls, joins: tuple[Join, ...], partner: int, numbers: Sequence[int]) -> Meeting:
        """Join the reaches of these joins."""
        reaches = [reach for number in numbers if (reach := joins[number].reach) is not None]
        if len(reaches) < len(numbers):
            return cls(partner, tuple(numbers), _ANYWHERE, _ANYWHERE, anywhere=True)
        before, after = (max(side) for side in zip(*reaches, strict=True))
        return cls(partner, tuple(numbers), before, after, anywhere=False)


_ANYWHERE = 1 << 30
_ANYTHING = re.compile("")
_WORDS_ONLY = re.compile(r"(?:[^\[\](){}.?*+^$\\]|\\.)+")


@dataclass(frozen=True, slots=True)
class Node:
    """A block over leaves: op is leaf, any, all, then, not or count."""

    op: str
    leaf: int = -1
    children: tuple[Node, ...] = ()
    within: str = "sentence"
    at_least: int = 1
    by: str = ""  # only in the parts of a signal that spans turns


@dataclass(frozen=True, slots=True)
class AmountRule:
    """Fires where an amount of one of `purposes` is at least `ratio` × the price and at least `at_least` yuan, or,
    if `scaled`, where it has the digits of an earlier amount and is 10, 100 or 1,000 times as much (186 → 18,600).
    """

    purposes: frozenset[str]
    ratio: float
    at_least: float
    scaled: bool = False


@dataclass(frozen=True, slots=True)
class SignalRule:
    """A compiled signal. `parts`/`window` describe one that spans turns; its parts are hidden signals."""

    index: int
    id: str
    title: str
    stage: str
    by: str
    weight: int
    stances: Mapping[str, float]
    why: str
    node: Node | None = None
    unless: Node | None = None
    unless_within: str = "sentence"
    word: bool = False
    known_party: bool = False
    when_self_began: float = 1.0
    amounts: AmountRule | None = None
    parts: tuple[int, ...] = ()
    absent: tuple[int, ...] = ()
    ordered: bool = False
    window: int = 0
    at_least: int = 0  # of a count over turns: in how many turns its one part must stand
    hidden: bool = False
    positive: bool = True  # no word of its own denies, so 没有 inside a hit (面霜没有召回) denies the hit


@dataclass(frozen=True, slots=True)
class DecisiveRule:
    """A pair of signal sets that adds points when `then` follows `first` within `window` turns."""

    title: str
    first: frozenset[int]
    then: frozenset[int]
    points: int
    window: int
    unordered: bool
    stage: str | None = None  # the points fall under the cap of this stage


@dataclass(frozen=True, slots=True)
class ScriptRule:
    """A compiled script; `stage_of` maps the indexes of its signals to stages."""

    index: int
    id: str
    title: str
    track: str
    fallback: bool
    summary: str
    fact: str
    stage_of: Mapping[int, str]
    caps: Mapping[str, int]
    order_bonus: int
    decisive: tuple[DecisiveRule, ...]
    next: Mapping[str, tuple[str, ...]]
    advice: tuple[tuple[str | None, str | None, str], ...]


class PairsOf(NamedTuple):
    """The decisive pairs in which a signal stands: with which others, as bits, and the (script, number) of each."""

    others: int
    pairs: tuple[tuple[int, tuple[int, int]], ...]


class Cue:
    """Words that change the stance of what stands near them, and exceptions that only look like one (特别 for 别).

    Without groups the alternatives are skipped to by their first characters, several times as fast.
    """

    __slots__ = ("_excepted", "_finder", "words")

    def __init__(self, words: Iterable[str], excepted: Iterable[str]) -> None:
        self.words = frozenset(words)
        self._excepted = frozenset(excepted)
        first = sorted(self._excepted, key=_longest_first)
        sources = [*first, *sorted(self.words - self._excepted, key=_longest_first)]
        self._finder = pattern("|".join(map(re.escape, sources)) if sources else "(?!)")

    def find(self, text: str, start: int, end: int) -> Iterator[re.Match[str]]:
        """The cues in text[start:end]."""
        for match in self._finder.finditer(text, start, end):
            if match[0] not in self._excepted:
                yield match

    def stands(self, text: str, start: int, end: int) -> bool:
        """Whether a cue stands in text[start:end]."""
        match = self._finder.search(text, start, end)
        while match is not None and match[0] in self._excepted:
            match = self._finder.search(text, match.end(), end)
        return match is not None

    def begins(self, text: str) -> bool:
        """Whether the text begins with a cue or an exception."""
        return self._finder.match(text) is not None

    def __contains__(self, word: str) -> bool:
        """Whether this is a cue or an exception, as a whole."""
        return word in self.words or word in self._excepted


def _longest_first(word: str) -> tuple[int, str]:
    return -len(word), word


class Cues(Mapping[str, Cue]):
    """The stance cues by name, each made when first asked for."""

    __slots__ = ("_made", "_sources")

    def __init__(self, sources: Mapping[str, CueWords]) -> None:
        self._sources = sources
        self._made: dict[str, Cue] = {}

    def __getitem__(self, name: str) -> Cue:
        cue = self._made.get(name)
        if cue is None:
            cue = self._made[name] = Cue(*self._sources[name])
        return cue

    def __iter__(self) -> Iterator[str]:
        return iter(self._sources)

    def __len__(self) -> int:
        return len(self._sources)


@dataclass(frozen=True, slots=True)
class Compiled:
    """Everything that a Ruleset is made of, as plain data; the names are those of Ruleset where it has them."""

    id: str
    authored: str
    title: str
    literals: tuple[str, ...]
    uses: tuple[tuple[LiteralUse, ...], ...]
    flags: tuple[int, ...]  # literal → CUE_BIT and SOUND_BIT
    begins: tuple[tuple[int, ...], ...]  # literal → joins of signals whose anchor it is
    atoms: tuple[Atom, ...]
    joins: tuple[Join, ...]
    excusing: dict[int, tuple[int, ...]]  # signal → joins of its `unless`
    beside: dict[int, tuple[int, ...]]  # signal that is looked for only beside others → its joins
    leaf_signals: tuple[tuple[int, ...], ...]
    signals: tuple[SignalRule, ...]
    amount_signals: tuple[int, ...]
    chains_of: dict[int, tuple[int, ...]]
    scripts: tuple[ScriptRule, ...]
    scripts_of: dict[int, tuple[int, ...]]
    cues: dict[str, CueWords]
    base: int
    levels: tuple[tuple[str, float], ...]
    stages: dict[str, str]
    emergency: tuple[str, ...]
    words: tuple[str, ...]  # of all terms
    vocabulary: Vocabulary  # what can be mended


@dataclass(frozen=True, slots=True)
class Ruleset:
    """Everything the engine needs; immutable and shared between threads."""

    id: str
    authored: str  # hash of the rules without the fit: what a ledger was earned under
    title: str
    automaton: AhoCorasick
    uses: Mapping[int, Mapping[int, tuple[LiteralUse, ...]]]  # literal → atom → what it means there
    facts: Mapping[int, tuple[int, int, Lone | None]]  # literal → its bits, those of its partners, what it starts alone
    pairs: Mapping[int, Mapping[int, Meeting]]  # literal → bit of a partner → what the two start
    late: Mapping[int, tuple[int, ...]]  # literal → its atoms that anchor joins of `excusing` or `beside`
    sounds: Mapping[int, bool]  # literal → whether it stands for sound-alikes
    atoms: tuple[Atom, ...]
    joins: tuple[Join, ...]
    excusing: Mapping[int, Mapping[int, tuple[int, ...]]]  # signal → anchor → joins of its `unless`
    beside: Mapping[int, Mapping[int, tuple[int, ...]]]  # signal looked for only beside others → anchor → its joins
    leaf_signals: tuple[tuple[int, ...], ...]  # leaf → signals whose blocks hold it
    signals: tuple[SignalRule, ...]
    amount_signals: tuple[int, ...]
    chains_of: Mapping[int, tuple[int, ...]]  # hidden part → signals that span turns
    scripts: tuple[ScriptRule, ...]
    scripts_of: Mapping[int, tuple[int, ...]]  # signal → scripts that use it
    pairs_of: Mapping[int, PairsOf]  # signal → the pairs that it may complete
    cues: Cues
    base: int
    levels: tuple[tuple[str, float], ...]  # ascending thresholds, scores 0–100
    stages: Mapping[str, str]
    emergency: tuple[str, ...]
    segmenter: Segmenter  # knows all words of the terms
    mender: Mender


def assemble(parts: Compiled) -> Ruleset:
    """The Ruleset of compiled rules: the automaton, and for every literal what it may start.

    A join with two words or more is tried where its two rarest stand near each other, one with a single word where its
    Glimpses allow. Each partner has a bit, so that one pass over the literals of a text tells whether any two meet.
    """
    joins = parts.joins
    partners = sorted({join.partner for join in joins if join.partner is not None})
    bits = {atom: 1 << (number + _RESERVED_BITS) for number, atom in enumerate(partners)}

    def partners_of(literal: int) -> dict[int | None, list[int]]:
        started: dict[int | None, list[int]] = {}
        for number in parts.begins[literal]:
            started.setdefault(joins[number].partner, []).append(number)
        return started

    def facts_of(literal: int) -> tuple[int, int, Lone | None]:
        started = partners_of(literal)
        alone = started.pop(None, None)
        own = reduce(or_, (bits.get(use.atom, 0) for use in parts.uses[literal]), parts.flags[literal])
        wanted = sum(bits[partner] for partner in started if partner is not None)
        return own, wanted, Lone(joins, alone) if alone else None

    def pairs_of(literal: int) -> dict[int, Meeting]:
        started = partners_of(literal)
        return {bits[one]: Meeting.of(joins, one, numbers) for one, numbers in started.items() if one is not None}

    later = (*parts.excusing.values(), *parts.beside.values())
    waiting = {joins[number].anchor for numbers in later for number in numbers}
    return Ruleset(
        id=parts.id,
        authored=parts.authored,
        title=parts.title,
        automaton=AhoCorasick(parts.literals, implementation=Implementation.ContiguousNFA, store_patterns=False),
        uses=Lazily(lambda literal: _by_atom(parts.uses[literal])),
        facts=Lazily(facts_of),
        pairs=Lazily(pairs_of),
        late=Lazily(lambda literal: tuple({use.atom for use in parts.uses[literal] if use.atom in waiting})),
        sounds=Lazily(lambda literal: any(use.how == SOUND for use in parts.uses[literal])),
        atoms=parts.atoms,
        joins=parts.joins,
        excusing={signal: _by_anchor(parts.joins, numbers) for signal, numbers in parts.excusing.items()},
        beside={signal: _by_anchor(parts.joins, numbers) for signal, numbers in parts.beside.items()},
        leaf_signals=parts.leaf_signals,
        signals=parts.signals,
        amount_signals=parts.amount_signals,
        chains_of=parts.chains_of,
        scripts=parts.scripts,
        scripts_of=parts.scripts_of,
        pairs_of=_pairs_of(parts.scripts),
        cues=Cues(parts.cues),
        base=parts.base,
        levels=parts.levels,
        stages=parts.stages,
        emergency=parts.emergency,
        segmenter=Segmenter(parts.words),
        mender=Mender(parts.vocabulary),
    )


def _by_anchor(joins: tuple[Join, ...], numbers: Iterable[int]) -> dict[int, tuple[int, ...]]:
    anchors: dict[int, tuple[int, ...]] = {}
    for number in numbers:
        anchor = joins[number].anchor
        anchors[anchor] = (*anchors.get(anchor, ()), number)
    return anchors


def _pairs_of(scripts: tuple[ScriptRule, ...]) -> dict[int, PairsOf]:
    found: dict[int, list[tuple[int, tuple[int, int]]]] = {}
    for script in scripts:
        for number, pair in enumerate(script.decisive):
            first, then = (sum(1 << signal for signal in side) for side in (pair.first, pair.then))
            for signal in pair.first | pair.then:
                others = (then if signal in pair.first else 0) | (first if signal in pair.then else 0)
                found.setdefault(signal, []).append((others & ~(1 << signal), (script.index, number)))
    return {
        signal: PairsOf(reduce(or_, (others for others, _ in pairs)), tuple(pairs)) for signal, pairs in found.items()
    }


def _by_atom(uses: tuple[LiteralUse, ...]) -> dict[int, tuple[LiteralUse, ...]]:
    if len(uses) == 1:
        return {uses[0].atom: uses}
    atoms: dict[int, tuple[LiteralUse, ...]] = {}
    for use in uses:
        atoms[use.atom] = (*atoms.get(use.atom, ()), use)
    return atoms
