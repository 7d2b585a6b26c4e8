"""Whether scores mean what they say: of conversations scored 80, about 80 % should be scams.

In: Scores of sets. Out: bands of ten points, and the expected calibration error.

Every set counts the same: a conversation of a set with n labelled ones weighs 1/n, so the weights of a set sum to 1,
and of two sets the larger does not drown the smaller. In a band, `mean` is the weighted mean of the scores and
`observed` the weighted share of scams. The measured mix is therefore "one conversation from a set drawn at random",
in which sets of scams alone are as likely as sets of benign text alone; what a real inbox holds is another mix.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fanzha.measure.scores import Scores

_TOP = 9  # the band 90–100


@dataclass(slots=True)
class Band:
    """Conversations with scores from `low` to `high`; `scams` and `conversations` are plain counts."""

    low: int
    high: int
    conversations: int = 0
    scams: int = 0
    weight: float = 0.0
    scam_weight: float = 0.0
    score_weight: float = 0.0

    @property
    def mean(self) -> float:
        """Weighted mean score, 0–100."""
        return self.score_weight / self.weight if self.weight else 0.0

    @property
    def observed(self) -> float:
        """Weighted share of scams, 0–100."""
        return 100 * self.scam_weight / self.weight if self.weight else 0.0

    def add(self, score: int, count: int, weight: float, *, scam: bool) -> None:
        """Count conversations of one score, all of the same weight."""
        self.conversations += count
        self.weight += count * weight
        self.score_weight += count * weight * score
        if scam:
            self.scams += count
            self.scam_weight += count * weight


def bands(sets: Iterable[Scores]) -> list[Band]:
    """Return the ten bands 0–9, 10–19 … 90–100, empty ones too."""
    found = [Band(10 * number, 10 * number + 9 + (number == _TOP)) for number in range(_TOP + 1)]
    for scores in sets:
        total = scores.scam.total() + scores.benign.total()
        for counts, scam in ((scores.scam, True), (scores.benign, False)):
            for (_, score), count in sorted(counts.items()):
                found[min(score // 10, _TOP)].add(score, count, 1 / total, scam=scam)
    return found


def calibration_error(found: Sequence[Band]) -> float | None:
    """Return the mean distance of `observed` from `mean`, weighted by band, in points (0–100); None without data."""
    weight = sum(band.weight for band in found)
    return sum(band.weight * abs(band.observed - band.mean) for band in found) / weight if weight else None
