"""Text as it really comes: errors of recognisers, disguise, evasion, put on clean conversations to measure the rules.

In: turns, kinds of noise with their rates, a seed. Out: turns. The same seed, record and noise give the same turns.
A rate is a share, 0–1: of Han characters for what recognisers do (homophone, drop, filler, repeat, asr), of marks
(marks), of turns (split, merge, unlabel, swap), and of occurrences of key terms, the words of the rules, for disguise.
It never looks at the rules that undo a disguise: its tables (tables/noise/) are its own.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from random import Random

from fanzha.conversation import Party, Turn
from fanzha.errors import InputError
from fanzha.sound import merged, syllables_of
from fanzha.table import rows

_HAN = re.compile("[\u4e00-\u9fff]")
_MARKS = re.compile("[，。！？；：、,.!?;:“”‘’（）()《》…]")
_ASR = (("homophone", 0.6), ("drop", 0.75), ("filler", 0.9), ("repeat", 1.0))  # cumulative shares of an asr error
_MARKS_LOST = 5  # with a tenth of the characters wrong, a recogniser has lost half of the marks
_LONGEST_REPEAT = 3  # characters said twice


@dataclass(frozen=True, slots=True)
class Noise:
    """A kind of noise and its rate (0–1)."""

    kind: str
    rate: float

    def __str__(self) -> str:
        return f"{self.kind}:{self.rate:g}"


def parse_noise(written: str) -> Noise:
    """Read `KIND:RATE`. Raises InputError that lists the kinds."""
    kind, _, rate = written.partition(":")
    if kind not in KINDS:
        raise InputError(f"没有噪声 {kind!r}, 可用: {', '.join(sorted(KINDS))}", where="--noise")
    try:
        share = float(rate)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise InputError(f"{kind} 后面要写 0 到 1 的比例, 如 {kind}:0.1", where="--noise")
    return Noise(kind, share)


class Disturber:
    """Puts noises on conversations; `terms` are the key terms that disguise works on."""

    def __init__(self, noises: Sequence[Noise], terms: Iterable[str], seed: int = 0) -> None:
        self._noises = tuple(noises)
        self._seed = seed
        self._terms = _alternation(terms) if any(one.kind in _DISGUISES for one in noises) else None

    def disturb(self, turns: Sequence[Turn], name: str) -> tuple[Turn, ...]:
        """The turns with every noise put on, one after the other; `name` is the record's, for the seed."""
        said = list(turns)
        for noise in self._noises:
            random = Random(f"{self._seed}:{name}:{noise}")  # noqa: S311 - noise, not secrets
            if noise.kind in _TURNS:
                said = _TURNS[noise.kind](said, noise.rate, random)
            else:
                said = [replace(turn, text=self._changed(noise, turn.text, random)) for turn in said]
        return tuple(said)

    def _changed(self, noise: Noise, text: str, random: Random) -> str:
        if noise.kind in _TEXTS:
            return _TEXTS[noise.kind](text, noise.rate, random)
        assert self._terms is not None  # noqa: S101 - made above for every disguise
        disguise = _DISGUISES[noise.kind]
        return self._terms.sub(
            lambda found: disguise(found[0], random) if random.random() < noise.rate else found[0], text
        )


def _alternation(terms: Iterable[str]) -> re.Pattern[str]:
    """The key terms, the longest first; words of one character are no key terms."""
    words = sorted({word for word in terms if len(word) > 1}, key=lambda word: (-len(word), word))
    return re.compile("|".join(map(re.escape, words)) or "(?!)", re.IGNORECASE)


# ── recognisers: a share of the characters ───────────────────────────────────────────────────────────────────


def _homophone(text: str, rate: float, random: Random) -> str:
    read = syllables_of(text)
    return "".join(
        _sound_alike(character, syllable, random) if syllable and random.random() < rate else character
        for character, syllable in zip(text, read, strict=True)
    )


def _sound_alike(character: str, syllable: str, random: Random) -> str:
    """Another common character: two times in three of the same syllable, else one that is confused with it."""
    same, near = _same_syllable().get(syllable, []), _same_class().get(merged(syllable), [])
    others = [one for one in (same if random.random() < 2 / 3 else near) if one != character]
    others = others or [one for one in near if one != character]
    return random.choice(others) if others else character


def _drop(text: str, rate: float, random: Random) -> str:
    return "".join(one for one in text if not (_HAN.match(one) and random.random() < rate))


def _filler(text: str, rate: float, random: Random) -> str:
    return "".join(
        one + random.choice(_inserts()["filler"]) if _HAN.match(one) and random.random() < rate else one for one in text
    )


def _repeat(text: str, rate: float, random: Random) -> str:
    """A character, or up to three, said twice."""
    said = []
    for place, one in enumerate(text):
        said.append(one)
        if _HAN.match(one) and random.random() < rate:
            said.append(text[max(0, place + 1 - random.randint(1, _LONGEST_REPEAT)) : place + 1])
    return "".join(said)


def _marks(text: str, rate: float, random: Random) -> str:
    return "".join(one for one in text if not (_MARKS.match(one) and random.random() < rate))


def _asr(text: str, rate: float, random: Random) -> str:
    """Sound-alikes, lost characters, fillers and repeats, `rate` in all; and marks lost."""
    said = []
    for one, syllable in zip(text, syllables_of(text), strict=True):
        if not (_HAN.match(one) and random.random() < rate):
            said.append(one)
            continue
        dice = random.random()
        error = next(name for name, below in _ASR if dice < below)
        if error == "homophone":
            said.append(_sound_alike(one, syllable, random) if syllable else one)
        elif error == "filler":
            said.append(one + random.choice(_inserts()["filler"]))
        elif error == "repeat":
            said.append(one * 2)
    return _marks("".join(said), min(1.0, _MARKS_LOST * rate), random)


# ── turns: a share of them ───────────────────────────────────────────────────────────────────────────────────


def _split(turns: list[Turn], rate: float, random: Random) -> list[Turn]:
    """Turns cut in two anywhere."""
    said = []
    for turn in turns:
        if len(turn.text) > 1 and random.random() < rate:
            place = random.randrange(1, len(turn.text))
            said += [replace(turn, text=turn.text[:place]), replace(turn, text=turn.text[place:])]
        else:
            said.append(turn)
    return said


def _merge(turns: list[Turn], rate: float, random: Random) -> list[Turn]:
    """Turns melted into the one before them, whoever speaks."""
    said: list[Turn] = []
    for turn in turns:
        if said and random.random() < rate:
            said[-1] = replace(said[-1], text=said[-1].text + turn.text)
        else:
            said.append(turn)
    return said


def _unlabel(turns: list[Turn], rate: float, random: Random) -> list[Turn]:
    return [replace(turn, speaker=None, party=Party.UNKNOWN) if random.random() < rate else turn for turn in turns]


def _swap(turns: list[Turn], rate: float, random: Random) -> list[Turn]:
    """Turns put into the mouth of the next different speaker of the conversation."""
    speakers = list(dict.fromkeys((turn.speaker, turn.party) for turn in turns))
    if len(speakers) < 2:
        return turns
    following = dict(zip(speakers, [*speakers[1:], speakers[0]], strict=True))
    swapped = []
    for turn in turns:
        speaker, party = following[turn.speaker, turn.party]
        swapped.append(replace(turn, speaker=speaker, party=party) if random.random() < rate else turn)
    return swapped


# ── disguise: of one key term ────────────────────────────────────────────────────────────────────────────────


def _between(kind: str, *, everywhere: bool) -> Callable[[str, Random], str]:
    """Put something between the characters of a word: everywhere, or in one place."""

    def disguise(word: str, random: Random) -> str:
        chosen = random.choice(_inserts()[kind])
        if everywhere:
            return chosen.join(word)
        place = random.randrange(1, len(word))
        return word[:place] + chosen + word[place:]

    return disguise


def _one_of(name: str) -> Callable[[str, Random], str]:
    """Write one character of a word as the table says."""

    def disguise(word: str, random: Random) -> str:
        known = _characters(name)
        places = [place for place, one in enumerate(word) if one in known]
        if not places:
            return word
        place = random.choice(places)
        return word[:place] + random.choice(known[word[place]]) + word[place + 1 :]

    return disguise


def _all_of(name: str) -> Callable[[str, Random], str]:
    """Write every character of a word that the table has as it says."""

    def disguise(word: str, random: Random) -> str:
        known = _characters(name)
        return "".join(random.choice(known[one]) if one in known else one for one in word)

    return disguise


def _emoji(word: str, random: Random) -> str:
    """Write as pictures the longest words of the table first."""
    known = _listed("emoji")
    for part in sorted(known, key=len, reverse=True):
        word = word.replace(part, random.choice(known[part]))
    return word


def _initials(word: str, random: Random) -> str:
    known = _listed("initials")
    for part in sorted(known, key=len, reverse=True):
        if part in word:
            return word.replace(part, random.choice(known[part]), 1)
    return word


def _pinyin(word: str, random: Random) -> str:
    """Write one character by its syllable: 支fu宝."""
    read = syllables_of(word)
    places = [place for place, syllable in enumerate(read) if syllable]
    if not places:
        return word
    place = random.choice(places)
    return word[:place] + (read[place] or "") + word[place + 1 :]


def _full_width(word: str, random: Random) -> str:
    """Latin letters and digits at full width; Han characters have no other."""
    return "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in word)


def _double(word: str, random: Random) -> str:
    return "".join(one * 2 for one in word)


# ── tables ───────────────────────────────────────────────────────────────────────────────────────────────────


@cache
def _same_syllable() -> dict[str, list[str]]:
    """Syllable → the common characters (the 3755 of GB 2312) that are read so."""
    return {syllable: [one for one in characters if _is_common(one)] for syllable, characters in rows("sound")}


@cache
def _same_class() -> dict[str, list[str]]:
    classes: dict[str, list[str]] = {}
    for syllable, characters in _same_syllable().items():
        classes.setdefault(merged(syllable), []).extend(characters)
    return classes


def _is_common(character: str) -> bool:
    return b"\xb0\xa1" <= character.encode("gb2312", "replace") <= b"\xd7\xf9"


@cache
def _inserts() -> dict[str, list[str]]:
    return {kind: ones for kind, *ones in rows("noise/inserts")}


@cache
def _listed(name: str) -> dict[str, list[str]]:
    """Word → how else it is written; of pictures each one is a choice (some are several code points)."""
    return {word: ways for word, *ways in rows(f"noise/{name}")}


@cache
def _characters(name: str) -> dict[str, list[str]]:
    """Character → how else it is written."""
    if name == "traditional":
        traditional: dict[str, list[str]] = defaultdict(list)
        for source, target in rows("fold"):
            if _HAN.match(source) and _HAN.match(target):
                traditional[target].append(source)
        return traditional
    if name == "glyphs":
        return {character: list(alike) for character, alike in rows("noise/glyphs")}
    return {character: ways for character, *ways in rows(f"noise/{name}")}


_TEXTS: dict[str, Callable[[str, float, Random], str]] = {
    "asr": _asr,
    "homophone": _homophone,
    "drop": _drop,
    "filler": _filler,
    "repeat": _repeat,
    "marks": _marks,
}
_TURNS: dict[str, Callable[[list[Turn], float, Random], list[Turn]]] = {
    "split": _split,
    "merge": _merge,
    "unlabel": _unlabel,
    "swap": _swap,
}
_DISGUISES: dict[str, Callable[[str, Random], str]] = {
    "glyph": _one_of("glyphs"),
    "symbol": _between("symbol", everywhere=False),
    "space": _between("space", everywhere=True),
    "zero-width": _between("zero-width", everywhere=True),
    "traditional": _all_of("traditional"),
    "full-width": _full_width,
    "initials": _initials,
    "pinyin": _pinyin,
    "parts": _all_of("parts"),
    "emoji": _emoji,
    "leet": _all_of("leet"),
    "double": _double,
}
KINDS = frozenset(_TEXTS) | frozenset(_TURNS) | frozenset(_DISGUISES)
