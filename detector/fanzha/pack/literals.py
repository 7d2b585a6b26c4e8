"""The literals of the automaton: what each word of each element means, and which joins it may begin.

In: the plain sequences of leaves. Out: atoms, joins with their anchors and what must stand around them, and for every
literal its bits. Whether a word also matches by sound, or with a character lost, is decided here.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from functools import cache

from fanzha.pack.blocks import Leaf
from fanzha.pack.model import TermModel
from fanzha.pack.pattern import TRIGGERS, Entity, Step, Words, is_anchor
from fanzha.ruleset import CUE_BIT, DAMAGED, SOUND, SOUND_BIT, TRIGGER, Atom, Join, LiteralUse
from fanzha.sound import sound_of
from fanzha.text import fold

_NUMERALS = "0-9零〇一幺二两三四五六七八九十百千万亿几数壹贰叁肆伍陆柒捌玖拾佰仟"
# What stands wherever the entity does, as short as can be; a sum has two numerals, or one before a scale or a unit.
_ENTITY_GLIMPSE = {
    "money": f"[{_NUMERALS}][{_NUMERALS},，.点]|"
    f"[{_NUMERALS}] ?[几多来余个好]{{0,2}} ?[十百千万亿wk元块圆毛美港欧英日人ru]|"
    f"[¥￥][:： ]{{0,2}}[0-9]|(?:rmb|人民币)[:： ]{{0,2}}[{_NUMERALS}]",
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
            required = frozenset(atoms[index] for index in anchors)
            anchor = max(anchors, key=lambda index: (_rarity(sequence[index].element), -index))
            yield Join(
                leaf=number,
                atoms=atoms,
                gaps=tuple(step.gap for step in sequence),
                required=required,
                near=() if leaf.regex else tuple(_near(sequence, anchor)),
                anchor=atoms[anchor],
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
        between = sequence[min(index, anchor) + 1 : max(index, anchor)]
        reach = sum(_longest(part.element) for part in between) + sum(
            part.gap for part in sequence[min(index, anchor) + 1 : max(index, anchor) + 1]
        )
        reach += _longest(step.element)
        yield (finder, -reach, 0) if index < anchor else (finder, 0, reach)


@cache
def _glimpse(element: Words | Entity) -> str:
    """A pattern that stands wherever the element does, sound-alikes and damage included."""
    if isinstance(element, Entity):
        return _ENTITY_GLIMPSE.get(element.kind, ".")
    if element.sound:
        return "."
    words = {*element.words, *(variant for word in element.mendable for variant in _damaged(word))}
    single = "".join(re.escape(word) for word in sorted(words) if len(word) == 1)
    longer = [re.escape(word) for word in sorted(words) if len(word) > 1]
    return "|".join([*([f"[{single}]"] if single else []), *longer])


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


def _rarity(element: Words | Entity) -> float:
    """How rare an element is in ordinary text, guessed: long words are rare, many words are less so."""
    return min(map(len, element.words)) - len(element.words) / 1000 if isinstance(element, Words) else 3.0
