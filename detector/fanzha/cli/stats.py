"""fanzha rules stats: what each signal does on labelled conversations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fanzha.cli.options import Rules
from fanzha.cli.writing import writing

if TYPE_CHECKING:
    from fanzha.measure.records import Record
    from fanzha.measure.stats import SignalStats


def stats(
    data: Annotated[
        list[Path],
        typer.Argument(metavar="数据...", help='JSONL(.gz) 文件或目录, 每行 {"id", "label", "family", "turns"}'),
    ],
    rules: Rules = None,
    dead: Annotated[bool, typer.Option("--dead", help="只列从未计分的信号")] = False,
    jsonl: Annotated[
        Path | None, typer.Option("--jsonl", metavar="文件", help="另存一行一个信号", show_default=False)
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="每个文件只取前 N 条", show_default=False)
    ] = None,
) -> None:
    """Count and list; dead signals and the dearest ones are named below the table."""
    from rich.text import Text

    from fanzha.cli.terminal import console
    from fanzha.judge import PLAY
    from fanzha.measure.stats import signal_stats
    from fanzha.render.jsonl import write_row
    from fanzha.render.table import plain_table

    from fanzha.detector import Detector  # isort: skip

    with writing(jsonl) as file:
        rows = signal_stats(Detector(rules or []), _records(data, limit))
        rows.sort(key=lambda one: (PLAY.index(one.stage), -one.in_scams, one.id))
        if file:
            for one in rows:
                write_row({**asdict(one), "precision": one.precision}, file)
    right = ["权重", "诈骗中", "正常中", "精度", "段数", "不计分", "决定", "微秒/千句"]
    table = plain_table("信号", "阶段", *right, "最常同现", right=right)
    for one in rows:
        if not dead or not one.conversations:
            table.add_row(*_cells(one))
    out = console()
    out.print(table)
    silent = [one.id for one in rows if not one.conversations]
    dearest = sorted(rows, key=lambda one: (-one.microseconds, one.id))[:10]
    out.print(Text(f"\n{len(rows)} 个信号, {len(silent)} 个从未计分"))
    out.print(Text("最费时: " + ", ".join(f"{one.id} {one.microseconds:.0f}" for one in dearest)), soft_wrap=True)


def _cells(one: SignalStats) -> tuple[str, ...]:
    return (
        one.id,
        one.stage,
        f"{one.weight:.2f}",
        f"{100 * one.in_scams:.2f}%",
        f"{100 * one.in_benign:.3f}%",
        "-" if one.precision is None else f"{100 * one.precision:.1f}%",
        str(one.conversations),
        str(one.discounted),
        str(one.decisive),
        f"{one.microseconds:.0f}",
        f"{one.partner} {one.overlap:.2f}" if one.partner else "-",
    )


def _records(data: list[Path], limit: int | None) -> Iterator[tuple[str, Record]]:
    """The records that can be read, with the name of their set; lines that cannot are told and left out."""
    from fanzha.cli.terminal import tell
    from fanzha.measure.records import Fault, find_sets, parse_record, read_lines

    told = 0
    for path in find_sets(data):
        for raw in read_lines(path, limit):
            record = parse_record(raw)
            if not isinstance(record, Fault):
                yield raw.set, record
            elif (told := told + 1) <= 5:
                tell(f"跳过 {record.set}:{record.line}: {record.message}")
