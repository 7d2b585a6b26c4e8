"""fanzha scan: many files, a result each; a broken file is a result, not the end."""

from __future__ import annotations

from typing import Annotated

import typer

from fanzha.cli.failures import BAD_INPUT, FOUND, INTERRUPTED
from fanzha.cli.options import (
    Encoding,
    FailOnOption,
    Format,
    IdColumn,
    Rules,
    SelfName,
    SpeakerColumn,
    TextColumn,
    TimeColumn,
)

Paths = Annotated[
    list[str],
    typer.Argument(metavar="文件或目录...", help="目录取其中认得的文件, 含子目录; 也可用通配符 '通话/**/*.srt'"),
]
Outputs = Annotated[
    list[str] | None,
    typer.Option(
        "--output",
        "-o",
        metavar="文件",
        help="结果另存为 .jsonl .csv .xlsx .parquet .html 或 .sqlite, 可重复; - 为标准输出 (JSONL), 不再显示表格",
    ),
]
Jobs = Annotated[
    int | None, typer.Option("--jobs", "-j", min=1, metavar="N", help="几个进程; 默认按文件多少与处理器个数")
]
Resume = Annotated[bool, typer.Option("--resume", help="接着上次做: 文件与规则都没变的沿用已有的结果")]
Watch = Annotated[bool, typer.Option("--watch", help="做完后守着这些目录, 新来的和改过的文件随到随判, 按 Ctrl-C 结束")]
Timeout = Annotated[
    float, typer.Option("--timeout", min=1, metavar="秒", help="一个文件这么久没有结果就放弃 (用多个进程时)")
]


def scan(
    paths: Paths,
    out: Outputs = None,
    jobs: Jobs = None,
    resume: Resume = False,
    watch: Watch = False,
    timeout: Timeout = 120.0,
    format: Format = None,  # noqa: A002 - the name of the option
    encoding: Encoding = None,
    self_name: SelfName = None,
    text: TextColumn = None,
    speaker: SpeakerColumn = None,
    id: IdColumn = None,  # noqa: A002 - the name of the option
    time: TimeColumn = None,
    rules: Rules = None,
    fail_on: FailOnOption = None,
) -> None:
    """Score files, list or sum them up, and write the results where they are wanted."""
    from fanzha.cli.scan_run import Run

    said = {
        "format": format,
        "encoding": encoding,
        "self_name": self_name,
        "text": text,
        "speaker": speaker,
        "id": id,
        "time": time,
    }
    run = Run(
        paths=paths,
        out=out or [],
        rules=rules or [],
        reading={name: value for name, value in said.items() if value is not None},
        jobs=jobs,
        patience=timeout,
        resume=resume,
        fail_on=fail_on,
    )
    if watch:
        from fanzha.cli.scan_watch import watch_and_scan

        watch_and_scan(run)
        raise typer.Exit(INTERRUPTED)
    told = run.scan()
    if told.interrupted:
        raise typer.Exit(INTERRUPTED)
    if told.reached:
        raise typer.Exit(FOUND)
    if told.overview.unreadable:
        raise typer.Exit(BAD_INPUT)
