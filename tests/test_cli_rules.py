"""The commands for those who write rules."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from fanzha.cli import main
from fanzha.pack.fmt import WIDTH, FormatError, format_rules
from tiny_pack import TINY

pytest.importorskip("ruamel.yaml")
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], write_rules: Callable[..., Path]) -> Run:
    """Run `fanzha rules …` on TINY, or on the text given as `rules`, alone."""

    def call(command: str, *arguments: object, rules: str = TINY) -> tuple[int, str, str]:
        only = [] if command == "fmt" else ["--only"]
        given = ["rules", command, "--rules", str(write_rules(rules)), *only, *map(str, arguments)]
        with pytest.raises(SystemExit) as done:
            main(given)
        captured = capsys.readouterr()
        return int(done.value.code or 0), captured.out, captured.err

    return call


def test_lint_counts_warnings_and_exits_with_0(run: Run) -> None:
    code, out, _ = run("lint")
    assert (code, "1 个词表, 2 个信号, 1 个剧本: 0 个错误" in out) == (0, True)


def test_lint_exits_with_3_on_an_error(run: Run) -> None:
    code, out, _ = run("lint", rules=TINY.replace("{parcel} …4", "{parcels} …4"))
    assert (code, "没有词表 {parcels}" in out) == (2, True)


def test_rules_test_passes_on_good_examples(run: Run) -> None:
    assert run("test")[:2] == (0, "8 个例子, 0 个不符\n")


def test_rules_test_tells_each_failure_and_exits_with_1(run: Run) -> None:
    code, out, _ = run("test", rules=TINY.replace("您的快递丢了,", "您的快递到了,"))
    assert (code, "hook.lost.hits[0]: 应命中" in out) == (1, True)


def test_list_shows_the_signals_of_a_stage(run: Run) -> None:
    out = run("list", "--stage", "extract")[1]
    assert ("ask.money" in out, "hook.lost" in out) == (True, False)


def test_list_of_an_unknown_stage_tells_the_stages(run: Run) -> None:
    code, _, err = run("list", "--stage", "hok")
    assert (code, "hook" in err) == (2, True)


@pytest.mark.parametrize(
    "said", ["要转账", "要钱", "还钱", "转账 …4 过来", "tiny (extract)", "ask.money 「转账一下过来」"]
)
def test_show_tells_all_of_a_signal(run: Run, said: str) -> None:
    assert said in run("show", "ask.money")[1]


def test_show_counts_the_words_behind_a_pattern(run: Run) -> None:
    assert "{parcel} …4 丢了  (3)" in run("show", "hook.lost")[1]


def test_show_of_an_unknown_signal_suggests_one(run: Run) -> None:
    code, _, err = run("show", "ask.mony")
    assert (code, "是不是 ask.money" in err) == (2, True)


def test_fmt_check_changes_nothing_and_exits_with_1(run: Run) -> None:
    code, out, _ = run(
        "fmt",
        "--check",
        rules=TINY.replace("    stage: hook\n    weight: 2.0\n", "    weight: 2.0\n    stage: hook\n"),
    )
    assert (code, "要改" in out) == (1, True)


def test_fmt_of_formatted_rules_changes_nothing(run: Run) -> None:
    assert run("fmt", "--check", rules=format_rules(TINY))[0] == 0


def test_fmt_of_broken_yaml_tells_its_place(run: Run) -> None:
    code, _, err = run("fmt", rules="signals:\n  - [a, b?]\n  - {")
    assert (code, "0.yaml:" in err) == (2, True)


# ── format_rules ───────────────────────────────────────────────────────────────

MESSY = """\
# 文件说明
signals:
      # 第一节
      - title: 标题
        # 编号的说明
        id: a.b   # 尾注
        misses: ['一: 二', "三#四"]
        hits:
            - "带引号 [a|b] …2 {c}"
            - 不带引号
        stage: hook

      # 第二节
      - id: c.d
        stage: hook
        title: 标题二
"""


def test_formatting_keeps_the_data() -> None:
    assert yaml.safe_load(format_rules(MESSY)) == yaml.safe_load(MESSY)


def test_formatting_twice_changes_nothing_more() -> None:
    once = format_rules(MESSY)
    assert format_rules(once) == once


def test_keys_come_in_the_order_of_the_model() -> None:
    (first, _) = yaml.safe_load(format_rules(MESSY))["signals"]
    assert list(first) == ["id", "title", "stage", "hits", "misses"]


def test_a_comment_stays_above_the_key_it_stood_above() -> None:
    lines = [text.strip() for text in format_rules(MESSY).splitlines()]
    below = lines[lines.index("# 编号的说明") + 1]
    assert (below.startswith("- id: a.b "), below.endswith("# 尾注")) == (True, True)


def test_a_comment_between_items_stays_between_them() -> None:
    lines = [text.strip() for text in format_rules(MESSY).splitlines()]
    assert lines[lines.index("# 第二节") + 1] == "- id: c.d"


def test_quotes_stay_as_they_were() -> None:
    assert """['一: 二', "三#四"]""" in format_rules(MESSY)


def test_long_lists_are_broken_by_the_columns_on_the_screen() -> None:
    words = [f"词语{number}号" for number in range(60)]
    formatted = format_rules(f"terms:\n  a: {{words: [短]}}\n  b:\n    words: [{', '.join(words)}]\n")
    assert max(len(line.encode("gbk")) for line in formatted.splitlines()) <= WIDTH
    assert yaml.safe_load(formatted)["terms"]["b"]["words"] == words


def test_what_only_some_yaml_readers_accept_is_refused() -> None:
    with pytest.raises(FormatError, match="加引号"):
        format_rules("a: [为什么?]\n")
