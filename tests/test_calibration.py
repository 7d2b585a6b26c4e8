"""Calibration: bands, weights of sets, expected calibration error."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanzha.measure.calibration import bands, calibration_error
from fanzha.measure.scores import Scores
from outcomes import outcome, scores


@pytest.mark.parametrize(("score", "low", "high"), [(0, 0, 9), (9, 0, 9), (10, 10, 19), (90, 90, 100), (100, 90, 100)])
def test_every_score_has_its_band(score: int, low: int, high: int) -> None:
    (filled,) = (band for band in bands([scores([score], [])]) if band.conversations)
    assert (filled.low, filled.high) == (low, high)


def test_a_band_sets_the_observed_share_against_the_mean_score() -> None:
    band = bands([scores([82, 84, 86], [88])])[8]
    assert (band.conversations, band.scams, band.mean, band.observed) == (4, 3, 85, 75)


def test_a_large_set_does_not_drown_a_small_one() -> None:
    large, small = scores([80] * 900, []), scores([], [80])
    assert bands([large, small])[8].observed == pytest.approx(50)


def test_unknown_labels_are_left_out() -> None:
    counted = Scores()
    counted.add(outcome(50, "unknown"))
    assert calibration_error(bands([counted])) is None


def test_the_error_is_the_weighted_distance_of_the_bands() -> None:
    # half of the weight at 80 with 100 % scams (off by 20), half at 10 with 0 % (off by 10)
    assert calibration_error(bands([scores([80], [10])])) == pytest.approx(15)


def test_perfect_scores_have_no_error() -> None:
    assert calibration_error(bands([scores([100, 100], [0])])) == 0


@given(st.lists(st.tuples(st.integers(0, 100), st.booleans()), min_size=1))
def test_no_conversation_is_lost_and_a_set_weighs_one(given_scores: list[tuple[int, bool]]) -> None:
    found = bands([
        scores((one for one, scam in given_scores if scam), (one for one, scam in given_scores if not scam))
    ])
    assert sum(band.conversations for band in found) == len(given_scores)
    assert sum(band.weight for band in found) == pytest.approx(1)
