"""Counting outcomes: recall, false alarms, levels, earliness."""

from __future__ import annotations

import pytest

from fanzha.measure.outcome import Outcome
from fanzha.measure.tally import Tally, mean
from outcomes import outcome


def tally(*outcomes: Outcome) -> Tally:
    counted = Tally()
    for one in outcomes:
        counted.add(one)
    return counted


def test_recall_is_the_share_of_scams_with_an_alert() -> None:
    counted = tally(outcome(70), outcome(50), outcome(10), outcome(90, "benign"))
    assert (counted.recall, counted.recall_medium) == (1 / 3, 2 / 3)


def test_a_false_alarm_is_an_alert_on_benign_text() -> None:
    counted = tally(outcome(70, "benign"), outcome(50, "benign"), outcome(90))
    assert (counted.false_alarms, counted.false_alarm_rate) == (1, 0.5)


def test_unknown_labels_count_for_no_share() -> None:
    counted = tally(outcome(90, "unknown"))
    assert (counted.labels["unknown"], counted.recall, counted.false_alarm_rate) == (1, None, None)


def test_recall_of_calls_looks_at_four_and_more_turns() -> None:
    counted = tally(outcome(90, turns=3), outcome(90, turns=4), outcome(10, turns=5))
    assert (counted.long_caught, counted.long_scam, counted.recall_long) == (1, 2, 0.5)


def test_levels_are_counted_by_label() -> None:
    counted = tally(outcome(30), outcome(30, "benign"), outcome(35, "benign"), outcome(90))
    assert counted.levels == {("scam", "low"): 1, ("benign", "low"): 2, ("scam", "critical"): 1}


def test_texts_that_describe_a_script_are_counted() -> None:
    assert tally(outcome(0, "benign", describes="refund"), outcome(0, "benign")).describes["benign"] == 1


def test_families_are_tallied_too() -> None:
    assert tally(outcome(family="a"), outcome(family="b")).families["a"].labels["scam"] == 1


# ── earliness ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("first", "money", "early"), [(2, 3, 1), (3, 3, 0), (4, 3, 0)])
def test_early_is_an_alert_in_a_turn_before_the_money(first: int, money: int, early: int) -> None:
    counted = tally(outcome(90, turns=8, first_alert_turn=first, money_turn=money)).earliness
    assert (counted.early, counted.given, counted.inferred) == (early, 1, 0)


def test_a_money_turn_that_is_not_given_is_inferred_and_counted_as_such() -> None:
    counted = tally(outcome(90, turns=8, first_alert_turn=2, extract_turn=5)).earliness
    assert (counted.early, counted.given, counted.inferred) == (1, 0, 1)


def test_the_given_money_turn_goes_before_the_inferred_one() -> None:
    counted = tally(outcome(90, turns=8, first_alert_turn=2, money_turn=1, extract_turn=5)).earliness
    assert (counted.early, counted.given, counted.inferred) == (0, 1, 0)


def test_an_alert_without_a_money_turn_counts_for_the_medians_alone() -> None:
    counted = tally(outcome(90, turns=8, first_alert_turn=1)).earliness
    assert (counted.share, counted.median_turn, counted.median_share) == (None, 2, 0.25)


def test_medians_are_over_the_alerted_calls() -> None:
    calls = [outcome(90, turns=10, first_alert_turn=first) for first in (0, 1, 8)]
    counted = tally(*calls, outcome(10, turns=10)).earliness
    assert (counted.median_turn, counted.median_share) == (2, 0.2)


def test_a_conversation_of_three_turns_has_no_earliness() -> None:
    assert tally(outcome(90, turns=3, first_alert_turn=0, money_turn=2)).earliness.turns == []


def test_alerts_on_benign_calls_are_not_early() -> None:
    assert tally(outcome(90, "benign", turns=8, money_turn=3)).earliness.turns == []


def test_a_mean_counts_each_set_the_same_and_leaves_out_what_is_unknown() -> None:
    assert (mean([1.0, None, 0.0]), mean([None])) == (0.5, None)
