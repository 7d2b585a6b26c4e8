"""The score over the turns as a small drawing: where the line goes, and where the first alert stands.

In: the score after each turn, 0–100. Out: coordinates and paths of an SVG of WIDTH × HEIGHT, and a sentence that says
the same. The score never falls, so the path has a step for each rise and stays short for a call of any length.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 320, 112
LEFT, RIGHT, TOP, BOTTOM = 26, 316, 16, 92  # of the plot


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a template draws."""

    line: str
    area: str
    alert_x: float | None
    """Where the turn of the first alert begins; None if there is no alert."""
    alert_left: bool
    """Whether the label of the alert stands left of its line, because there is no room on the right."""
    turns: int
    said: str


def draw(timeline: Sequence[int], first_alert: int | None) -> Drawing:
    """Lay out the scores after each turn; `first_alert` is the 0-based turn of the first alert."""
    turns = max(len(timeline), 1)
    scores = timeline or (0,)
    rises = [number for number in range(1, len(scores)) if scores[number] != scores[number - 1]]
    steps = "".join(f"H{_x(number, turns)}V{_y(scores[number])}" for number in rises)
    line = f"M{LEFT} {_y(scores[0])}{steps}H{RIGHT}"
    alert_x = None if first_alert is None else _x(first_alert, turns)
    return Drawing(
        line=line,
        area=f"{line}V{BOTTOM}H{LEFT}Z",
        alert_x=alert_x,
        alert_left=alert_x is not None and alert_x > (LEFT + RIGHT) / 2,
        turns=turns,
        said=_said(scores, turns, first_alert),
    )


def _said(scores: Sequence[int], turns: int, first_alert: int | None) -> str:
    course = f"共 {turns} 轮, 评分从 {scores[0]} 到 {scores[-1]}" if turns > 1 else f"共 1 轮, 评分 {scores[0]}"
    return course + (f", 第 {first_alert + 1} 轮起报警" if first_alert is not None else ", 没有报警")


def _x(turn: int, turns: int) -> float:
    return round(LEFT + (RIGHT - LEFT) * turn / turns, 1)


def _y(score: int) -> float:
    return round(BOTTOM - (BOTTOM - TOP) * score / 100, 1)
