"""Comparing two measurements of the same conversations."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from fanzha import InputError
from fanzha.measure.compare import Comparison, Kind, Reason, read_rows
from fanzha.measure.outcome import Outcome, SignalHit
from outcomes import outcome

Compare = Callable[[list[Outcome], list[Outcome]], Comparison]


@pytest.fixture
def compare(tmp_path: Path) -> Compare:
    def call(before: list[Outcome], after: list[Outcome]) -> Comparison:
        path = tmp_path / "old.jsonl.gz"
        path.write_bytes(gzip.compress("\n".join(json.dumps(one.as_row()) for one in before).encode()))
        comparison = read_rows(path)
        for one in after:
            comparison.add(one)
        return comparison

    return call


@pytest.mark.parametrize(
    ("label", "before", "after", "kind"),
    [
        ("scam", 10, 90, "caught"),
        ("scam", 90, 10, "missed"),
        ("benign", 10, 90, "alarm"),
        ("benign", 90, 10, "cured"),
    ],
)
def test_an_alert_that_comes_or_goes_is_a_change(
    compare: Compare, label: str, before: int, after: int, kind: Kind
) -> None:
    (change,) = compare([outcome(before, label)], [outcome(after, label)]).changes
    assert (change.set, change.id, change.kind) == ("s", "a", kind)


@pytest.mark.parametrize(("label", "before", "after"), [("scam", 60, 90), ("scam", 5, 50), ("unknown", 5, 90)])
def test_other_moves_of_the_score_are_none(compare: Compare, label: str, before: int, after: int) -> None:
    assert compare([outcome(before, label)], [outcome(after, label)]).changes == []


def test_an_alert_that_came_is_explained_by_signals_gained(compare: Compare) -> None:
    (change,) = compare([outcome(10, "scam", "x", "z")], [outcome(90, "scam", "x", "y")]).changes
    assert change.reasons == (Reason("gained", "y"),)


def test_an_alert_that_went_is_explained_by_signals_lost(compare: Compare) -> None:
    (change,) = compare([outcome(90, "benign", "x", "y")], [outcome(10, "benign", "x", "z")]).changes
    assert change.reasons == (Reason("lost", "y"),)


def test_a_signal_that_was_discounted_tells_its_stance(compare: Compare) -> None:
    warned = SignalHit("y", 0, "warned", counted=False)
    (change,) = compare([outcome(10, hits=(warned,))], [outcome(90, "scam", "y")]).changes
    assert change.reasons == (Reason("gained", "y", "warned"),)


def test_another_script_is_a_reason(compare: Compare) -> None:
    (change,) = compare([outcome(40, script="one")], [outcome(90, script="two")]).changes
    assert change.reasons == (Reason("script", "one -> two"),)


def test_where_no_signal_changed_the_points_did(compare: Compare) -> None:
    (change,) = compare([outcome(40, "scam", "x")], [outcome(90, "scam", "x")]).changes
    assert change.reasons == (Reason("points"),)


def test_conversations_are_told_apart_by_set_and_id(compare: Compare) -> None:
    found = compare([outcome(10, set="one")], [outcome(90, set="two")])
    assert (found.changes, found.new, found.gone) == ([], {"two": 1}, {"one": 1})


def test_a_repeated_id_is_taken_in_order(compare: Compare) -> None:
    assert compare([outcome(10), outcome(90)], [outcome(10), outcome(90)]).changes == []


@pytest.mark.parametrize(
    "line", ["{", "[]", '{"id": "a"}', '{"id": "a", "set": "s", "level": "odd", "script": null, "hits": []}', '"text"']
)
def test_a_line_that_measure_did_not_write_is_told_with_its_number(tmp_path: Path, line: str) -> None:
    (tmp_path / "old.jsonl").write_text(f"{json.dumps(outcome().as_row())}\n{line}\n", "utf-8")
    with pytest.raises(InputError, match=r"old\.jsonl:2"):
        read_rows(tmp_path / "old.jsonl")
