"""The literals of the automaton: what each word of each element means, and which joins it may begin.

In: the plain sequences of leaves. Out: atoms, joins with their anchors and what must stand around them, and for every
literal its bits. Whether a word also matches by sound, or with a character lost, is decided here.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from functools import cache
from importlib.resources import files

from fanzha.pack.blocks import Leaf
from fanzha.pack.model import TermModel
from fanzha.pack.pattern import TRIGGERS, Entity, Step, Words, is_anchor
from fanzha.ruleset import CUE_BIT, DAMAGED, SOUND, SOUND_BIT, TRIGGER, Atom, Join, LiteralUse
from fanzha.sound import sound_of
from fanzha.text import fold

_NUMERALS = "0-9零〇一幺二两三四五六七八九十百千万亿几数壹贰叁肆伍陆柒捌玖拾佰仟"
# What stands wherever the entity does, as short as can be; a sum has two numerals, or one before a scale or a unit.
# Every alternative begins with the one class, by which the search skips along.
_ENTITY_GLIMPSE = {
    "money": f"[{_NUMERALS}¥￥r人](?:(?<=[{_NUMERALS}])(?:[{_NUMERALS},，.点]| ?[几多来余个好]{{0,2}} ?"
    "[十百千万亿wk元块圆毛美港欧英日人ru])|(?<=[¥￥])[:： ]{0,2}[0-9]|(?:(?<=r)mb|(?<=人)民币)[:： ]{0,2}"
    f"[{_NUMERALS}])",
    "code": "[0-9零一二三四五六七八九幺]",
    "account": "[0-9零一二三四五六七八九尾后]",
    "phone": "[0-9零一二三四五六七八九幺]",
    "im_id": "[0-9a-z]",
    "id_card": "[0-9]",
}
# Stand in every third message; a sound-alike beside nothing else is not worth the sound view.
_EVERYDAY = frozenset("有没有 还有没有 看一下 查一下 是什么 为什么 给我看 能不能 是不是 还没有 怎么样".split())
_LONGEST_ENTITY = 40
_DAMAGE_FROM = 5  # a word of at least so many characters is still found with one inner character lost
_FUNCTION_CHARACTERS = frozenset("的了您你我他她一个不没")  # without them the word means something else
_HAN_ONLY = re.compile("^[\u4e00-\u9fff]+$")


class Literals:
    """Collects the literals, atoms and joins of a pack."""

    def __init__(self) -> None:
        self.uses: dict[str, list[LiteralUse]] = defaultdict(list)
        self.atoms: list[Atom] = []
        self._index: dict[Words | Entity, int] = {}

    def joins(self, number: int, leaf: Leaf) -> Iterable[Join]:
        """The joins of a leaf, each with its anchor, the rarest of its elements that the automaton finds."""
        for sequence in leaf.sequences:
            atoms = tuple(self._atom(step.element) for step in sequence)
            anchors = [index for index, step in enumerate(sequence) if is_anchor(step.element)]
            anchors.sort(key=lambda index: (_commonness(sequence[index].element), index))
            anchor = anchors[0]
            partner = next((index for index in anchors if atoms[index] != atoms[anchor]), None)
            yield Join(
                leaf=number,
                atoms=atoms,
                gaps=tuple(step.gap for step in sequence),
                required=frozenset(atoms[index] for index in anchors),
                near=() if leaf.regex else tuple(_near(sequence, anchor)),
                anchor=atoms[anchor],
                partner=None if partner is None else atoms[partner],
                reach=None if partner is None else _reach(sequence, anchor, partner),
                regex=leaf.regex,
            )

    def _atom(self, element: Words | Entity) -> int:
        if element in self._index:
            return self._index[element]
        index = self._index[element] = len(self.atoms)
        if isinstance(element, Entity):
            self.atoms.append(Atom(entity=element.kind))
            for word in sorted(TRIGGERS.get(element.kind, ())):
                self.uses[word].append(LiteralUse(index, TRIGGER))
            return index
        short = sorted(word for word in element.words if len(word) == 1)
        finder = "[" + "".join(map(re.escape, short)) + "]" if short else None
        self.atoms.append(Atom(finder=finder))
        for word in sorted(element.words):
            if len(word) > 1:
                self.uses[word].append(LiteralUse(index))
            for variant in _damaged(word) if word in element.mendable else ():
                if variant not in element.words:
                    self.uses[variant].append(LiteralUse(index, DAMAGED, word))
        for word in sorted(element.sound):
            self.uses[sound_of(word)].append(LiteralUse(index, SOUND, word, element.unlike))
        return index

    def tables(
        self, literals: list[str], joins: list[Join], anchored: Mapping[int, list[int]], tone: Set[str]
    ) -> tuple[tuple[int, ...], tuple[tuple[int, ...], ...]]:
        """For every literal its flags and the joins to try. A sound-alike is looked for only beside a word that
        joins with it (three characters and more) or a written sounding word: other text pays nothing for it.
        """
        sounding = {use.atom for uses in self.uses.values() for use in uses if use.how == SOUND}
        partners = {atom for join in joins if sounding & set(join.atoms) for atom in join.atoms}
        heard = {use.word for uses in self.uses.values() for use in uses if use.how == SOUND}
        flags, begins = [], []
        for literal in literals:
            flag = CUE_BIT if literal in tone else 0
            numbers: dict[int, None] = {}
            for use in self.uses.get(literal, ()):
                if use.how != SOUND and (
                    literal in heard or (use.atom in partners and len(literal) >= 3 and literal not in _EVERYDAY)
                ):
                    flag |= SOUND_BIT
                numbers.update(dict.fromkeys(anchored.get(use.atom, ())))
            flags.append(flag)
            begins.append(tuple(numbers))
        return tuple(flags), tuple(begins)


def _near(sequence: tuple[Step, ...], anchor: int) -> Iterable[tuple[str, int, int]]:
    """What the automaton alone does not find, and where around the anchor it must begin: a look before the walk."""
    if isinstance(sequence[anchor].element, Entity):
        return  # what triggers it may stand anywhere in it
    for index, step in enumerate(sequence):
        if is_anchor(step.element):
            continue
        finder = _glimpse(step.element)
        reach = _between(sequence, index, anchor) + _longest(step.element)
        yield (finder, -reach, 0) if index < anchor else (finder, 0, reach)


def _reach(sequence: tuple[Step, ...], anchor: int, partner: int) -> tuple[int, int] | None:
    """How far before and after the anchor its partner may stand; None where one of them is an entity, which is longer
    than what triggers it.
    """
    if any(isinstance(sequence[index].element, Entity) for index in (anchor, partner)):
        return None
    # a word that stands twice in the sequence may be the one or the other
    places = [index for index, step in enumerate(sequence) if step.element == sequence[partner].element]
    anchors = [index for index, step in enumerate(sequence) if step.element == sequence[anchor].element]
    before = [_between(sequence, index, one) for index in places for one in anchors if index < one]
    after = [_between(sequence, index, one) for index in places for one in anchors if index > one]
    return max(before, default=-1), max(after, default=-1)


def _between(sequence: tuple[Step, ...], one: int, other: int) -> int:
    """Code points that may stand between two elements at most."""
    low, high = sorted((one, other))
    return sum(step.gap for step in sequence[low + 1 : high + 1]) + sum(
        _longest(step.element) for step in sequence[low + 1 : high]
    )


@cache
def _glimpse(element: Words | Entity) -> str:
    """A pattern that stands wherever the element does, sound-alikes and damage included."""
    if isinstance(element, Entity):
        return _ENTITY_GLIMPSE.get(element.kind, ".")
    if element.sound:
        return "."
    words = {*element.words, *(variant for word in element.mendable for variant in _damaged(word))}
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (len(word), word)))


def _longest(element: Words | Entity) -> int:
    return max(map(len, element.words)) if isinstance(element, Words) else _LONGEST_ENTITY


def words_of(term: TermModel) -> Words:
    """A term as an element: its words, those that also match by sound, those that may be damaged."""
    words = frozenset(fold(word).text for word in term.words)
    by_choice = frozenset(fold(word).text for word in term.sound) if isinstance(term.sound, list) else frozenset()
    freely = frozenset(word for word in words if len(word) >= 3 and _HAN_ONLY.match(word))
    sound = freely | by_choice if term.sound else frozenset()
    return Words(words, sound, frozenset(fold(word).text for word in term.unlike), words)


def _damaged(word: str) -> list[str]:
    if len(word) < _DAMAGE_FROM or not _HAN_ONLY.match(word):
        return []
    inner = range(1, len(word) - 1)
    return [word[:lost] + word[lost + 1 :] for lost in inner if word[lost] not in _FUNCTION_CHARACTERS]


@cache
def _everyday() -> dict[str, int]:
    """How many of ten thousand everyday messages hold a word; what is not listed is rare."""
    lines = (files("fanzha") / "tables" / "common.txt").read_text("utf-8").split("\n")
    rows = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return {word: int(count) for word, count in rows}


def _commonness(element: Words | Entity) -> tuple[float, float]:
    """How common an element is in ordinary text: by the table, then by length, as long words are rare."""
    common = _everyday()
    if isinstance(element, Entity):
        return sum(common.get(word, 0) for word in TRIGGERS[element.kind]), 0
    return sum(common.get(word, 0) for word in element.words), len(element.words) / 1000 - min(map(len, element.words))
