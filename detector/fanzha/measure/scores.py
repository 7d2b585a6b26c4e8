"""Which scores scams and benign conversations of one set got: all that calibration and ROC need to know of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from fanzha.measure.outcome import Outcome


class Scored(NamedTuple):
    """A place on the scale: `score` is `log_odds` as a percentage, rounded, so log-odds order it more finely."""

    log_odds: float
    score: int


@dataclass(slots=True)
class Scores:
    """How many scams and how many benign conversations got each score; those without a label are left out."""

    scam: Counter[Scored] = field(default_factory=Counter)
    benign: Counter[Scored] = field(default_factory=Counter)

    @property
    def has_both(self) -> bool:
        """Whether scams can be told from benign conversations here at all."""
        return bool(self.scam and self.benign)

    def add(self, outcome: Outcome) -> None:
        """Count one outcome."""
        if outcome.label != "unknown":
            counts = self.scam if outcome.label == "scam" else self.benign
            counts[Scored(outcome.log_odds, outcome.score)] += 1
