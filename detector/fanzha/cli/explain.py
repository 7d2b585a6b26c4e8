"""fanzha explain: a conversation with its evidence marked, and how the score came about."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from fanzha.cli.failures import FOUND
from fanzha.cli.options import (
    AsJson,
    Encoding,
    FailOnOption,
    Format,
    IdColumn,
    Rules,
    SelfName,
    SpeakerColumn,
    TextColumn,
    TimeColumn,
    load_detector,
    reaches,
    read_conversation,
)


def explain(
    file: Annotated[Path, typer.Argument(metavar="文件", help="对话文本; - 从标准输入读")],
    number: Annotated[int, typer.Option("--number", "-n", min=1, metavar="N", help="文件里的第几段对话")] = 1,
    rules: Rules = None,
    self_name: SelfName = None,
    format: Format = None,  # noqa: A002 - the name of the option
    encoding: Encoding = None,
    text: TextColumn = None,
    speaker: SpeakerColumn = None,
    id: IdColumn = None,  # noqa: A002 - the name of the option
    time: TimeColumn = None,
    as_json: AsJson = False,
    fail_on: FailOnOption = None,
) -> None:
    """Show a conversation turn by turn with its evidence and the way to its score."""
    from fanzha.cli.terminal import console
    from fanzha.render.jsonl import verdict_row, write_row
    from fanzha.render.text import explanation, write

    said = {"format": format, "encoding": encoding, "text": text, "speaker": speaker, "id": id, "time": time}
    conversation = read_conversation(file, self_name, number, **said)
    verdict = load_detector(rules).score(conversation)
    if as_json:
        write_row(verdict_row(verdict, file=str(file)), sys.stdout, indent=2)
    else:
        out = console()
        write(out, explanation(conversation, verdict, marks=out.color_system is None))
    if reaches(verdict, fail_on):
        raise typer.Exit(FOUND)
