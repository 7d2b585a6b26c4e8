"""Choosing which errors to look at."""

from __future__ import annotations

from itertools import permutations

from fanzha.measure.worst import sample, worst
from outcomes import outcome

MISSES = [outcome(score, id=f"m{number}") for number, score in enumerate((30, 5, 50, 5))]
ALARMS = [outcome(score, "benign", id=f"a{number}") for number, score in enumerate((70, 99, 80))]


def test_the_worst_miss_has_the_lowest_score() -> None:
    assert [one.score for one in worst(MISSES, 3)] == [5, 5, 30]


def test_the_worst_alarm_has_the_highest_score() -> None:
    assert [one.score for one in worst(ALARMS, 2)] == [99, 80]


def test_ties_fall_the_same_way_whatever_the_order_of_the_data() -> None:
    tied = [outcome(5, id=f"m{number}") for number in range(5)]
    drawn = {tuple(one.id for one in worst(order, 3)) for order in permutations(tied)}
    assert len(drawn) == 1
    assert drawn != {("m0", "m1", "m2")}


def test_a_sample_does_not_look_at_scores() -> None:
    by_hash = [one.id for one in sample(MISSES, 4)]
    assert by_hash == [one.id for one in sample([outcome(99 - one.score, id=one.id) for one in MISSES], 4)]
