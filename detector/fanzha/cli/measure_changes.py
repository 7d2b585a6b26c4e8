"""What `fanzha measure --compare` says: what changed since a measurement of before, and by which signals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from fanzha.measure.compare import KINDS, Change, Comparison, Reason
from fanzha.render.clean import clean
from fanzha.render.table import plain_table
from fanzha.render.text import STANCE_NAMES

_KIND_NAMES = {"caught": "新抓到", "missed": "新漏掉", "alarm": "新误报", "cured": "误报消除"}
_MOST_IDS = 10


def changes(comparison: Comparison) -> Iterator[RenderableType]:
    """Yield a row a set, then the conversations of each kind of change under the reasons that explain them."""
    gone = comparison.gone
    counts = Counter((change.set, change.kind) for change in comparison.changes)
    columns = ["同一段", *_KIND_NAMES.values(), "只在这次", "只在旧结果"]
    table = plain_table("数据", *columns, right=columns)
    measured = dict.fromkeys([*comparison.compared, *comparison.new])
    for name in measured:
        kinds = [str(counts[name, kind]) for kind in KINDS]
        compared, new, old = (str(one[name]) for one in (comparison.compared, comparison.new, gone))
        table.add_row(Text(clean(name)), compared, *kinds, new, old)
    yield Text("\n与旧结果相比", "bold")
    yield table
    others = gone.keys() - measured
    if others:
        yield Text(f"旧结果里另有 {len(others)} 个数据集, 这次没有量", "dim")
    for name in comparison.compared:
        for kind in KINDS:
            yield from _reasons(name, _KIND_NAMES[kind], [
                change for change in comparison.changes if (change.set, change.kind) == (name, kind)
            ])  # fmt: skip


def _reasons(name: str, title: str, changed: list[Change]) -> Iterator[Text]:
    """Yield the reasons, the most frequent first; a conversation stands under each of its own."""
    if not changed:
        return
    yield Text(f"\n{clean(name)} {title} {len(changed)} 段", "bold")
    under: dict[Reason, list[str]] = {}
    for change in changed:
        for reason in change.reasons:
            under.setdefault(reason, []).append(change.id)
    for reason, ids in sorted(under.items(), key=lambda item: (-len(item[1]), _said(item[0]))):
        more = f" 另 {len(ids) - _MOST_IDS} 段" if len(ids) > _MOST_IDS else ""
        yield Text(f"    {_said(reason)}  {len(ids)} 段: {' '.join(map(clean, ids[:_MOST_IDS]))}{more}")


def _said(reason: Reason) -> str:
    stance = STANCE_NAMES.get(reason.stance, "")
    match reason.kind:
        case "gained":
            return f"+{clean(reason.id)}" + (f" (原来不计分: {stance})" if stance else "")
        case "lost":
            return f"-{clean(reason.id)}" + (f" (现在不计分: {stance})" if stance else "")
        case "script":
            return f"剧本 {clean(reason.id)}"
        case "points":
            return "信号未变: 权重、分数线或先后的判断变了"
