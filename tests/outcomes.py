"""Outcomes as tests need them: what a test does not look at is filled in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fanzha.measure.outcome import Outcome, SignalHit
from fanzha.measure.scores import Scores
from fanzha.verdict import LEVELS


def outcome(score: int = 0, label: Any = "scam", *counted: str, **more: Any) -> Outcome:
    """An outcome of this score under thresholds at 20, 40, 60 and 80, with counted hits of these signals."""
    first = 0 if score >= 60 else None
    given: dict[str, Any] = {
        "set": "s", "id": "a", "family": "f", "log_odds": float(score), "level": LEVELS[min(score // 20, 4)],
        "script": None, "describes": None, "first_alert_turn": first, "money_turn": None, "extract_turn": None,
        "turns": 1, "hits": tuple(SignalHit(signal, 0, "asserted", counted=True) for signal in counted), **more,
    }  # fmt: skip
    return Outcome(score=score, label=label, **given)


def scores(scam: Iterable[int], benign: Iterable[int]) -> Scores:
    """The scores of a set with these scams and these benign conversations."""
    counted = Scores()
    for score in scam:
        counted.add(outcome(score, "scam"))
    for score in benign:
        counted.add(outcome(score, "benign"))
    return counted
