"""fanzha score: one text, one verdict."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from fanzha.cli.failures import FOUND, UsageError
from fanzha.cli.options import AsJson, FailOnOption, Rules, SelfName, load_detector, reaches, read_conversation


def score(
    text: Annotated[
        str | None,
        typer.Argument(metavar="[文字|-]", help="要判断的文字; - 从标准输入读", show_default=False),
    ] = None,
    rules: Rules = None,
    self_name: SelfName = None,
    as_json: AsJson = False,  # noqa: FBT002 - typer makes the flag from it
    fail_on: FailOnOption = None,
) -> None:
    """判断一段文字: 短信、聊天或通话。带 "说话人: 文" 的各行按轮次读。"""
    from fanzha.cli.terminal import console  # noqa: PLC0415
    from fanzha.formats.plain import parse_plain  # noqa: PLC0415
    from fanzha.render.jsonl import write_row  # noqa: PLC0415
    from fanzha.render.text import report, write  # noqa: PLC0415

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
