"""Scams written around the rules still alert, and their benign twins stay silent; on a fixed part of the samples."""

from __future__ import annotations

from random import Random

import pytest

from adversary import NEVER, SELDOM, Evasion
from conftest import Sample, read_samples
from fanzha import Conversation, Detector

SAMPLES = read_samples()
SCAMS = Random(4).sample([sample for sample in SAMPLES if sample.alert], 24)
TWINS = Random(4).sample([sample for sample in SAMPLES if not sample.alert], 16)
KINDS = {**NEVER, **SELDOM}
# Who speaks tells a lecture on swindlers from a swindler: without it, or in pieces, some of the sixteen are taken for one;
# and words that a recogniser broke may be the very ones that make an offer harmless.
LOUD = {"a recogniser": 2, "no labels": 4, "unknown labels": 2, "pieces": 2, "fillers": 1}


def alerts(detector: Detector, samples: list[Sample], evade: Evasion) -> dict[str, bool]:
    found = {}
    for sample in samples:
        turns = evade(sample.conversation.turns, Random(sample.name))
        found[sample.name] = detector.score(Conversation(tuple(turns))).alert
    return found


def test_there_are_many_ways_to_write_around() -> None:
    assert len(KINDS) >= 12
    for kind, evade in KINDS.items():
        assert any(evade(one.conversation.turns, Random(one.name)) != list(one.conversation.turns) for one in SCAMS), kind


@pytest.mark.parametrize("kind", NEVER)
def test_no_scam_hides(detector: Detector, kind: str) -> None:
    assert [name for name, alert in alerts(detector, SCAMS, NEVER[kind]).items() if not alert] == []


@pytest.mark.parametrize("kind", SELDOM)
def test_few_scams_hide(detector: Detector, kind: str) -> None:
    hidden = [name for name, alert in alerts(detector, SCAMS, SELDOM[kind]).items() if not alert]
    assert len(hidden) <= 2, hidden


@pytest.mark.parametrize("kind", KINDS)
def test_twins_stay_silent(detector: Detector, kind: str) -> None:
    alarms = [name for name, alert in alerts(detector, TWINS, KINDS[kind]).items() if alert]
    assert len(alarms) <= LOUD.get(kind, 0), alarms
