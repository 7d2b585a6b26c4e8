"""Write the two character tables that are shipped with the package; a developer's tool, run by hand.

    python tools/make_tables.py            # writes detector/fanzha/tables/fold.txt and sound.txt
    python tools/make_tables.py --check    # exit 1 if they differ from what would be written

Needs the dev extra (pypinyin, opencc-python-reimplemented); the library itself needs neither. Out: UTF-8,
one header line that starts with `#` and names source and licence, then sorted lines.

fold.txt   `from<TAB>to`, one code point each: what the written view replaces. Traditional → simplified (the
           first candidate of OpenCC), compatibility forms of Latin letters, digits and Han characters,
           look-alikes of Latin letters, spaces. Never full-width punctuation, never ASCII; folding twice
           changes nothing more.
sound.txt  `syllable<TAB>characters`: the reading that pypinyin gives a lone character, toneless, ü written v.
           Confusions of syllables are not merged here; fanzha.sound merges them.

The result depends on the versions of the two packages alone: Unicode data is read from closed blocks that no
later Unicode version has added to.
"""

from __future__ import annotations

import argparse
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from pypinyin import Style, pinyin

TABLES = Path(__file__).resolve().parent.parent / "detector" / "fanzha" / "tables"
FOLD_HEADER = (
    "# Character folding, from<TAB>to. Source: OpenCC TSCharacters (Apache-2.0) and the Unicode"
    " Character Database (Unicode-3.0), by tools/make_tables.py"
)
SOUND_HEADER = (
    "# Toneless readings, syllable<TAB>characters. Source: pypinyin (MIT), characters of GB 2312 and some"
    " more, by tools/make_tables.py"
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


def main(argv: list[str] | None = None) -> int:
    """Write or check both tables; the exit status is 1 if a check finds a difference."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="only compare")
    check = parser.parse_args(argv).check
    stale = 0
    for name, content in (("fold.txt", fold_table()), ("sound.txt", sound_table())):
        path = TABLES / name
        if path.exists() and path.read_text("utf-8") == content:
            continue
        stale = 1
        if not check:
            path.write_text(content, "utf-8", newline="\n")
        print(f"{name}: {'differs' if check else 'written'}", file=sys.stderr)
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
    syllables: dict[str, list[str]] = defaultdict(list)
    for character in sorted({*_gb2312(), *MORE_CHARACTERS}):
        syllables[READINGS.get(character) or pinyin(character, style=Style.NORMAL)[0][0]].append(character)
    return "\n".join(
        [SOUND_HEADER, *(f"{name}\t{''.join(syllables[name])}" for name in sorted(syllables)), ""]
    )


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


if __name__ == "__main__":
    sys.exit(main())
