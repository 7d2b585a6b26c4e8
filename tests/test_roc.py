"""ROC: area, and the recall that a rate of false alarms allows."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanzha.measure.roc import Roc, roc
from fanzha.measure.scores import Scores
from outcomes import outcome, scores


def curve(*sets: Scores) -> Roc:
    found = roc(sets)
    assert found is not None
    return found


def test_without_one_of_the_classes_there_is_no_curve() -> None:
    assert roc([scores([1], [])]) is None


@pytest.mark.parametrize(
    ("scam", "benign", "area"), [([9], [1], 1.0), ([1], [9], 0.0), ([5], [5], 0.5), ([9, 1], [5], 0.5)]
)
def test_the_area_is_the_chance_that_the_scam_scores_higher(scam: list[int], benign: list[int], area: float) -> None:
    assert curve(scores(scam, benign)).area == pytest.approx(area)


def test_recall_is_told_at_a_rate_of_false_alarms_with_its_threshold() -> None:
    found = curve(scores([90, 70, 50, 10], [80, *[0] * 99]))
    assert [(found.at(rate).recall, found.at(rate).score) for rate in (0.001, 0.01)] == [(0.25, 90), (1.0, 10)]


def test_a_benign_conversation_on_top_leaves_no_recall() -> None:
    point = curve(scores([90], [95])).at(0.001)
    assert (point.recall, point.score) == (0.0, None)


def test_log_odds_part_what_rounds_to_the_same_score() -> None:
    counted = Scores()
    counted.add(outcome(100, "scam", log_odds=9.0))
    counted.add(outcome(100, "benign", log_odds=7.0))
    assert curve(counted).area == 1.0


def test_over_all_each_set_counts_the_same() -> None:
    easy, hard = scores([90] * 99, [0]), scores([0], [0])
    assert curve(easy, hard).at(0.001).recall == pytest.approx(0.5)


def test_sets_of_one_class_count_over_all() -> None:
    assert curve(scores([90], []), scores([], [10])).area == 1.0


numbers = st.lists(st.integers(0, 100), min_size=1)


@given(numbers, numbers)
def test_a_curve_rises_from_never_to_always_and_has_the_area_of_its_pairs(scam: list[int], benign: list[int]) -> None:
    found = curve(scores(scam, benign))
    first, last = found.points[0], found.points[-1]
    assert (first.false_alarms, first.recall) == (0, 0)
    assert (last.false_alarms, last.recall) == (pytest.approx(1), pytest.approx(1))
    assert all(a.recall <= b.recall and a.false_alarms <= b.false_alarms for a, b in pairwise(found.points))
    wins = sum((one > other) + (one == other) / 2 for one in scam for other in benign)
    assert found.area == pytest.approx(wins / len(scam) / len(benign))
