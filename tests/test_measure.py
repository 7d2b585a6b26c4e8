"""Measuring on labelled conversations."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fanzha import Detector, InputError
from fanzha.measure import measure as module
from fanzha.measure.measure import Outcome, Tally, judge, measure
from fanzha.measure.records import Fault, RawLine, Record, find_sets, parse_record, read_lines
from tiny_pack import TINY

SCAM_TURNS = [
    {"speaker": "caller", "text": "您的快递丢了"},
    {"speaker": "caller", "text": "请您转账一下过来"},
]


def line(number: int = 1, **record: Any) -> RawLine:
    data = {"id": f"r{number}", "label": "scam", "family": "f", "turns": SCAM_TURNS, **record}
    return RawLine("set", number, json.dumps(data, ensure_ascii=False).encode())


@pytest.fixture(scope="module")
def rules(write_rules: Callable[..., Path]) -> Path:
    return write_rules(TINY)


@pytest.fixture(scope="module")
def tiny(rules: Path) -> Detector:
    return Detector(rules, bundled=False)


def outcome(detector: Detector, **record: Any) -> Outcome:
    found = judge(detector, line(**record))
    assert isinstance(found, Outcome)
    return found


def tally(*outcomes: Outcome) -> Tally:
    counted = Tally()
    for one in outcomes:
        counted.add(one)
    return counted


def test_a_scam_with_an_alert_is_caught(tiny: Detector) -> None:
    counted = tally(outcome(tiny))
    assert (counted.scam, counted.caught, counted.caught_medium) == (1, 1, 1)


def test_an_alert_on_benign_text_is_a_false_alarm(tiny: Detector) -> None:
    assert tally(outcome(tiny, label="benign")).false_alarms == 1


def test_unknown_labels_are_counted_apart(tiny: Detector) -> None:
    counted = tally(outcome(tiny, label="unknown"))
    assert (counted.unknown, counted.scam, counted.benign) == (1, 0, 0)


@pytest.mark.parametrize(("money_turn", "early"), [(2, 1), (1, 0)])
def test_early_is_an_alert_in_a_turn_before_the_money(tiny: Detector, money_turn: int, early: int) -> None:
    counted = tally(outcome(tiny, money_turn=money_turn))
    assert (counted.timed, counted.early) == (1, early)


def test_families_are_tallied_too(tiny: Detector) -> None:
    assert tally(outcome(tiny, family="a"), outcome(tiny, family="b")).families["a"].scam == 1


def test_a_row_has_hits_with_stance_and_no_text(tiny: Detector) -> None:
    row = outcome(tiny).as_row()
    assert row["hits"][0] == {"signal": "hook.lost", "turn": 0, "stance": "asserted", "counted": True}
    assert "快递" not in json.dumps(row, ensure_ascii=False)


def test_turns_are_kept_only_of_errors(tiny: Detector) -> None:
    kept = [judge(tiny, line(label=label), keep_turns=True) for label in ("scam", "benign")]
    assert [bool(one.turns) for one in kept if isinstance(one, Outcome)] == [False, True]


@pytest.mark.parametrize(
    "data",
    [
        b"{",
        b"[]",
        b'{"label": "scam"}',
        b'{"turns": [], "label": "bad"}',
        b'{"turns": [1]}',
        b"\xff\xfe",
        b"[" * 99_999,
    ],
)
def test_a_line_that_is_no_record_is_a_fault(data: bytes) -> None:
    assert isinstance(parse_record(RawLine("set", 1, data)), Fault)


def test_a_fault_never_carries_the_text() -> None:
    fault = parse_record(RawLine("set", 1, '{"turns": [{"text": ["秘密"]}]}'.encode()))
    assert isinstance(fault, Fault)
    assert "秘密" not in fault.message


def test_a_record_without_id_is_named_by_its_place() -> None:
    record = parse_record(RawLine("set", 7, b'{"turns": [{"text": "a"}]}'))
    assert isinstance(record, Record)
    assert record.id == "set:7"


@pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.gz"])
def test_plain_and_compressed_files_are_read(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"calls{suffix}"
    path.write_bytes(gzip.compress(b"{}\n\n{}\n") if suffix.endswith("gz") else b"{}\n\n{}\n")
    assert [(raw.set, raw.line) for raw in read_lines(path)] == [("calls", 1), ("calls", 3)]


def test_a_limit_takes_the_first_records(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("{}\n" * 5)
    assert len(list(read_lines(tmp_path / "a.jsonl", 3))) == 3


def test_a_broken_archive_is_an_input_error(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(b"{}\n" * 999)[:-9])
    with pytest.raises(InputError, match=r"a\.jsonl\.gz"):
        list(read_lines(tmp_path / "a.jsonl.gz"))


def test_folders_are_searched_for_sets(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    for name in ("a.jsonl", "b/c.jsonl.gz", "d.txt"):
        (tmp_path / name).touch()
    assert [path.name for path in find_sets([tmp_path])] == ["a.jsonl", "c.jsonl.gz"]


def test_two_processes_say_what_one_says(monkeypatch: pytest.MonkeyPatch, rules: Path) -> None:
    lines = [line(number, label="scam" if number % 2 else "benign") for number in range(8)]
    alone = list(measure(lines, [rules]))
    monkeypatch.setattr(module, "MANY", 4)
    assert list(measure(lines, [rules])) == alone
