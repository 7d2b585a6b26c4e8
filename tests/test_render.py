"""What a person is shown: safe, aligned, and true to the verdict."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

from fanzha import Conversation, Detector, Verdict
from fanzha.formats.plain import parse_plain
from fanzha.render.clean import clean, shorten
from fanzha.render.jsonl import write_row
from fanzha.render.table import FileRow, file_row, scan_table
from fanzha.render.text import explanation, mark, report, sentence, write
from fanzha.result import Result
from tiny_pack import BENIGN, SCAM, TINY


@pytest.fixture(scope="module")
def tiny(write_rules: Callable[..., Path]) -> Detector:
    return Detector(write_rules(TINY), bundled=False)


def score(detector: Detector, text: str) -> tuple[Conversation, Verdict]:
    conversation = parse_plain(text)
    return conversation, detector.score(conversation)


def piped(paragraphs: object) -> str:
    out = io.StringIO()
    write(Console(file=out, markup=False, emoji=False), paragraphs)  # type: ignore[arg-type]
    return out.getvalue()


@pytest.mark.parametrize(
    "attack",
    ["a\x1b[2Jb", "a\x1b]0;title\x07b", "a\x9b31mb", "a\x07\x08b", "a\u202eb", "a\x1bcb", "a\ud800b"],
)
def test_what_moves_a_cursor_is_taken_out(attack: str) -> None:
    assert clean(attack) == "ab"


def test_line_ends_become_spaces_unless_they_are_kept() -> None:
    assert (clean("一\r\n二"), clean("一\n二", keep_lines=True)) == ("一 二", "一\n二")


def test_a_short_form_is_no_longer_than_asked() -> None:
    assert shorten("一二三四五六七八", 6) == "一二三四.."


def test_evidence_is_put_in_brackets() -> None:
    assert mark("您的快递丢了吗", [(2, 6, True)], marks=True).plain == "您的【快递丢了】吗"


def test_discounted_evidence_has_other_brackets() -> None:
    assert mark("不要转账过来", [(2, 6, False)], marks=True).plain == "不要〔转账过来〕"


def test_overlapping_evidence_is_marked_once() -> None:
    assert mark("一二三四五", [(0, 3, True), (2, 4, True)], marks=True).plain == "【一二三四】五"


def test_counted_evidence_covers_discounted_evidence() -> None:
    assert mark("一二三四", [(0, 4, False), (1, 3, True)], marks=True).plain == "〔一〕【二三】〔四〕"


def test_offsets_are_those_of_the_original_not_of_the_cleaned_text() -> None:
    assert mark("\x1b[31m快递丢了", [(5, 9, True)], marks=True).plain == "【快递丢了】"


def test_markup_in_a_message_is_shown_as_it_was_written(tiny: Detector) -> None:
    conversation, verdict = score(tiny, "客服: [red]您的快递丢了[/red] :smile:")
    assert "[red]您的【快递丢了】[/red] :smile:" in piped(explanation(conversation, verdict, marks=True))


def test_an_alert_says_stop_first(tiny: Detector) -> None:
    assert piped(report(score(tiny, SCAM)[1])).startswith("这很像「小骗局」骗局: 请马上停下")


def test_nothing_found_is_not_called_safe(tiny: Detector) -> None:
    assert "不等于安全" in sentence(score(tiny, BENIGN)[1])


def test_the_printed_lines_sum_to_the_printed_total(tiny: Detector) -> None:
    text = piped(report(score(tiny, SCAM)[1]))
    points = [float(row.split()[0]) for row in text.splitlines() if row.strip().startswith(("+", "-4"))]
    assert sum(points[:-1]) == pytest.approx(points[-1])


def test_turns_are_counted_from_one(tiny: Detector) -> None:
    assert "第 3 轮起报警" in piped(report(score(tiny, SCAM)[1]))


def test_an_explanation_has_the_score_after_each_turn(tiny: Detector) -> None:
    conversation, verdict = score(tiny, SCAM)
    assert f"第 1 轮 客服 (对方)  {verdict.timeline[0]} 分" in piped(explanation(conversation, verdict, marks=True))


def test_an_explanation_tells_what_comes_next_and_what_to_do(tiny: Detector) -> None:
    conversation, verdict = score(tiny, SCAM)
    text = piped(explanation(conversation, verdict, marks=True))
    assert all(said in text for said in ("再要一笔", "先挂断", "马上打 110"))


def test_a_discounted_hit_is_shown_with_its_stance(tiny: Detector) -> None:
    conversation, verdict = score(tiny, "民警: 不要转账过来")
    assert "提醒, 不计分" in piped(explanation(conversation, verdict, marks=True))


def test_a_line_in_a_pipe_is_never_wrapped(tiny: Detector) -> None:
    conversation, verdict = score(tiny, "客服: " + "好" * 300 + "您的快递丢了")
    assert "好" * 300 + "您的【快递丢了】" in piped(explanation(conversation, verdict, marks=True))


def test_no_line_on_a_terminal_is_wider_than_it(tiny: Detector) -> None:
    conversation, verdict = score(tiny, SCAM + "客服: " + "好" * 300)
    out = io.StringIO()
    write(
        Console(file=out, width=60, force_terminal=True, no_color=True),
        explanation(conversation, verdict, marks=True),
    )
    assert max(cell_len(clean(line)) for line in out.getvalue().split("\n")) <= 60


def test_columns_are_aligned_by_cells() -> None:
    rows = [FileRow("中文名.txt", "high", 73, "小骗局", 2, "丢了"), FileRow("a.txt", "none", 2)]
    out = io.StringIO()
    Console(file=out, width=200).print(scan_table(rows))
    lines = out.getvalue().splitlines()
    columns = {cell_len(line[: line.index(level)]) for line, level in zip(lines[1:], ("高", "无"), strict=True)}
    assert len(columns) == 1


def test_a_file_row_shows_what_tipped_the_scale(tiny: Detector) -> None:
    verdict = score(tiny, SCAM)[1]
    shown = file_row(Result("a.txt", verdict=verdict)).evidence
    assert shown in {one.text for one in verdict.evidence if one.counted and one.turn == verdict.first_alert_turn}
    assert shown != "快递丢了"  # the opening, three turns earlier


@pytest.mark.parametrize(
    ("result", "shown"),
    [
        (Result("通话/a.txt", id="a.txt"), "通话/a.txt"),
        (Result("a.json", id="群聊"), "a.json · 群聊"),
        (Result("a.csv", number=1), "a.csv · 第 2 段"),
    ],
)
def test_a_conversation_of_many_is_named_by_its_number_and_id(result: Result, shown: str) -> None:
    assert result.name == shown


def test_json_for_a_stream_without_all_characters_is_escaped_not_lost() -> None:
    buffer = io.BytesIO()
    out = io.TextIOWrapper(buffer, encoding="gbk", errors="replace")
    write_row({"text": "丢了😱"}, out)
    out.flush()
    assert json.loads(buffer.getvalue()) == {"text": "丢了😱"}


def test_the_trade_is_not_called_a_scam_on_the_reader(detector: Detector) -> None:
    said = sentence(detector.score("大量收微信实名号 带圈老号 走担保 飞机联系 @abcde"))
    assert "黑灰产" in said
    assert "对方" not in said
