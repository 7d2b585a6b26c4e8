"""The command line: what it prints, its exit codes, and that it never shows a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conftest import Run
from tiny_pack import BENIGN, SCAM, TINY


@pytest.fixture
def calls(tmp_path: Path) -> Path:
    """A folder with a scam, a benign call in a folder below, and a file that is no text."""
    folder = tmp_path / "calls"
    (folder / "inside").mkdir(parents=True)
    (folder / "a_scam.txt").write_text(SCAM, "utf-8")
    (folder / "inside" / "benign.txt").write_bytes(BENIGN.encode("gbk"))
    (folder / "broken.txt").write_bytes(bytes(range(256)))
    (folder / "notes.pdf").write_text("no transcript", "utf-8")
    return folder


# ── score ──────────────────────────────────────────────────────────────────────


def test_score_says_it_in_the_first_line(run: Run) -> None:
    assert run("score", SCAM)[1].startswith("这很像「小骗局」骗局")


def test_score_exits_with_0_on_an_alert(run: Run) -> None:
    assert run("score", SCAM)[0] == 0


@pytest.mark.parametrize(("level", "code"), [("high", 1), ("critical", 0)])
def test_fail_on_is_opt_in(run: Run, level: str, code: int) -> None:
    assert run("score", SCAM, "--fail-on", level)[0] == code


def test_score_reads_standard_input_in_any_encoding(run: Run) -> None:
    assert "第 3 轮起报警" in run("score", "-", stdin=SCAM.encode("gbk"))[1]


def test_score_as_json_is_the_verdict(run: Run) -> None:
    verdict = json.loads(run("score", SCAM, "--json")[1])
    assert (verdict["level"], verdict["first_alert_turn"]) == ("high", 2)


def test_rules_of_ones_own_are_added(run: Run, tmp_path: Path) -> None:
    own = TINY[TINY.index("signals:") :].replace("转账 …4 过来", "芝麻开门").replace("weight: 3.0", "weight: 5.0")
    (tmp_path / "own.yaml").write_text(own, "utf-8")
    assert json.loads(run("score", "芝麻开门", "--json", "--rules", tmp_path)[1])["alert"] is True


def test_no_colour_goes_into_a_pipe(run: Run) -> None:
    assert "\x1b" not in run("score", SCAM)[1]


# ── failures ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["scroe"], 2, "没有命令 scroe"),
        (["score", "--jsno", "a"], 2, "没有选项 --jsno, 是不是 --json"),
        (["score", "a", "b"], 2, "多了参数"),
        (["explain"], 2, "缺少参数"),
        (["score", "a", "--fail-on", "huge"], 2, "--fail-on 不能是 huge"),
        (["explain", "/no/such/file.txt"], 3, "没有这个文件"),
        (["scan", "/no/such/folder"], 3, "没有这个文件或目录"),
        (["measure", "/no/such/data"], 3, "没有这个文件或目录"),
        (["score", "  "], 3, "空"),
        (["score", "李明: 好\n李明: 行", "--self", "王芳"], 3, "李明"),
        (["score", "a", "--rules", "/no/such/rules"], 2, "没有这个规则目录"),
    ],
)
def test_a_failure_is_told_in_one_line_with_its_code(run: Run, arguments: list[str], code: int, told: str) -> None:
    found, _, err = run(*arguments)
    assert (found, told in err, "Traceback" in err) == (code, True, False)


def test_faults_of_rules_have_file_and_line(run: Run, write_rules: Callable[..., Path]) -> None:
    folder = write_rules(TINY.replace("{parcel} …4", "{parcels} …4"))
    line = next(number for number, text in enumerate(TINY.splitlines(), 1) if "{parcel} …4" in text)
    code, _, err = run("score", "a", "--rules", folder)
    assert (code, f"{folder.name}/0.yaml:{line}:" in err) == (2, True)


def test_an_unexpected_error_does_not_show_the_conversation(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("秘密")

    monkeypatch.setattr("fanzha.detector.Detector.score", fail)
    code, out, err = run("score", "秘密")
    assert (code, "RuntimeError" in err, "秘密" in out + err) == (70, True, False)


def test_an_interrupt_is_no_traceback(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("fanzha.detector.Detector.score", interrupt)
    assert run("score", "a")[0] == 130


def test_serve_without_its_extra_says_how_to_install_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    monkeypatch.delitem(sys.modules, "fanzha_api.serve", raising=False)
    code, _, err = run("serve")
    assert (code, "pip install 'fanzha[server]'" in err) == (2, True)


def test_serve_hands_its_options_to_the_service(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[Any] = []
    monkeypatch.setattr("fanzha_api.serve.run", lambda *given, **more: served.append((given, more)))
    run("serve", "--port", "9001", "--rules", "mine", "--workers", "2")
    assert served == [(("127.0.0.1", 9001, [Path("mine")]), {"workers": 2})]


def test_help_is_in_chinese(run: Run) -> None:
    out = run("score", "--help")[1]
    assert all(said in out for said in ("判断一段文字", "选项", "显示帮助"))


# ── scan ───────────────────────────────────────────────────────────────────────


def test_scan_lists_every_transcript_below_a_folder(run: Run, calls: Path) -> None:
    out = run("scan", calls)[1]
    assert [name in out for name in ("a_scam.txt", "benign.txt", "broken.txt", "notes.pdf")] == [
        True,
        True,
        True,
        False,
    ]


def test_a_broken_file_is_a_row_and_not_the_end(run: Run, calls: Path) -> None:
    code, out, _ = run("scan", calls)
    assert (code, "1 个读不了" in out, "不是文本" in out) == (3, True, True)


def test_a_row_tells_the_alert_turn_from_one(run: Run, calls: Path) -> None:
    row = next(line for line in run("scan", calls)[1].splitlines() if "a_scam" in line)
    assert "第 3 轮" in row


def test_scan_writes_a_verdict_a_line(run: Run, calls: Path, tmp_path: Path) -> None:
    run("scan", calls, "-o", tmp_path / "out.jsonl")
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert [(Path(row["file"]).name, row.get("level"), "problem" in row) for row in rows] == [
        ("a_scam.txt", "high", False),
        ("broken.txt", None, True),
        ("benign.txt", "none", False),
    ]


def test_scan_never_writes_the_whole_text(run: Run, calls: Path, tmp_path: Path) -> None:
    (calls / "long.txt").write_text("客服: 密语甲乙丙。您的快递丢了。密语丁戊己\n", "utf-8")
    run("scan", calls, "-o", tmp_path / "out.jsonl")
    assert "密语" not in (tmp_path / "out.jsonl").read_text("utf-8")


def test_scan_to_standard_output_is_jsonl_alone(run: Run, calls: Path) -> None:
    out = run("scan", calls, "-o", "-")[1]
    assert len([json.loads(line) for line in out.splitlines()]) == 3


# ── explain ────────────────────────────────────────────────────────────────────


def test_explain_marks_evidence_in_a_pipe(run: Run, calls: Path) -> None:
    assert "您的【快递丢了】" in run("explain", calls / "a_scam.txt")[1]


def test_explain_names_the_file_that_it_cannot_read(run: Run, calls: Path) -> None:
    code, _, err = run("explain", calls / "broken.txt")
    assert (code, "broken.txt" in err) == (3, True)


# ── real processes ─────────────────────────────────────────────────────────────


def process(arguments: list[str], **environment: str) -> subprocess.CompletedProcess[bytes]:
    roots = os.pathsep.join(path for path in sys.path if path)
    return subprocess.run(
        [sys.executable, "-m", "fanzha", *arguments],
        env={**os.environ, "PYTHONPATH": roots, **environment},
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("command", ["score", "explain"])
def test_a_gbk_console_shows_what_it_can(tmp_path: Path, command: str) -> None:
    text = "客服: 您的快递丢了😱𠮷, 加我微信\n"
    (tmp_path / "a.txt").write_text(text, "utf-8")
    target = text if command == "score" else str(tmp_path / "a.txt")
    done = process([command, target], PYTHONIOENCODING="gbk")
    assert (done.returncode, done.stderr) == (0, b"")
    assert "快递丢了" in done.stdout.decode("gbk")


def test_json_on_a_gbk_console_is_lossless(tmp_path: Path) -> None:
    (tmp_path / "😱.txt").write_text("您好", "utf-8")
    done = process(["explain", str(tmp_path / "😱.txt"), "--json"], PYTHONIOENCODING="gbk")
    assert json.loads(done.stdout.decode("gbk"))["file"].endswith("😱.txt")


def test_errors_on_a_gbk_console_do_not_raise() -> None:
    done = process(["explain", "/没有/😱.txt"], PYTHONIOENCODING="gbk:strict")
    assert (done.returncode, "没有这个文件" in done.stderr.decode("gbk")) == (3, True)


def test_a_closed_pipe_ends_quietly(tmp_path: Path) -> None:
    for number in range(300):
        (tmp_path / f"{number}.txt").write_text("您好", "utf-8")
    roots = os.pathsep.join(path for path in sys.path if path)
    with subprocess.Popen(
        [sys.executable, "-m", "fanzha", "scan", str(tmp_path), "-o", "-"],
        env={**os.environ, "PYTHONPATH": roots},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.close()
        assert child.stderr.read() == b""


def test_bytes_in_an_argument_that_are_no_text_are_no_crash() -> None:
    done = process([os.fsdecode(b"score"), os.fsdecode(b"\xff\xfe\xb0\xa1")])
    assert (done.returncode, b"Traceback" in done.stderr) == (0, False)
