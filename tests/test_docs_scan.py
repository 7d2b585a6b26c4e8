"""What docs/scan.md and docs/scale.md show does run."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT, Run
from tiny_pack import BENIGN, SCAM

SCAN, SCALE = ((ROOT / "docs" / name).read_text("utf-8") for name in ("scan.md", "scale.md"))
MESSAGES = [
    {"call": "a", "time": 1, "speaker": "客服", "text": "您的快递丢了, 我们三倍理赔"},
    {"call": "a", "time": 2, "speaker": "客服", "text": "加一下理赔专员的微信"},
    {"call": "b", "time": 1, "speaker": "客服", "text": "您好"},
]


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)


def commands(page: str) -> list[list[str]]:
    return [shlex.split(line, comments=True) for block in blocks(page, "sh") for line in block.splitlines() if line]


@pytest.mark.parametrize("command", commands(SCAN), ids=" ".join)
def test_the_commands_of_the_page_run(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("通话/一.txt", "通话/里/二.srt", "另一段.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"1\n00:00:01,000 --> 00:00:02,000\n{BENIGN}" if name.endswith("srt") else SCAM, "utf-8")
    assert command[:2] == ["fanzha", "scan"]
    code, _, err = run(*command[1:])
    assert (code, err) == (1 if "--fail-on" in command else 0, "")


def test_every_option_of_the_page_is_one_of_the_command(run: Run) -> None:
    told = set(re.findall(r"--[a-z]+", SCAN))
    shown = run("scan", "--help")[1]
    assert [option for option in told if option not in shown] == []


def run_block(holding: str, **names: Any) -> dict[str, Any]:
    block = next(block for block in blocks(SCALE, "python") if holding in block)
    exec(compile(block, "docs/scale.md", "exec"), names)  # noqa: S102 - the page's own example
    return names


def test_the_library_examples_of_the_page_run(capsys: pytest.CaptureFixture[str]) -> None:
    names = run_block("score_many")
    assert capsys.readouterr().out.splitlines()[0] == "none"
    run_block("detector.session", detector=names["detector"], messages=MESSAGES)
    assert re.fullmatch(r"a \d+", capsys.readouterr().out.strip())


def test_the_polars_and_duckdb_examples_of_the_page_run(capsys: pytest.CaptureFixture[str]) -> None:
    names = run_block("import polars", messages=MESSAGES)
    run_block("import duckdb", chats=names["chats"])
    assert "critical" in capsys.readouterr().out
