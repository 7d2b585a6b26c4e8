"""The examples inside rules: what holds, what fails, and what is said then."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import pack, signal
from fanzha import Detector
from fanzha.pack.examples import count_examples, failing_examples
from fanzha.pack.load import load_pack
from tiny_pack import TINY

Failures = Callable[[str, str], list[str]]


@pytest.fixture
def failures(write_rules: Callable[..., Path]) -> Failures:
    """What fails in TINY when its first signal's hits and misses are these YAML lists."""

    def run(hits: str, misses: str = "[快递到了, 钱包丢了]") -> list[str]:
        text = TINY.replace("hits: [您的快递丢了, 包裹给弄丢了]", f"hits: {hits}")
        text = text.replace("misses: [快递到了, 钱包丢了]", f"misses: {misses}")
        folder = write_rules(text)
        return [str(fault) for fault in failing_examples(load_pack([folder]), Detector(folder, bundled=False))]

    return run


GOOD = "包裹给弄丢了"


@pytest.mark.parametrize(
    "example",
    [
        "您的快递丢了",
        "{say: 您的快递丢了, stance: asserted}",
        "{say: 您的快递丢了, by: unknown}",
        '["我: 喂", "对方: 您的快递丢了"]',
        "[{我: 喂}, {对方: 您的快递丢了}]",
        '["*对方: 您的快递丢了", "对方: 快递真的丢了"]',
    ],
)
def test_a_hit_that_holds(failures: Failures, example: str) -> None:
    assert failures(f"[{example}, {GOOD}]") == []


@pytest.mark.parametrize(
    ("example", "told"),
    [
        ("快递到了", "应命中, 但没有计分"),
        ("{say: 您的快递丢了, by: self}", "应命中, 但没有计分"),
        ("{say: 您的快递丢了, stance: warned}", "语气应读作 warned, 实际 asserted"),
        ('["对方: 您的快递丢了", "对方: 嗯"]', "应命中, 但没有计分"),
        ('["对方: 您的快递丢了", "对方: 快递真的丢了"]', "最后一行之前就命中了"),
        ('["没有说话人"]', "第 1 行应写成"),
        ("{对方: 您的快递丢了}", "要加引号"),
        ("{say: 您的快递丢了, by: him}", "by 取 self"),
    ],
)
def test_a_hit_that_fails(failures: Failures, example: str, told: str) -> None:
    (fault,) = failures(f"[{example}, {GOOD}]")
    assert told in fault


def test_a_miss_that_hits_anywhere_fails(failures: Failures) -> None:
    (fault,) = failures(f"[{GOOD}, {GOOD}]", '[["对方: 您的快递丢了", "我: 嗯"], 钱包丢了]')
    assert "不该计分, 却命中 「快递丢了」" in fault


def test_a_miss_may_ask_for_the_stance_that_discounts_it(failures: Failures) -> None:
    assert failures(f"[{GOOD}, {GOOD}]", "[{say: 不要说快递丢了, stance: warned}, 钱包丢了]") == []


def test_a_failure_has_file_and_line(failures: Failures) -> None:
    line = next(number for number, text in enumerate(TINY.splitlines(), 1) if "hits: [您的" in text)
    assert failures(f"[快递到了, {GOOD}]")[0].split(": ")[0].endswith(f"0.yaml:{line}:12")


def test_all_examples_are_counted(write_rules: Callable[..., Path]) -> None:
    assert count_examples(load_pack([write_rules(TINY)])) == 8


def test_a_benign_example_that_alerts_fails_even_if_another_signal_does_it(make_detector, write_rules):
    signals = [
        signal("a.hook", match=["蓝色钥匙"], hits=["蓝色钥匙", "有蓝色钥匙"], misses=["绿色箱子", "好的"]),
        signal("a.loud", match=["绿色箱子"], weight=6.0, hits=["绿色箱子", "有绿色箱子"], misses=["好的", "您好"]),
    ]
    loaded = load_pack([write_rules(pack(signals))])
    (fault,) = failing_examples(loaded, make_detector(signals))
    assert "a.hook.misses[0]" in str(fault)
    assert "报警" in str(fault)
