"""fanzha formats and fanzha convert."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from calls import SPOKEN, TEXTS

from conftest import Run
from fanzha.formats.registry import read_file, readers


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    written = []
    for name, suffix in (("srt", "srt"), ("funasr-json", "json"), ("table-csv", "csv")):
        path = tmp_path / f"{name}.{suffix}"
        path.write_bytes(SPOKEN[name][0])
        written.append(path)
    return written


def texts(path: Path) -> list[list[str]]:
    return [[turn.text for turn in one.turns] for one in read_file(path).conversations]


def test_every_format_is_listed(run: Run) -> None:
    code, out, _ = run("formats")
    assert code == 0
    assert all(reader.name in out and reader.title in out for reader in readers())


def test_files_are_told_what_they_are(run: Run, files: list[Path], tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text('{"segments": [')
    code, out, _ = run("formats", *files, tmp_path / "broken.json")
    assert code == 0
    rows = [row for row in out.splitlines() if "funasr-json" in row or "broken" in row or "gb18030" in row]
    assert [("table-csv" in row, "不完整" in row) for row in rows] == [(False, False), (True, False), (False, True)]


def test_nothing_readable_is_a_failure(run: Run, tmp_path: Path) -> None:
    assert run("formats", tmp_path / "none")[0] == 3


@pytest.mark.parametrize("name", ["out.jsonl", "out.csv"])
def test_conversations_are_written_into_one_file(run: Run, files: list[Path], tmp_path: Path, name: str) -> None:
    code, _, err = run("convert", *files, "-o", tmp_path / name)
    assert code == 0
    assert "3 段" in err
    assert texts(tmp_path / name) == [TEXTS] * 3


def test_a_chatlab_file_holds_one_conversation(run: Run, files: list[Path], tmp_path: Path) -> None:
    assert run("convert", *files, "-o", tmp_path / "out.json")[0] == 0
    for name in ("out.json", "out-2.json", "out-3.json"):
        assert json.loads((tmp_path / name).read_text("utf-8"))["chatlab"]
        assert texts(tmp_path / name) == [TEXTS]


def test_what_cannot_be_read_does_not_hinder_the_rest(run: Run, files: list[Path], tmp_path: Path) -> None:
    (tmp_path / "empty.txt").touch()
    code, _, err = run("convert", tmp_path / "empty.txt", *files, "-o", tmp_path / "out.jsonl")
    assert code == 3
    assert "empty.txt" in err
    assert texts(tmp_path / "out.jsonl") == [TEXTS] * 3


def test_standard_streams_and_options(run: Run) -> None:
    rows = "1,客服,您好\n1,客户,哪位\n".encode("gb18030")
    options = ("--to", "jsonl", "--text", "3", "--speaker", "2", "--id", "1", "--self", "客户")
    _, out, _ = run("convert", "-", "-o", "-", *options, stdin=rows)
    turns = json.loads(out)["turns"]
    assert [(turn["speaker"], turn["party"], turn["text"]) for turn in turns] == [("客服", "other", "您好"), ("客户", "self", "哪位")]


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("-o", "out.xyz"), 2, "--to"),
        (("-o", "/no/such/folder/a.csv"), 2, "写不了"),
        (("-o", "out.csv", "--format", "wisper"), 3, "没有叫"),
        (("-o", "out.csv", "--self", "没有的人"), 3, "没有叫"),
    ],
)
def test_what_cannot_be_done_is_told(
    run: Run, files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], code: int, told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    found, _, err = run("convert", files[0], *arguments)
    assert (found, told in err) == (code, True)


def test_explain_takes_any_conversation_of_a_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("会话ID,角色,文本\n1,客服,甲甲甲\n2,客服,乙乙乙\n", encoding="utf-8")
    _, out, _ = run("explain", tmp_path / "a.csv", "--number", "2")
    assert "乙乙乙" in out
    assert "甲甲甲" not in out
    code, _, err = run("explain", tmp_path / "a.csv", "--number", "3")
    assert (code, "只有 2 段" in err) == (3, True)
