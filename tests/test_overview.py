"""What a run found, in a few lines."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conftest import Sample
from fanzha import Detector
from fanzha.render.overview import Overview
from fanzha.result import Result
from fanzha.verdict import FoundEntity, Verdict


@pytest.fixture(scope="module")
def scam(detector: Detector, samples: tuple[Sample, ...]) -> Verdict:
    return detector.score(samples[0].conversation)


@pytest.fixture(scope="module")
def benign(detector: Detector) -> Verdict:
    return detector.score("您好")


def lines(results: list[Result], *, listed: bool = False) -> list[str]:
    overview = Overview()
    for result in results:
        overview.add(result)
    return [paragraph.text.plain for paragraph in overview.paragraphs(listed=listed)]


def with_account(verdict: Verdict, text: str) -> Verdict:
    return verdict.model_copy(update={"entities": (FoundEntity(kind="account", turn=0, start=0, end=4, text=text),)})


def test_files_and_conversations_are_counted_apart(scam: Verdict, benign: Verdict) -> None:
    one = [Result("a.jsonl", 0, "甲", verdict=scam), Result("a.jsonl", 1, "乙", verdict=benign)]
    assert lines([*one, Result("b.txt", problem="空")])[0] == (
        "共 2 个文件, 2 段对话: 1 个报警, 0 个要当心, 1 个未发现, 1 个读不了"
    )


def test_one_conversation_a_file_needs_no_second_count(benign: Verdict) -> None:
    assert lines([Result("a.txt", verdict=benign)])[0] == "共 1 个文件: 0 个报警, 0 个要当心, 1 个未发现"


def test_the_riskiest_come_first_and_are_five(scam: Verdict) -> None:
    worse = scam.model_copy(update={"log_odds": scam.log_odds + 1})
    given = [Result(f"{number}.txt", verdict=scam) for number in range(8)]
    shown = lines([*given, Result("worst.txt", verdict=worse)])
    named = [line.rsplit(" ", 1)[-1] for line in shown[shown.index("最危险的:") + 1 :]][:5]
    assert named == ["worst.txt", "0.txt", "1.txt", "2.txt", "3.txt"]


def test_an_account_in_several_conversations_is_told_with_where(scam: Verdict, benign: Verdict) -> None:
    same = with_account(scam, "6222 0211 3344")
    shown = lines([Result("a.txt", verdict=same), Result("b.txt", verdict=same), Result("c.txt", verdict=benign)])
    assert any("622202113344  2 段, 2 段报警: a.txt, b.txt" in line for line in shown)


def test_problems_are_told_by_their_reasons(benign: Verdict) -> None:
    given = [Result(f"{number}.bin", problem="不是文本") for number in range(3)]
    shown = lines([*given, Result("d.txt", problem="空"), Result("e.txt", verdict=benign)])
    assert shown[-2:] == ["3 个 不是文本: 0.bin, 1.bin …", "1 个 空: d.txt"]


def test_it_is_twenty_lines_however_much_there_is(scam: Verdict) -> None:
    given = [
        Result(f"{number}.txt", verdict=with_account(scam.model_copy(update={"script_title": f"骗局{number}"}), f"尾号{number % 30:04}"))
        for number in range(90)
    ]  # fmt: skip
    problems = [Result(f"{number}.bin", problem=f"原因 {number}") for number in range(30)]
    assert 15 <= len(lines([*given, *problems])) <= 19
    assert len(lines([*given, *problems], listed=True)) < 8


def test_what_strangers_wrote_moves_no_cursor(scam: Verdict) -> None:
    hostile = replace(Result("\x1b[2J.txt", verdict=with_account(scam, "\x1b[2J1234567")), id="\x1b]0;a\x07")
    assert "\x1b" not in "".join(lines([hostile, hostile, Result("\x1b[1m", problem="\x1b[2J")]))
