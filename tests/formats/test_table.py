"""Tables: whose columns are whose, which rows are one conversation, and files that are not what they seem."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from calls import CALL, ROWS, SPOKEN, TEXTS, TITLES, as_json, lines, parquet, xlsx

from fanzha.conversation import Conversation
from fanzha.errors import InputError, LimitError
from fanzha.formats import sheets, table
from fanzha.formats.columns import find_columns
from fanzha.formats.reader import Options
from fanzha.formats.registry import read_bytes


def read(data: str | bytes, **options: Any) -> list[Conversation]:
    return list(read_bytes(data if isinstance(data, bytes) else data.encode(), **options).conversations)


def said(conversations: list[Conversation]) -> list[list[str]]:
    return [[turn.text for turn in one.turns] for one in conversations]


# ── columns ──


@pytest.mark.parametrize(
    ("header", "text", "speaker", "id", "time"),
    [
        (["通话ID", "角色", "开始时间", "文本"], 3, 1, 0, 2),
        (["call_id", "role", "start_time", "content"], 3, 1, 0, 2),
        (["会话编号", "发送人", "发送时间", "消息内容"], 3, 1, 0, 2),
        (["录音文件名", "声道", "识别结果"], 2, 1, 0, None),
        (["SessionId", "Speaker", "Start", "Utterance"], 3, 1, 0, 2),
        (["时间", "昵称", "内容"], 2, 1, None, 0),
    ],
)
def test_usual_names_of_columns_are_known(header: list[str], text: int, speaker: int, id: int | None, time: int | None) -> None:  # noqa: A002
    columns = find_columns(header, Options())
    assert columns is not None
    known = columns.time if columns.start is None else columns.start
    assert (columns.text, columns.speaker, columns.id, known) == (text, speaker, id, time)


def test_columns_may_be_named_or_counted() -> None:
    rows = "甲,乙,丙\nc1,客服,您好\nc1,客户,哪位\nc2,客服,喂\n"
    assert said(read(rows, text="丙", speaker="乙", id="甲")) == [["您好", "哪位"], ["喂"]]
    assert said(read(rows, text="3", speaker="2", id="1")) == [["丙"], ["您好", "哪位"], ["喂"]]


def test_counted_columns_need_no_names() -> None:
    assert said(read("1,客服,您好\n1,客户,哪位\n", text="3", speaker="2", id="1")) == [["您好", "哪位"]]


def test_a_column_that_is_not_there_is_told_with_those_there_are() -> None:
    with pytest.raises(InputError, match=r"--text.*甲、乙"):
        read("甲,乙\n1,2\n", text="丙")


def test_a_table_without_a_known_text_asks_for_it() -> None:
    with pytest.raises(InputError, match="--text"):
        read(xlsx([["甲", "乙"], [1, 2]]))


# ── rows ──


def test_rows_of_one_id_are_one_conversation_wherever_they_stand() -> None:
    assert said(read("会话ID,角色,文本\na,客服,一\nb,客服,二\na,客户,三\n")) == [["一", "三"], ["二"]]


def test_in_a_large_file_rows_of_one_id_must_stand_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "MAX_SHUFFLED_BYTES", 10)
    assert said(read("会话ID,角色,文本\na,客服,一\na,客户,三\nb,客服,二\n")) == [["一", "三"], ["二"]]
    with pytest.raises(InputError, match="排好序"):
        read("会话ID,角色,文本\na,客服,一\nb,客服,二\na,客户,三\n")


def test_a_message_a_row_is_a_conversation_a_row() -> None:
    conversations = read("id,content,label\n7,您的快递丢了,诈骗\n8,周末吃饭吗,\n")
    assert [(one.id, *said([one])[0]) for one in conversations] == [("7", "您的快递丢了"), ("8", "周末吃饭吗")]


def test_a_transcript_in_a_cell_is_read_as_one() -> None:
    (conversation,) = read('通话编号,通话内容\nc1,"客服: 您好\n客户: 哪位"\n')
    assert [(turn.speaker, turn.text) for turn in conversation.turns] == [("客服", "您好"), ("客户", "哪位")]


def test_messages_of_named_senders_without_id_are_one_chat() -> None:
    assert len(read("发送人,内容\n小明,在吗\n小红,在\n")) == 1


def test_an_export_with_the_newest_first_is_turned_around() -> None:
    rows = "时间,发送人,内容\n2026-01-01 09:01:00,小红,在\n2026-01-01 09:00:00,小明,在吗\n"
    (conversation,) = read(rows)
    assert [(turn.text, turn.time) for turn in conversation.turns] == [
        ("在吗", "2026-01-01T09:00:00+08:00"),
        ("在", "2026-01-01T09:01:00+08:00"),
    ]


def test_a_direction_gives_the_party_and_a_type_the_kind() -> None:
    (conversation,) = read("会话ID,方向,消息类型,内容\n1,收,文本消息,在吗\n1,发,转账消息,￥500\n")
    assert [(turn.party.value, turn.kind.value) for turn in conversation.turns] == [("other", "text"), ("self", "transfer")]


def test_quoted_cells_may_have_line_breaks_and_separators() -> None:
    (conversation,) = read('发送人,内容\n小明,"在, 吗\n喂"\n小红,在\n')
    assert conversation.turns[0].text == "在, 吗\n喂"


@pytest.mark.parametrize("before", ["sep=,\n", "通话记录,,\n导出时间,2026-01-01,\n"])
def test_what_stands_above_the_names_of_columns_is_passed_over(before: str) -> None:
    assert said(read(before + "会话ID,角色,文本\n1,客服,您好\n1,客户,哪位\n")) == [["您好", "哪位"]]


def test_pieces_of_a_recording_are_one_conversation() -> None:
    assert said(read("start,end,text\n0,4200,您好这里是理赔中心\n5000,7500,哪位啊有什么事\n")) == [["您好这里是理赔中心", "哪位啊有什么事"]]


@pytest.mark.parametrize("cell", ["客服：您好。客户：哪位？客服：理赔。", "客服：您好。<br>客户：哪位？<br/>客服：理赔。", "客服：您好。\\n客户：哪位？\\n客服：理赔。"])
def test_a_dialogue_in_one_line_of_a_cell_is_taken_apart(cell: str) -> None:
    conversation, _ = read(f"编号,通话内容\n1,{cell}\n2,喂\n")
    assert [(turn.speaker, turn.text) for turn in conversation.turns] == [("客服", "您好。"), ("客户", "哪位？"), ("客服", "理赔。")]


# ── Excel ──


def test_dates_and_numbers_of_cells_are_shown_as_excel_shows_them() -> None:
    rows = [["通话ID", "角色", "时间", "文本"], [1001.0, "客服", datetime(2026, 1, 1, 9), 123456]]
    (conversation,) = read(xlsx(rows))
    assert (conversation.id, conversation.turns[0].text, conversation.turns[0].time) == ("1001", "123456", "2026-01-01T09:00:00+08:00")


def test_times_of_day_and_lengths_of_excel_are_seconds() -> None:
    rows = [["通话ID", "角色", "开始时间", "文本"], [1, "客服", time(0, 0, 5), "您好"], [1, "客户", timedelta(seconds=65), "哪位"]]
    (conversation,) = read(xlsx(rows))
    assert [turn.start for turn in conversation.turns] == [5.0, 65.0]


def test_a_cell_far_away_costs_nothing() -> None:
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(SPOKEN["table-xlsx"][0]))
    book.active["XFD20000"] = "x"
    out = io.BytesIO()
    book.save(out)
    assert said(read(out.getvalue()))[0] == TEXTS


def test_every_sheet_with_known_columns_is_read() -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["说明"])
    for name in ("一月", "二月"):
        sheet = book.create_sheet(name)
        for row in (["会话ID", "角色", "文本"], [name, "客服", "您好"]):
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    assert [one.id for one in read(out.getvalue())] == ["一月", "二月"]


def packed(size: int, told: int | None = None) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("xl/workbook.xml", b"0" * size)
    data = out.getvalue()
    if told is not None:  # the sizes in both headers lie
        data = data.replace(size.to_bytes(4, "little"), told.to_bytes(4, "little"))
    return data


@pytest.mark.parametrize("told", [None, 10])
def test_a_zip_bomb_is_refused_whatever_size_it_tells(monkeypatch: pytest.MonkeyPatch, told: int | None) -> None:
    monkeypatch.setattr(sheets, "MAX_UNPACKED_BYTES", 1_000_000)
    with pytest.raises(LimitError, match="解压后"):
        read(packed(5_000_011, told), name="a.xlsx")


def test_a_workbook_with_a_document_type_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(SPOKEN["table-xlsx"][0])) as good, zipfile.ZipFile(out, "w") as bad:
        for name in good.namelist():
            entities = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' if name.endswith("sheet1.xml") else b""
            bad.writestr(name, entities + good.read(name))
    with pytest.raises(InputError, match="文档类型"):
        read(out.getvalue(), name="a.xlsx")


@pytest.mark.parametrize("data", [b"PK\x03\x04" + b"x" * 99, SPOKEN["table-xlsx"][0][:2000], b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600])
def test_a_damaged_workbook_is_told(data: bytes) -> None:
    with pytest.raises(InputError, match="Excel"):
        read(data, name="a.xlsx")


# ── Parquet ──


def test_a_column_of_dialogues_is_read_as_dialogues() -> None:
    messages = [[{"role": label, "content": text} for label, _, _, text in CALL]] * 2
    assert said(read(parquet({"id": ["a", "b"], "messages": messages}))) == [TEXTS, TEXTS]


def test_a_damaged_parquet_is_told() -> None:
    with pytest.raises(InputError, match="Parquet"):
        read(SPOKEN["table-parquet"][0][:300])


def test_columns_of_a_parquet_may_be_named() -> None:
    data = parquet({"a": [row[0] for row in ROWS], "b": [row[1] for row in ROWS], "c": [row[4] for row in ROWS]})
    assert said(read(data, text="c", speaker="b", id="a")) == [TEXTS]


# ── JSON ──


def test_objects_with_other_keys_are_read_with_their_names() -> None:
    rows = [{"k": "c1", "w": label, "t": text} for label, _, _, text in CALL]
    for data in (as_json(rows), lines(rows), as_json({"data": rows})):
        assert said(read(data, text="t", speaker="w", id="k")) == [TEXTS]


def test_a_key_that_only_later_rows_have_is_a_column_too() -> None:
    rows: list[dict[str, str]] = [{"content": "一"}, {"content": "二", "speaker": "客服"}]
    (conversation,) = read(lines(rows))
    assert [turn.speaker for turn in conversation.turns] == [None, "客服"]


def test_a_missing_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr("importlib.import_module", missing)
    with pytest.raises(InputError, match=r"fanzha\[tables\]"):
        list(sheets.READERS[-1].read(sheets.Source(SPOKEN["table-xlsx"][0]), Options()))


def test_the_file_of_a_path_is_read(tmp_path: Path) -> None:
    from fanzha.formats.registry import read_file

    (tmp_path / "a.xlsx").write_bytes(xlsx([TITLES, *ROWS]))
    assert said(list(read_file(tmp_path / "a.xlsx").conversations)) == [TEXTS]
