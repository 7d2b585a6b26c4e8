"""A file as readers see it: its head for telling formats apart, its text whole or line by line.

In: a path or bytes. Out: text in the encoding found, with the count of places that could not be read. A source never
holds more than one chunk of a file that is read line by line, and refuses a file that would have to be read as a
whole and is larger than MAX_DOCUMENT_BYTES.
"""

from __future__ import annotations

import codecs
import io
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

from fanzha.errors import InputError, LimitError
from fanzha.formats.encodings import EMPTY, NOT_TEXT, Decoded, decode, find_encoding, is_binary, known_encoding
from fanzha.formats.head import Head
from fanzha.limits import HEAD_BYTES, MAX_DOCUMENT_BYTES, MAX_LINE_CHARS

_CHUNK = 1024 * 1024
_MOST_NOTES = 20
_BEFORE = 4096  # bytes of a sample before the place that it is taken for


class Source:
    """One file or its bytes. `name` is the file's name, `encoding` and `replaced` fill as it is read."""

    def __init__(self, content: bytes | Path, *, name: str | None = None, encoding: str | None = None) -> None:
        self.path = content if isinstance(content, Path) else None
        self.name = name if name is not None or self.path is None else self.path.name
        self.notes: list[str] = []
        self.replaced = 0
        self._bytes = content if isinstance(content, bytes) else None
        self._given = None if encoding is None else known_encoding(encoding)
        self._decoded: Decoded | None = None

    def note(self, message: str) -> None:
        """Tell something about the file that whoever reads the result should know; never what was said."""
        if message not in self.notes and len(self.notes) < _MOST_NOTES:
            self.notes.append(message)

    @cached_property
    def size(self) -> int:
        """Bytes of the file. Raises InputError where there is none."""
        if self._bytes is not None:
            return len(self._bytes)
        with _told():
            status = self._place.stat()
            if stat.S_ISDIR(status.st_mode):
                raise IsADirectoryError
            if not stat.S_ISREG(status.st_mode):
                raise InputError("不是普通文件 (设备或管道); 从管道读请用 -")
            return status.st_size

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Open the bytes for reading. Raises InputError."""
        if self._bytes is not None:
            yield io.BytesIO(self._bytes)
            return
        _ = self.size
        with _told():
            file = self._place.open("rb")
        with file:
            yield file

    @cached_property
    def start(self) -> bytes:
        """The first 64 KiB."""
        with self.open() as file, _told():
            return file.read(HEAD_BYTES)

    @cached_property
    def head(self) -> Head:
        """What formats are told by. A file that is no text has an empty one with `start` only. Raises InputError."""
        if not self.start.strip():
            raise InputError(EMPTY)
        text, encoding = "", None
        try:
            encoding = self.encoding
            text = codecs.getincrementaldecoder(encoding)("replace").decode(self.start).lstrip("\ufeff")
        except InputError:
            pass
        return Head(self.name, text, self.start, complete=self.size <= HEAD_BYTES, encoding=encoding)

    @cached_property
    def encoding(self) -> str:
        """The encoding given or found. Raises InputError where the file is no text."""
        if self._given is not None:
            return self._given
        if self.size <= HEAD_BYTES:
            return self._as_text(find_encoding(self.start))
        try:
            return self._as_text(find_encoding(self._sample()))
        except InputError:
            raise InputError(NOT_TEXT) from None

    def _as_text(self, encoding: str) -> str:
        if is_binary(codecs.getincrementaldecoder(encoding)("replace").decode(self.start)):
            raise InputError(NOT_TEXT)
        return encoding

    def _sample(self) -> bytes:
        """A part of a long file that tells its encoding: around the first place that is not UTF-8, else the start."""
        if self.start.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return self.start
        decoder = codecs.getincrementaldecoder("utf-8")()
        with self.open() as file, _told():
            before = b""
            while chunk := file.read(_CHUNK):
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError as error:
                    around = before[-_BEFORE:] + chunk
                    return _between_lines(around[max(0, error.start - _BEFORE + len(before[-_BEFORE:])) :])
                before = chunk
        return _between_lines(self.start)

    def check_whole(self) -> None:
        """Raise LimitError if the file is too large to be held."""
        if self.size > MAX_DOCUMENT_BYTES:
            most = MAX_DOCUMENT_BYTES // 1_000_000
            raise LimitError(f"{self.size / 1e6:.0f} MB 太大: 这种文件要整个读入, 最多 {most} MB; 请分成几个文件")

    def data(self) -> bytes:
        """Return all bytes. Raises LimitError if there are more than MAX_DOCUMENT_BYTES."""
        self.check_whole()
        with self.open() as file, _told():
            return file.read()

    def text(self) -> str:
        """Return the whole text without its byte order mark. Raises InputError."""
        if self._decoded is None:
            if self.size > HEAD_BYTES:
                _ = self.encoding  # found over all of a long file, as for its lines
            self._decoded = decode(self.data(), self.encoding)
            self.replaced = self._decoded.replaced
        return self._decoded.text.lstrip("\ufeff")

    @cached_property
    def whole_head(self) -> Head:
        """All of the text as a head, for a JSON document that shows what it is only behind the first 64 KiB."""
        return Head(self.name, self.text(), self.start, encoding=self.encoding)

    def lines(self) -> Iterator[str]:
        r"""Yield lines with "\n" at their ends, whatever ended them, without ever holding the file.

        Raises InputError, LimitError for a line of more than MAX_LINE_CHARS.
        """
        with self.open() as file:
            text = io.TextIOWrapper(file, encoding=self.encoding, errors="replace", newline=None)
            self.replaced = 0
            number = 0
            with _told():
                while line := text.readline(MAX_LINE_CHARS):
                    number += 1
                    if len(line) >= MAX_LINE_CHARS:
                        raise LimitError(
                            f"一行超过 {MAX_LINE_CHARS} 个字; 请检查换行, 或分成几个文件", where=f"第 {number} 行"
                        )
                    self.replaced += line.count("\ufffd")
                    yield line if number > 1 else line.lstrip("\ufeff")
            text.detach()

    def sibling(self, name: str) -> Source | None:
        """Return a file of the same folder that belongs to this one, or None."""
        if self.path is None:
            return None
        path = self.path.parent / name
        return Source(path) if path.is_file() else None

    @property
    def _place(self) -> Path:
        assert self.path is not None  # noqa: S101 - the other branch of content
        return self.path


def _between_lines(data: bytes) -> bytes:
    """Cut a sample at line ends, so that it begins and ends between characters; UTF-16 stays on even places."""
    first = data.find(b"\n") + 1 if b"\x00" not in data else 0
    data = data[first : first + HEAD_BYTES] or data[:HEAD_BYTES]
    last = data.rfind(b"\n")
    return data[: last + 1] if last > 0 and b"\x00" not in data else data[: len(data) // 2 * 2]


@contextmanager
def _told() -> Iterator[None]:
    """Tell a failure of the file system as an InputError."""
    try:
        yield
    except FileNotFoundError:
        raise InputError("没有这个文件") from None
    except IsADirectoryError:
        raise InputError("是目录, 不是文件; 整个目录请用 fanzha scan") from None
    except OSError as error:
        raise InputError(f"打不开: {error.strerror or type(error).__name__}") from None
