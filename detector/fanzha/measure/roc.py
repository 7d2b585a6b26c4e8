"""How well scores part scams from benign conversations, wherever the threshold is put.

In: Scores of sets. Out: a Roc curve, the area under it, and the recall at a rate of false alarms.

Over several sets each counts the same: the recall at a threshold is the mean of the recalls of the sets that hold
scams, and the rate of false alarms the mean over those that hold benign conversations.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from fanzha.measure.scores import Scored, Scores

RATES = (0.001, 0.005, 0.01)  # of false alarms, at which the recall is told
_EPSILON = 1e-9  # sums of weights are not exact


@dataclass(frozen=True, slots=True)
class Point:
    """What a threshold would give: alerting from `score` on. Rates are 0–1; no score stands for never alerting."""

    false_alarms: float
    recall: float
    score: int | None = None


@dataclass(frozen=True, slots=True)
class Roc:
    """Points from "never alert" to "always alert"; neither rate ever falls."""

    points: tuple[Point, ...]

    @property
    def area(self) -> float:
        """The chance that a scam scores higher than a benign conversation, ties counting half."""
        return sum(
            (right.false_alarms - left.false_alarms) * (left.recall + right.recall) / 2
            for left, right in pairwise(self.points)
        )

    def at(self, rate: float) -> Point:
        """Return the lowest threshold whose rate of false alarms is not above `rate`."""
        return [point for point in self.points if point.false_alarms <= rate + _EPSILON][-1]


def roc(sets: Iterable[Scores]) -> Roc | None:
    """Return the curve over these sets, or None if they lack scams or benign conversations."""
    given = list(sets)
    scams = _weigh([scores.scam for scores in given if scores.scam])
    benign = _weigh([scores.benign for scores in given if scores.benign])
    if not scams or not benign:
        return None
    points = [Point(0.0, 0.0)]
    false_alarms = recall = 0.0
    for place in sorted({*scams, *benign}, reverse=True):
        false_alarms += benign.get(place, 0.0)
        recall += scams.get(place, 0.0)
        points.append(Point(min(false_alarms, 1.0), min(recall, 1.0), place.score))
    return Roc(tuple(points))


def _weigh(sets: list[Counter[Scored]]) -> dict[Scored, float]:
    """Return what share of the conversations stands at each place, the mean over sets."""
    weights: defaultdict[Scored, float] = defaultdict(float)
    for counts in sets:
        for place, count in counts.items():
            weights[place] += count / counts.total() / len(sets)
    return weights
