"""Tables for a person: aligned by cell width (a Chinese character takes two), no rules drawn, cleaned text.

In: rows of Text or str. Out: a rich Table. Borders are left out: a GBK console draws them two columns wide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.table import Table
from rich.text import Text

from fanzha.render.clean import clean, shorten
from fanzha.render.text import LEVEL_NAMES, LEVEL_STYLES
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


def file_row(file: str, verdict: Verdict) -> FileRow:
    """Return the short form of a verdict; it keeps no reference to the long one."""
    about = f"(转述) {verdict.describes_title}" if verdict.describes_title else ""
    told = telling(verdict)
    return FileRow(
        file=file,
        level=verdict.level,
        score=verdict.score,
        script=verdict.script_title or about,
        alert_turn=verdict.first_alert_turn,
        evidence=shorten(told.text if told else "", _EVIDENCE_CHARS),
    )


def telling(verdict: Verdict) -> Evidence | None:
    """Return what tipped the scale: of the turn of the first alert the evidence with most points, else the best."""
    points = {line.id: line.points for line in verdict.lines if line.kind == "signal"}
    counted = [one for one in verdict.evidence if one.counted and one.in_script]
    tipping = [one for one in counted if one.turn == verdict.first_alert_turn] or counted
    return max(tipping, key=lambda one: points.get(one.signal, 0.0)) if tipping else None


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


def scan_summary(rows: Sequence[FileRow]) -> str:
    """How many files, alerts, doubts and errors."""
    read = [row for row in rows if row.level is not None]
    alerts = sum(row.level in ("high", "critical") for row in read)
    doubts = sum(row.level == "medium" for row in read)
    broken = len(rows) - len(read)
    tail = f", {broken} 个读不了" if broken else ""
    rest = len(read) - alerts - doubts
    return f"共 {len(rows)} 个文件: {alerts} 个报警, {doubts} 个要当心, {rest} 个未发现{tail}"
