"""The command line: `fanzha score | scan | explain | measure | spark | serve | rules | …`. One module a command.

Messages are for people who read Chinese. Nothing is logged, and no text of a conversation is written
anywhere but to the screen of the person who asked.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import typer

from fanzha.cli import failures
from fanzha.cli.catalogue import catalogue
from fanzha.cli.chinese import Command, Group
from fanzha.cli.convert import convert
from fanzha.cli.explain import explain
from fanzha.cli.fit import fit
from fanzha.cli.formats import formats
from fanzha.cli.mcp import mcp
from fanzha.cli.measure import measure
from fanzha.cli.rules import rules_app
from fanzha.cli.scan import scan
from fanzha.cli.score import score
from fanzha.cli.serve import serve
from fanzha.cli.sounds import sounds
from fanzha.cli.spark import spark
from fanzha.cli.stats import stats
from fanzha.cli.terminal import prepare_streams

app = typer.Typer(
    cls=Group,
    name="fanzha",
    help="反诈: 按规则识别电话与聊天中的诈骗, 每一分都有原文证据。被骗了先打 110, 拿不准打 96110。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(cls=Command, help='判断一段文字: 短信、聊天或通话。带 "说话人: 文" 的各行按轮次读。')(score)
app.command(cls=Command, help="判断许多文件: 多个进程, 结果存成表格、报告或数据库, 中断后可接着做。")(scan)
app.command(cls=Command, help="逐轮标出证据, 说明每一分从哪里来、走到了哪一步、接下来会怎样。")(explain)
app.command(cls=Command, help="在有标注的对话上量规则: 召回、误报、报警是否早于要钱、校准; 与旧结果相比。")(measure)
app.command(cls=Command, help="列出认得的文件格式; 给出文件时说它是哪一种、读到了什么。")(formats)
app.command(cls=Command, help="把任何认得的文件转成 ChatLab JSON、JSONL 或 CSV。")(convert)
app.command(cls=Command, help="用 Spark 判断一张大表: 本机或集群, Parquet、JSON 或 CSV。")(spark)
app.command(cls=Command, help="启动 HTTP 服务 (POST /score)。")(serve)
app.command(cls=Command, help="作 MCP 服务 (标准输入输出), 供大模型与智能体调用。")(mcp)
rules_app.command(cls=Command, help="把全部剧本与信号写成一页 Markdown (docs/rules.md)。")(catalogue)
rules_app.command(cls=Command, help="从命中记录学权重与门槛, 写成一个生成的文件。")(fit)
rules_app.command(cls=Command, help="在正常文字上学哪些词容易听错, 写成一个生成的文件。")(sounds)
rules_app.command(cls=Command, help="逐个信号统计: 多常见、精度、与谁同现、起多少决定作用、费多少时。")(stats)
app.add_typer(rules_app, name="rules")


def _show_version(wanted: bool) -> None:
    if wanted:
        from fanzha import __version__

        typer.echo(f"fanzha {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(False, "--version", help="显示版本", callback=_show_version, is_eager=True),
) -> None: ...


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code (failures.py lists them)."""
    prepare_streams()
    given = sys.argv[1:] if arguments is None else list(arguments)
    sys.exit(failures.run(lambda: app(given, standalone_mode=False, prog_name="fanzha")))
