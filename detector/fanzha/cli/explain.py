"""fanzha explain: a conversation with its evidence marked, and how the score came about."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from fanzha.cli.failures import FOUND
from fanzha.cli.options import (
    AsJson,
    FailOnOption,
    Rules,
    SelfName,
    load_detector,
    reaches,
    read_conversation,
)


def explain(
    file: Annotated[Path, typer.Argument(metavar="文件", help="对话文本; - 从标准输入读")],
    rules: Rules = None,
    self_name: SelfName = None,
    as_json: AsJson = False,
    fail_on: FailOnOption = None,
) -> None:
    """Show a conversation turn by turn with its evidence and the way to its score."""
    from fanzha.cli.terminal import console
    from fanzha.render.jsonl import verdict_row, write_row
    from fanzha.render.text import explanation, write

    conversation = read_conversation(file, self_name)
    verdict = load_detector(rules).score(conversation)
    if as_json:
        write_row(verdict_row(verdict, file=str(file)), sys.stdout, indent=2)
    else:
        out = console()
        write(out, explanation(conversation, verdict, marks=out.color_system is None))
    if reaches(verdict, fail_on):
        raise typer.Exit(FOUND)
