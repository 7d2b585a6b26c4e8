"""fanzha scan: outputs, going on after an interrupt, what is told, exit codes."""

from __future__ import annotations

import csv
import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import pytest

from conftest import Run
from fanzha import Conversation, Detector
from tiny_pack import BENIGN, SCAM

TIMEOUT = 180  # seconds; only a fault makes a test wait so long


@pytest.fixture
def calls(tmp_path: Path) -> Path:
    """Six calls, every other one a scam, and a file that is no text."""
    folder = tmp_path / "calls"
    folder.mkdir()
    for number in range(6):
        (folder / f"{number}.txt").write_text(BENIGN if number % 2 else SCAM, "utf-8")
    (folder / "broken.txt").write_bytes(bytes(range(256)))
    return folder


@pytest.fixture
def interrupt(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], Any]:
    """Press Ctrl-C while the n-th conversation is scored."""

    @contextmanager
    def pressed(after: int) -> Iterator[None]:
        count = 0
        score = Detector.score

        def counting(self: Detector, *given: Any, **more: Any) -> Any:
            nonlocal count
            count += 1
            if count > after:
                signal.raise_signal(signal.SIGINT)
            return score(self, *given, **more)

        with monkeypatch.context() as patched:
            patched.setattr(Detector, "score", counting)
            yield

    return pressed


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


# ── outputs ──────────────────────────────────────────────────────────────────


def test_several_outputs_are_written_in_one_run(run: Run, calls: Path, tmp_path: Path) -> None:
    outs = [tmp_path / f"out{suffix}" for suffix in (".jsonl", ".csv", ".xlsx", ".parquet", ".sqlite", ".html")]
    run("scan", calls, *(part for out in outs for part in ("-o", out)))
    assert [out.name for out in outs if not out.stat().st_size] == []
    assert [row["file"] for row in rows(outs[0])] == [
        row[0] for row in csv.reader(outs[1].read_text("utf-8-sig").splitlines())
    ][1:]
    assert "转账" in outs[5].read_text("utf-8")


def test_what_cannot_be_written_is_told_before_the_work(run: Run, calls: Path, tmp_path: Path) -> None:
    code, out, err = run("scan", calls, "-o", tmp_path / "no" / "out.jsonl")
    assert (code, out, "写不了" in err) == (2, "", True)


@pytest.mark.parametrize("out", ["out.pdf", "out"])
def test_another_suffix_is_refused_with_those_that_there_are(run: Run, calls: Path, out: str) -> None:
    code, _, err = run("scan", calls, "-o", out)
    assert (code, ".jsonl .csv .xlsx .parquet .html .sqlite" in err) == (2, True)


def test_a_missing_package_is_named_with_its_extra(
    run: Run, calls: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    monkeypatch.delitem(sys.modules, "fanzha.render.xlsx", raising=False)
    code, _, err = run("scan", calls, "-o", tmp_path / "out.xlsx")
    assert (code, "pip install 'fanzha[tables]'" in err, list(tmp_path.glob("out*"))) == (2, True, [])


def test_results_in_the_folder_itself_are_not_scanned_again(run: Run, calls: Path) -> None:
    for _ in range(2):
        run("scan", calls, "-o", calls / "out.jsonl", "-o", calls / "out.csv")
    assert len(rows(calls / "out.jsonl")) == 7


def test_a_run_that_fails_leaves_the_earlier_result(
    run: Run, calls: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "out.csv").write_text("earlier")
    monkeypatch.setattr("fanzha.render.csv.CsvWriter.write", lambda *_: 1 / 0)
    assert run("scan", calls, "-o", tmp_path / "out.csv")[0] == 70
    assert (tmp_path / "out.csv").read_text() == "earlier"


def test_what_is_said_about_reading_is_kept_in_the_rows(run: Run, calls: Path, tmp_path: Path) -> None:
    run("scan", calls / "0.txt", "--self", "我", "--format", "plain", "-o", tmp_path / "out.jsonl")
    assert rows(tmp_path / "out.jsonl")[0]["options"] == {"format": "plain", "self_name": "我"}


# ── going on ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".sqlite"])
def test_an_interrupted_run_goes_on_and_ends_with_the_same_file(
    run: Run, calls: Path, tmp_path: Path, interrupt: Callable[[int], Any], suffix: str
) -> None:
    whole, part = tmp_path / f"whole{suffix}", tmp_path / f"part{suffix}"
    run("scan", calls, "-o", whole)
    with interrupt(4):
        code, _, err = run("scan", calls, "-o", part)
    assert (code, "--resume" in err, part.read_bytes() != whole.read_bytes()) == (130, True, True)
    assert run("scan", calls, "-o", part, "--resume")[0] == 3
    assert part.read_bytes() == whole.read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {"calls", whole.name, part.name}


def test_what_was_done_before_the_interrupt_is_written(
    run: Run, calls: Path, tmp_path: Path, interrupt: Callable[[int], Any]
) -> None:
    with interrupt(4):
        run("scan", calls, "-o", tmp_path / "out.jsonl")
    assert [Path(row["file"]).name for row in rows(tmp_path / "out.jsonl")] == ["0.txt", "1.txt", "2.txt"]


def test_going_on_scores_only_what_is_new_or_changed(
    run: Run, calls: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out.jsonl"
    run("scan", calls, "-o", out)
    (calls / "1.txt").write_text(SCAM, "utf-8")
    (calls / "7.txt").write_text(BENIGN, "utf-8")
    scored: list[str] = []
    score = Detector.score

    def noting(self: Detector, what: Any, **more: Any) -> Any:
        scored.extend(what.turns[-1].text for _ in range(isinstance(what, Conversation)))
        return score(self, what, **more)

    monkeypatch.setattr(Detector, "score", noting)
    said = run("scan", calls, "-o", out, "--resume")[1]
    assert scored == ["请您转账一下过来", "你好"]
    assert "5 段沿用" in said
    assert [row.get("level") for row in rows(out)] == ["high", "high", "high", "none", "high", "none", "none", None]


def test_rows_of_a_run_that_was_killed_are_used(run: Run, calls: Path, tmp_path: Path) -> None:
    whole, out = tmp_path / "whole.jsonl", tmp_path / "out.jsonl"
    run("scan", calls, "-o", whole)
    (tmp_path / "out.jsonl.part").write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    said = run("scan", calls, "-o", out, "--resume")[1]
    assert ("沿用" in said, out.read_bytes() == whole.read_bytes()) == (True, True)
    assert not list(tmp_path.glob("out.jsonl.*"))


def test_going_on_wants_a_file(run: Run, calls: Path) -> None:
    code, _, err = run("scan", calls, "--resume")
    assert (code, "-o" in err) == (2, True)


@contextmanager
def process(*arguments: object, **more: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A command in a process of its own, which does not outlive the test."""
    command = [sys.executable, "-m", "fanzha", *map(str, arguments)]
    roots = os.pathsep.join(path for path in sys.path if path)
    environment = {**os.environ, "PYTHONPATH": roots, "COLUMNS": "120", "TERM": "xterm"}
    with subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, **more) as child:
        try:
            yield child
        finally:
            child.kill()


def code_of(*arguments: object) -> int:
    with process(*arguments, stdout=subprocess.DEVNULL) as child:
        return child.wait(TIMEOUT)


def test_ctrl_c_at_a_terminal_reaches_all_processes_and_the_run_goes_on(tmp_path: Path) -> None:
    folder, whole, out = tmp_path / "calls", tmp_path / "whole.jsonl", tmp_path / "out.jsonl"
    folder.mkdir()
    for number in range(40):
        (folder / f"{number:02}.txt").write_text(SCAM * 3, "utf-8")
    (folder / "30.txt").write_text("您的快递丢了，加一下微信" * 3_000, "utf-8")  # keeps a worker busy for a while
    arguments = ("scan", folder, "--jobs", 2, "-o")
    part = tmp_path / "out.jsonl.part"
    with process(*arguments, out, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True) as first:
        while not (part.exists() and part.stat().st_size) and first.poll() is None:
            time.sleep(0.01)
        os.killpg(first.pid, signal.SIGINT)
        _, said = first.communicate(timeout=TIMEOUT)
    assert (first.returncode, b"Traceback" in said, b"--resume" in said) == (130, False, True)
    assert 0 < len(rows(out)) < 40
    assert [code_of(*arguments, out, "--resume"), code_of(*arguments, whole)] == [0, 0]
    assert out.read_bytes() == whole.read_bytes()


# ── what is told ─────────────────────────────────────────────────────────────


def test_more_than_a_screenful_is_summed_up_in_twenty_lines(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fanzha.cli.scan_run._FEW", 1000)  # other processes do not know the rules of `run`
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(203):
        (folder / f"{number:03}.txt").write_text(SCAM if number % 50 == 0 else BENIGN, "utf-8")
    (folder / "x.txt").write_bytes(b"")
    lines = run("scan", folder)[1].splitlines()
    assert len(lines) <= 20
    assert lines[0] == "共 204 个文件: 5 个报警, 0 个要当心, 198 个未发现, 1 个读不了"
    assert "每秒" in lines[-1]


def test_what_was_passed_over_is_told(run: Run, calls: Path) -> None:
    for name in ("a.zip", "b.docx", "c.docx"):
        (calls / name).write_bytes(b"x")
    (calls / ".fanzhaignore").write_text("5.txt\n")
    err = run("scan", calls)[2]
    assert "1 个压缩包 (不解压), 2 个不是对话的文件 (.docx), 1 个 .fanzhaignore 排除的" in err


def test_a_folder_without_transcripts_is_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"x")
    code, _, err = run("scan", tmp_path)
    assert (code, "没有认得的文件" in err) == (3, True)


def test_a_terminal_sees_how_far_it_is_with_rate_and_alerts(calls: Path) -> None:
    ours, theirs = pty.openpty()
    with process("scan", calls, stdout=subprocess.DEVNULL, stderr=theirs) as child:
        os.close(theirs)
        said = b"".join(_read_to_end(ours)).decode()
        assert child.wait(TIMEOUT) == 3
    assert [what in said for what in ("/7 个文件", "剩", "报警")] == [True, True, True]


def _read_to_end(terminal: int) -> Iterator[bytes]:
    with os.fdopen(terminal, "rb", 0) as stream, suppress(OSError):  # the other end is closed
        while chunk := stream.read(65536):
            yield chunk


def test_a_pipe_sees_no_progress(calls: Path) -> None:
    with process("scan", calls, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as child:
        assert child.communicate(timeout=TIMEOUT)[1] == b""


@pytest.mark.parametrize(
    ("names", "level", "code"),
    [
        (["0.txt"], "high", 1),
        (["0.txt"], "critical", 0),
        (["0.txt", "broken.txt"], "high", 1),
        (["broken.txt"], "low", 3),
    ],
)
def test_exit_codes(run: Run, calls: Path, names: list[str], level: str, code: int) -> None:
    assert run("scan", *(calls / name for name in names), "--fail-on", level)[0] == code


# ── watching ─────────────────────────────────────────────────────────────────


def next_row(stream: IO[bytes]) -> dict[str, Any]:
    assert select.select([stream], [], [], TIMEOUT)[0], "no row came"
    return dict(json.loads(stream.readline()))


def test_watching_scores_what_is_there_and_what_comes_in(calls: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    (calls / "broken.txt").unlink()
    with process(
        "scan", calls, "--watch", "-o", "-", "-o", out, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        there = [Path(next_row(child.stdout)["file"]).name for _ in range(6)]
        assert there == [f"{number}.txt" for number in range(6)]
        assert "守着" in child.stderr.readline().decode()
        (calls / "inside").mkdir()
        (calls / "note.pdf").write_text("nothing")
        (calls / "inside" / "new.txt").write_text(SCAM, "utf-8")
        assert Path(next_row(child.stdout)["file"]).name == "new.txt"
        (calls / "1.txt").write_text(SCAM, "utf-8")
        assert Path(next_row(child.stdout)["file"]).name == "1.txt"
        child.send_signal(signal.SIGINT)
        assert child.wait(TIMEOUT) == 130
    assert len(out.read_text("utf-8-sig").splitlines()) == 1 + 8


@pytest.mark.parametrize(
    ("arguments", "told"),
    [(["-o", "out.xlsx"], ".jsonl .csv"), (["--resume"], ".jsonl"), (["0.txt"], "目录")],
)
def test_what_cannot_be_watched_is_told(run: Run, calls: Path, arguments: list[str], told: str) -> None:
    given = [calls / "0.txt"] if arguments == ["0.txt"] else [calls, *arguments]
    code, _, err = run("scan", *given, "--watch")
    assert (code, told in err) == (2, True)
