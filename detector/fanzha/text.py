"""The written view of a turn: what the rules are matched against.

In: the original text. Out: a View whose `text` is folded one code point to one (full width, case, traditional
characters, circled digits …) and rid of zero-width characters and of single separators between Han characters
(借.呗, 支 付 宝). Every span of the view maps back to the exact span of the original. Clean text, the common
case, costs a search and no copy.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import compress

from fanzha.table import rows

# Characters that carry nothing: zero-width, bidi controls, variation selectors, soft hyphen, control characters, and
# combining marks, by which words are struck out and underlined (收͟卡).
_INVISIBLE = (
    "\u00ad\u0300-\u036f\u0483-\u0489\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u1ab0-\u1aff\u1dc0-\u1dff"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u20d0-\u20ff\ua66f-\ua67d\ufe00-\ufe0f\ufe20-\ufe2f\ufeff\ufff9-\ufffb"
)
_CONTROL = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
# A separator between two Han characters is dropped; sentence marks and commas are not separators.
_SEPARATOR = " \t.·•*_~|/\\\\\\-+^=`'"
# Pictures and symbols, and halves of characters that stand alone only where a word is taken apart (亻昔口贝).
_PICTURES = "\u25a0-\u27bf"
_HALVES = "亻讠扌氵钅纟饣忄礻衤犭彳刂"
_DISGUISED = re.compile(f"(?<=[{_HAN}])[{_PICTURES}\U0001f000-\U0001faff]{{1,3}}(?=[{_HAN}])|[{_HALVES}]").search
# Two searches that begin with rare classes are 4 times cheaper than _DROPPED, and most text passes both.
_SUSPECT = (re.compile(f"[{_SEPARATOR}][{_HAN}]"), re.compile(f"[{_INVISIBLE}{_CONTROL}{_PICTURES}{_HALVES}]"))
_FIRST_HAN = "\u3400"
_NOTHING = f"[{_INVISIBLE}{_CONTROL}]"
_ONE_SEPARATOR = f"[{_SEPARATOR}]{_NOTHING}*+"  # possessive: a long run of nothing is read once
_DROPPED = re.compile(f"(?<=[{_HAN}]){_NOTHING}*+(?:{_ONE_SEPARATOR}){{1,2}}+(?=[{_HAN}])|{_NOTHING}+")
_SEPARATES = re.compile(f"[{_SEPARATOR}]")


_FOLD_TABLE = {ord(source): target for source, target in rows("fold")}
_FOLDED = "".join(re.escape(chr(code)) for code in sorted(_FOLD_TABLE) if code <= 0xFFFF)
# One class of the BMP characters to fold; astral ones are one range, as they slow a class down 19-fold.
_DIRTY = re.compile(f"[{_FOLDED}]|[\U00010000-\U0010ffff]")
# The same with the characters that cannot be seen, and a separator before Han: text without either is clean.
_UNCLEAN = re.compile(f"[{_FOLDED}{_INVISIBLE}{_CONTROL}{_PICTURES}{_HALVES}]|[\U00010000-\U0010ffff]").search
_SEPARATED = _SUSPECT[0].search


_SPELT = 3  # shorter runs between dropped spaces are spelt-out words


class View:
    """A folded text and the way back: `origin(v)` is the offset in the original of the view's offset v."""

    __slots__ = ("_breaking", "_shifts", "_starts", "disguised", "drops", "text")

    def __init__(self, text: str, drops: tuple[tuple[int, int], ...] = (), breaking: tuple[bool, ...] = ()) -> None:
        self.text = text
        self.drops = drops  # spans of the original that are not in the text
        self._breaking = breaking  # which drops hold a separator, not only characters that cannot be seen
        self.disguised = False  # whether pictures stand inside of what is written, or characters are taken apart
        self._starts: list[int] = []
        self._shifts: list[int] = []

    @property
    def moved(self) -> bool:
        """Whether offsets of the view are others than those of the original."""
        return bool(self.drops)

    def origin(self, offset: int) -> int:
        """Offset in the original of the view's character at `offset` (code points)."""
        if not self.drops:
            return offset
        if not self._starts:
            removed = 0
            for start, end in self.drops:
                self._starts.append(start - removed)
                removed += end - start
                self._shifts.append(removed)
        index = bisect_right(self._starts, offset)
        return offset + (self._shifts[index - 1] if index else 0)

    def breaks(self) -> list[int]:
        """Offsets in the view where a space was dropped between two runs of text: in chat it ends a clause
        (没有货啦 老板说 …). Spaces inside a spelt-out word (支 付 宝) are not breaks.
        """
        self.origin(0)
        edges = [-_SPELT, *compress(self._starts, self._breaking), len(self.text) + _SPELT]
        return [
            here
            for before, here, after in zip(edges, edges[1:], edges[2:], strict=False)
            if here - before >= _SPELT and after - here >= _SPELT
        ]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The original span of the view's span [start, end), which must not be empty."""
        return self.origin(start), self.origin(end - 1) + 1


def written(text: str) -> str | None:
    """The text of the written view alone, for those who need no way back; None where it is disguised, so that a mended
    view may say more. Two searches tell that it is clean.
    """
    lowered = text.lower()
    if len(lowered) == len(text) and not _UNCLEAN(lowered) and not _SEPARATED(lowered):
        return lowered
    view = fold(text)
    return None if view.disguised else view.text


def _characters(text: str) -> str:
    """Case, width, script: one code point for one, so offsets stay."""
    lowered = text.lower()
    if len(lowered) == len(text):
        text = lowered
    else:  # İ becomes two characters
        text = "".join(low if len(low := character.lower()) == 1 else character for character in text)
    return text.translate(_FOLD_TABLE) if _DIRTY.search(text) else text


def _may_drop(text: str) -> bool:
    """Whether something unseen stands in the text, or a separator between Han characters; the space after an ASCII
    comma does not count.
    """
    if _SUSPECT[1].search(text):
        return True
    match = _SUSPECT[0].search(text)
    while match is not None:
        at = match.start()
        if at and (text[at - 1] >= _FIRST_HAN or _SEPARATES.match(text, at - 1)):
            return True
        match = _SUSPECT[0].search(text, match.end())
    return False


def fold(text: str) -> View:
    """Fold a text; the result is the same object's text where nothing needs folding."""
    folded = _characters(text)
    view = _without_drops(folded) if _may_drop(folded) else View(folded)
    if (folded is not text and _DIRTY.search(text)) or _SUSPECT[1].search(folded):
        view.disguised = _DISGUISED(view.text) is not None
    return view


def _without_drops(text: str) -> View:
    drops = tuple(match.span() for match in _DROPPED.finditer(text))
    if not drops:
        return View(text)
    return View(_DROPPED.sub("", text), drops, tuple(_SEPARATES.search(text, *drop) is not None for drop in drops))
