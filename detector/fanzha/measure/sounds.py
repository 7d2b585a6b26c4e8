"""Learn which words of the rules ordinary text sounds like, so that 真心 is not taken for 征信.

In: the rules and records of benign text. Out: the file of sounds, YAML that the loader reads beside the rules; the same
records and rules give the same file, byte for byte. It holds single words only, the commonest written forms, never
sentences.
"""

from __future__ import annotations

import textwrap
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field

from fanzha.measure.records import Record
from fanzha.mend import Mender, vocabulary
from fanzha.sound import same_syllables
from fanzha.text import fold

_OFTEN = 2  # occurrences from which a written form is taken for what it says
_STRAY = {2: 3}  # strays (forms seen once or twice) that a word of so many characters may have, and of others:
_STRAY_LONG = 6
_TOTAL = 10  # times as many occurrences of all forms may there be
_WIDTH = 112


@dataclass(slots=True)
class Sounds:
    """What was heard in ordinary text: word of the rules → written form → occurrences."""

    words: Set[str]
    heard: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    characters: int = 0


def listen(words: Set[str], records: Iterable[Record]) -> Sounds:
    """Count what sounds like words of the rules in the benign ones of the records."""
    mender = Mender(vocabulary(dict.fromkeys(sorted(words), True), {}))
    sounds = Sounds(words)
    for record in records:
        if record.label != "benign":
            continue
        for turn in record.conversation.turns:
            text = fold(turn.text).text
            sounds.characters += len(text)
            for form, word in mender.candidates(text):
                sounds.heard[word][form] += 1
    return sounds


def sounds_file(sounds: Sounds, sets: Iterable[str]) -> str:
    """The file: forms seen once, forms seen more often, words that are not heard, words heard strictly."""
    common: Counter[str] = Counter()
    unheard, strict = [], []
    for word in sorted(sounds.words):
        forms = sounds.heard.get(word, Counter())
        same = Counter({form: count for form, count in forms.items() if same_syllables(form, word)})
        if _is_safe(word, forms):
            used = forms
        elif _is_safe(word, same):
            used = same
            strict.append(word)
        else:
            unheard.append(word)
            continue
        common |= used
    once = [form for form in sorted(common) if common[form] < _OFTEN]
    often = [form for form in sorted(common) if common[form] >= _OFTEN]
    source = f"数据 {', '.join(sorted(sets))}; 正常文字 {sounds.characters} 字."
    lines = [
        "# 由 fanzha rules sounds 生成, 不要手改: 规则的词改了, 在正常文字上再学一遍.",
        "# 正常文字里写成这样的, 不当作规则的词听错了 (often), 或打折 (once); 太多话与之同音的词不听 (unheard),",
        "# 或只听同音的 (strict).",
        *(f"# {line}" for line in textwrap.wrap(source, _WIDTH)),
        "sounds:",
    ]
    for name, words in (("once", once), ("often", often), ("unheard", unheard), ("strict", strict)):
        lines += _folded(name, words)
    return "\n".join(lines) + "\n"


def _is_safe(word: str, forms: Mapping[str, int]) -> bool:
    """Whether ordinary text seldom sounds like a word, but for forms that can be listed."""
    limit = _STRAY.get(len(word), _STRAY_LONG)
    return sum(count for count in forms.values() if count <= _OFTEN) <= limit and sum(forms.values()) <= _TOTAL * limit


def _folded(name: str, words: list[str]) -> list[str]:
    if not words:
        return [f'  {name}: ""']
    body = textwrap.wrap(" ".join(words), _WIDTH // 2)  # Han characters are two columns wide
    return [f"  {name}: >-", *(f"    {line}" for line in body)]
