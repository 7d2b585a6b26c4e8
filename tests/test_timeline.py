"""The drawing of the score over the turns."""

from __future__ import annotations

import pytest

from fanzha.render.timeline import BOTTOM, LEFT, RIGHT, TOP, draw


def test_the_line_goes_over_the_whole_width_and_rises_where_the_score_does() -> None:
    drawing = draw([0, 0, 100, 100], 2)
    middle = (LEFT + RIGHT) / 2
    assert drawing.line == f"M{LEFT} {BOTTOM:.1f}H{middle}V{TOP:.1f}H{RIGHT}"
    assert drawing.alert_x == middle


def test_a_call_of_any_length_has_a_short_path() -> None:
    assert len(draw([2] * 50_000 + [90] * 50_000, 50_000).line) < 60


@pytest.mark.parametrize(("alert", "left"), [(0, False), (9, True), (None, False)])
def test_the_label_of_the_alert_stands_where_there_is_room(alert: int | None, left: bool) -> None:
    assert draw([5] * 10, alert).alert_left is left


@pytest.mark.parametrize(
    ("timeline", "alert", "said"),
    [
        ([3, 80], 1, "共 2 轮, 评分从 3 到 80, 第 2 轮起报警"),
        ([3], None, "共 1 轮, 评分 3, 没有报警"),
        ([], None, "共 1 轮, 评分 0, 没有报警"),
    ],
)
def test_the_drawing_is_also_said_in_words(timeline: list[int], alert: int | None, said: str) -> None:
    assert draw(timeline, alert).said == said
