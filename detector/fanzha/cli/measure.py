"""fanzha measure: recall and false alarms of the rules on labelled conversations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import nsmallest
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zlib import crc32

import typer

from fanzha.cli.options import Rules

if TYPE_CHECKING:
    from rich.table import Table

    from fanzha.measure.measure import Outcome, Tally


def measure(
    data: Annotated[
        list[Path],
        typer.Argument(metavar="数据...", help='JSONL(.gz) 文件或目录, 每行 {"id", "label", "family", "turns"}'),
    ],
    rules: Rules = None,
    by_family: Annotated[bool, typer.Option("--by-family", help="再按 family 列表")] = False,
    misses: Annotated[int, typer.Option(min=0, metavar="N", help="列出 N 条漏报 (按编号散列取样, 次次相同)")] = 0,
    alarms: Annotated[int, typer.Option(min=0, metavar="N", help="列出 N 条误报")] = 0,
    text: Annotated[bool, typer.Option("--text", help="列漏报误报时也显示原文")] = False,
    jsonl: Annotated[
        Path | None,
        typer.Option("--jsonl", metavar="文件", help="另存逐条结果, 不含原文", show_default=False),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="每个文件只取前 N 条", show_default=False)
    ] = None,
) -> None:
    """Measure recall, false alarms and earliness, and list what went wrong."""
    from rich.text import Text

    from fanzha.cli.terminal import console, tell
    from fanzha.errors import InputError
    from fanzha.measure.measure import Tally
    from fanzha.measure.measure import measure as run
    from fanzha.measure.records import Fault, find_sets, read_lines

    paths = find_sets(data)
    outcomes = run((line for path in paths for line in read_lines(path, limit)), rules or [], keep_turns=text)
    tallies: dict[str, Tally] = {}
    wrong: list[Outcome] = []
    faults: list[Fault] = []
    with _rows_to(jsonl) as write:
        for one in _with_progress(outcomes):
            tally = tallies.setdefault(one.set, Tally())
            if isinstance(one, Fault):
                tally.broken += 1
                faults.append(one)
                continue
            tally.add(one)
            write(one.as_row())
            if (misses and one.missed) or (alarms and one.false_alarm):
                wrong.append(one)
    for fault in faults[:5]:
        tell(f"跳过 {fault.set}:{fault.line}: {fault.message}")
    if not any(tally.families for tally in tallies.values()):
        raise InputError("没有一条能读的记录", where=", ".join(map(str, data)))
    out = console()
    out.print(_table("数据", tallies))
    if by_family:
        families = {
            f"{name} / {family or '-'}": one
            for name, tally in tallies.items()
            for family, one in tally.families.items()
        }
        out.print(Text())
        out.print(_table("family", dict(sorted(families.items()))))
    for title, chosen in (
        ("漏报", _sample([one for one in wrong if one.missed], misses)),
        ("误报", _sample([one for one in wrong if one.false_alarm], alarms)),
    ):
        for line in _listing(title, chosen):
            out.print(line, soft_wrap=True)


def _table(first: str, tallies: dict[str, Tally]) -> Table:
    from rich.text import Text

    from fanzha.render.clean import clean
    from fanzha.render.table import plain_table

    columns = ["诈骗", "报警召回", "中级以上召回", "先于转钱报警", "正常", "误报", "误报率", "未定", "读不了"]
    table = plain_table(first, *columns, right=columns)
    for name, tally in tallies.items():
        table.add_row(
            Text(clean(name)),
            str(tally.scam),
            _share(tally.caught, tally.scam),
            _share(tally.caught_medium, tally.scam),
            f"{_share(tally.early, tally.timed)} ({tally.early}/{tally.timed})" if tally.timed else "-",
            str(tally.benign),
            str(tally.false_alarms) if tally.benign else "-",
            _share(tally.false_alarms, tally.benign, digits=2),
            str(tally.unknown),
            str(tally.broken),
        )
    return table


def _share(part: int, whole: int, digits: int = 1) -> str:
    return f"{100 * part / whole:.{digits}f}%" if whole else "-"


def _sample(outcomes: list[Outcome], most: int) -> list[Outcome]:
    """Draw a sample that does not depend on the order of the data and is the same each time."""
    return nsmallest(most, outcomes, key=lambda one: (crc32(one.id.encode("utf-8", "replace")), one.id))


def _listing(title: str, outcomes: list[Outcome]) -> Iterator[Any]:
    from rich.text import Text

    from fanzha.render.clean import clean
    from fanzha.render.text import STANCE_NAMES

    if not outcomes:
        return
    yield Text(f"\n{title} {len(outcomes)} 条", "bold")
    for one in outcomes:
        yield Text(f"{one.set} {clean(one.id)}  {one.score} 分 {one.level}  {clean(one.family)}")
        counted = dict.fromkeys(hit.signal for hit in one.hits if hit.counted)
        others = dict.fromkeys(f"{hit.signal}({STANCE_NAMES[hit.stance]})" for hit in one.hits if not hit.counted)
        yield Text(
            f"    计分: {' '.join(counted) or '-'}" + (f"  不计分: {' '.join(others)}" if others else ""),
            "dim",
        )
        for speaker, text in one.turns:
            yield Text(f"    {clean(speaker)}: {clean(text)}" if speaker else f"    {clean(text)}")


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


class _rows_to:  # noqa: N801 - used as a context, like a function
    """Writes text-free rows to a file, or nowhere."""

    def __init__(self, path: Path | None) -> None:
        from fanzha.errors import InputError

        try:
            self._file = None if path is None else path.open("w", encoding="utf-8", newline="\n")
        except OSError as error:
            raise InputError(f"写不了: {error.strerror}", where=str(path)) from None

    def __enter__(self) -> Any:
        from fanzha.render.jsonl import write_row

        file = self._file
        return (lambda row: None) if file is None else (lambda row: write_row(row, file))

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()
