"""The transcripts of samples/: scams alert before the turn in which the victim can act, their twins never."""

from __future__ import annotations

import pytest

from conftest import ROOT, Sample, read_samples
from fanzha import Detector
from fanzha.verdict import LEVELS

SAMPLES = read_samples()


def named(label: str) -> list[Sample]:
    return [sample for sample in SAMPLES if sample.label == label]


def test_every_transcript_has_an_expectation_and_the_other_way_round() -> None:
    assert {sample.name for sample in SAMPLES} == {path.name for path in (ROOT / "samples").glob("*.txt")}


def test_there_are_enough_of_both() -> None:
    assert len(SAMPLES) >= 16
    assert len(named("scam")) >= 8
    assert len(named("benign")) >= 5
    assert {sample.label for sample in SAMPLES} == {"scam", "benign"}


@pytest.mark.parametrize("track", ["fraud", "gray"])
def test_every_script_has_three_scams_and_a_twin(detector: Detector, track: str) -> None:
    for script in detector.rules.scripts:
        if script.track == track:
            labels = [sample.label for sample in SAMPLES if sample.script == script.id]
            assert labels.count("scam") >= 3, script.id
            assert labels.count("benign") >= 1, script.id


def test_most_scams_are_called_by_the_name_of_their_script(detector: Detector) -> None:
    named_so = [detector.score(sample.conversation).script == sample.script for sample in named("scam")]
    assert sum(named_so) >= 0.75 * len(named_so)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_an_expectation_makes_sense(sample: Sample) -> None:
    assert sample.alert is (sample.label == "scam")
    assert (sample.before_turn is not None) is sample.alert
    assert sample.before_turn is None or 0 < sample.before_turn < len(sample.conversation.turns)


@pytest.mark.parametrize("sample", named("scam"), ids=lambda sample: sample.name)
def test_a_scam_alerts_before_the_victim_can_act(detector: Detector, sample: Sample) -> None:
    verdict = detector.score(sample.conversation)
    assert verdict.alert, (verdict.level, verdict.score)
    assert verdict.script is not None
    assert verdict.first_alert_turn is not None
    assert sample.before_turn is not None
    assert verdict.first_alert_turn < sample.before_turn


@pytest.mark.parametrize("sample", named("benign"), ids=lambda sample: sample.name)
def test_a_twin_does_not_alert(detector: Detector, sample: Sample) -> None:
    verdict = detector.score(sample.conversation)
    assert not verdict.alert, [(line.id, line.turn, line.points) for line in verdict.lines]
    assert verdict.first_alert_turn is None
    assert LEVELS.index(verdict.level) < LEVELS.index("high")
