"""fanzha measure: what it prints and writes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from conftest import ROOT, Run
from tiny_pack import TINY

SCAM = ["您的快递丢了", "请转账过来"]
CALL = ["您好", "您的快递丢了", "啊", "那请您转账过来", "行"]
HIDDEN = "暗号"


def record(id: str, label: str, said: list[str], family: str = "f1", **more: Any) -> dict[str, Any]:  # noqa: A002
    return {
        "id": id, "label": label, "family": family,
        "turns": [{"speaker": "caller", "text": text} for text in said], **more,
    }  # fmt: skip


RECORDS = [
    record("caught", "scam", CALL, money_turn=4),
    record("missed", "scam", [HIDDEN, "不要转账过来"], "f2"),
    record("alarm", "benign", SCAM),
]


def write(path: Path, records: list[dict[str, Any]], *lines: str) -> Path:
    path.write_text("\n".join([*(json.dumps(one, ensure_ascii=False) for one in records), *lines]), "utf-8")
    return path


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A set with a scam that is caught, one that is missed, a false alarm and a broken line."""
    return write(tmp_path / "calls.jsonl", RECORDS, "{broken")


def row(out: str, under: str, name: str) -> list[str]:
    """The cells of the row that begins with this name, under this heading."""
    lines = out.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(under))
    return next(line.split() for line in lines[start:] if line.startswith(name))


# ── tables ─────────────────────────────────────────────────────────────────────


def test_recall_and_false_alarms_of_a_set(run: Run, data: Path) -> None:
    found = row(run("measure", data)[1], "召回与误报", "calls")
    assert found == ["calls", "2", "50.0%", "50.0%", "100.0%", "(1/1)", "1", "1", "100.00%", "0", "1"]


def test_conversations_are_counted_by_level(run: Run, data: Path) -> None:
    assert row(run("measure", data)[1], "各等级", "calls") == ["calls", "诈骗", "1", "0", "0", "1", "0", "0"]


def test_a_family_has_a_row_of_its_own(run: Run, data: Path) -> None:
    out = run("measure", data, "--by-family")[1]
    assert all(f"calls / {family}" in out for family in ("f1", "f2"))


def test_several_sets_have_a_mean_in_which_each_counts_the_same(run: Run, data: Path) -> None:
    write(data.parent / "more.jsonl", [RECORDS[1]] * 8)
    assert row(run("measure", data.parent)[1], "召回与误报", "各数据集平均")[:3] == ["各数据集平均", "10", "25.0%"]


def test_earliness_is_told_of_calls(run: Run, data: Path) -> None:
    found = row(run("measure", data)[1], "报警有多早", "calls")
    assert found == ["calls", "1", "1", "100.0%", "(1/1)", "4", "80%"]


def test_an_inferred_money_turn_is_marked(run: Run, tmp_path: Path) -> None:
    out = run("measure", write(tmp_path / "calls.jsonl", [record("a", "scam", CALL)]))[1]
    assert row(out, "报警有多早", "calls")[2:5] == ["1*", "0.0%", "(0/1)"]
    assert "由规则推断" in out


def test_messages_alone_have_no_table_of_earliness(run: Run, tmp_path: Path) -> None:
    assert "报警有多早" not in run("measure", write(tmp_path / "sms.jsonl", [record("a", "scam", SCAM)]))[1]


def test_scores_are_set_against_what_was_observed(run: Run, data: Path) -> None:
    out = run("measure", data)[1]
    assert row(out, "校准", "70-79") == ["70-79", "2", "1", "73.0", "50.0%", "-23.0"]
    assert "期望校准误差" in out


def test_roc_is_told_and_drawn(run: Run, data: Path) -> None:
    out = run("measure", data)[1]
    assert row(out, "ROC", "*")[:3] == ["*", "calls", "0.250"]
    assert "100% |" in out


def test_a_class_alone_has_no_roc(run: Run, tmp_path: Path) -> None:
    assert "ROC" not in run("measure", write(tmp_path / "a.jsonl", [record("a", "scam", SCAM)]))[1]


def test_a_narrow_terminal_cuts_no_number(run: Run, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    assert row(run("measure", data)[1], "召回与误报", "calls")[1:4] == ["2", "50.0%", "50.0%"]


def test_every_option_that_the_docs_name_is_one(run: Run) -> None:
    named = set(re.findall(r"--[a-z-]+", (ROOT / "docs" / "measure.md").read_text("utf-8")))
    shown = run("measure", "--help")[1]
    assert len(named) > 7
    assert [option for option in named if option not in shown] == []


def test_every_heading_that_the_docs_explain_is_printed(run: Run, data: Path) -> None:
    explained = re.findall(r"^\*\*(.*)。\*\*", (ROOT / "docs" / "measure.md").read_text("utf-8"), re.MULTILINE)
    out = run("measure", data)[1]
    assert len(explained) == 5
    assert [heading for heading in explained if f"\n{heading}" not in f"\n{out}"] == []


def test_a_broken_line_is_told_with_its_number(run: Run, data: Path) -> None:
    assert "calls:4: 不是 JSON" in run("measure", data)[2]


def test_what_was_not_read_whole_is_told(run: Run, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fanzha.engine.MAX_TURN_CHARS", 3)
    assert "calls: 3 段没有读完" in run("measure", data)[2]


# ── errors ─────────────────────────────────────────────────────────────────────


def test_misses_are_listed_without_text(run: Run, data: Path) -> None:
    out = run("measure", data, "--misses", 5)[1]
    assert ("calls missed" in out, HIDDEN in out) == (True, False)


def test_text_is_shown_when_asked_for(run: Run, data: Path) -> None:
    assert HIDDEN in run("measure", data, "--misses", 5, "--text")[1]


def test_a_miss_tells_what_was_discounted_and_what_is_missing(run: Run, data: Path) -> None:
    out = run("measure", data, "--misses", 5)[1]
    assert "不计分: ask.money(提醒)@2" in out
    assert "未到: 冒充身份, 由头" in out


def test_an_alarm_tells_the_lines_that_counted(run: Run, data: Path) -> None:
    assert "计分: hook.lost +2.00@1, ask.money +3.00@2" in run("measure", data, "--alarms", 5)[1]


def test_the_worst_come_first_and_a_sample_is_drawn_by_hash(run: Run, tmp_path: Path) -> None:
    misses = [record(f"m{number}", "scam", ["您的快递丢了"] if number < 6 else ["好"]) for number in range(8)]
    path = write(tmp_path / "a.jsonl", misses)

    def listed(*more: str) -> set[str]:
        lines = run("measure", path, "--misses", 2, *more)[1].splitlines()
        return {line.split()[1] for line in lines if line.startswith("a m")}

    assert listed() == {"m6", "m7"}
    assert listed("--sample") != {"m6", "m7"}


def test_errors_are_not_listed_unless_asked_for(run: Run, data: Path) -> None:
    out = run("measure", data)[1]
    assert ("漏报 1 条" in out, "误报 1 条" in out) == (False, False)


# ── files ──────────────────────────────────────────────────────────────────────


def test_nothing_of_the_text_gets_into_files(run: Run, data: Path, tmp_path: Path) -> None:
    run("measure", data, "--jsonl", tmp_path / "rows.jsonl", "--svg", tmp_path / "roc.svg", "--misses", 5, "--text")
    written = [(tmp_path / name).read_text("utf-8") for name in ("rows.jsonl", "roc.svg")]
    said = {text for one in RECORDS for turn in one["turns"] for text in (turn["text"], *turn["text"].split("转账"))}
    assert [text for text in said if len(text) > 1 and any(text in file for file in written)] == []
    assert [json.loads(line)["id"] for line in written[0].splitlines()] == ["caught", "missed", "alarm"]


def test_the_picture_is_one_document_with_the_names_of_sets(run: Run, data: Path, tmp_path: Path) -> None:
    run("measure", data, "--svg", tmp_path / "roc.svg")
    texts = [one.text for one in ElementTree.parse(tmp_path / "roc.svg").iter() if one.text]  # noqa: S314 - our own file
    assert "calls" in texts


def test_half_a_surrogate_pair_in_an_id_is_written_as_json_escapes_it(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(r'{"id": "\ud83d", "label": "scam", "turns": [{"text": "a"}]}', "utf-8")
    assert run("measure", path, "--jsonl", tmp_path / "rows.jsonl")[0] == 0
    assert json.loads((tmp_path / "rows.jsonl").read_text("utf-8"))["id"] == "\ud83d"


@pytest.mark.parametrize("option", ["--jsonl", "--svg"])
def test_a_file_that_cannot_be_written_is_told_before_the_work(run: Run, data: Path, option: str) -> None:
    code, out, err = run("measure", data, option, data.parent / "none" / "file")
    assert (code, out, "写不了" in err) == (2, "", True)


def test_a_run_that_fails_leaves_an_earlier_result_as_it_was(run: Run, data: Path, tmp_path: Path) -> None:
    old = tmp_path / "old.txt"
    old.write_text("before", "utf-8")
    assert run("measure", data, "--jsonl", old, "--rules", tmp_path / "none")[0] == 2
    assert (old.read_text("utf-8"), sorted(path.name for path in tmp_path.iterdir())) == (
        "before",
        ["calls.jsonl", "old.txt"],
    )


# ── comparison ─────────────────────────────────────────────────────────────────


@pytest.fixture
def quieter(write_rules: Callable[..., Path]) -> Path:
    """TINY in which the ask for money needs other words."""
    return write_rules(TINY.replace("转账 …4 过来", "芝麻 …4 开门"))


def test_a_comparison_tells_what_changed_and_which_signal_explains_it(
    run: Run, data: Path, quieter: Path, tmp_path: Path
) -> None:
    run("measure", data, "--jsonl", tmp_path / "old.jsonl")
    code, out, _ = run("measure", data, "--rules", quieter, "--compare", tmp_path / "old.jsonl")
    assert code == 0
    assert row(out, "与旧结果相比", "calls") == ["calls", "3", "0", "1", "0", "1", "0", "0"]
    assert "-ask.money  1 段: caught" in out
    assert "-ask.money  1 段: alarm" in out


def test_the_same_file_may_be_compared_with_and_written(run: Run, data: Path, quieter: Path, tmp_path: Path) -> None:
    old = tmp_path / "old.jsonl"
    run("measure", data, "--jsonl", old)
    out = run("measure", data, "--rules", quieter, "--compare", old, "--jsonl", old)[1]
    assert row(out, "与旧结果相比", "calls")[1] == "3"
    assert json.loads(old.read_text("utf-8").splitlines()[0])["level"] == "low"


def test_a_comparison_with_a_file_of_another_kind_is_told(run: Run, data: Path) -> None:
    code, _, err = run("measure", data, "--compare", data)
    assert (code, "calls.jsonl:1" in err, "measure --jsonl" in err) == (3, True, True)


# ── noise ──────────────────────────────────────────────────────────────────────


def test_noise_is_put_on_before_scoring(run: Run, data: Path) -> None:
    code, out, _ = run("measure", data, "--noise", "marks:1", "--noise", "drop:1")
    assert code == 0
    assert row(out, "召回与误报", "calls")[2] == "0.0%"


def test_a_noise_that_is_not_known_is_told_with_those_that_are(run: Run, data: Path) -> None:
    code, _, err = run("measure", data, "--noise", "hiss:0.1")
    assert code == 3
    assert "hiss" in err
    assert "homophone" in err
