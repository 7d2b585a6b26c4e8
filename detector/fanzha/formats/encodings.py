"""Bytes to text: which encoding a file is in, and whether it is text at all.

In: bytes. Out: Decoded. The order is: byte order mark, strict UTF-8, UTF-8 with a few damaged places, then
charset-normalizer among the encodings in which Chinese is written. A hand-made ladder gb18030 → big5 would
be wrong: gb18030 accepts nearly all Big5 bytes and returns other characters, silently.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from fanzha.errors import InputError, LimitError

MAX_BYTES = 64 * 1024 * 1024
_SAMPLE = 64 * 1024  # bytes from which an encoding is guessed
_LEGACY = ["gb18030", "big5", "big5hkscs", "utf_16_le", "utf_16_be"]
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_NOT_ASCII = re.compile("[^\x00-\x7f]")
_RARE = re.compile("[\ue000-\uf8ff\ufffd]")  # private use and U+FFFD: what a wrong guess leaves behind
_NOT_TEXT = "不是文本, 或编码认不出; 请另存为 UTF-8"


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text, the encoding it was read in, and how many places could not be read (each is U+FFFD)."""

    text: str
    encoding: str
    damaged: int = 0


def read_text(path: Path) -> Decoded:
    """Read a file. Raises InputError where it cannot be opened, is empty, too large or no text."""
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise LimitError(f"{size / 1e6:.0f} MB 太大, 最多 {MAX_BYTES // 1_000_000} MB; 请分成几个文件")
        return decode(path.read_bytes())
    except FileNotFoundError:
        raise InputError("没有这个文件") from None
    except IsADirectoryError:
        raise InputError("是目录, 不是文件; 整个目录请用 fanzha scan") from None
    except OSError as error:
        raise InputError(f"打不开: {error.strerror or type(error).__name__}") from None


def decode(data: bytes) -> Decoded:
    """Decode bytes of any length. Raises InputError if nothing stands in them or they are no text."""
    if not data.strip():
        raise InputError("是空的, 没有可以判断的内容")
    decoded = _by_mark(data) or _as_utf8(data) or _by_guess(data)
    if decoded is None or _is_binary(decoded.text):
        raise InputError(_NOT_TEXT)
    if not decoded.text.strip():
        raise InputError("是空的, 没有可以判断的内容")
    return decoded


def _by_mark(data: bytes) -> Decoded | None:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            text = data.decode(encoding, "replace")
            return Decoded(text, encoding, text.count("\ufffd"))
    return None


def _as_utf8(data: bytes) -> Decoded | None:
    """UTF-8, also with a few places damaged (a file cut in the middle of a character)."""
    try:
        return Decoded(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        text = data.decode("utf-8", "replace")
    damaged = text.count("\ufffd")
    whole = len(_NOT_ASCII.findall(text)) - damaged
    return Decoded(text, "utf-8", damaged) if whole >= 10 * damaged else None


def _by_guess(data: bytes) -> Decoded | None:
    from charset_normalizer import from_bytes

    sample = data[:_SAMPLE]
    if len(data) > _SAMPLE:
        sample = sample[: sample.rfind(b"\n") + 1] or sample
    best = from_bytes(sample, cp_isolation=_LEGACY, preemptive_behaviour=False, enable_fallback=False).best()
    encoding = _short_guess(data) if best is None else best.encoding
    if encoding is None:
        return None
    text = data.decode(encoding, "replace")
    damaged = text.count("\ufffd")
    return Decoded(text, encoding, damaged) if len(_RARE.findall(text)) * 20 <= len(text) else None


def _short_guess(data: bytes) -> str | None:
    """Try GB where the guesser gives up on a few words; it is what Windows in China writes."""
    if len(data) > 400:
        return None
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        return None
    common = sum("\u4e00" <= char <= "\u9fff" for char in text)
    return "gb18030" if common * 2 >= len(_NOT_ASCII.findall(text)) else None


def _is_binary(text: str) -> bool:
    return len(_CONTROL.findall(text)) * 50 > len(text)
