"""fanzha measure: recall, false alarms, earliness and calibration of the rules on labelled conversations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any

import typer

from fanzha.cli.options import Rules
from fanzha.cli.writing import writing

if TYPE_CHECKING:
    from fanzha.measure.measure import Keep
    from fanzha.measure.outcome import Outcome
    from fanzha.measure.records import Fault
    from fanzha.measure.tally import Tally

_FAULTS_TOLD = 5
_LEAST_WIDTH = 120  # columns; a narrower terminal wraps the lines, which is better than a number cut short


def measure(
    data: Annotated[
        list[Path],
        typer.Argument(metavar="数据...", help='JSONL(.gz) 文件或目录, 每行 {"id", "label", "family", "turns"}'),
    ],
    rules: Rules = None,
    by_family: Annotated[bool, typer.Option("--by-family", help="再按 family 列表")] = False,
    misses: Annotated[int, typer.Option(min=0, metavar="N", help="列出 N 条漏报, 分数最低的在前")] = 0,
    alarms: Annotated[int, typer.Option(min=0, metavar="N", help="列出 N 条误报, 分数最高的在前")] = 0,
    sample: Annotated[bool, typer.Option("--sample", help="漏报误报不按分数, 按编号散列取样 (次次相同)")] = False,
    text: Annotated[bool, typer.Option("--text", help="列漏报误报时也显示原文")] = False,
    jsonl: Annotated[
        Path | None,
        typer.Option("--jsonl", metavar="文件", help="另存逐条结果, 不含原文", show_default=False),
    ] = None,
    compare: Annotated[
        Path | None,
        typer.Option("--compare", metavar="文件", help="与从前 --jsonl 存下的结果相比", show_default=False),
    ] = None,
    svg: Annotated[
        Path | None, typer.Option("--svg", metavar="文件", help="把 ROC 曲线另存为 SVG", show_default=False)
    ] = None,
    noise: Annotated[
        list[str] | None,
        typer.Option(
            "--noise",
            metavar="种类:比例",
            help="先给原文加噪声再打分, 如 asr:0.1; 可重复, 依次加上; 种类见 docs/measure.md",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", help="噪声的随机种子")] = 0,
    limit: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="每个文件只取前 N 条", show_default=False)
    ] = None,
) -> None:
    """Measure the rules on labelled conversations, and list what went wrong."""
    from fanzha.cli.measure_changes import changes
    from fanzha.cli.measure_errors import listing
    from fanzha.cli.measure_tables import roc_svg, tables
    from fanzha.cli.terminal import console
    from fanzha.measure import worst
    from fanzha.measure.compare import read_rows
    from fanzha.measure.measure import measure as run
    from fanzha.measure.noise import parse_noise
    from fanzha.measure.records import find_sets, read_lines

    paths = find_sets(data)
    noises = [parse_noise(one) for one in noise or ()]
    before = read_rows(compare) if compare else None  # first of all: --jsonl may write to the same file
    keep: Keep = "nothing" if not misses + alarms else "text" if text else "why"
    tallies: dict[str, Tally] = {}
    wrong: list[Outcome] = []
    with writing(jsonl) as rows, writing(svg) as picture:
        lines = (line for path in paths for line in read_lines(path, limit))
        for one in _tallied(_with_progress(run(lines, rules or [], keep=keep, noises=noises, seed=seed)), tallies):
            if rows:
                _write_row(one, rows)
            if before:
                before.add(one)
            if one.why:
                wrong.append(one)
        _check(tallies, data)
        if picture:
            picture.write(roc_svg(tallies))
    out = console()
    out.width = max(out.width, _LEAST_WIDTH)
    for shown in tables(tallies, by_family=by_family):
        out.print(shown)
    pick = worst.sample if sample else worst.worst
    for said in (
        *listing("漏报", pick((one for one in wrong if one.missed), misses)),
        *listing("误报", pick((one for one in wrong if one.false_alarm), alarms)),
        *(changes(before) if before else ()),
    ):
        out.print(said, soft_wrap=True)


def _tallied(outcomes: Iterable[Outcome | Fault], tallies: dict[str, Tally]) -> Iterator[Outcome]:
    """Count outcomes by set and pass them on; at the end tell what could not be read, or not whole."""
    from fanzha.cli.terminal import tell
    from fanzha.measure.records import Fault
    from fanzha.measure.tally import Tally

    faults: list[Fault] = []
    for one in outcomes:
        tally = tallies.setdefault(one.set, Tally())
        if isinstance(one, Fault):
            tally.broken += 1
            faults = [*faults, one][:_FAULTS_TOLD]
            continue
        tally.add(one)
        yield one
    for fault in faults:
        tell(f"跳过 {fault.set}:{fault.line}: {fault.message}")
    for name, tally in tallies.items():
        if tally.skipped:
            tell(f"{name}: {tally.skipped} 段没有读完 (太长, 或机器忙时搜索超时), 再量一次可能略有不同")


def _check(tallies: dict[str, Tally], data: list[Path]) -> None:
    from fanzha.errors import InputError

    if not any(tally.families for tally in tallies.values()):
        raise InputError("没有一条能读的记录", where=", ".join(map(str, data)))


def _write_row(one: Outcome, out: IO[str]) -> None:
    from fanzha.render.jsonl import write_row

    write_row(one.as_row(), out)


def _with_progress(outcomes: Iterable[Any]) -> Iterable[Any]:
    """Show a counter on stderr, if that is a terminal."""
    from fanzha.cli.terminal import error_console

    out = error_console()
    if not out.is_terminal:
        return outcomes
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    def counted() -> Iterator[Any]:
        columns = (SpinnerColumn("line"), TextColumn("已判断 {task.completed:,.0f} 段"), TimeElapsedColumn())
        with Progress(*columns, console=out, transient=True) as progress:
            task = progress.add_task("", total=None)
            for one in outcomes:
                yield one
                progress.advance(task)

    return counted()
