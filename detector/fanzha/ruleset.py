"""The compiled, frozen rules that the engine runs on: made by pack.compile, read by scan, match, stance and judge.

`Compiled` is plain data, which pack.cache keeps in a file; `assemble` makes the Ruleset of it, with the automaton.
Patterns are kept as text and compiled when they are first asked for: most are never needed in one run.

Sizes are code points; weights and points are milli-logits (1000 = one logit), integers so that lines sum exactly.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from ahocorasick_rs import AhoCorasick, Implementation

from fanzha.words import Segmenter

EXACT, SOUND, DAMAGED = "exact", "sound", "damaged"
CUE_BIT, SOUND_BIT = 1, 2  # a cue of the conversation's tone stands here; sound-alikes are worth a look
TRIGGER = "trigger"  # tells only that an entity may be near; its own finder then looks


Glimpses = tuple[tuple[str, int, int], ...]  # a pattern, and from and to where it must begin
RESERVED_BITS = 2  # CUE_BIT and SOUND_BIT stand below the atoms


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
    required: frozenset[int]
    near: Glimpses  # what must stand around the anchor: glimpse, from, to
    anchor: int
    regex: str | None = None  # run on the sentence around the required atom, with a timeout


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
    summary: str
    fact: str
    stage_of: Mapping[int, str]
    caps: Mapping[str, int]
    order_bonus: int
    decisive: tuple[DecisiveRule, ...]
    next: Mapping[str, tuple[str, ...]]
    advice: tuple[tuple[str | None, str | None, str], ...]


class Cues(Mapping[str, re.Pattern[str]]):
    """The stance cues as alternations, each with its exceptions taken out, compiled when first asked for."""

    __slots__ = ("_sources",)

    def __init__(self, sources: Mapping[str, str]) -> None:
        self._sources = sources

    def __getitem__(self, name: str) -> re.Pattern[str]:
        return pattern(self._sources[name])

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
    cues: dict[str, str]
    base: int
    levels: tuple[tuple[str, float], ...]
    stages: dict[str, str]
    emergency: tuple[str, ...]
    words: tuple[str, ...]  # of all terms


@dataclass(frozen=True, slots=True)
class Ruleset:
    """Everything the engine needs; immutable and shared between threads."""

    id: str
    authored: str  # hash of the rules without the fit: what a ledger was earned under
    title: str
    automaton: AhoCorasick
    uses: tuple[Mapping[int, tuple[LiteralUse, ...]], ...]  # literal → atom → what it means there
    masks: tuple[int, ...]  # literal → bits of its atoms; the lowest are CUE_BIT and SOUND_BIT
    sounds: tuple[bool, ...]  # literal → whether it stands for sound-alikes
    tries: tuple[tuple[int, ...], ...]  # literal → joins of signals whose anchor it is
    looks: tuple[tuple[int, Glimpses], ...]  # join → what must stand beside its anchor: as bits, and close to it
    atoms: tuple[Atom, ...]
    joins: tuple[Join, ...]
    excusing: Mapping[int, tuple[int, ...]]  # signal → joins of its `unless`
    beside: Mapping[int, tuple[int, ...]]  # signal that is looked for only beside others → its joins
    leaf_signals: tuple[tuple[int, ...], ...]  # leaf → signals whose blocks hold it
    signals: tuple[SignalRule, ...]
    amount_signals: tuple[int, ...]
    chains_of: Mapping[int, tuple[int, ...]]  # hidden part → signals that span turns
    scripts: tuple[ScriptRule, ...]
    scripts_of: Mapping[int, tuple[int, ...]]  # signal → scripts that use it
    pairs_of: Mapping[int, tuple[tuple[int, int], ...]]  # signal → (script, number) of the pairs that it may complete
    cues: Cues
    base: int
    levels: tuple[tuple[str, float], ...]  # ascending thresholds, scores 0–100
    stages: Mapping[str, str]
    emergency: tuple[str, ...]
    segmenter: Segmenter  # knows all words of the terms


def assemble(parts: Compiled) -> Ruleset:
    """The Ruleset of compiled rules: the automaton, and what each literal is worth looking at.

    Only atoms that a join needs beside its anchor have bits: a join is tried where its anchor stands. The joins of
    `unless` and of signals beside others are not tried by their anchors, so they need all their atoms.
    """
    later = (*parts.excusing.values(), *parts.beside.values())
    excuses = {number for numbers in later for number in numbers}
    needed = [
        join.required if number in excuses else join.required - {join.anchor}
        for number, join in enumerate(parts.joins)
    ]
    asked = sorted(set().union(*needed))
    bits = {atom: 1 << (number + RESERVED_BITS) for number, atom in enumerate(asked)}
    return Ruleset(
        id=parts.id,
        authored=parts.authored,
        title=parts.title,
        automaton=AhoCorasick(parts.literals, implementation=Implementation.ContiguousNFA, store_patterns=False),
        uses=tuple(map(_by_atom, parts.uses)),
        masks=tuple(
            flags | _mask(bits, (use.atom for use in uses)) for flags, uses in zip(parts.flags, parts.uses, strict=True)
        ),
        sounds=tuple(any(use.how == SOUND for use in uses) for uses in parts.uses),
        tries=parts.begins,
        looks=tuple((_mask(bits, atoms), join.near) for atoms, join in zip(needed, parts.joins, strict=True)),
        atoms=parts.atoms,
        joins=parts.joins,
        excusing=parts.excusing,
        beside=parts.beside,
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
    )


def _pairs_of(scripts: tuple[ScriptRule, ...]) -> dict[int, tuple[tuple[int, int], ...]]:
    pairs: dict[int, tuple[tuple[int, int], ...]] = {}
    for script in scripts:
        for number, pair in enumerate(script.decisive):
            for signal in pair.first | pair.then:
                pairs[signal] = (*pairs.get(signal, ()), (script.index, number))
    return pairs


def _by_atom(uses: tuple[LiteralUse, ...]) -> dict[int, tuple[LiteralUse, ...]]:
    if len(uses) == 1:
        return {uses[0].atom: uses}
    atoms: dict[int, tuple[LiteralUse, ...]] = {}
    for use in uses:
        atoms[use.atom] = (*atoms.get(use.atom, ()), use)
    return atoms


def _mask(bits: Mapping[int, int], atoms: Iterable[int]) -> int:
    mask = 0
    for atom in atoms:
        mask |= bits.get(atom, 0)
    return mask
