"""Tables for a person: aligned by cell width (a Chinese character takes two), no rules drawn, cleaned text.

In: rows of Text or str. Out: a rich Table. Borders are left out: a GBK console draws them two columns wide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.table import Table
from rich.text import Text

from fanzha.render.clean import clean, shorten
from fanzha.render.flat import weightiest
from fanzha.render.text import LEVEL_NAMES, LEVEL_STYLES
from fanzha.result import Result
from fanzha.verdict import Evidence, Level, Verdict

_EVIDENCE_CHARS = 22


@dataclass(frozen=True, slots=True)
class FileRow:
    """What a scan says of one file: a verdict's short form, or the error that kept it from being read."""

    file: str
    level: Level | None = None
    score: int = 0
    script: str = ""
    alert_turn: int | None = None
    evidence: str = ""
    error: str = ""


def file_row(result: Result) -> FileRow:
    """Return the short form of a result; it keeps no reference to the long one."""
    verdict = result.verdict
    if verdict is None:
        return FileRow(result.name, error=result.problem or "")
    about = f"(转述) {verdict.describes_title}" if verdict.describes_title else ""
    told = telling(verdict)
    return FileRow(
        file=result.name,
        level=verdict.level,
        score=verdict.score,
        script=verdict.script_title or about,
        alert_turn=verdict.first_alert_turn,
        evidence=shorten(told.text if told else "", _EVIDENCE_CHARS),
    )


def telling(verdict: Verdict) -> Evidence | None:
    """Return what tipped the scale: of the turn of the first alert the evidence with most points, else the best."""
    counted = weightiest(verdict)
    tipping = [one for one in counted if one.turn == verdict.first_alert_turn] or counted
    return tipping[0] if tipping else None


def plain_table(*columns: str, right: Sequence[str] = (), whole: Sequence[str] = ()) -> Table:
    """Return an empty table with these headings; `right` are numbers, `whole` is broken last."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for column in columns:
        number = column in right
        keep = number or column in whole
        table.add_column(column, justify="right" if number else "left", no_wrap=keep, overflow="fold")
    return table


def scan_table(rows: Sequence[FileRow]) -> Table:
    """One row a file, in the order given."""
    columns = ("文件", "等级", "分", "骗局", "报警", "关键证据")
    table = plain_table(*columns, right=["分"], whole=["文件", "等级", "报警"])
    for row in rows:
        file = Text(clean(row.file))
        if row.level is None:
            table.add_row(file, Text("读不了", "yellow"), Text(), Text(clean(row.error), "yellow"), Text(), Text())
            continue
        level = Text(LEVEL_NAMES[row.level], LEVEL_STYLES[row.level])
        alert = Text(f"第 {row.alert_turn + 1} 轮" if row.alert_turn is not None else "-")
        script, evidence = Text(row.script or "-"), Text(row.evidence or "-")
        table.add_row(file, level, Text(str(row.score)), script, alert, evidence)
    return table


def scan_line(row: FileRow) -> Text:
    """One result on one line, as it comes in."""
    if row.level is None:
        return Text(f"读不了  {clean(row.file)}: {clean(row.error)}", "yellow")
    line = Text(f"{LEVEL_NAMES[row.level]} {row.score:>3} 分", LEVEL_STYLES[row.level])
    return line.append("  " + "  ".join(filter(None, (row.script, clean(row.file), row.evidence))), "default")
