"""Other versions, languages and settings of the same tools: what differs must not matter."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fanzha.conversation import Conversation, Kind, Party, Turn
from fanzha.errors import InputError
from fanzha.formats.registry import read_bytes


def read(
    text: str | list[Any] | dict[str, Any], name: str = "a.txt", self_name: str | None = None
) -> tuple[str, list[Conversation]]:
    data = text if isinstance(text, str) else json.dumps(text, ensure_ascii=False)
    reading = read_bytes(data.encode(), name=name, self_name=self_name)
    return reading.format, list(reading.conversations)


def turns(
    text: str | list[Any] | dict[str, Any], name: str = "a.txt", self_name: str | None = None
) -> tuple[Turn, ...]:
    return read(text, name, self_name)[1][0].turns


def brief(some: tuple[Turn, ...]) -> list[tuple[str | None, str, str]]:
    return [(turn.speaker, turn.kind.value, turn.text) for turn in some]


@pytest.mark.parametrize(
    ("clock", "moment"),
    [
        ("12/02/2026 18:07 - ", "2026-02-12T18:07:00"),
        ("12.02.26, 18:07 - ", "2026-02-12T18:07:00"),
        ("2/12/26, 6:07\u202fPM - ", "2026-02-12T18:07:00"),
        ("12/2/26, 6:07 p. m. - ", "2026-02-12T18:07:00"),
        ("2026/2/12 下午6:07 - ", "2026-02-12T18:07:00"),
        ("2026年2月12日 下午6:07 - ", "2026-02-12T18:07:00"),
        ("2026. 2. 12. 오후 6:07 - ", "2026-02-12T18:07:00"),
        ("2026-02-12 18:07 - ", "2026-02-12T18:07:00"),
        ("12/02/2026 à 18:07 - ", "2026-02-12T18:07:00"),
        ("[12/02/2026, 18:07:11] ", "2026-02-12T18:07:11"),
        ("[2/12/26, 6:07:11\u202fPM] ", "2026-02-12T18:07:11"),
        ("\u200e[2026/2/12 晚上6:07:11] ", "2026-02-12T18:07:11"),
        ("[2026/2/12 18:07:11] ", "2026-02-12T18:07:11"),
    ],
)
def test_whatsapp_in_the_order_and_clock_of_any_phone(clock: str, moment: str) -> None:
    later = clock.replace("12", "13")  # the thirteenth can only be a day
    form, (conversation,) = read(f"{clock}阿明: 在吗\n第二行\n{later}小李: 在: 什么事\n")
    assert form == "whatsapp-txt"
    assert brief(conversation.turns) == [("阿明", "text", "在吗\n第二行"), ("小李", "text", "在: 什么事")]
    assert (conversation.turns[0].time or "").startswith(moment)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("<Media omitted>", Kind.IMAGE),
        ("<Medien ausgeschlossen>", Kind.IMAGE),
        ("<已省略多媒體檔案>", Kind.IMAGE),
        ("\u200evideo omitted", Kind.VIDEO),
        ("\u200e音频已忽略", Kind.VOICE),
        ("\u200e画像は省略されました", Kind.IMAGE),
        ("\u200eContact card omitted", Kind.CARD),
        ("PTT-20260212-WA0001.opus (文件附件)", Kind.VOICE),
        ("<附件：00000012-合同.pdf>", Kind.FILE),
        ("此訊息已被刪除", Kind.RECALL),
        ("You deleted this message", Kind.RECALL),
        ("未接语音通话", Kind.CALL),
        ("这段语音通话真长", Kind.TEXT),
        ("the image omitted from the report", Kind.TEXT),
    ],
)
def test_whatsapp_tells_what_was_left_out(body: str, kind: Kind) -> None:
    assert turns(f"2026/2/12 18:07 - 阿明: 在吗\n2026/2/12 18:08 - 阿明: {body}\n")[1].kind is kind


def test_whatsapp_says_some_things_itself() -> None:
    text = (
        '1/15/26, 15:02 - Tom created group "兼职"\n1/15/26, 15:03 - +86 138 0000 0000: 大家好\n'
        '1/16/26, 15:03 - Tom changed the subject from "a" to "b: c"\n1/16/26, 15:04 - Tom: 好 <This message was edited>\n'
    )
    assert brief(turns(text)) == [
        (None, "system", 'Tom created group "兼职"'),
        ("+86 138 0000 0000", "text", "大家好"),
        (None, "system", 'Tom changed the subject from "a" to "b: c"'),
        ("Tom", "text", "好"),
    ]


@pytest.mark.parametrize(
    ("title", "day", "clock"),
    [
        ("[LINE] 與阿明的聊天記錄", "2026/02/12（四）", "18:07\t"),
        ("[LINE]與阿明的聊天", "2026/02/12（四）", "下午06:07\t"),
        ("[LINE]与阿明的聊天记录", "2026.02.12 星期四", "18:07 "),
        ("[LINE] 阿明とのトーク履歴", "2026/02/12(木)", "18:07\t"),
        ("[LINE] Chat history with 阿明", "Thu, 02/12/2026", "06:07PM\t"),
        ("[LINE] 阿明님과의 대화", "2026년 2월 12일 목요일", "오후 6:07\t"),
        ("[LINE] ประวัติการแชทกับ 阿明", "พฤ. 12/02/2026", "18:07\t"),
    ],
)
def test_line_in_its_languages(title: str, day: str, clock: str) -> None:
    mark = clock[-1]
    form, (conversation,) = read(
        f"{title}\n儲存日期：2026/02/13 10:00\n\n{day}\n{clock}阿明{mark}在 吗\n{clock}小李{mark}在\n"
    )
    assert form == "line-txt"
    assert [(turn.speaker, turn.party, turn.text) for turn in conversation.turns] == [
        ("阿明", Party.OTHER, "在 吗"),
        ("小李", Party.SELF, "在"),
    ]
    # on its own, 02/12 of an English phone may be the second of December
    assert (conversation.turns[0].time or "")[:16] in ("2026-02-12T18:07", "2026-12-02T18:07")


def test_a_quotation_mark_that_line_never_closes_swallows_nothing() -> None:
    text = '[LINE] 與阿明的聊天記錄\n\n2026/02/12（四）\n18:07\t阿明\t"只有開頭\n18:08\t小李\t好\n18:09\t阿明\t"第一行\n第二行""引""完"\n'
    assert [turn.text for turn in turns(text)] == ['"只有開頭', "好", '第一行\n第二行"引"完']


@pytest.mark.parametrize(
    "clock", ["2026-02-12 下午 6:07:05", "2026-02-12 6:07:05 PM", "2026-02-12 18:07:05", "2026/2/12 18:07:05"]
)
def test_qq_clocks(clock: str) -> None:
    rule = "=" * 64
    text = f"消息记录（此消息记录为文本格式，不支持重新导入）\n\n{rule}\n消息分组:我的好友\n{rule}\n消息对象:阿明\n{rule}\n\n{clock} 阿明\n在吗\n\n{clock} 小李\n在\n\n"
    said = turns(text)
    assert [turn.party for turn in said] == [Party.OTHER, Party.SELF]
    assert (said[0].time or "").startswith("2026-02-12T18:07:05")


def test_qq_without_its_title_is_told_by_numbers_after_names() -> None:
    form, (conversation,) = read(
        "2026-02-12 18:07:05 10012345(10012345)\n在吗\n\n2026-02-12 18:07:09 小李(10054321)\n在\n\n"
    )
    assert form == "qq-txt"
    assert [turn.speaker for turn in conversation.turns] == ["10012345", "小李"]


def test_a_chat_pasted_into_a_message_stays_in_it() -> None:
    text = (
        "2026-02-12 18:07:05 阿明\n在吗\n\n2026-02-12 18:08:05 小李\n在\n\n2026-02-12 18:08:35 小李\n怎么了\n\n"
        "2026-02-12 18:09:05 阿明\n他们说：\n2026-02-11 10:00:00 张三\n给我转账\n\n2026-02-12 18:10:05 小李\n好\n\n"
    )
    form, (conversation,) = read(text)
    assert form == "wechat-memotrace-txt"
    assert conversation.turns[3].text == "他们说：\n2026-02-11 10:00:00 张三\n给我转账"


def test_memotrace_names_its_file_after_the_other_side() -> None:
    text = "2026-02-12 18:07:05 阿明\n在吗\n\n2026-02-12 18:08:05 小李\n在\n\n"
    assert [turn.party for turn in turns(text, "阿明_utf8.txt")] == [Party.OTHER, Party.SELF]
    assert [turn.party for turn in turns(text, "导出.txt")] == [Party.UNKNOWN, Party.UNKNOWN]


def test_a_table_that_excel_saved_again() -> None:
    head = "localId;TalkerId;Type;SubType;IsSender;CreateTime;Status;StrContent;StrTime;Remark;NickName;Sender\n"
    text = (
        head
        + "1;2;1;0;0.0;1.77E+09;;在吗;2026/2/12 18:07;阿明;阿明;wxid_a\n2;2;49;2000;1.0;1.77E+09;;;2026/2/12 18:08;我;我;wxid_b\n"
    )
    said = turns(text, "a.csv")
    assert [(turn.party, turn.kind, turn.start) for turn in said] == [
        (Party.OTHER, Kind.TEXT, 0),
        (Party.SELF, Kind.TRANSFER, 60),
    ]


def test_an_export_that_runs_backwards_is_turned_round() -> None:
    records = [
        {
            "talker": "wxid_a",
            "sender": "wxid_a",
            "isSelf": False,
            "time": f"2026-02-12T18:0{minute}:00+08:00",
            "type": 1,
            "content": str(minute),
        }
        for minute in (9, 8, 8, 7)
    ]
    assert [turn.text for turn in turns(records, "a.json")] == ["7", "8", "8", "9"]
    assert [turn.start for turn in turns(records, "a.json")] == [0, 60, 60, 120]


def test_chatlog_of_one_day_and_of_a_group() -> None:
    day = turns("王姐(wxid_abcdefg) 18:07:00\n在吗\n\n我 18:08:00\n[链接|标题\nhttps://example.invalid/\n]\n\n")
    assert [(turn.party, turn.kind) for turn in day] == [(Party.OTHER, Kind.TEXT), (Party.SELF, Kind.LINK)]
    form, (group,) = read(
        "王姐(wxid_abcdefg) [交流群(123@chatroom)] 2026-02-12 18:07:00\n看行情\n\n我 [交流群(123@chatroom)] 2026-02-12 18:08:00\n好\n\n"
    )
    assert (form, group.id) == ("wechat-chatlog-txt", "交流群(123@chatroom)")


def test_a_page_of_answers_of_an_interface_is_read() -> None:
    message = {
        "talker": "wxid_a",
        "talkerName": "",
        "isChatRoom": False,
        "sender": "wxid_a",
        "senderName": "王姐",
        "isSelf": False,
        "type": 1,
        "content": "在吗",
    }
    assert turns({"length": 1, "messages": [message]}, "a.json")[0].speaker == "王姐"
    event = {
        "message_type": "group",
        "group_id": 1,
        "user_id": 2,
        "time": 1770890820,
        "sender": {"user_id": 2, "card": "王姐"},
        "message": "[CQ:at,qq=3] 在吗",
    }
    assert brief(turns({"status": "ok", "data": {"messages": [event]}}, "a.json")) == [("王姐", "text", "@3  在吗")]
    item = {
        "message_id": "om",
        "msg_type": "text",
        "create_time": "1770890820000",
        "chat_id": "oc",
        "sender": {"id": "ou_1"},
        "body": {"content": '{"text": "在吗"}'},
    }
    assert brief(turns({"code": 0, "data": {"items": [item]}}, "a.json")) == [("ou_1", "text", "在吗")]


def test_dingtalk_in_the_envelope_of_its_stream() -> None:
    message = {
        "conversationId": "c",
        "msgtype": "text",
        "text": {"content": "在吗"},
        "senderNick": "王姐",
        "createAt": 1770890820000,
    }
    assert brief(turns({"type": "CALLBACK", "headers": {}, "data": json.dumps(message)}, "a.jsonl")) == [
        ("王姐", "text", "在吗")
    ]


def test_who_changes_his_name_stays_one_speaker() -> None:
    def message(name: str, text: str) -> dict[str, Any]:
        return {"sender": "1", "accountName": name, "timestamp": 1770890820, "type": 0, "content": text}

    export = {
        "chatlab": {},
        "meta": {"type": "group"},
        "members": [],
        "messages": [message("旧名", "在吗"), message("新名", "在")],
    }
    assert [turn.speaker for turn in turns(export, "a.json")] == ["新名", "新名"]


def test_wechat_writes_the_sender_into_what_is_said_in_groups() -> None:
    session = {"wxid": "1@chatroom", "displayName": "群", "type": "群聊"}
    message = {
        "createTime": 1770890820,
        "type": "文本消息",
        "content": "wxid_a:\n大家好",
        "isSend": 0,
        "senderUsername": "wxid_a",
        "senderDisplayName": "王姐",
    }
    assert brief(turns({"weflow": {}, "session": session, "messages": [message]}, "a.json")) == [
        ("王姐", "text", "大家好")
    ]


def test_telegram_without_names_or_with_media() -> None:
    messages = [
        {"id": 1, "type": "message", "date": "2026-02-12T18:07:00", "from": None, "from_id": "user5", "text": "在吗"},
        {"id": 2, "type": "message", "date": "2026-02-12T18:08:00", "from": "小李", "from_id": "user9", "text": "", "media_type": "sticker", "file": "x"},
        {"id": 3, "type": "message", "date": "2026-02-12T18:08:30", "from": "小李", "from_id": "user9", "text": "看", "photo": "p.jpg"},
    ]  # fmt: skip
    said = turns({"name": None, "type": "personal_chat", "id": 5, "messages": messages}, "result.json")
    assert [(turn.speaker, turn.party, turn.kind) for turn in said] == [
        ("user5", Party.OTHER, Kind.TEXT),
        ("小李", Party.SELF, Kind.IMAGE),
        ("小李", Party.SELF, Kind.TEXT),
    ]


def test_answers_that_stand_below_what_they_answer_are_read_once() -> None:
    text = (
        "May 17, 2026  5:29:42 PM (Read by you after 1 hour, 49 seconds)\n阿明\n在吗\n    May 17, 2026  5:30:42 PM\n    Me\n    在\n\n"
        "May 17, 2026  5:30:42 PM\nMe\nThis message responded to an earlier message.\n在\n\n"
    )
    assert brief(turns(text)) == [("阿明", "text", "在吗"), ("Me", "text", "在")]


def test_calls_of_a_phone_are_kept_as_calls() -> None:
    text = '<?xml version="1.0"?><calls count="1"><call number="10086" duration="12" date="1770890820000" type="1" contact_name="(Unknown)"/></calls>'
    assert brief(turns(text, "calls.xml")) == [("10086", "call", "[通话] 来电 12 秒")]


def test_an_export_without_messages_is_an_error() -> None:
    with pytest.raises(InputError, match="没有一条消息"):
        read({"weflow": {}, "session": {}, "messages": []}, "a.json")


def test_a_very_long_chat_comes_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fanzha.formats.chats.message.MAX_TURNS", 2)
    parts = read("2026/2/12 18:07 - 阿明: 一\n2026/2/12 18:08 - 小李: 二\n2026/2/12 18:09 - 阿明: 三\n")[1]
    assert [[turn.text for turn in part.turns] for part in parts] == [["一", "二"], ["三"]]
    assert parts[1].turns[0].start == 0


def test_memotrace_may_write_the_other_sides_name_into_our_rows() -> None:
    head = "localId,TalkerId,Type,SubType,IsSender,CreateTime,Status,StrContent,StrTime,Remark,NickName,Sender\n"
    text = head + "".join(f"{n},2,1,0,{n % 2},{1770890820 + n},,第{n}句,,阿明,阿明,wxid_a\n" for n in range(3))
    assert [(turn.speaker, turn.party) for turn in turns(text, "a.csv")] == [
        ("阿明", Party.OTHER),
        ("我", Party.SELF),
        ("阿明", Party.OTHER),
    ]


def test_pywxdump_kept_what_was_said_in_json_once() -> None:
    text = 'id,MsgSvrID,type_name,is_sender,talker,room_name,content,CreateTime\n1,9,文本,0,wxid_a,wxid_a,"{""src"": """", ""msg"": ""在吗""}",2026-02-12 18:07:00\n'
    form, (conversation,) = read(text, "a.csv")
    assert (form, conversation.turns[0].text) == ("wechat-pywxdump-csv", "在吗")


def test_weflow_may_list_its_senders_apart() -> None:
    export = {
        "weflow": {"format": "arkme-json"},
        "session": {"wxid": "1@chatroom", "type": "群聊"},
        "senders": [
            {"senderID": 1, "wxid": "wxid_a", "displayName": "王姐"},
            {"senderID": 2, "wxid": "me", "displayName": "小李"},
        ],
        "messages": [
            {"createTime": 1770890820, "type": "文本消息", "content": "在吗", "isSend": 0, "senderID": 1},
            {"createTime": 1770890821, "type": "文本消息", "content": "在", "isSend": 1, "senderID": 2},
        ],
    }
    assert [(turn.speaker, turn.party) for turn in turns(export, "a.json")] == [
        ("王姐", Party.OTHER),
        ("小李", Party.SELF),
    ]
