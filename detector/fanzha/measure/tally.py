"""Counts over outcomes of one set or family: recall, false alarms, levels, and how early an alert comes.

In: Outcomes, one at a time. Out: numbers. Nothing of an outcome is kept but its scores and, of alerts, the turn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import fmean, median

from fanzha.measure.outcome import Outcome
from fanzha.measure.records import Label
from fanzha.measure.scores import Scores
from fanzha.verdict import LEVELS, Level

LONG = 4  # turns from which a conversation is a call: in fewer nothing can be early


@dataclass(slots=True)
class Earliness:
    """When alerts on scams of `LONG` and more turns came.

    An alert is early if it came in a turn before the extracting one (`Outcome.extracting_turn`). `given` and
    `inferred` count the alerts whose extracting turn the record or only the rules tell; without one, an alert counts
    for the medians alone.
    """

    given: int = 0
    inferred: int = 0
    early: int = 0
    turns: list[int] = field(default_factory=list)  # 1-based
    shares: list[float] = field(default_factory=list)

    @property
    def share(self) -> float | None:
        """The share of alerts that were early, 0–1."""
        return _ratio(self.early, self.given + self.inferred)

    @property
    def median_turn(self) -> float | None:
        """The turn of the first alert, 1-based."""
        return median(self.turns) if self.turns else None

    @property
    def median_share(self) -> float | None:
        """How much of the call had been said when the alert came, its own turn included, 0–1."""
        return median(self.shares) if self.shares else None

    def add(self, outcome: Outcome) -> None:
        """Count a scam of at least `LONG` turns; without an alert there is nothing to count."""
        first = outcome.first_alert_turn
        if first is None:
            return
        self.turns.append(first + 1)
        self.shares.append((first + 1) / outcome.turns)
        extracting = outcome.extracting_turn
        if extracting is None:
            return
        self.given += outcome.money_turn is not None
        self.inferred += outcome.money_turn is None
        self.early += first < extracting


@dataclass(slots=True)
class Tally:
    """Counts over outcomes of one set or family; shares are 0–1, None where there is nothing to divide by."""

    caught: int = 0
    caught_medium: int = 0
    long_scam: int = 0
    long_caught: int = 0
    false_alarms: int = 0
    broken: int = 0
    skipped: int = 0
    labels: Counter[Label] = field(default_factory=Counter)
    levels: Counter[tuple[Label, Level]] = field(default_factory=Counter)
    describes: Counter[Label] = field(default_factory=Counter)
    earliness: Earliness = field(default_factory=Earliness)
    scores: Scores = field(default_factory=Scores)
    families: dict[str, Tally] = field(default_factory=dict)

    @property
    def recall(self) -> float | None:
        """Scams that raised an alert."""
        return _ratio(self.caught, self.labels["scam"])

    @property
    def recall_medium(self) -> float | None:
        """Scams at level medium and above."""
        return _ratio(self.caught_medium, self.labels["scam"])

    @property
    def recall_long(self) -> float | None:
        """Scams of `LONG` and more turns that raised an alert."""
        return _ratio(self.long_caught, self.long_scam)

    @property
    def false_alarm_rate(self) -> float | None:
        """Benign conversations that raised an alert."""
        return _ratio(self.false_alarms, self.labels["benign"])

    def add(self, outcome: Outcome) -> None:
        """Count one outcome, also under its family."""
        self._count(outcome)
        self.families.setdefault(outcome.family, Tally())._count(outcome)

    def _count(self, outcome: Outcome) -> None:
        self.labels[outcome.label] += 1
        self.levels[outcome.label, outcome.level] += 1
        self.describes[outcome.label] += outcome.describes is not None
        self.scores.add(outcome)
        self.false_alarms += outcome.false_alarm
        self.skipped += outcome.skipped
        if outcome.label != "scam":
            return
        self.caught += outcome.alert
        self.caught_medium += LEVELS.index(outcome.level) >= LEVELS.index("medium")
        if outcome.turns >= LONG:
            self.long_scam += 1
            self.long_caught += outcome.alert
            self.earliness.add(outcome)


def mean(shares: Iterable[float | None]) -> float | None:
    """Return the mean of what is known: each set counts the same, whatever its size."""
    known = [share for share in shares if share is not None]
    return fmean(known) if known else None


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
