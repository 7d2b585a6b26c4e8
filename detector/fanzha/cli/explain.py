"""fanzha explain: a conversation with its evidence marked, and how the score came about."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from fanzha.cli.failures import FOUND
from fanzha.cli.options import AsJson, FailOnOption, Rules, SelfName, load_detector, reaches, read_conversation


def explain(
    file: Annotated[Path, typer.Argument(metavar="文件", help="对话文本; - 从标准输入读")],
    rules: Rules = None,
    self_name: SelfName = None,
    as_json: AsJson = False,  # noqa: FBT002
    fail_on: FailOnOption = None,
) -> None:
    """逐轮标出证据, 说明每一分从哪里来、走到了哪一步、接下来会怎样。"""
    from fanzha.cli.terminal import console  # noqa: PLC0415
    from fanzha.render.jsonl import verdict_row, write_row  # noqa: PLC0415
    from fanzha.render.text import explanation, write  # noqa: PLC0415

    conversation = read_conversation(file, self_name)
    verdict = load_detector(rules).score(conversation)
    if as_json:
        write_row(verdict_row(verdict, file=str(file)), sys.stdout, indent=2)
    else:
        out = console()
        write(out, explanation(conversation, verdict, marks=out.color_system is None))
    if reaches(verdict, fail_on):
        raise typer.Exit(FOUND)
