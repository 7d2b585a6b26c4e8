"""The README's commands and examples do what it says."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from fanzha import Detector
from fanzha.pack.examples import failing_examples
from fanzha.pack.load import bundled_rules, load_pack

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def block(language: str, holding: str) -> str:
    """The fenced block of a language that holds a text."""
    return next(body for body in re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL) if holding in body)


def fanzha(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-m", "fanzha", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        env={"PYTHONPATH": "detector:api", "PATH": "/usr/bin:/bin"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_library_example_prints_what_its_comment_says(capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(block("python", "Detector()"), "README.md", "exec"), {})  # noqa: S102 - the README's own example
    said, evidence = capsys.readouterr().out.splitlines()
    assert said == re.search(r"script_title\)  # (.*)", README)[1]  # type: ignore[index]
    assert "您的快递丢了" in evidence


def test_the_lines_shown_of_the_demo_are_lines_of_the_demo() -> None:
    shown = fanzha("scan", "samples").splitlines()
    wanted = [line.split() for line in block("text", "samples/01").splitlines()]
    printed = [line.split() for line in shown]
    assert [line for line in wanted if line not in printed] == []


def test_the_alert_of_the_one_line_command() -> None:
    assert "等级 极高" in fanzha("score", "客服让我下载会议软件共享屏幕, 说我快递丢了要赔我, 是真的吗")


@pytest.mark.parametrize(
    "arguments",
    [("explain", "samples/10_plain_words.txt"), ("rules", "lint"), ("rules", "list"), ("--help",)],
)
def test_the_other_commands_run(arguments: tuple[str, ...]) -> None:
    assert fanzha(*arguments)


def test_the_rule_of_the_readme_lints_and_its_examples_hold(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(block("yaml", "my.deposit_first"), "utf-8")
    pack = load_pack([bundled_rules(), tmp_path])
    detector = Detector(tmp_path)
    assert pack.diagnostics == []
    assert [fault for fault in failing_examples(pack, detector) if "my.deposit_first" in str(fault)] == []


def test_every_file_that_the_readme_links_exists() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_command_of_the_readme_is_a_command() -> None:
    named = set(re.findall(r"^fanzha (\w+)", block("sh", "fanzha score"), re.MULTILINE))
    shown = fanzha("--help")
    assert named == {"score", "scan", "convert", "explain", "measure", "rules", "serve", "spark"}
    assert [name for name in named if name not in shown] == []
