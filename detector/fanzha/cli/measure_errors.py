"""Misses and false alarms that `fanzha measure` lists, each with why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text

from fanzha.judge import FRAUD_STAGES
from fanzha.measure.outcome import Outcome, Why
from fanzha.render.clean import clean
from fanzha.render.text import LEVEL_NAMES, STAGE_NAMES, STANCE_NAMES


def listing(title: str, outcomes: Sequence[Outcome]) -> Iterator[Text]:
    """Yield a heading and some lines for each error; nothing if there is none."""
    if not outcomes:
        return
    yield Text(f"\n{title} {len(outcomes)} 条", "bold")
    for one in outcomes:
        script = f"  {one.script}" if one.script else ""
        about = f"  转述 {one.describes}" if one.describes else ""
        head = f"{clean(one.set)} {clean(one.id)}  {one.score} 分 {LEVEL_NAMES[one.level]}"
        yield Text(f"{head}  {clean(one.family)}{script}{about}  共 {one.turns} 轮")
        if one.why is not None:
            yield from _why(one, one.why)


def _why(one: Outcome, why: Why) -> Iterator[Text]:
    lines = [f"{name} {points:+.2f}" + (f"@{turn + 1}" if turn is not None else "") for name, points, turn in why.lines]
    yield Text(f"    计分: {', '.join(lines) or '-'}", "dim")
    counted = {hit.signal for hit in one.hits if hit.counted}
    discounted = dict.fromkeys(
        f"{hit.signal}({_because(hit.stance)})@{hit.turn + 1}" for hit in one.hits if hit.signal not in counted
    )
    if discounted:
        yield Text(f"    不计分: {', '.join(discounted)}", "dim")
    unused = sorted(counted - {name for name, _, _ in why.lines})
    if unused:
        yield Text(f"    命中而未入账 (不在这个剧本里, 或出自另一方): {', '.join(unused)}", "dim")
    reached = dict(why.reached)
    missing = why.missing if one.script else [STAGE_NAMES[stage] for stage in FRAUD_STAGES if stage not in reached]
    yield Text(f"    已到: {', '.join(reached.values()) or '-'}  未到: {', '.join(missing) or '-'}", "dim")
    for speaker, text in why.turns:
        yield Text(f"    {clean(speaker)}: {clean(text)}" if speaker else f"    {clean(text)}")


def _because(stance: str) -> str:
    """Say the stance; what is plainly stated and still gives nothing was said by the wrong party."""
    return "说话的不是对方" if stance == "asserted" else STANCE_NAMES[stance]
