"""Learn weights, base, scale and levels from ledgers: few parameters, strongly held to what the authors wrote.

In: the pack (its written weights) and ledgers of labelled conversations. Out: a Fit. A total is what the judge
computes: base + scale × (stages, each capped, + decisive pairs + order), the highest script deciding; the logistic
loss of it is minimised. Every set counts the same, so that no large corpus dominates, and the mix of the sets is the
mix that a score is calibrated on. A weight stays within `BOUNDS` of what was written and is pulled back to it; only
signals that were seen in `SEEN` conversations move. Needs the `fit` extra (numpy, scipy). The same input gives the
same result.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize

from fanzha.measure.ledger import Earned
from fanzha.ruleset import Ruleset

BOUNDS = (0.5, 1.6)  # of the written weight
SEEN = 20  # conversations in which a signal must count before its weight may move
PULL = 0.0015  # loss for a weight that is twice the written one
BASE_BOUNDS, SCALE_BOUNDS = (-8.0, -1.5), (0.4, 1.5)
_ROUNDS = 4  # the deciding script of a conversation is chosen anew so often
# False alarms allowed on the mix of benign sets, and the least score: an alert must be more likely a scam than not.
BUDGETS: Mapping[str, tuple[float, int]] = {
    "low": (0.05, 10),
    "medium": (0.01, 30),
    "high": (0.0015, 55),
    "critical": (0.0002, 85),
}

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Fit:
    """What was learnt; `loss` before and after is the mean logistic loss over the sets."""

    base: float
    scale: float
    levels: Mapping[str, int]
    weights: Mapping[str, float]
    written: Mapping[str, float]
    seen: Mapping[str, int]
    loss: tuple[float, float]


class _Problem:
    """The ledgers as arrays: entries (signal, share) in cells (script row × stage, capped) in rows of conversations."""

    def __init__(self, rules: Ruleset, written: Mapping[str, float], earned: Sequence[Earned], scale: float) -> None:
        self.names = sorted(written)
        self.index = {name: number for number, name in enumerate(self.names)}
        self.written = np.array([written[name] for name in self.names])
        entry_cell: list[int] = []
        entry_signal: list[int] = []
        entry_share: list[float] = []
        cell_row: list[int] = []
        cell_cap: list[float] = []
        cell_fixed: list[float] = []  # pairs that fall under the cap
        row_of: list[int] = []
        row_extra: list[float] = []
        by_id = {script.id: script for script in rules.scripts}
        ids = {rule.index: rule.id for rule in rules.signals}
        stages = {name: {ids[i]: stage for i, stage in script.stage_of.items()} for name, script in by_id.items()}
        for number, one in enumerate(earned):
            for name, script in by_id.items():
                cells: dict[str, int] = {}
                own = stages[name]
                pairs = [script.decisive[pair] for key, pair in one.pairs if key == name]
                for signal, share in one.shares.items():
                    stage = own.get(signal)
                    if stage is None or signal not in self.index:
                        continue
                    if not cells:
                        row_of.append(number)
                        extra = sum(pair.points for pair in pairs if pair.stage is None)
                        extra += script.order_bonus if name in one.ordered else 0
                        row_extra.append(extra / 1000 / scale)
                    if stage not in cells:
                        cells[stage] = len(cell_row)
                        cell_row.append(len(row_of) - 1)
                        cell_cap.append(script.caps.get(stage, 1_000_000) / 1000 / scale)
                        cell_fixed.append(sum(pair.points for pair in pairs if pair.stage == stage) / 1000 / scale)
                    entry_cell.append(cells[stage])
                    entry_signal.append(self.index[signal])
                    entry_share.append(share)
        self.entry_cell, self.entry_signal = np.array(entry_cell, int), np.array(entry_signal, int)
        self.entry_share = np.array(entry_share)
        self.cell_row, self.cell_cap = np.array(cell_row, int), np.array(cell_cap)
        self.cell_fixed = np.array(cell_fixed)
        self.row_of, self.row_extra = np.array(row_of, int), np.array(row_extra)
        self.sign = np.array([1.0 if one.scam else -1.0 for one in earned])
        sizes = Counter(one.set for one in earned)
        self.mass = np.array([1 / sizes[one.set] / len(sizes) for one in earned])

    def rows(self, ratios: Array) -> tuple[Array, Array]:
        """The points of every row, and which cells are below their caps."""
        points = self.entry_share * (self.written * ratios)[self.entry_signal]
        cells = np.bincount(self.entry_cell, points, len(self.cell_cap)) + self.cell_fixed
        free = cells <= self.cell_cap
        capped = np.where(free, cells, self.cell_cap)
        return np.bincount(self.cell_row, capped, len(self.row_of)) + self.row_extra, free

    def deciding(self, rows: Array) -> Array:
        """The row with the most points of every conversation; −1 where nothing counted."""
        best = np.full(len(self.sign), -1)
        order = np.argsort(rows, kind="stable")
        best[self.row_of[order]] = order
        return best

    def totals(self, base: float, scale: float, ratios: Array) -> Array:
        """Log-odds of every conversation."""
        rows, _ = self.rows(ratios)
        best = self.deciding(rows)
        return base + scale * _of_deciding(rows, best)

    def loss(self, totals: Array) -> float:
        """The mean logistic loss over the sets."""
        return float(np.sum(self.mass * np.logaddexp(0, -self.sign * totals)))


def fit(rules: Ruleset, written: Mapping[str, float], earned: Iterable[Earned], *, scale: float = 1.0) -> Fit:
    """Fit to the ledgers. `written` are the authors' weights (logits); `scale` is the one that `rules` stand under."""
    known = sorted(earned, key=lambda one: (one.set, one.id))
    problem = _Problem(rules, written, known, scale)
    seen = Counter(signal for one in known for signal in one.shares)
    free = np.array([seen[name] >= SEEN and written[name] > 0 for name in problem.names], bool)
    base, factor, ratios = -4.0, 1.0, np.ones(len(problem.names))
    before = problem.loss(problem.totals(base, factor, ratios))
    for _ in range(_ROUNDS):
        base, factor, ratios = _improved(problem, free, base, factor, ratios)
    base, factor = round(base, 3), round(factor, 3)
    ratios = np.round(problem.written * ratios, 2) / np.where(problem.written > 0, problem.written, 1)
    totals = problem.totals(base, factor, ratios)
    weights = {
        name: round(float(problem.written[number] * ratios[number]), 2)
        for number, name in enumerate(problem.names)
        if free[number]
    }
    return Fit(
        base,
        factor,
        levels_for(problem, totals, base + factor * _opening(rules) / scale),
        weights,
        {name: float(written[name]) for name in weights},
        {name: seen[name] for name in weights},
        (before, problem.loss(totals)),
    )


def _improved(
    problem: _Problem, free: Array, base: float, scale: float, ratios: Array
) -> tuple[float, float, Array]:
    """Minimise while the deciding script of each conversation stays what it is under the present weights."""
    best = problem.deciding(problem.rows(ratios)[0])
    chosen = np.zeros(len(problem.row_of), bool)
    chosen[best[best >= 0]] = True
    entry_row = problem.cell_row[problem.entry_cell] if len(problem.entry_cell) else problem.entry_cell
    numbers = np.flatnonzero(free)

    def objective(values: Array) -> tuple[float, Array]:
        now = ratios.copy()
        now[numbers] = values[2:]
        rows, uncapped = problem.rows(now)
        points = _of_deciding(rows, best)
        margin = problem.sign * (values[0] + values[1] * points)
        loss = np.sum(problem.mass * np.logaddexp(0, -margin)) + PULL * np.sum((values[2:] - 1) ** 2)
        slope = -problem.mass * problem.sign / (1 + np.exp(margin))
        row_slope = np.where(chosen, slope[problem.row_of], 0.0) if len(problem.row_of) else np.zeros(0)
        parts = row_slope[entry_row] * uncapped[problem.entry_cell] * problem.entry_share * values[1]
        by_signal = np.bincount(problem.entry_signal, parts, len(problem.names)) * problem.written
        pull = 2 * PULL * (values[2:] - 1)
        return float(loss), np.concatenate([[slope.sum(), (slope * points).sum()], by_signal[numbers] + pull])

    start = np.concatenate([[base, scale], ratios[numbers]])
    bounds = [BASE_BOUNDS, SCALE_BOUNDS, *([BOUNDS] * len(numbers))]
    found = minimize(objective, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 300}).x
    moved = ratios.copy()
    moved[numbers] = found[2:]
    return float(found[0]), float(found[1]), moved


def _of_deciding(rows: Array, best: Array) -> Array:
    """The points of the deciding row of every conversation; nothing where nothing counted."""
    return np.where(best >= 0, np.append(rows, 0.0)[best], 0.0)


def _opening(rules: Ruleset) -> float:
    """The most points (logits) that identity, hook and trust give together in the usual script: an opening."""
    caps = [
        sum(script.caps.get(stage, 0) for stage in ("identity", "hook", "trust")) / 1000
        for script in rules.scripts
        if script.track == "fraud"
    ]
    return float(np.median(caps)) if caps else 0.0


def levels_for(problem: _Problem, totals: Array, opening: float = -np.inf) -> dict[str, int]:
    """For each level the least score whose false alarms, each benign set counting the same, are within the budget.
    `opening` (log-odds) is what an opening alone may reach: an alert needs more.
    """
    scores = np.round(100 / (1 + np.exp(-totals)))
    benign = problem.sign < 0
    mass = problem.mass[benign] / problem.mass[benign].sum() if benign.any() else problem.mass[benign]
    levels: dict[str, int] = {}
    least = 0
    for name, (budget, floor) in BUDGETS.items():
        if name == "high":
            floor = max(floor, round(float(100 / (1 + np.exp(-opening)))) + 1)
        candidates = range(max(floor, least + 1), 100)
        fits = (score for score in candidates if float(mass[scores[benign] >= score].sum()) <= budget)
        levels[name] = least = next(fits, max(99, least + 1))
    return levels
