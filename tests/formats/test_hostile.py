"""Files that are cut, damaged or made to hurt: every reader gives turns or an InputError, nothing else.

The readers are called directly, without the registry's net for readers of other packages.
"""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from calls import OTHERS, SPOKEN
from hypothesis import example, given, settings
from hypothesis import strategies as st

from conftest import ROOT
from fanzha.conversation import Conversation
from fanzha.errors import InputError
from fanzha.formats.reader import Options, Reader
from fanzha.formats.registry import find_reader, reader_of, readers
from fanzha.formats.source import Source

CHATS = sorted(path for path in (ROOT / "tests" / "formats" / "chats").rglob("*") if path.is_file() and path.suffix != ".md")
SEEDS = [(name, shape) for shapes in (SPOKEN, OTHERS) for name, listed in shapes.items() for shape in listed]
SEEDS += [(find_reader(Source(path)).name, path.read_bytes()) for path in CHATS if path.name != "users.json"]
SEEDS += [("plain", "[00:00:03] 客服: 您好\n[00:00:05] 客户: 哪位\n".encode()), ("plain", "说话人 1 00:05\n您好\n".encode())]
JSON_SEEDS = [
    (name, head.documents[0])
    for name, data in SEEDS
    if (head := Source(data).head).is_document and b"NaN" not in data
]
ODD = st.sampled_from([None, True, -1, 10**30, 1e308, math.nan, "", [], {}, [[]], [{}], "客服: 好", "\ud800", "9" * 400, {"text": 1}])


def outcome(reader: Reader, data: bytes, name: str | None = None) -> list[Conversation]:
    """What a reader makes of a file; an InputError is nothing. Turns hold what they should."""
    try:
        conversations = list(reader.read(Source(data, name=name), Options()))
    except InputError:
        return []
    for conversation in conversations:
        for turn in conversation.turns:
            assert isinstance(turn.text, str)
            assert turn.speaker is None or isinstance(turn.speaker, str)
            assert all(value is None or math.isfinite(value) for value in (turn.start, turn.end))
            assert turn.time is None or turn.time[4] == "-"
    return conversations


def judged(data: bytes, format: str) -> None:  # noqa: A002 - as the command has it
    """Read as the format that the file once was, and as what it looks like now."""
    outcome(reader_of(format), data)
    try:
        found = find_reader(Source(data))
    except InputError:
        return
    outcome(found, data)


@pytest.mark.parametrize("reader", readers(), ids=lambda reader: reader.name)
@pytest.mark.parametrize(
    "data",
    [b"", b"\n", b"{}", b"[]", b"[[]]", b"null", b"{}\n{}", b"\x00" * 99, b"\xff\xfe", "好".encode(), b"[" * 9_999, b'{"a":' * 999, b"PK\x03\x04", b"PAR1PAR1"],
    ids=range(14),
)
def test_next_to_nothing_hurts_no_reader(reader: Reader, data: bytes) -> None:
    outcome(reader, data)


@pytest.mark.parametrize(("name", "data"), SEEDS, ids=[name for name, _ in SEEDS])
def test_a_file_cut_anywhere_is_read_or_told(name: str, data: bytes) -> None:
    for part in (1, 3, 10, 50, 99):
        judged(data[: len(data) * part // 100], name)


@given(seed=st.sampled_from(SEEDS), place=st.integers(0, 10_000), junk=st.binary(max_size=12), lost=st.integers(0, 40))
@settings(max_examples=150)
def test_damaged_bytes_are_read_or_told(seed: tuple[str, bytes], place: int, junk: bytes, lost: int) -> None:
    name, data = seed
    at = place % len(data)
    judged(data[:at] + junk + data[at + lost :], name)


@st.composite
def twisted(draw: st.DrawFn, value: Any, depth: int = 0) -> Any:
    """A JSON value with some of its values replaced by odd ones, also inside strings of JSON."""
    if depth and draw(st.integers(0, 14)) == 0:
        return draw(ODD)
    if isinstance(value, dict):
        return {key: draw(twisted(inner, depth + 1)) for key, inner in value.items()}
    if isinstance(value, list):
        return [draw(twisted(inner, depth + 1)) for inner in value[:3]]
    if isinstance(value, str) and value[:1] in ("{", "[") and value[-1:] in ("}", "]") and depth < 4:
        return json.dumps(draw(twisted(json.loads(value), depth + 1)))
    return value


@given(data=st.data())
@settings(max_examples=150)
def test_values_of_the_wrong_type_are_read_or_told(data: st.DataObject) -> None:
    name, document = data.draw(st.sampled_from(JSON_SEEDS))
    judged(json.dumps(data.draw(twisted(document))).encode(), name)


@given(st.sampled_from([reader for reader in readers() if not reader.name.startswith("table-x")]), st.text(max_size=300))
@example(reader_of("srt"), "00:00:01,000 --> 00:00:02,000")
@example(reader_of("vtt"), "WEBVTT\n\n00:00.000 --> \n<v >\n")
@example(reader_of("tencent-asr-txt"), "[0:1,0:2,-1]")
@example(reader_of("plain"), "2026-99-99 99:99:99 a: b\n2026年13月1日 25:00 c")
def test_any_text_is_read_or_told(reader: Reader, text: str) -> None:
    outcome(reader, text.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("filling", ["1\n", "-->", "00:00:01,000 --> 00:00:02,000\n", "<v a>", "[0:1,0:2,1] ", "a b 0 0 c\n", ",,,\n", '"', "客服 00:00\n", "{\\an", "2026-01-01 "])
def test_much_of_one_thing_is_read_or_told(filling: str) -> None:
    data = (filling * (200_000 // len(filling.encode()))).encode()
    for name in ("plain", "srt", "ass", "stm", "ctm", "kaldi-text", "tencent-asr-txt", "table-csv", "whisper-tsv"):
        outcome(reader_of(name), data)
