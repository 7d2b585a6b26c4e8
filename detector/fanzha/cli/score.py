"""fanzha score: one text, one verdict."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from fanzha.cli.failures import FOUND, UsageError
from fanzha.cli.options import (
    AsJson,
    FailOnOption,
    Rules,
    SelfName,
    load_detector,
    reaches,
    read_conversation,
)


def score(
    text: Annotated[
        str | None,
        typer.Argument(metavar="[文字|-]", help="要判断的文字; - 从标准输入读", show_default=False),
    ] = None,
    rules: Rules = None,
    self_name: SelfName = None,
    as_json: AsJson = False,
    fail_on: FailOnOption = None,
) -> None:
    """Score one text and say what was found."""
    from fanzha.cli.terminal import console
    from fanzha.formats.plain import parse_plain
    from fanzha.render.jsonl import write_row
    from fanzha.render.text import report, write

    if text is None and sys.stdin.isatty():
        raise UsageError('缺少要判断的文字: fanzha score "您的快递丢了…", 或 fanzha score - < 文件')
    if text is None or text == "-":
        conversation = read_conversation(Path("-"), self_name)
    else:
        conversation = parse_plain(text, self_name=self_name)
    verdict = load_detector(rules).score(conversation)
    if as_json:
        write_row(verdict.model_dump(mode="json"), sys.stdout, indent=2)
    else:
        write(console(), report(verdict))
    if reaches(verdict, fail_on):
        raise typer.Exit(FOUND)
