"""Options that several commands share, and what they stand for."""

from __future__ import annotations

import sys
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fanzha.verdict import LEVELS, Verdict

if TYPE_CHECKING:
    from fanzha.conversation import Conversation
    from fanzha.detector import Detector
    from fanzha.formats.registry import FileReading


class FailOn(StrEnum):
    """Levels at which a command may exit with 1."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


Rules = Annotated[
    list[Path] | None,
    typer.Option("--rules", metavar="目录", help="附加的规则目录, 同名的替换自带的; 可重复", show_default=False),
]
SelfName = Annotated[
    str | None, typer.Option("--self", metavar="名字", help="受保护的人在对话里的名字", show_default=False)
]
FailOnOption = Annotated[
    FailOn | None,
    typer.Option("--fail-on", help="达到这个等级时退出码为 1, 供脚本使用", show_default=False),
]
Format = Annotated[
    str | None,
    typer.Option("--format", metavar="格式", help="文件的格式, 默认看内容; fanzha formats 列出", show_default=False),
]
Encoding = Annotated[
    str | None, typer.Option("--encoding", metavar="编码", help="文字的编码, 默认看内容", show_default=False)
]
TextColumn = Annotated[
    str | None, typer.Option("--text", metavar="列", help="表格中文字所在的列: 列名或第几列", show_default=False)
]
SpeakerColumn = Annotated[
    str | None, typer.Option("--speaker", metavar="列", help="说话人所在的列", show_default=False)
]
IdColumn = Annotated[
    str | None, typer.Option("--id", metavar="列", help="对话编号所在的列, 同号的行是一段对话", show_default=False)
]
TimeColumn = Annotated[str | None, typer.Option("--time", metavar="列", help="时间所在的列", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="输出完整判定的 JSON")]


def load_detector(rules: list[Path] | None) -> Detector:
    """Return the bundled rules and the given folders. Raises PackError."""
    from fanzha.detector import Detector

    return Detector(rules or [])


def read_source(source: Path, **reading: str | None) -> FileReading:
    """A file, or standard input where the path is "-"; `reading` goes to `read_file`. Raises InputError."""
    from fanzha.formats.registry import read_bytes, read_file

    return read_bytes(sys.stdin.buffer.read(), **reading) if str(source) == "-" else read_file(source, **reading)


def read_conversation(source: Path, self_name: str | None, number: int = 1, **reading: str | None) -> Conversation:
    """Return a conversation of a file, or of standard input where the path is "-", counted from 1.

    `reading` goes to `read_file`. Raises InputError that names the file.
    """
    from fanzha.errors import InputError

    try:
        found = list(islice(read_source(source, self_name=self_name, **reading).conversations, number))
        if len(found) == number:
            return found[-1]
        problem = f"只有 {len(found)} 段对话, 没有第 {number} 段"
    except InputError as error:
        problem = str(error)
    raise InputError(problem, where="标准输入" if str(source) == "-" else str(source))


def reaches(verdict: Verdict, least: FailOn | None) -> bool:
    """Whether the verdict is at the level of --fail-on or above."""
    return least is not None and LEVELS.index(verdict.level) >= LEVELS.index(least.value)
