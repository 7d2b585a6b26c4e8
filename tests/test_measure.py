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
from fanzha.measure.ledger import read_ledgers
from fanzha.measure.measure import judge, measure
from fanzha.measure.outcome import Outcome
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


def test_an_outcome_tells_alert_and_turns(tiny: Detector) -> None:
    one = outcome(tiny, money_turn=2)
    assert (one.alert, one.script, one.turns, one.first_alert_turn, one.money_turn) == (True, "tiny", 2, 1, 2)


@pytest.mark.parametrize(("money_turn", "extracting"), [(0, 0), (None, 1)])
def test_the_extracting_turn_is_as_given_or_the_first_counted_ask_for_money(
    tiny: Detector, money_turn: int | None, extracting: int
) -> None:
    assert outcome(tiny, money_turn=money_turn).extracting_turn == extracting


def test_a_warned_ask_for_money_is_no_extracting_turn(tiny: Detector) -> None:
    assert outcome(tiny, turns=[{"speaker": "caller", "text": "不要转账过来"}]).extracting_turn is None


def test_a_row_tells_hits_and_no_text(tiny: Detector) -> None:
    row = outcome(tiny).as_row()
    assert row["hits"][0] == {"signal": "hook.lost", "turn": 0, "stance": "asserted", "counted": True, "account": False}
    assert [key for key in row if key != "hits"] == [
        "id", "set", "label", "family", "score", "level", "script", "first_alert_turn", "money_turn", "turns",
        "describes", "earned",
    ]  # fmt: skip
    assert "快递" not in json.dumps(row, ensure_ascii=False)


def test_a_row_holds_the_ledger_that_a_fit_reads(tiny: Detector, tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_text(json.dumps(outcome(tiny).as_row()), "utf-8")
    (earned,) = read_ledgers([tmp_path / "log.jsonl"], tiny.rules.authored)
    assert (earned.scam, dict(earned.shares)) == (True, {"hook.lost": 1.0, "ask.money": 1.0})


def test_the_why_is_kept_only_of_errors(tiny: Detector) -> None:
    kept = [judge(tiny, line(label=label), keep="why") for label in ("scam", "benign", "unknown")]
    assert [one.why is not None for one in kept if isinstance(one, Outcome)] == [False, True, False]


def test_turns_are_kept_only_if_the_text_is_asked_for(tiny: Detector) -> None:
    kept = [judge(tiny, line(label="benign"), keep=keep) for keep in ("why", "text")]
    assert [len(one.why.turns) for one in kept if isinstance(one, Outcome) and one.why] == [0, 2]


def test_the_why_has_lines_and_stages(tiny: Detector) -> None:
    one = judge(tiny, line(label="benign", turns=[*SCAM_TURNS, {"speaker": "caller", "text": "好"}]), keep="why")
    assert isinstance(one, Outcome)
    assert one.why is not None
    assert one.why.lines == (("hook.lost", 2.0, 0), ("ask.money", 3.0, 1))
    assert (one.why.reached, one.why.missing) == ((("hook", "由头"), ("extract", "要钱")), ())


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
