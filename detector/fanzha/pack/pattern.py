"""The pattern strings of the rule language: "[打|转] …2 多了", "{returns} …6 [多出|多余]", "<money> …4 账号?".

In: a pattern string and the terms it may name. Out: plain sequences of elements with the gaps before them; the
optional parts are expanded, neighbouring words are fused into longer literals. It never looks at a text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from math import prod

from fanzha.text import fold

ENTITIES = frozenset({"money", "code", "url", "account", "app", "im_id", "phone", "id_card"})
# Words without which an entity cannot stand; such an entity is found by the automaton's one pass like a word.
TRIGGERS = {
    "url": frozenset(
        (
            "http www. .com .cn .top .vip .xyz .cc .net .app .work .shop .info .icu .link .club .site "
            ".online .me .co .ltd .tk .pw .org .wang .ren .pro .live .fun .tech .cloud .mobi .biz .asia .ink .io "
            ".ml .ga .cf .gq .tv .hk .tw .ws .ly .im .la .gov .edu .store [链接] <链接> 【链接】 [网址] 【网址】 "
            "网页链接] 网页链接】 短链接] hxxp url 点com 点cn 点net 点top 点vip 点xyz 点cc "
            "。com 。cn 。net 。top 。vip 。cc xxx *** ×××"
        ).split()
    ),
}
MAX_GAP = 40
MAX_EXPANSIONS = 32
MAX_FUSED_WORDS = 240

_TOKEN = re.compile(
    r"(?P<gap>(?:…|\.\.\.)(?P<limit>\d*))|(?P<space>\s+)|\{(?P<term>[^{}\s]+)\}|\[(?P<choice>[^\[\]]+)\]|"
    r"<(?P<entity>[^<>]+)>|(?P<optional>\?)|(?P<literal>[^\s…{}\[\]<>?]+)"
)


_ENTITY_IN_CHOICE = re.compile(r"<([^<>]+)>")


class PatternError(ValueError):
    """A pattern string that cannot be read; the message says what and how to mend it."""


@dataclass(frozen=True, slots=True)
class Words:
    """One element: any of these words; `sound` may also match by sound, but never as one of `unlike`;
    `mendable` (the words of terms) may have lost an inner character.
    """

    words: frozenset[str]
    sound: frozenset[str] = frozenset()
    unlike: frozenset[str] = frozenset()
    mendable: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Entity:
    """One element: a typed entity such as <money>."""

    kind: str


@dataclass(frozen=True, slots=True)
class Step:
    """An element and the most characters that may stand between it and the element before it."""

    gap: int
    element: Words | Entity


@dataclass(slots=True)
class _Part:
    gap: int
    element: Words | Entity
    optional: bool = False
    literal: bool = field(default=False)
    entities: tuple[Entity, ...] = ()  # what a choice holds beside its words: [定金|<money>]

    def readings(self) -> list[tuple[Words | Entity | None, bool]]:
        """What may stand here, None where it may be left out; and whether it is an entity of a choice."""
        readings: list[tuple[Words | Entity | None, bool]] = [(entity, True) for entity in self.entities]
        if not isinstance(self.element, Words) or self.element.words:
            readings.insert(0, (self.element, False))
        if self.optional:
            readings.append((None, False))
        return readings


def parse(pattern: str, terms: Mapping[str, Words]) -> list[tuple[Step, ...]]:
    """Every plain sequence that the pattern stands for. Raises PatternError."""
    parts = _parts(pattern, terms)
    if not parts:
        raise PatternError("空的模式")
    if prod(len(part.readings()) for part in parts) > MAX_EXPANSIONS:
        raise PatternError(f"可选部分太多 (x? 和 [ ] 里的实体展开超过 {MAX_EXPANSIONS} 条), 请拆成几条模式")
    sequences = {(_fuse(sequence), chosen) for sequence, chosen in _expand(parts)}
    return sorted({steps for steps, chosen in sequences if not chosen or findable(steps)}, key=repr)


def findable(sequence: tuple[Step, ...]) -> bool:
    """Whether the automaton finds some element of the sequence in every text that holds it."""
    return any(is_anchor(step.element) for step in sequence)


def is_anchor(element: Words | Entity) -> bool:
    """Whether the automaton alone finds every occurrence of the element."""
    if isinstance(element, Entity):
        return element.kind in TRIGGERS
    return min(map(len, element.words)) >= 2


def _parts(pattern: str, terms: Mapping[str, Words]) -> list[_Part]:
    parts: list[_Part] = []
    gap = 0
    position = 0
    while position < len(pattern):
        match = _TOKEN.match(pattern, position)
        if match is None:
            raise PatternError(f"第 {position + 1} 个字符 {pattern[position]!r} 处读不懂: 括号没有配对?")
        position = match.end()
        if match["space"]:
            continue
        if match["gap"]:
            gap = _gap(match, parts)
            continue
        if match["optional"]:
            _make_optional(parts)
            continue
        part = _Part(gap, _element(match, terms), literal=match["literal"] is not None)
        if match["choice"]:
            part.entities = tuple(_entity(name) for name in _ENTITY_IN_CHOICE.findall(match["choice"]))
        parts.append(part)
        gap = 0
    if gap:
        raise PatternError("…N 后面缺少内容")
    return parts


def _gap(match: re.Match[str], parts: list[_Part]) -> int:
    if not parts:
        raise PatternError("…N 不能在开头")
    if not match["limit"]:
        raise PatternError("… 后要写最多隔几个字, 如 …6")
    limit = int(match["limit"])
    if limit > MAX_GAP:
        raise PatternError(f"…{limit} 太远, 最多 …{MAX_GAP}; 更远请用 all/then 与 within")
    return limit


def _make_optional(parts: list[_Part]) -> None:
    if not parts:
        raise PatternError("? 前面缺少内容")
    last = parts[-1]
    if last.literal and isinstance(last.element, Words):  # 账号? : only the last character is optional
        (word,) = last.element.words
        if len(word) > 1:
            last.element = Words(frozenset({word[:-1]}))
            parts.append(_Part(0, Words(frozenset({word[-1]})), optional=True, literal=True))
            return
    last.optional = True


def _element(match: re.Match[str], terms: Mapping[str, Words]) -> Words | Entity:
    if match["entity"]:
        return _entity(match["entity"])
    if match["term"]:
        return _term(match["term"], terms)
    if match["literal"]:
        return Words(frozenset({fold(match["literal"]).text}))
    words: set[str] = set()
    sound: set[str] = set()
    unlike: set[str] = set()
    mendable: set[str] = set()
    for choice in match["choice"].split("|"):
        name = choice.strip()
        if not name:
            raise PatternError("[a|b] 里有空的一项; 可选请写 x?")
        if name.startswith("{") and name.endswith("}"):
            term = _term(name[1:-1], terms)
            words |= term.words
            sound |= term.sound
            unlike |= term.unlike
            mendable |= term.mendable
        elif not _ENTITY_IN_CHOICE.fullmatch(name):
            words.add(fold(name).text)
    return Words(frozenset(words), frozenset(sound), frozenset(unlike), frozenset(mendable))


def _entity(name: str) -> Entity:
    if name not in ENTITIES:
        raise PatternError(f"没有实体 <{name}>, 可用: {', '.join(sorted(ENTITIES))}")
    return Entity(name)


def _term(name: str, terms: Mapping[str, Words]) -> Words:
    if name not in terms:
        raise PatternError(f"没有词表 {{{name}}}")
    return terms[name]


def _expand(parts: list[_Part]) -> Iterator[tuple[list[_Part], bool]]:
    """Every way to read the parts, and whether an entity of a choice stands in it."""
    for readings in product(*(part.readings() for part in parts)):
        sequence: list[_Part] = []
        carried = 0
        for part, (element, _) in zip(parts, readings, strict=True):
            if element is not None:
                sequence.append(_Part(min(part.gap + carried, MAX_GAP) if sequence else 0, element))
                carried = 0
            elif sequence:
                carried += part.gap
        if not sequence:
            raise PatternError("模式不能全是可选的")
        yield sequence, any(chosen for _, chosen in readings)


def _fuse(sequence: list[_Part]) -> tuple[Step, ...]:
    """Join neighbours without a gap into longer words: 多 [打|转] → [多打|多转]; fewer, rarer literals."""
    steps: list[Step] = []
    for part in sequence:
        previous = steps[-1] if steps else None
        if (
            previous is not None
            and part.gap == 0
            and isinstance(previous.element, Words)
            and isinstance(part.element, Words)
            and len(previous.element.words) * len(part.element.words) <= MAX_FUSED_WORDS
        ):
            steps[-1] = Step(previous.gap, _product(previous.element, part.element))
        else:
            steps.append(Step(part.gap, part.element))
    return tuple(steps)


def _product(left: Words, right: Words) -> Words:
    words = frozenset(a + b for a in left.words for b in right.words)
    sound = frozenset(a + b for a in left.words for b in right.words if a in left.sound or b in right.sound)
    return Words(words, sound, left.unlike | right.unlike)
