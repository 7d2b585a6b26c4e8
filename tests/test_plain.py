"""Plain transcripts: who said what, whatever the writing."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from fanzha import InputError
from fanzha.formats.encodings import decode
from fanzha.formats.plain import parse_plain, read_plain


def said(text: str, **options: str) -> list[tuple[str | None, str]]:
    return [(turn.speaker, turn.text) for turn in parse_plain(text, **options).turns]


def test_lines_with_known_labels_are_turns() -> None:
    assert said("客服: 您好\n我：哪位") == [("客服", "您好"), ("我", "哪位")]


@pytest.mark.parametrize(
    "stamp",
    [
        "[00:01:23] ",
        "00:01:23 ",
        "2026-01-01 09:00:00 ",
        "(12.5s) ",
        "（00:12）",
        "[00:01:23 - 00:01:30] ",
        "2026年1月1日 9:00 ",
        "[2026/1/1 09:00:00]",
        "00:01:23,500 --> 00:01:25,000 ",
    ],
)
def test_a_time_stamp_before_the_label_is_taken_off(stamp: str) -> None:
    assert said(f"{stamp}客服: 您好\n{stamp}李明: 哪位") == [("客服", "您好"), ("李明", "哪位")]


@pytest.mark.parametrize(
    "text",
    [
        "- 客服：您好\n- 客户：哪位",
        "**客服：** 您好\n**客户：** 哪位",
        "1. 客服：您好\n2. 客户：哪位",
        "(客服) 您好\n(客户) 哪位",
        "『客服』您好\n『客户』哪位",
        "客服\t您好\n客户\t哪位",
        "00:00:01|客服|您好\n00:00:05|客户|哪位",
        "[0.00 --> 4.20] 客服: 您好\n[5.0 --> 7.5] 客户: 哪位",
        "[00:00.0 → 00:04.2] 客服: 您好\n[00:05.0 → 00:07.5] 客户: 哪位",
        "客服 (09:00:01) 您好\n客户 (09:00:05) 哪位",
        "客服 00:00:05: 您好\n客户 00:00:09: 哪位",
        "1月1日 09:00 客服: 您好\n1月1日 09:01 客户: 哪位",
        "上午9:00 客服: 您好\n上午9:05 客户: 哪位",
        "客服 00:05\n您好\n\n客户 00:09\n哪位\n",
        "客服(00:00:05):\n您好\n客户(00:00:09):\n哪位",
        "2026-01-01 09:00:00 客服\n您好\n\n2026-01-01 09:01:00 客户\n哪位\n",
    ],
)
def test_every_way_of_naming_a_speaker_is_read(text: str) -> None:
    assert said(text) == [("客服", "您好"), ("客户", "哪位")]


def test_what_stands_before_the_minutes_is_no_speech() -> None:
    told: list[str] = []
    text = "会议主题：通话\n2026年1月1日 上午 9:00|30分 10秒\n\n关键词:\n转账\n\n说话人 1 00:05\n您好\n注意：听好\n\n说话人 2 00:15\n哪位\n"
    turns = parse_plain(text, note=told.append).turns
    assert [(turn.speaker, turn.text, turn.start) for turn in turns] == [
        ("说话人 1", "您好\n注意：听好", 5.0),
        ("说话人 2", "哪位", 15.0),
    ]
    assert told == ["开头 4 行说明没有算作对话"]


@pytest.mark.parametrize("text", ["明天 12:30\n老地方\n后天 13:30\n新地方", "会议 12:30 开始\n我们到时候见"])
def test_a_time_that_is_talked_about_is_no_stamp(text: str) -> None:
    assert "\n".join(line for _, line in said(text)) == text


def test_a_dialogue_in_one_line_is_taken_apart() -> None:
    assert said("客服：您好？客户：是我。客服：快递丢了。") == [("客服", "您好？"), ("客户", "是我。"), ("客服", "快递丢了。")]
    assert said("客服: 请客户: 张先生接电话") == [("客服", "请客户: 张先生接电话")]


def test_tags_of_lyrics_are_no_speech() -> None:
    assert said("[by:whisper.cpp]\n[00:00.00]您好\n[00:05.00]哪位") == [(None, "您好"), (None, "哪位")]


def test_names_in_brackets_that_take_turns_are_labels() -> None:
    text = "[张三] 您好\n[李四] 哪位\n[张三] 快递\n[李四] 哦"
    assert [speaker for speaker, _ in said(text)] == ["张三", "李四"] * 2
    assert said("【京东】您的包裹到了\n【顺丰】您的快件到了")[0] == (None, "【京东】您的包裹到了")


@pytest.mark.parametrize("text", ["【平安银行】您尾号1234的卡入账500元", "[10:00:01] 【菜鸟快递】您的包裹到了"])
def test_the_signature_of_a_text_message_stays_in_it(text: str) -> None:
    assert said(text) == [(None, text.removeprefix("[10:00:01] "))]


def test_numbers_that_speak_are_labels_if_they_come_back() -> None:
    assert said("13812345678: 您好\n13900001111: 哪位\n13812345678: 喂")[0] == ("13812345678", "您好")


def test_minutes_that_begin_at_zero_are_no_clock_of_the_day() -> None:
    assert [turn.start for turn in parse_plain("[00:05] 客服: 您好\n[01:10] 我: 嗯").turns] == [5.0, 70.0]
    assert [turn.start for turn in parse_plain("[09:30] 客服: 您好\n[09:31] 我: 嗯").turns] == [None, None]


def test_a_date_tells_the_moment_and_a_range_the_end() -> None:
    assert parse_plain("2026-01-01 下午3:05:00 客服: 您好").turns[0].time == "2026-01-01T15:05:00+08:00"
    assert parse_plain("[00:00:01.5 - 00:00:03] 客服: 您好").turns[0].end == 3.0


def test_start_is_seconds_of_the_recording() -> None:
    assert [turn.start for turn in parse_plain("[00:01:23] 客服: 您好\n(90.5s) 我: 嗯").turns] == [83.0, 90.5]


def test_start_of_dated_lines_counts_from_the_first() -> None:
    text = "2026-01-01 09:00:00 客服: 您好\n2026-01-01 09:01:30 我: 嗯"
    assert [turn.start for turn in parse_plain(text).turns] == [0.0, 90.0]


def test_a_line_without_label_continues_the_turn_before() -> None:
    assert said("客服: 您好\n您的快递丢了\n我: 啊") == [("客服", "您好\n您的快递丢了"), ("我", "啊")]


def test_a_label_alone_names_the_lines_below_it() -> None:
    assert said("客服:\n您好\n我:\n哪位") == [("客服", "您好"), ("我", "哪位")]


def test_names_that_come_back_are_labels() -> None:
    text = "王芳: 在吗\n李明: 在\n王芳: 借我点钱"
    assert [speaker for speaker, _ in said(text)] == ["王芳", "李明", "王芳"]


def test_a_name_said_once_is_a_label_among_labelled_lines() -> None:
    assert said("主持人: 静一静\n警官: 大家好\n警官: 坐\n居民: 好")[0] == ("主持人", "静一静")


def test_fields_of_a_receipt_are_no_speakers() -> None:
    text = "客服: 给您转了\n金额：1862.00\n收款方式：借呗\n我: 哦"
    assert said(text) == [("客服", "给您转了\n金额：1862.00\n收款方式：借呗"), ("我", "哦")]


@pytest.mark.parametrize(
    "text",
    [
        "温馨提示：您的快递丢了",
        "尊敬的客户：您的快递丢了",
        "【顺丰】尊敬的用户: 您的包裹已到",
        "请打开 https://a.example/b 登录",
        "客服电话：12345",
        "12:30见",
        "3秒就好",
    ],
)
def test_a_single_message_with_a_colon_is_one_unknown_turn(text: str) -> None:
    assert said(text) == [(None, text)]


def test_a_text_without_labels_is_a_turn_a_line() -> None:
    assert said("您好\n您的快递丢了") == [(None, "您好"), (None, "您的快递丢了")]


def test_empty_lines_make_paragraphs_of_a_text_without_labels() -> None:
    assert said("一\n二\n\n\n三") == [(None, "一\n二"), (None, "三")]


@pytest.mark.parametrize("label", ["说话人1", "SPEAKER_00", "发言人 2", "【坐席】", "[SPEAKER_01]"])
def test_labels_of_recognisers_are_labels_even_once(label: str) -> None:
    assert said(f"{label}: 您好") == [(label, "您好")]


def test_self_name_decides_both_parties() -> None:
    turns = parse_plain("王芳: 在吗\n李明: 在", self_name="李明").turns
    assert [turn.party.value for turn in turns] == ["other", "self"]


def test_a_self_name_that_nobody_has_is_told_with_the_names_there_are() -> None:
    with pytest.raises(InputError, match="王芳"):
        parse_plain("王芳: 在吗\n王芳: 喂", self_name="李明")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_is_read(end: str) -> None:
    assert len(said(end.join(["客服: 您好", "我: 嗯"]))) == 2


TRANSCRIPT = "客服: 您好，您的快递在运输途中弄丢了，我们给您办理理赔。\n客户: 好的，怎么办理？\n"
TRADITIONAL = "客服: 您好，您的包裹在運輸途中遺失了，我們會為您辦理賠償。\n客戶: 好的，請問要怎麼辦理？\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gbk", "gb18030"])
def test_a_file_is_read_in_its_encoding(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.txt").write_bytes(TRANSCRIPT.encode(encoding))
    assert read_plain(tmp_path / "a.txt").turns[0].text.endswith("办理理赔。")


def test_big5_is_not_taken_for_gb18030() -> None:
    assert decode(TRADITIONAL.encode("big5")).text == TRADITIONAL


def test_a_few_words_of_gbk_are_read() -> None:
    assert decode("您的快递丢了".encode("gbk")).text == "您的快递丢了"


def test_utf8_cut_in_a_character_is_still_utf8() -> None:
    decoded = decode(TRANSCRIPT.encode()[:-2])
    assert (decoded.encoding, decoded.replaced) == ("utf-8", 1)


@pytest.mark.parametrize("data", [b"", b" \n\t", b"\xef\xbb\xbf", bytes(range(256)) * 4, b"\x89PNG\r\n\x1a\n\x00\x00"])
def test_bytes_that_are_no_text_are_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        decode(data)


def test_a_missing_file_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="没有这个文件"):
        read_plain(tmp_path / "none.txt")


@pytest.mark.parametrize("filling", [" ", "[", "1", "好:", "客", "\t ", "0:00 "])
def test_a_megabyte_in_one_line_is_read_at_once(filling: str) -> None:
    before = time.process_time()
    parse_plain(f"客服: 好\n{filling * (1_000_000 // len(filling))}a")
    assert time.process_time() - before < 1
