"""rules stats, fit and catalogue on the command line: measure, learn, write, load again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conftest import Run

SCAM = ["您的快递丢了, 请加微信转账", "包裹给弄丢了转账到这里"]
BENIGN = ["快递到了", "钱包丢了", "今天天气不错"]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two sets, large enough for the fit."""
    for name, label, texts in (("scams", "scam", SCAM), ("chats", "benign", BENIGN)):
        rows = [
            {"id": f"{name}{n}", "label": label, "turns": [{"speaker": "对方", "text": texts[n % len(texts)]}]}
            for n in range(60)
        ]
        lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
        (tmp_path / f"{name}.jsonl").write_text(lines, "utf-8")
    return tmp_path


def test_stats_lists_every_signal_and_names_the_dead_and_the_dear(run: Run, data: Path) -> None:
    code, out, _ = run("rules", "stats", data)
    assert code == 0
    assert "hook.lost" in out
    assert "从未计分" in out
    assert "最费时" in out


def test_stats_can_be_kept_as_rows_without_text(run: Run, data: Path, tmp_path: Path) -> None:
    kept = tmp_path / "out" / "stats.jsonl"
    kept.parent.mkdir()
    run("rules", "stats", data, "--jsonl", kept)
    rows = [json.loads(line) for line in kept.read_text("utf-8").splitlines()]
    assert {"id", "in_scams", "in_benign", "precision", "decisive", "microseconds"} <= rows[0].keys()
    assert "快递" not in kept.read_text("utf-8")


def test_measure_then_fit_writes_a_file_that_loads_and_is_written_the_same_again(
    run: Run, data: Path, tmp_path: Path
) -> None:
    log, weights = tmp_path / "log.json", tmp_path / "fit" / "weights.yaml"
    weights.parent.mkdir()
    run("measure", data, "--jsonl", log)
    assert "快递" not in log.read_text("utf-8")
    code, out, err = run("rules", "fit", log, "-o", weights)
    assert (code, out) == (0, "")
    assert "120 段对话" in err
    first = weights.read_text("utf-8")
    run("rules", "fit", log, "-o", weights)
    assert weights.read_text("utf-8") == first
    assert run("score", "您的快递丢了", "--rules", weights.parent)[0] == 0


def test_fit_without_output_prints_the_file(run: Run, data: Path, tmp_path: Path) -> None:
    log = tmp_path / "log.json"
    run("measure", data, "--jsonl", log)
    assert run("rules", "fit", log)[1].startswith("# 由 fanzha rules fit 生成")


def test_fit_wants_scams_and_benign_text(run: Run, data: Path, tmp_path: Path) -> None:
    log = tmp_path / "log.json"
    run("measure", data / "scams.jsonl", "--jsonl", log)
    code, _, err = run("rules", "fit", log)
    assert (code, "要有诈骗也有正常的记录" in err) == (3, True)


def test_the_catalogue_is_written_and_checked(run: Run, tmp_path: Path) -> None:
    page = tmp_path / "rules.md"
    assert run("rules", "catalogue", "-o", page)[0] == 0
    assert run("rules", "catalogue", "-o", page, "--check")[0] == 0
    page.write_text(page.read_text("utf-8") + "手写的一行\n", "utf-8")
    code, _, err = run("rules", "catalogue", "-o", page, "--check")
    assert (code, "不是最新的" in err) == (1, True)
