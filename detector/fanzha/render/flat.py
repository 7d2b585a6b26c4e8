"""A Result as one row of a table: the columns that CSV, Excel, Parquet and SQLite share.

In: a Result. Out: for programs its plain values under English names, turns counted from 0; for people the same under
Chinese names, levels and stages in Chinese, turns counted from 1, text cleaned.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fanzha.render.clean import clean
from fanzha.render.text import ENTITY_NAMES, LEVEL_NAMES
from fanzha.result import Result
from fanzha.verdict import Evidence, Verdict

Value = str | int | float | bool | None

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_MOST_EVIDENCE, _MOST_ENTITIES = 6, 12  # pieces joined in one cell; the rest is in JSONL, SQLite and Parquet


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its names, the type of its values, how they are had and how a person reads them."""

    name: str
    title: str
    type: type[str] | type[int] | type[float] | type[bool]
    value: Callable[[Result], Value]
    shown: Callable[[Value], Value] = lambda value: value


def for_programs(result: Result) -> list[Value]:
    """The values of all columns."""
    return [valid(column.value(result)) for column in COLUMNS]


def for_people(result: Result) -> list[Value]:
    """The cells of all columns, empty ones as ""."""
    cells: list[Value] = []
    for column in COLUMNS:
        value = column.value(result)
        shown = "" if value is None else column.shown(value)
        cells.append(clean(shown) if isinstance(shown, str) else shown)
    return cells


def valid(value: Value) -> Value:
    """The value without halves of surrogate pairs, as a file name that is no text has them: shown as escapes."""
    if isinstance(value, str) and _LONE_SURROGATE.search(value):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    return value


def _of_verdict(read: Callable[[Verdict], Value]) -> Callable[[Result], Value]:
    return lambda result: None if result.verdict is None else read(result.verdict)


def _stages(verdict: Verdict) -> str:
    return "、".join(stage.title for stage in verdict.stages)


def weightiest(verdict: Verdict) -> list[Evidence]:
    """What counted for the script shown, the piece with the most points first."""
    points = {line.id: line.points for line in verdict.lines if line.kind == "signal"}
    counted = [one for one in verdict.evidence if one.counted and one.in_script]
    return sorted(counted, key=lambda one: -points.get(one.signal, 0.0))


def _evidence(verdict: Verdict) -> str:
    texts = dict.fromkeys((one.before.text if one.before else "") + one.text for one in weightiest(verdict))
    return " | ".join(list(texts)[:_MOST_EVIDENCE])


def _entities(verdict: Verdict) -> str:
    named = dict.fromkeys(f"{ENTITY_NAMES.get(one.kind, one.kind)} {one.text}" for one in verdict.entities)
    return "; ".join(list(named)[:_MOST_ENTITIES])


def _from_one(value: Value) -> Value:
    return value + 1 if isinstance(value, int) else value


def _named(names: Mapping[str, str]) -> Callable[[Value], Value]:
    return lambda value: names.get(str(value), str(value))


COLUMNS: tuple[Column, ...] = (
    Column("file", "文件", str, lambda result: result.path),
    Column("number", "第几段", int, lambda result: result.number, _from_one),
    Column("id", "编号", str, lambda result: result.id),
    Column("level", "等级", str, _of_verdict(lambda verdict: verdict.level), _named(LEVEL_NAMES)),  # type: ignore[arg-type]
    Column("score", "分数", int, _of_verdict(lambda verdict: verdict.score)),
    Column("alert", "报警", bool, _of_verdict(lambda verdict: verdict.alert), lambda value: "是" if value else "否"),
    Column("script", "剧本编号", str, _of_verdict(lambda verdict: verdict.script)),
    Column("script_title", "骗局", str, _of_verdict(lambda verdict: verdict.script_title)),
    Column("describes_title", "讲述的骗局", str, _of_verdict(lambda verdict: verdict.describes_title)),
    Column("first_alert_turn", "报警轮次", int, _of_verdict(lambda verdict: verdict.first_alert_turn), _from_one),
    Column("turns", "轮数", int, _of_verdict(lambda verdict: len(verdict.timeline))),
    Column("stages", "走到的阶段", str, _of_verdict(_stages)),
    Column("evidence", "关键证据", str, _of_verdict(_evidence)),
    Column("entities", "账号链接金额", str, _of_verdict(_entities)),
    Column("problem", "读不了的原因", str, lambda result: result.problem),
    Column("format", "格式", str, lambda result: result.format),
    Column("encoding", "编码", str, lambda result: result.encoding),
    Column("replaced", "读坏的字符", int, lambda result: result.replaced),
    Column("notes", "备注", str, lambda result: "; ".join(result.notes) or None),
    Column("sha256", "文件哈希", str, lambda result: result.sha256),
    Column("pack", "规则版本", str, _of_verdict(lambda verdict: verdict.pack)),
)
