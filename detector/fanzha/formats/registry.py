"""All formats: which there are, which one a file is in, and reading a file or bytes.

In: a path or bytes, and what the user says about them. Out: a FileReading, whose conversations are read as they are
asked for. Formats are told by content; a suffix decides only between readers that are equally sure. The one error is
InputError.
"""

from __future__ import annotations

import fnmatch
import glob
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import TypedDict, Unpack

from fanzha.conversation import Conversation
from fanzha.errors import FanzhaError, InputError
from fanzha.formats.document import parse
from fanzha.formats.encodings import EMPTY, NOT_TEXT
from fanzha.formats.head import Head
from fanzha.formats.mistaken import mistaken
from fanzha.formats.reader import Options, Reader
from fanzha.formats.source import Source

_LEAST = 5  # less is a table only if the user names its columns
_SURE = 50  # less is a guess: a table of any kind, any text
_MARKUP = re.compile(r"\s*(?:<!doctype html|<html|<\?xml|<svg)", re.IGNORECASE)  # of no format: not read as speech
GROUP = "fanzha.formats"  # entry points of other packages: each a Reader, or a tuple of them
_MODULES = (
    "aliyun", "dialogue", "funasr", "iflytek", "kaldi", "plain", "sheets", "subtitles", "tencent", "volcengine",
    "whisper",
)  # fmt: skip
_CHATS = (
    "chatlab", "chatlog", "dingtalk", "feishu", "imessage", "line", "memotrace", "onebot", "pywxdump", "qq_exporter",
    "qq_mht", "qq_text", "sms", "telegram", "telegram_html", "wecom", "weflow", "whatsapp",
)  # fmt: skip
# What a reader of another package may raise at a file that is not as it thought; ours raise InputError by themselves.
_SURPRISES = (ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


class FileReading:
    """A file being read: `format` now, `encoding` (None for a binary file), `replaced` and `notes` as it goes on."""

    def __init__(self, source: Source, reader: Reader, options: Options) -> None:
        self.format = reader.name
        self.conversations: Iterator[Conversation] = _conversations(source, reader, options)
        self._source = source

    @property
    def encoding(self) -> str | None:
        """The encoding found, or None where the file is no text or cannot be opened."""
        try:
            return self._source.head.encoding
        except InputError:
            return None

    @property
    def replaced(self) -> int:
        """How many characters could not be read so far; each is U+FFFD in the text."""
        return self._source.replaced

    @property
    def notes(self) -> tuple[str, ...]:
        """What readers found odd but readable, in Chinese, without what was said."""
        return tuple(self._source.notes)


class Said(TypedDict, total=False):
    """What the user says of a file; `text`, `speaker`, `id`, `time` and `party` are columns of a table."""

    format: str | None
    encoding: str | None
    self_name: str | None
    text: str | None
    speaker: str | None
    id: str | None
    time: str | None
    party: str | None


def read_file(path: Path, **said: Unpack[Said]) -> FileReading:
    """Tell the format of a file or of a folder that is one export, unless it is given, and begin to read it.

    Raises InputError, also while the conversations are read.
    """
    return read_source(Source(main_file(Path(path)), encoding=said.pop("encoding", None)), **said)


def read_bytes(data: bytes, name: str | None = None, **said: Unpack[Said]) -> FileReading:
    """Do with bytes what `read_file` does with a file; `name` is the file's name, if there is one."""
    return read_source(Source(data, name=name, encoding=said.pop("encoding", None)), **said)


def read_source(source: Source, **said: Unpack[Said]) -> FileReading:
    """Tell the format of a source, unless it is given, and begin to read it. Raises InputError."""
    format = said.pop("format", None)  # noqa: A001 - the name of the option
    options = Options(**{name: value for name, value in said.items() if name != "encoding"})  # type: ignore[arg-type]
    return FileReading(source, find_reader(source, options) if format is None else reader_of(format), options)


def find_reader(source: Source, options: Options = Options()) -> Reader:  # noqa: B008 - frozen
    """Return the reader that is surest of a source. Raises InputError where none knows it."""
    head = source.head
    best, sure = _surest(head, options)
    if sure < _SURE and head.looks_like_json and not (head.complete or head.has_json_lines):
        best, sure = _surest(source.whole_head, options)
    if sure < _SURE and _MARKUP.match(head.text):
        raise InputError("是网页或 XML, 但不是认得的导出; 请从原来的软件另存为 TXT、CSV 或 JSON, 或用 --format 指明")
    if best is not None:
        return best
    if head.looks_like_json:
        if not head.has_json_lines:
            parse(source.text())  # which says where it is broken
        raise InputError("是 JSON, 但不是认得的结构; fanzha formats 列出认得的, 表格可用 --text 等指明列名")
    if not head.text:
        raise InputError(mistaken(head.start) or NOT_TEXT)
    raise InputError("认不出是什么格式; fanzha formats 列出认得的, 用 --format 指明")


def _surest(head: Head, options: Options) -> tuple[Reader | None, int]:
    """Return the reader that is surest of a head, if any, and how sure it is."""
    asked = [one for one in readers() if one.name.startswith("table-")] if options.names_columns else readers()
    sure = [(_sureness(reader, head), head.suffix in reader.suffixes, reader) for reader in asked]
    most, _, best = max(sure, key=lambda one: one[:2])
    return (best, most) if most >= (1 if options.names_columns else _LEAST) else (None, 0)


def _sureness(reader: Reader, head: Head) -> int:
    try:
        return reader.sniff(head)
    except _SURPRISES:
        return 0


def reader_of(name: str) -> Reader:
    """Return the reader of that name. Raises InputError that lists them."""
    for reader in readers():
        if reader.name == name:
            return reader
    known = "、".join(reader.name for reader in readers())
    raise InputError(f"没有叫 {name!r} 的格式; 有: {known}", where="--format")


@cache
def readers() -> tuple[Reader, ...]:
    """All readers by name; one of another package replaces ours of the same name."""
    found: dict[str, Reader] = {}
    for name in (*_MODULES, *(f"chats.{name}" for name in _CHATS)):
        for reader in import_module(f"fanzha.formats.{name}").READERS:
            found[reader.name] = reader
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        try:
            loaded = point.load()
        except Exception as error:
            raise InputError(f"格式插件加载失败: {type(error).__name__}", where=f"{GROUP}: {point.name}") from error
        for reader in (loaded,) if isinstance(loaded, Reader) else loaded:
            found[reader.name] = reader
    return tuple(found[name] for name in sorted(found))


def main_file(path: Path) -> Path:
    """Return the file to begin with where a folder is one export (Kaldi's data folder), else the path itself."""
    if path.is_dir():
        for reader in readers():
            main = path / reader.folder if reader.folder is not None else None
            if main is not None and main.is_file() and _is_in(main, reader):
                return main
    return path


def companion_of(path: Path) -> Path | None:
    """Return the file that a file only belongs to (utt2spk to Kaldi's text, users.json to chats), or None.

    A run over a folder passes companions over; they are read with the file that they belong to.
    """
    if path.suffix.lower() == ".rttm":
        siblings = sorted(path.parent.glob(f"{glob.escape(path.stem)}.*"))
        return next((one for one in siblings if one.suffix.lower() != ".rttm" and one.is_file()), None)
    if not _companion_names().fullmatch(path.name):
        return None
    for reader in readers():
        for pattern in reader.companions:
            root = path.parents[pattern.count("/")] if len(path.parents) > pattern.count("/") else None
            if root is None or not path.match(pattern):
                continue
            mains = [root / reader.folder] if reader.folder is not None else sorted(root.iterdir())
            for main in mains:
                if main != path and main.suffix in ("", *reader.suffixes) and main.is_file() and _is_in(main, reader):
                    return main
    return None


@cache
def _companion_names() -> re.Pattern[str]:
    """The names that companions have, so that others cost nothing."""
    patterns = {pattern.rpartition("/")[2] for reader in readers() for pattern in reader.companions}
    return re.compile("|".join(fnmatch.translate(pattern) for pattern in sorted(patterns)) or "(?!)")


def _is_in(path: Path, reader: Reader) -> bool:
    try:
        return _sureness(reader, Source(path).head) >= _SURE
    except InputError:
        return False


def _conversations(source: Source, reader: Reader, options: Options) -> Iterator[Conversation]:
    """Yield what the reader yields, without empty conversations, and with InputError as the one error."""
    any_turn = False
    try:
        for conversation in reader.read(source, options):
            if conversation.turns:
                any_turn = True
                yield conversation
    except FanzhaError:
        raise
    except _SURPRISES as error:
        raise InputError(f"不合 {reader.title} 的结构 ({type(error).__name__}); 用 --format 换一种格式试试") from error
    if not any_turn:
        raise InputError(EMPTY)
