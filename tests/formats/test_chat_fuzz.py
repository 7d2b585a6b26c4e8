"""Whatever is done to an export, a reader raises nothing but InputError, and what it sniffs stays within 0 and 100.

The readers are called directly: the registry would turn a surprise into an InputError and hide it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import ROOT
from fanzha.errors import InputError
from fanzha.formats.reader import Options, Reader
from fanzha.formats.registry import read_file, readers
from fanzha.formats.source import Source

FILES = ROOT / "tests" / "formats" / "chats"
CHATS = [reader for reader in readers() if reader.read.__module__.startswith("fanzha.formats.chats.")]
EXPORTS = sorted(path for path in FILES.rglob("*") if path.is_file() and path.name not in ("users.json", "weflow.json"))
NAMES = [path.relative_to(FILES).as_posix() for path in EXPORTS]
JUNK = st.sampled_from(
    ["null", '""', '"文"', "0", "-1", "1.5", "true", "1" + "0" * 40, '"1e999"', "[]", "[[]]", "[null]", "{}", '{"text": []}', '[{"type": 1, "data": 2}]', '"\ud83d"']
).map(json.loads)  # fmt: skip
FEW = settings(max_examples=15, deadline=None)


def try_to_read(reader: Reader, data: bytes, name: str = "f") -> None:
    source = Source(data, name=name)
    try:
        assert 0 <= reader.sniff(source.head) <= 100
        for conversation in reader.read(source, Options()):
            for turn in conversation.turns:
                assert isinstance(turn.text, str)
                assert turn.start is None or isinstance(turn.start, float)
    except InputError:
        pass


def reader_of(path: Path) -> Reader:
    name = read_file(path).format
    return next(reader for reader in CHATS if reader.name == name)


@pytest.mark.parametrize("reader", CHATS, ids=lambda reader: reader.name)
@FEW
@given(text=st.text(max_size=200))
def test_any_text(reader: Reader, text: str) -> None:
    try_to_read(reader, text.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("path", EXPORTS, ids=NAMES)
@FEW
@given(data=st.data())
def test_an_export_with_a_piece_cut_out_or_put_in(path: Path, data: st.DataObject) -> None:
    whole = path.read_bytes()
    begin = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(begin, len(whole)))
    put = data.draw(
        st.binary(max_size=8)
        | st.sampled_from([b"\r", b"\xe2\x80\xa8", b"\t", b"[", b'"', b"\x00", b": ", b"&#55357;"])
    )
    try_to_read(reader_of(path), whole[:begin] + put + whole[end:], path.name)


@pytest.mark.parametrize(
    "path", [path for path in EXPORTS if path.suffix in (".json", ".jsonl")], ids=lambda path: path.name
)
@FEW
@given(data=st.data())
def test_a_value_of_another_type(path: Path, data: st.DataObject) -> None:
    text = path.read_text("utf-8")
    documents = [json.loads(text)] if path.suffix == ".json" else [json.loads(line) for line in text.splitlines()]
    for _ in range(data.draw(st.integers(1, 4))):
        replace_somewhere(documents, data)
    mutated = "\n".join(json.dumps(document) for document in documents)
    try_to_read(reader_of(path), mutated.encode(), path.name)


def replace_somewhere(value: Any, data: st.DataObject) -> None:
    """Walk down at random and put junk, or nothing, where something stood."""
    while True:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        if not keys:
            return
        key = data.draw(st.sampled_from(keys))
        if not isinstance(value[key], dict | list) or data.draw(st.integers(0, 3)) == 0:
            if isinstance(value, dict) and data.draw(st.booleans()):
                del value[key]
            else:
                value[key] = data.draw(JUNK)
            return
        value = value[key]


LABELS = st.sampled_from(["客服", "客户", "说话人1", "李明", "我", "SPEAKER_00", "坐席 01", "A"])
STAMPS = st.sampled_from(
    ["", "[00:00:01] ", "00:01 ", "2026-01-01 09:00:00 ", "2026/1/1 09:00 ", "【09:00】", "(1.5s) "]
)
WORDS = st.text("您好请转账[]<>()【】图片.,，。0129:/ ", min_size=1, max_size=20)


@settings(max_examples=150, deadline=None)
@given(
    lines=st.lists(st.tuples(LABELS, WORDS), min_size=1, max_size=6),
    stamp=STAMPS,
    colon=st.sampled_from([": ", "：", ":"]),
    end=st.sampled_from(["\n", "\r\n", "\n\n"]),
)
def test_labelled_lines_are_a_plain_transcript(lines: list[tuple[str, str]], stamp: str, colon: str, end: str) -> None:
    text = end.join(f"{stamp}{label}{colon}{words}" for label, words in lines)
    source = Source(text.encode(), name="a.txt")
    assert [reader.name for reader in CHATS if reader.sniff(source.head)] == []
