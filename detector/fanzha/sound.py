"""The sound view: each Han character becomes the class of its syllable, everything else stays as it is.

In: written views. Out: text of equal length in which sound-alikes are equal (借呗 = 接呗). Tones are left out and the
confusions of recognisers and southern accents are merged (z/zh, c/ch, s/sh, n/l, f/h, in/ing, en/eng, an/ang).
`same_syllables` tells whether two words agree without those merges. Readings are the most common ones, from the
generated table tables/sound.txt (pypinyin).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from fanzha.table import rows

_FIRST_CLASS = 0xE000  # classes are private-use characters, so that they never meet written text
_INITIAL = re.compile("^(zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw]?)(.*)$")
_INITIAL_MERGES = {"zh": "z", "ch": "c", "sh": "s", "n": "l", "f": "h"}
_FINAL_MERGES = (("ing", "in"), ("eng", "en"), ("ang", "an"))


@cache
def _syllables() -> dict[str, str]:
    """Character → toneless syllable, ü written v."""
    return {character: syllable for syllable, characters in rows("sound") for character in characters}


def merged(syllable: str) -> str:
    """The syllable with recognisers' and accents' confusions merged: zhang → zan, ling → lin."""
    match = _INITIAL.match(syllable)
    initial, final = match.groups() if match else ("", syllable)
    for nasal, plain in _FINAL_MERGES:
        if final.endswith(nasal):
            final = final.removesuffix(nasal) + plain
    return _INITIAL_MERGES.get(initial, initial) + final


@cache
def _classes() -> dict[str, str]:
    """Merged syllable → its class; every syllable of a table has one."""
    syllables = {*_syllables().values(), *(one for read in _phrases().values() for one in read)}
    names = sorted(set(map(merged, syllables)))
    return {name: chr(_FIRST_CLASS + number) for number, name in enumerate(names)}


@cache
def _sound_table() -> dict[int, str]:
    classes = _classes()
    return {ord(character): classes[merged(syllable)] for character, syllable in _syllables().items()}


def sound_of(text: str) -> str:
    """The sound view of a written view; equal length."""
    return text.translate(_sound_table())


def same_syllables(left: str, right: str) -> bool:
    """Whether two texts of equal length read the same without merges (tones aside)."""
    readings = _syllables()
    return len(left) == len(right) and all(
        a == b or (a in readings and readings[a] == readings.get(b)) for a, b in zip(left, right, strict=True)
    )


@cache
def _phrases() -> dict[str, list[str]]:
    """Word → its syllables, where they are not those of its characters alone."""
    return {word: syllables.split() for word, syllables in rows("phrases")}


def classes_of(syllables: Sequence[str | None], text: str) -> str:
    """The sound view of a text that is read so; what has no syllable stays as it is."""
    classes = _classes()
    return "".join(
        classes[merged(syllable)] if syllable else character
        for syllable, character in zip(syllables, text, strict=True)
    )


def syllable_of(character: str) -> str | None:
    """The most common toneless syllable of a character."""
    return _syllables().get(character)


def syllables_of(text: str) -> list[str | None]:
    """The syllable of each character as it is read in its word (银行: yin hang), None where it has none."""
    alone, phrases = _syllables(), _phrases()
    read = [alone.get(character) for character in text]
    for start in range(len(text) - 1):
        for length in (4, 3, 2):
            if (known := phrases.get(text[start : start + length])) is not None:
                read[start : start + length] = known
                break
    return read
