"""Which words a Ruleset mends where they are heard wrong: what the rules look for, less what was learnt to be unsafe.

In: a Pack and the words of its patterns. Out: a Vocabulary. Without what `fanzha rules sounds` learnt, words of two
characters are left alone and those of three count only with the same syllables.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from fanzha.mend import Vocabulary, vocabulary
from fanzha.pack.load import Pack
from fanzha.text import fold

_WORD = re.compile("[\u4e00-\u9fff]{2,8}")
_ONCE, _OFTEN = 1, 2
_LOOSE_FROM = 4  # characters from which confused syllables count, where nothing was learnt
_SURE_FROM = 3  # characters from which a word may be heard at all, where nothing was learnt


def vocabulary_of(pack: Pack, patterns: Iterable[str]) -> Vocabulary:
    """The vocabulary of a pack; `patterns` are the words of its patterns as the automaton has them."""
    words = frozenset(heard_words(pack, patterns))
    common = {fold(word).text: _OFTEN for term in pack.terms.values() for word in term.unlike}
    fillers = tuple(pack.speech.fillers) if pack.speech is not None else ()
    disguises = {**pack.disguise.pictures, **pack.disguise.initials} if pack.disguise is not None else {}
    sounds = pack.sounds
    if sounds is None:
        sure = {word: len(word) >= _LOOSE_FROM for word in sorted(words) if len(word) >= _SURE_FROM}
        return vocabulary(sure, common, fillers, disguises)
    common |= dict.fromkeys(sounds.once.split(), _ONCE) | dict.fromkeys(sounds.often.split(), _OFTEN)
    strict = frozenset(sounds.strict.split())
    heard = sorted(words - frozenset(sounds.unheard.split()))
    return vocabulary({word: word not in strict for word in heard}, common, fillers, disguises)


def heard_words(pack: Pack, patterns: Iterable[str]) -> Iterator[str]:
    """The words of patterns and cues that could be heard wrong."""
    deaf = {fold(word).text for term in pack.terms.values() if not term.mend for word in term.words}
    cues = (fold(word).text for cue in pack.cues.values() for word in cue.words)
    for word in (*patterns, *cues):
        if _WORD.fullmatch(word) and word not in deaf:
            yield word
