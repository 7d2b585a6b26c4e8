"""Labelled records in JSONL or JSONL.gz: found, read line by line, checked.

In: files and folders. Out: raw lines with the set (file) and line they stand in, and Records parsed from
them. A line that cannot be read becomes a Fault; it never ends the run, and its message never carries the
text.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal

from fanzha.conversation import Conversation
from fanzha.errors import InputError

Label = Literal["scam", "benign", "unknown"]
_SUFFIXES = (".jsonl", ".jsonl.gz")


@dataclass(frozen=True, slots=True)
class RawLine:
    """One line as it stands; `set` is the file's name without suffix, `line` is 1-based."""

    set: str
    line: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Record:
    """A labelled conversation.

    `money_turn` is the 0-based turn in which money, a code or the screen is given.
    """

    id: str
    label: Label
    family: str
    conversation: Conversation
    money_turn: int | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """A line that is no record."""

    set: str
    line: int
    message: str


def find_sets(paths: Sequence[Path]) -> list[Path]:
    """Files as given, and of folders every .jsonl and .jsonl.gz in them. Raises InputError."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(one for one in path.rglob("*") if one.name.endswith(_SUFFIXES) and one.is_file())
            if not inside:
                raise InputError("目录里没有 .jsonl 或 .jsonl.gz 文件", where=str(path))
            found += inside
        elif path.is_file():
            found.append(path)
        else:
            raise InputError("没有这个文件或目录", where=str(path))
    return found


def read_lines(path: Path, limit: int | None = None) -> Iterator[RawLine]:
    """Return the lines that are not empty, the first `limit` of them.

    Raises InputError if the file cannot be read.
    """
    name = path.name.removesuffix(".gz").removesuffix(".jsonl")
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
            filled = (RawLine(name, number, line) for number, line in enumerate(file, 1) if line.strip())
            yield from islice(filled, limit)
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or "文件坏了或不是 gzip"
        raise InputError(f"读不了: {reason}", where=str(path)) from None


def parse_record(raw: RawLine) -> Record | Fault:
    """Return a record, or what is wrong with the line."""
    try:
        data = json.loads(raw.data)
    except (ValueError, RecursionError):
        return Fault(raw.set, raw.line, "不是 JSON")
    if not isinstance(data, dict) or not isinstance(data.get("turns"), list):
        return Fault(raw.set, raw.line, '缺少 turns: [{"speaker", "text"}]')
    label = data.get("label", "unknown")
    if label not in ("scam", "benign", "unknown"):
        return Fault(raw.set, raw.line, "label 应为 scam | benign | unknown")
    money_turn = data.get("money_turn")
    if money_turn is not None and not isinstance(money_turn, int):
        return Fault(raw.set, raw.line, "money_turn 应为整数 (从 0 数的轮次)")
    name = str(data.get("id") or f"{raw.set}:{raw.line}")
    try:
        conversation = Conversation.from_turns(data["turns"], id=name)
    except InputError as error:
        return Fault(raw.set, raw.line, str(error))
    return Record(name, label, str(data.get("family") or ""), conversation, money_turn)
