"""What `fanzha measure` counts, as tables: recall, levels, earliness, calibration, ROC."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from string import ascii_lowercase

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from fanzha.measure.calibration import bands, calibration_error
from fanzha.measure.records import Label
from fanzha.measure.roc import RATES, Roc, roc
from fanzha.measure.tally import LONG, Tally, mean
from fanzha.render.clean import clean
from fanzha.render.plot import Curve, draw, svg
from fanzha.render.table import plain_table
from fanzha.render.text import LEVEL_NAMES
from fanzha.verdict import LEVELS

_LABEL_NAMES: dict[Label, str] = {"scam": "诈骗", "benign": "正常", "unknown": "未定"}
_MEAN = "各数据集平均"
_ALL = "全部 (各数据集同重)"
_ACROSS, _UP = "误报率 (对数刻度)", "召回"


def tables(tallies: Mapping[str, Tally], *, by_family: bool) -> Iterator[RenderableType]:
    """Yield everything that is counted, each table under its heading."""
    counted = _counted("数据", tallies, total=len(tallies) > 1)
    next(counted)  # no empty line at the top
    yield from counted
    if by_family:
        yield from _counted("family", dict(_families(tallies)), total=False)
    yield from _calibration(tallies)
    yield from _roc(tallies)


def _families(tallies: Mapping[str, Tally]) -> Iterator[tuple[str, Tally]]:
    for name, tally in sorted(tallies.items()):
        for family, one in sorted(tally.families.items()):
            yield f"{name} / {family or '-'}", one


def _counted(first: str, tallies: Mapping[str, Tally], *, total: bool) -> Iterator[RenderableType]:
    yield from _under("召回与误报", _recall(first, tallies, total=total))
    yield from _under("各等级的段数", _levels(first, tallies))
    early = {name: tally for name, tally in tallies.items() if tally.earliness.turns}
    if early:
        yield from _under(f"报警有多早 ({LONG} 轮以上、报了警的诈骗)", _earliness(first, early))
    if any(tally.earliness.inferred for tally in early.values()):
        yield Text("* 要钱的轮次由规则推断: 第一处计分的要钱或回款信号", "dim")


def _recall(first: str, tallies: Mapping[str, Tally], *, total: bool) -> Table:
    columns = ["诈骗", "报警召回", "中级以上", f"{LONG} 轮以上", "正常", "误报", "误报率", "未定", "读不了"]
    table = plain_table(first, *columns, right=columns)
    for name, tally in tallies.items():
        table.add_row(
            Text(clean(name)),
            str(tally.labels["scam"]),
            percent(tally.recall),
            percent(tally.recall_medium),
            f"{percent(tally.recall_long)} ({tally.long_caught}/{tally.long_scam})" if tally.long_scam else "-",
            str(tally.labels["benign"]),
            str(tally.false_alarms) if tally.labels["benign"] else "-",
            percent(tally.false_alarm_rate, 2),
            str(tally.labels["unknown"]),
            str(tally.broken),
        )
    if total:
        every = tallies.values()
        table.add_row(
            Text(_MEAN, "bold"),
            str(sum(tally.labels["scam"] for tally in every)),
            percent(mean(tally.recall for tally in every)),
            percent(mean(tally.recall_medium for tally in every)),
            percent(mean(tally.recall_long for tally in every)),
            str(sum(tally.labels["benign"] for tally in every)),
            str(sum(tally.false_alarms for tally in every)),
            percent(mean(tally.false_alarm_rate for tally in every), 2),
            str(sum(tally.labels["unknown"] for tally in every)),
            str(sum(tally.broken for tally in every)),
        )
    return table


def _levels(first: str, tallies: Mapping[str, Tally]) -> Table:
    names = [LEVEL_NAMES[level] for level in LEVELS]
    table = plain_table(first, "标注", *names, "转述", right=[*names, "转述"], whole=["标注"])
    for name, tally in tallies.items():
        for label, title in _LABEL_NAMES.items():
            if tally.labels[label]:
                counts = [str(tally.levels[label, level]) for level in LEVELS]
                table.add_row(Text(clean(name)), title, *counts, str(tally.describes[label]))
    return table


def _earliness(first: str, tallies: Mapping[str, Tally]) -> Table:
    columns = ["报警", "有要钱的轮次", "先于要钱报警", "首次报警轮 (中位)", "已说全程 (中位)"]
    table = plain_table(first, *columns, right=columns)
    for name, tally in tallies.items():
        early = tally.earliness
        known = early.given + early.inferred
        table.add_row(
            Text(clean(name)),
            str(len(early.turns)),
            f"{known}*" if early.inferred else str(known),
            f"{percent(early.share)} ({early.early}/{known})" if known else "-",
            f"{early.median_turn:g}",
            percent(early.median_share, 0),
        )
    return table


def _calibration(tallies: Mapping[str, Tally]) -> Iterator[RenderableType]:
    found = bands(tally.scores for tally in tallies.values())
    error = calibration_error(found)
    if error is None:
        return
    columns = ["段数", "诈骗", "平均分", "实际诈骗", "差"]
    table = plain_table("分数", *columns, right=columns)
    for band in found:
        filled = band.conversations > 0
        table.add_row(
            f"{band.low}-{band.high}",
            str(band.conversations),
            str(band.scams),
            f"{band.mean:.1f}" if filled else "-",
            f"{band.observed:.1f}%" if filled else "-",
            f"{band.observed - band.mean:+.1f}" if filled else "-",
        )
    yield from _under("校准: 平均分应等于实际诈骗的百分比 (各数据集同重)", table)
    yield Text(f"期望校准误差 {error:.1f} 分")


def _roc(tallies: Mapping[str, Tally]) -> Iterator[RenderableType]:
    curves = _rocs(tallies)
    if not curves:
        return
    columns = ["曲线下面积", *(f"误报 {100 * rate:g}% 时召回" for rate in RATES), "校准误差"]
    table = plain_table("", "数据", *columns, right=columns)
    drawn = []
    for sign, (name, curve) in zip(_signs(len(curves)), curves.items(), strict=True):
        among = [tallies[name]] if name in tallies else tallies.values()
        error = calibration_error(bands(tally.scores for tally in among))
        allowed = [curve.at(rate) for rate in RATES]
        told = [percent(at.recall) + (f" (>={at.score})" if at.score is not None else "") for at in allowed]
        table.add_row(sign, Text(clean(name)), f"{curve.area:.3f}", *told, f"{error:.1f}" if error is not None else "-")
        drawn.append((sign, _curve(name, curve)))
    yield from _under("ROC: 换一个报警分数线会怎样 (括号里是分数线)", table)
    yield Text()
    yield Text(f"{_UP} (纵), {_ACROSS}")
    yield from (Text(line) for line in draw(drawn))


def roc_svg(tallies: Mapping[str, Tally]) -> str:
    """Return the ROC curves of sets that hold both classes, and over all, as one SVG."""
    curves = [_curve(name, curve) for name, curve in _rocs(tallies).items()]
    return svg(curves, title="fanzha measure: ROC", across=_ACROSS, up=_UP)


def _rocs(tallies: Mapping[str, Tally]) -> dict[str, Roc]:
    """Return curves by set, the one over all last; that one alone if there is one set only."""
    sets = {name: tally.scores for name, tally in tallies.items()}
    shown = {name: roc([scores]) for name, scores in sets.items() if scores.has_both}
    if len(sets) > 1:
        shown[_ALL] = roc(sets.values())
    return {name: curve for name, curve in shown.items() if curve is not None}


def _curve(name: str, curve: Roc) -> Curve:
    return Curve(name, tuple((point.false_alarms, point.recall) for point in curve.points))


def _signs(count: int) -> list[str]:
    """Letters for the sets, a star for the last curve."""
    return [*(ascii_lowercase[number % len(ascii_lowercase)] for number in range(count - 1)), "*"]


def percent(share: float | None, digits: int = 1) -> str:
    """Return a share of 0–1 as a percentage, "-" where there is none."""
    return "-" if share is None else f"{100 * share:.{digits}f}%"


def _under(title: str, table: Table) -> Iterator[RenderableType]:
    yield Text()
    yield Text(title, "bold")
    yield table
