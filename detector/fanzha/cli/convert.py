"""fanzha convert: files of any format into one of three that other programs read."""

from __future__ import annotations

import sys
import time as clock
from contextlib import ExitStack
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated

import typer

from fanzha.cli.failures import BAD_INPUT, UsageError
from fanzha.cli.options import (
    Encoding,
    Format,
    IdColumn,
    SelfName,
    SpeakerColumn,
    TextColumn,
    TimeColumn,
    read_source,
)

if TYPE_CHECKING:
    from fanzha.conversation import Conversation


class Target(StrEnum):
    """What can be written."""

    CHATLAB = "chatlab"
    JSONL = "jsonl"
    CSV = "csv"


_BY_SUFFIX = {".json": Target.CHATLAB, ".jsonl": Target.JSONL, ".ndjson": Target.JSONL, ".csv": Target.CSV}


def convert(
    files: Annotated[list[Path], typer.Argument(metavar="文件...", help="要转换的文件; - 从标准输入读")],
    out: Annotated[Path, typer.Option("--output", "-o", metavar="文件", help="写到哪里; - 为标准输出")],
    to: Annotated[
        Target | None,
        typer.Option(
            "--to", help="chatlab 一段对话一个文件; jsonl 一段一行; csv 一轮一行。默认看后缀", show_default=False
        ),
    ] = None,
    format: Format = None,  # noqa: A002 - the name of the option
    encoding: Encoding = None,
    self_name: SelfName = None,
    text: TextColumn = None,
    speaker: SpeakerColumn = None,
    id: IdColumn = None,  # noqa: A002 - the name of the option
    time: TimeColumn = None,
) -> None:
    """Read files and write their conversations. A file that cannot be read is told, the others are written."""
    from fanzha.cli.terminal import tell
    from fanzha.errors import InputError

    target = to or _BY_SUFFIX.get(out.suffix.lower())
    if target is None:
        raise UsageError("不知道写成什么: 后缀用 .json、.jsonl 或 .csv, 或加 --to chatlab|jsonl|csv")

    options = {"format": format, "encoding": encoding, "self_name": self_name}
    options |= {"text": text, "speaker": speaker, "id": id, "time": time}
    problems = 0
    with ExitStack() as stack:
        output = _Output(out, target, stack)
        for path in files:
            try:
                reading = read_source(path, **options)
                for conversation in reading.conversations:
                    output.write(conversation, reading.format)
            except InputError as error:
                problems += 1
                tell(f"fanzha: {path}: {error}")
    if not output.written:
        raise InputError("没有写出任何对话")
    tell(f"写出 {output.written} 段对话: {'、'.join(output.places[:3])}{' 等' if len(output.places) > 3 else ''}")
    if problems:
        raise typer.Exit(BAD_INPUT)


@dataclass
class _Output:
    """Where conversations go: one file, or of ChatLab one file each."""

    out: Path
    target: Target
    stack: ExitStack
    written: int = 0
    places: list[str] = field(default_factory=list)
    _stream: IO[bytes] | None = None
    _names: set[str] = field(default_factory=set)

    def write(self, conversation: Conversation, format: str) -> None:  # noqa: A002 - as elsewhere
        """Write one conversation."""
        from fanzha.formats import writers

        self.written += 1
        if self.target is Target.CHATLAB:
            with ExitStack() as one:
                self._place(self._numbered(), one).write(writers.chatlab(conversation, exported_at=int(clock.time())))
            return
        if self._stream is None:
            self._stream = self._place(self.out, self.stack)
            if self.target is Target.CSV:
                self._stream.write(writers.heading())
        if self.target is Target.CSV:
            self._stream.write(writers.rows(conversation, self._name(conversation)))
        else:
            self._stream.write(writers.line(conversation, format=format))

    def _numbered(self) -> Path:
        """Return out.json for the first, out-2.json for the second …; standard output holds only one."""
        if self.written == 1:
            return self.out
        if str(self.out) == "-":
            raise UsageError("ChatLab 一个文件只放一段对话, 这里有好几段; 请用 -o 写到文件, 或改用 --to jsonl")
        return self.out.with_stem(f"{self.out.stem}-{self.written}")

    def _place(self, path: Path, stack: ExitStack) -> IO[bytes]:
        self.places.append(str(path))
        if str(path) == "-":
            return sys.stdout.buffer
        try:
            stream = path.open("wb")
        except OSError as error:
            raise UsageError(f"{path}: 写不了: {error.strerror}") from None
        return stack.enter_context(stream)

    def _name(self, conversation: Conversation) -> str:
        """Return what tells this conversation from the others: its id, numbered where that is taken."""
        name = conversation.id or str(self.written)
        if name in self._names:
            name = f"{name}#{self.written}"
        self._names.add(name)
        return name
