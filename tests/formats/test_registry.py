"""Which reader a file gets, what is told about it, and what other packages can add."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from calls import SPOKEN, TEXTS, as_json, lines

from fanzha.conversation import Conversation, Turn
from fanzha.errors import InputError, LimitError
from fanzha.formats import encodings, registry, source
from fanzha.formats.head import Head
from fanzha.formats.reader import Options, Reader, gather
from fanzha.formats.registry import FileReading, read_bytes, read_file, readers
from fanzha.formats.source import Source

TRADITIONAL = "客服: 您好，您的包裹在運輸途中遺失了，我們會為您辦理賠償。\n客戶: 好的，請問要怎麼辦理？\n"
PLAIN = "客服: 您好\n客户: 哪位\n"


def said(reading: FileReading) -> list[str]:
    return [turn.text for conversation in reading.conversations for turn in conversation.turns]


def test_readers_are_listed_by_name() -> None:
    names = [reader.name for reader in readers()]
    assert names == sorted(names)
    assert len(set(names)) == len(names)
    assert all(reader.title for reader in readers())


@pytest.mark.parametrize("name", [None, "call.txt", "call.csv", "call.json", "a/b.xyz"])
def test_the_content_decides_whatever_the_suffix_says(name: str | None) -> None:
    assert read_bytes(SPOKEN["srt"][0], name).format == "srt"
    assert read_bytes(PLAIN.encode(), name).format == "plain"


def test_a_suffix_decides_between_readers_that_are_equally_sure(monkeypatch: pytest.MonkeyPatch) -> None:
    twins = tuple(Reader(name, name, (f".{name}",), lambda head: 60, lambda *_: iter(())) for name in ("aa", "bb"))
    monkeypatch.setattr(registry, "readers", lambda: twins)
    assert registry.find_reader(Source(b"x", name="x.bb")).name == "bb"
    assert registry.find_reader(Source(b"x", name="x.cc")).name == "aa"


def test_a_format_may_be_given() -> None:
    reading = read_bytes("客服,您好\n客户,哪位\n".encode(), format="plain")
    assert (reading.format, said(reading)) == ("plain", ["客服,您好", "客户,哪位"])


def test_an_unknown_format_is_told_with_those_there_are() -> None:
    with pytest.raises(InputError, match="whisper-json"):
        read_bytes(b"x", format="wisper")


def test_json_of_an_unknown_shape_is_no_transcript() -> None:
    with pytest.raises(InputError, match="不是认得的结构"):
        read_bytes(as_json({"weather": {"wind": 3}}))


@pytest.mark.parametrize("data", [b'{"segments": [{"start": 0, "text": "a"', b'[{"a" 1}]', b'{"a": [1, 2}', b"[" * 500 + b"]" * 500])
def test_broken_json_is_told_with_its_place(data: bytes) -> None:
    with pytest.raises(InputError, match=r"JSON .*(行|层)"):
        list(read_bytes(data).conversations)


def test_text_in_brackets_is_no_json() -> None:
    assert said(read_bytes("[呲牙] {好} 您好".encode())) == ["[呲牙] {好} 您好"]


def test_a_damaged_line_between_others_is_passed_over_and_told() -> None:
    good = lines([{"turns": [{"speaker": "a", "text": text}]} for text in TEXTS]).split(b"\n")
    reading = read_bytes(b"\n".join([*good[:2], b'{"turns": [', *good[2:]]))
    assert said(reading) == TEXTS
    assert reading.notes == ("第 3 行不是 JSON, 已跳过",)


# ── encodings ──


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "big5", "utf-16", "utf-16-le", "utf-16-be"])
def test_the_encoding_is_found_and_told(encoding: str) -> None:
    reading = read_bytes(TRADITIONAL.encode(encoding))
    assert said(reading)[1] == "好的，請問要怎麼辦理？"
    assert reading.encoding is not None
    assert "".encode(reading.encoding) in (b"", encodings._MARKS[1][0], encodings._MARKS[0][0])
    assert reading.replaced == 0


def test_other_languages_are_left_to_charset_normalizer() -> None:
    text = "客".join(["Это обычный разговор о погоде и о том, как прошёл день.\n"]) * 3
    assert said(read_bytes(text.encode("cp1251")))[0].startswith("Это обычный")


def test_characters_that_cannot_be_read_are_counted() -> None:
    data = PLAIN.encode() * 20
    reading = read_bytes(data[:-2])
    said(reading)
    assert (reading.encoding, reading.replaced) == ("utf-8", 1)


def test_an_encoding_may_be_given() -> None:
    assert said(read_bytes("中".encode("big5"), encoding="big5")) == ["中"]
    with pytest.raises(InputError, match="utf-9"):
        read_bytes(b"x", encoding="utf-9")


def test_a_late_first_character_that_is_not_ascii_tells_the_encoding() -> None:
    data = ("a,b\n" * 60_000 + "客服,您的快递在运输途中弄丢了，我们给您理赔\n").encode("gb18030")
    assert len(data) > source.HEAD_BYTES
    assert Source(data).encoding == "gb18030"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb18030"])
def test_lines_are_streamed_with_one_kind_of_end(end: str, encoding: str) -> None:
    assert list(Source(end.join(["您好", "哪位", ""]).encode(encoding)).lines()) == ["您好\n", "哪位\n"]


# ── limits ──


def test_a_file_to_be_read_whole_is_refused_by_its_size(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with path.open("wb") as file:
        file.write(PLAIN.encode())
        file.truncate(source.MAX_DOCUMENT_BYTES + 1)
        file.seek(1000)
    with pytest.raises(LimitError, match="请分成几个文件"):
        Source(path).data()


def test_an_endless_line_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MAX_LINE_CHARS", 100)
    with pytest.raises(LimitError, match="第 2 行"):
        list(Source(b"a\n" + b"x" * 200).lines())


def test_a_value_too_many_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fanzha.formats.document.MAX_VALUES", 100)
    with pytest.raises(LimitError):
        list(read_bytes(as_json({"segments": [{"start": n, "text": "好"} for n in range(200)]})).conversations)


@pytest.mark.parametrize("data", [b"", b" \n", b"\xef\xbb\xbf", b"\x00" * 400, bytes(range(256)) * 9, b"\x89PNG\r\n\x1a\n\x00\x00"])
def test_what_is_no_text_is_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        list(read_bytes(data).conversations)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "语音识别"),
        (b"PK\x03\x04" + b"\x00" * 50 + b"word/document.xml", "解开"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3" + bytes(200), "PDF"),
        (b"SQLite format 3\x00" + bytes(99), "数据库"),
        (b"\xff\xd8\xff\xe0" + bytes(99), "图片"),
    ],
)
def test_a_file_given_by_mistake_is_told_what_it_is(data: bytes, told: str) -> None:
    with pytest.raises(InputError, match=told):
        read_bytes(data)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, told in ((tmp_path / "none", "没有这个文件"), (tmp_path, "是目录"), (tmp_path / "pipe", "不是普通文件")):
        with pytest.raises(InputError, match=told):
            read_file(path)


# ── who is who ──


def test_self_is_who_is_called_so() -> None:
    reading = read_bytes("王芳: 在吗\n李明: 在\n".encode(), self_name="李明")
    assert [turn.party.value for turn in next(reading.conversations).turns] == ["other", "self"]


def test_of_many_conversations_some_may_lack_self() -> None:
    rows = [{"id": n, "turns": [{"speaker": name, "text": "好"}]} for n, name in enumerate(("王芳", "李明"))]
    reading = read_bytes(lines(rows), self_name="李明")
    assert [one.turns[0].party.value for one in reading.conversations] == ["unknown", "self"]


def test_too_many_turns_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fanzha.formats.reader.MAX_TURNS", 3)
    with pytest.raises(LimitError):
        gather((Turn("好") for _ in range(4)), Options())


# ── other packages ──


def shout(head: Head) -> int:
    return 99 if head.text.startswith("SHOUT") else 0


def read_shout(source: Source, options: Options) -> Iterator[Conversation]:
    yield gather((Turn(line.strip()) for line in source.lines()), options, id="loud")


SHOUT = Reader("shout", "大声", (".shout",), shout, read_shout)


@pytest.fixture
def plugin(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    readers.cache_clear()
    yield monkeypatch
    monkeypatch.undo()
    readers.cache_clear()


def add(plugin: pytest.MonkeyPatch, value: str) -> None:
    point = EntryPoint("shout", value, registry.GROUP)
    plugin.setattr(registry, "entry_points", lambda group: [point] if group == registry.GROUP else [])


def test_another_package_adds_a_reader(plugin: pytest.MonkeyPatch) -> None:
    add(plugin, "test_registry:SHOUT")
    reading = read_bytes("SHOUT\n您好".encode())
    assert (reading.format, said(reading)) == ("shout", ["SHOUT", "您好"])


def test_a_package_that_cannot_be_loaded_is_named(plugin: pytest.MonkeyPatch) -> None:
    add(plugin, "no_such_module:x")
    with pytest.raises(InputError, match="shout"):
        read_bytes(b"x")


def test_a_reader_that_stumbles_gives_a_reason(plugin: pytest.MonkeyPatch) -> None:
    def stumble(source: Source, options: Options) -> Iterator[Conversation]:
        raise KeyError("text")
        yield

    plugin.setattr(registry, "readers", lambda: (Reader("bad", "坏的", (), lambda head: 50, stumble),))
    with pytest.raises(InputError, match="坏的"):
        said(read_bytes(b"x"))


def test_bytes_are_left_as_they_are() -> None:
    data = io.BytesIO(PLAIN.encode()).getvalue()
    assert said(read_bytes(data)) == ["您好", "哪位"]
