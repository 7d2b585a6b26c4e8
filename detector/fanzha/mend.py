"""The mended view: a second reading of a turn in which something was found, or after one in which something was.

In: the written view of a turn, where words of the rules stand in it, and what a Ruleset can mend. Out: a View in which
fillers and stutters are left out, and what only sounds like a word of the rules (里赔, 验政码) is that word; None where
nothing was to mend. Every span of it maps back to the exact span of the original, and it knows what was mended, so that
a hit on it says so. It never touches what is a word of the rules as it stands, nor a common word (克服 is no 客服).
It decides nothing: what the mended text means is for match and stance to say.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation

from fanzha.sound import classes_of, sound_of, syllable_of, syllables_of
from fanzha.table import rows
from fanzha.text import View

_NUMERALS = "零〇一幺二两三四五六七八九十百千万亿"  # 八八八 is a number, not a stutter
_STUTTER = f"(?P<said>[^\\W\\da-z_{_NUMERALS}]{{1,3}}?)(?P<again>(?P=said)+)"
_MARKS = frozenset("。！？!?；;\n…，,：: ")
_MEANT = frozenset("的得地了是我你您他她它这那有不")  # stand everywhere as what they are
DISGUISE, HEARD, UNSURE = range(3)  # how a word was mended, the least sure last
_SHORT = 2  # a word of so many characters must not be torn out of two others: 以手续 holds no 一手
_CLOSE = 3  # a word of at most so many characters shares one with what was written


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What can be mended: the words by their sounds; of `strict` ones only the same syllables count, of others confused
    ones (z/zh, n/l …) as well.

    `common` are written forms that ordinary text has: what stands there is meant so. 1 was seen once in the text that
    they were learnt from, and is mended for less; 2 was seen more often, and is not mended.
    """

    sounds: dict[str, tuple[str, ...]]
    strict: frozenset[str]
    common: dict[str, int]
    fillers: tuple[str, ...] = ()
    disguises: dict[str, str] = field(default_factory=dict)  # pictures and initials → what they stand for


def vocabulary(
    words: Mapping[str, bool],
    common: Mapping[str, int],
    fillers: Iterable[str] = (),
    disguises: Mapping[str, str] | None = None,
) -> Vocabulary:
    """The vocabulary of words, each with whether confused syllables count; read as phrases and by their characters."""
    sounds: dict[str, tuple[str, ...]] = {}
    for word in words:
        for sound in {sound_of(word), classes_of(syllables_of(word), word)}:
            sounds[sound] = (*sounds.get(sound, ()), word)
    strict = frozenset(word for word, loose in words.items() if not loose)
    return Vocabulary(sounds, strict, dict(common), tuple(fillers), dict(disguises or {}))


class _Change(NamedTuple):
    """A word to put instead of as many characters from `start` on."""

    start: int
    word: str
    wrong: int  # characters that differ
    grade: int


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a mended word stands in the view, and its grade: DISGUISE, HEARD, or UNSURE if ordinary text may write
    the same.
    """

    start: int
    end: int
    grade: int


class Mender:
    """Mends the texts of a Ruleset; the automaton over sounds is made when a text first asks for it."""

    __slots__ = ("_automaton", "_disguise", "_fillers", "_spoken", "_vocabulary", "_words")

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._fillers = frozenset(vocabulary.fillers)
        longest = sorted(self._fillers, key=lambda word: (-len(word), word))
        told = "|".join(map(re.escape, longest)) or "(?!)"
        self._spoken = re.compile(f"(?P<filler>(?:{told})+)[，,、]?|{_STUTTER}")  # a filler takes its mark along
        self._disguise = _disguise_of(vocabulary.disguises)
        self._automaton: AhoCorasick | None = None
        self._words = list(vocabulary.sounds.values())

    def mend(self, view: View, known: Iterable[tuple[int, int]]) -> Mended | None:
        """The mended view of a view in which words of the rules stand at `known`."""
        bare = self._bare(view)
        if bare is not None:
            mended = self._mend(bare, [(bare.above(start), bare.above(end)) for start, end in known])
            return mended or bare
        return self._mend(view, known)

    def _bare(self, view: View) -> Mended | None:
        """The view without its disguise; None where it has none."""
        text = view.text
        pieces: list[str] = []
        places: list[int] = []
        lasts: list[int] = []
        marks: list[Mark] = []
        position = 0
        for match in self._disguise(text):
            plain = self._plain(match)
            if plain is None:
                continue
            start, end = match.span()
            pieces += (text[position:start], plain)
            places += [*range(position, start), *([start] * len(plain))]
            lasts += [*range(position, start), *([end - 1] * len(plain))]
            if plain:
                marks.append(Mark(len(places) - len(plain), len(places), DISGUISE))
            position = end
        if not position:
            return None
        pieces.append(text[position:])
        places += range(position, len(text))
        lasts += range(position, len(text))
        return Mended("".join(pieces), view, places, lasts, marks)

    def _plain(self, match: re.Match[str]) -> str | None:
        """What a disguised piece stands for, nothing for what was put between; None if it is none."""
        piece = match[0]
        if match.lastgroup == "between":
            return self._vocabulary.disguises.get(piece, "")
        if match.lastgroup == "parts":
            return _wholes().get(piece)
        if match.lastgroup == "spelt":
            return _speakers().get(piece)
        return self._vocabulary.disguises.get(piece)

    def _mend(self, view: View, known: Iterable[tuple[int, int]]) -> Mended | None:
        text = view.text
        covered = bytearray(len(text) + 1)  # whether a word of the rules stands over this character and the next
        for start, end in known:
            if text[start:end] not in self._fillers:
                covered[start : end - 1] = b"\1" * (end - 1 - start)
        kept = self._without_fillers(text, covered)
        said = "".join(map(text.__getitem__, kept))
        changes = self._changes(said, kept, covered)
        if not changes and len(kept) == len(text):
            return None
        characters = list(said)
        for change in changes:
            characters[change.start : change.start + len(change.word)] = change.word
        marks = [Mark(change.start, change.start + len(change.word), HEARD + change.grade) for change in changes]
        if isinstance(view, Mended):
            marks = sorted([*marks, *view.marks_above(kept)], key=lambda mark: (mark.end, mark.start))
        return Mended("".join(characters), view, kept, kept, marks)

    def candidates(self, text: str) -> Iterator[tuple[str, str]]:
        """What could be mended in a written view, as it stands and as the word that it would become; to learn from."""
        for change in self._candidates(text, range(len(text)), bytearray(len(text) + 1)):
            yield text[change.start : change.start + len(change.word)], change.word

    def _without_fillers(self, text: str, covered: bytearray) -> list[int]:
        """The places of the characters that remain without fillers and stutters."""
        kept: list[int] = []
        position = 0
        for match in self._spoken.finditer(text):
            start, end = match.span("again") if match["again"] else match.span()
            # 那么 at the beginning of a clause joins sentences
            opens = len(match["filler"] or "") > 1 and (start == 0 or text[start - 1] in _MARKS)
            if opens or any(covered[max(0, start - 1) : end]):
                continue
            kept += range(position, start)
            position = end
        kept += range(position, len(text))
        return kept

    def _changes(self, text: str, kept: Sequence[int], covered: bytearray) -> list[_Change]:
        """The words to put, by place: the longest first, none over another."""
        chosen: list[_Change] = []
        taken = bytearray(len(text))
        order = sorted(
            self._candidates(text, kept, covered),
            key=lambda change: (-len(change.word), change.wrong, change.grade, change.start, change.word),
        )
        for change in order:
            end = change.start + len(change.word)
            if not any(taken[change.start : end]):
                taken[change.start : end] = b"\1" * len(change.word)
                chosen.append(change)
        chosen.sort()
        return chosen

    def _candidates(self, text: str, kept: Sequence[int], covered: bytearray) -> Iterator[_Change]:
        if self._automaton is None:
            sounds = list(self._vocabulary.sounds)
            self._automaton = AhoCorasick(sounds, implementation=Implementation.ContiguousNFA, store_patterns=False)
        common, strict = self._vocabulary.common, self._vocabulary.strict
        for number, start, end in self._automaton.find_matches_as_indexes(sound_of(text), overlapping=True):
            written = text[start:end]
            grade = common.get(written, 0)
            if grade > 1 or (len(written) == _SHORT and _is_torn(text, start, end)):
                continue
            if written in self._words[number]:
                continue
            for word in self._words[number]:
                wrong = _wrong(written, word, strict=word in strict)
                if wrong and all(_is_free(text, kept, covered, start + place) for place in wrong):
                    yield _Change(start, word, len(wrong), grade)


def _wrong(written: str, word: str, *, strict: bool) -> list[int] | None:
    """Where what was written differs from a word that sounds alike; None if it is too far from it."""
    wrong = [place for place, (a, b) in enumerate(zip(written, word, strict=True)) if a != b]
    if len(wrong) == len(word) <= _CLOSE or any(written[place] in _MEANT for place in wrong):
        return None
    if strict:
        read = syllables_of(word)
        if any(syllable_of(written[place]) != read[place] for place in wrong):
            return None
    return wrong


def _is_free(text: str, kept: Sequence[int], covered: bytearray, place: int) -> bool:
    """Whether the character stands in no word of the rules and in no common word."""
    for left in (place - 1, place):
        if 0 <= left < len(text) - 1:
            if covered[kept[left]] and kept[left + 1] == kept[left] + 1:
                return False
            if text[left : left + 2] in _common_words():
                return False
    return True


def _is_torn(text: str, start: int, end: int) -> bool:
    """Whether a common word reaches into text[start:end] from outside."""
    words = _common_words()
    return (start > 0 and text[start - 1 : start + 1] in words) or text[end - 1 : end + 1] in words


@cache
def _common_words() -> frozenset[str]:
    return frozenset(first + second for first, seconds in rows("words") for second in seconds)


_LATIN = "(?<![a-z])(?:{})(?![a-z])"
_HAN = "\u4e00-\u9fff"
_PICTURE = "\u25a0-\u27bf\U0001f000-\U0001faff#&@、"


def _disguise_of(disguises: Mapping[str, str]) -> Callable[[str], Iterator[re.Match[str]]]:
    """What finds disguised pieces: pictures and initials, what stands between Han, parts of characters, pinyin."""
    known = sorted(disguises, key=lambda piece: (-len(piece), piece))
    latin = [re.escape(piece) for piece in known if piece.isascii()]
    other = [re.escape(piece) for piece in known if not piece.isascii()]
    named = "|".join([*other, *([_LATIN.format("|".join(latin))] if latin else [])]) or "(?!)"
    between = f"(?<=[{_HAN}])[{_PICTURE}]{{1,3}}(?=[{_HAN}])"
    spelt = f"(?<=[{_HAN}])[a-z]{{2,6}}(?=[{_HAN}])"
    plain = re.compile(f"(?P<named>{named})|(?P<between>{between})|(?P<spelt>{spelt})")
    apart: list[re.Pattern[str]] = []

    def find(text: str) -> Iterator[re.Match[str]]:
        if not _HALVES.search(text):
            return plain.finditer(text)
        if not apart:
            apart.append(re.compile(f"(?P<parts>{'|'.join(map(re.escape, _wholes()))})|{plain.pattern}"))
        return apart[0].finditer(text)

    return find


_HALVES = re.compile("[亻讠扌氵钅纟饣忄礻衤犭彳刂]")


@cache
def _wholes() -> dict[str, str]:
    """Parts that stand side by side → the character."""
    return {parts: character for character, parts in reversed(list(rows("noise/parts")))}


@cache
def _speakers() -> dict[str, str]:
    """Syllable → a character that is read so, put where the syllable was spelt."""
    return {syllable: characters[0] for syllable, characters in rows("sound") if len(syllable) > 1}


class Mended(View):
    """A view of a view: `places` and `lasts` are the offsets in the view below at which its characters begin and of
    their last ones; they differ where one stands for several (亻昔).
    """

    __slots__ = ("_below", "_ends", "_lasts", "_places", "marks")

    def __init__(self, text: str, below: View, places: Sequence[int], lasts: Sequence[int], marks: list[Mark]) -> None:
        super().__init__(text)
        self.marks = marks
        self._below = below
        self._places = [*places, len(below.text)]
        self._lasts = lasts
        self._ends = [mark.end for mark in marks]

    def origin(self, offset: int) -> int:
        """As View.origin."""
        return self._below.origin(self._places[offset])

    @property
    def moved(self) -> bool:
        """As View.moved."""
        return True

    def span(self, start: int, end: int) -> tuple[int, int]:
        """As View.span."""
        last = self._lasts[end - 1]
        return self.origin(start), self._below.span(last, last + 1)[1]

    def marks_above(self, kept: Sequence[int]) -> Iterator[Mark]:
        """The marks in offsets of a view of this one that keeps these places."""
        for mark in self.marks:
            start, end = bisect_left(kept, mark.start), bisect_left(kept, mark.end)
            if start < end:
                yield Mark(start, end, mark.grade)

    def breaks(self) -> list[int]:
        """As View.breaks."""
        return [bisect_left(self._places, offset) for offset in self._below.breaks()]

    def above(self, offset: int) -> int:
        """The offset in this view of an offset in the written view."""
        below = self._below.above(offset) if isinstance(self._below, Mended) else offset
        return bisect_left(self._places, below)

    def grade(self, start: int, end: int) -> int | None:
        """The worst grade of what was mended in [start, end); None where all stands as it was written."""
        grades: list[int] = []
        for mark in self.marks[bisect_left(self._ends, start + 1) :]:
            if mark.start >= end:
                break
            grades.append(mark.grade)
        return max(grades, default=None)
