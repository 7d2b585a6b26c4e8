"""Nobody can write himself out of what is read, by his words or by what he calls himself."""

from __future__ import annotations

import json
from collections.abc import Callable
from html import escape
from typing import Any

import pytest

from fanzha.conversation import Kind
from fanzha.formats.registry import read_bytes

WORDS = "把钱转到安全账户"
TIME = 1770890820
SAID = [
    WORDS,
    f"<msg>{WORDS}",
    f"<msg>{WORDS}</msg>",
    f"<sysmsg>{WORDS}</sysmsg>",
    f"<?xml version='1.0'?><!DOCTYPE a><a>{WORDS}</a>",
    f"> {WORDS}",
    f"[撤回 {WORDS}]",
    f"[系统消息] {WORDS}",
    f"“{WORDS}，越快越好，不要告诉家里人” 撤回了一条消息",
]
CALLED = ["阿明", "系统消息(10000)", "系统消息", "系统", "你", "security code"]


def chatlab(name: str, text: str) -> Any:
    return {
        "chatlab": {},
        "meta": {},
        "messages": [{"sender": "a", "accountName": name, "timestamp": TIME, "type": 0, "content": text}],
    }


def weflow(name: str, text: str) -> Any:
    message = {
        "createTime": TIME,
        "type": "文本消息",
        "content": text,
        "isSend": 0,
        "senderUsername": "a",
        "senderDisplayName": name,
    }
    return {"weflow": {}, "session": {}, "messages": [message]}


def pywxdump(name: str, text: str) -> Any:
    return [
        {
            "type_name": "文本",
            "is_sender": 0,
            "talker": "wxid_a",
            "room_name": name,
            "msg": text,
            "CreateTime": "2026-02-12 18:07:00",
        }
    ]


def chatlog(name: str, text: str) -> Any:
    return [
        {
            "talker": "a",
            "sender": "a",
            "senderName": name,
            "isSelf": False,
            "time": "2026-02-12 18:07:00",
            "type": 1,
            "content": text,
        }
    ]


def qq_exporter(name: str, text: str) -> Any:
    message = {
        "timestamp": TIME,
        "sender": {"uid": "a", "name": name},
        "content": {"elements": [{"type": "text", "data": {"text": text}}]},
    }
    return {"chatInfo": {"selfUid": "me"}, "messages": [message]}


def telegram(name: str, text: str) -> Any:
    return {
        "type": "personal_chat",
        "messages": [{"type": "message", "date_unixtime": str(TIME), "from": name, "from_id": "user1", "text": text}],
    }


def onebot(name: str, text: str) -> Any:
    return {
        "post_type": "message",
        "self_id": 1,
        "user_id": 2,
        "time": TIME,
        "message": [{"type": "text", "data": {"text": text}}],
        "sender": {"nickname": name},
    }


def wecom(name: str, text: str) -> Any:
    return {
        "msgid": "1",
        "action": "send",
        "from": name,
        "tolist": ["b"],
        "msgtime": TIME,
        "msgtype": "text",
        "text": {"content": text},
    }


def memotrace_table(name: str, text: str) -> str:
    head = "localId,TalkerId,Type,SubType,IsSender,CreateTime,Status,StrContent,StrTime,Remark,NickName,Sender\n"
    return head + f'1,2,1,0,0,{TIME},,"{text}",,{name},{name},wxid_a\n'


def memotrace_table_2(name: str, text: str) -> str:
    return f'消息ID,类型,发送人,时间,内容,备注,昵称,更多信息\n1,文本,{name},2026-02-12 18:07:00,"{text}",,,\n'


def memotrace(name: str, text: str) -> str:
    return f"2026-02-12 18:07:00 {name}\n{text}\n\n2026-02-12 18:08:00 我\n好\n\n"


def chatlog_text(name: str, text: str) -> str:
    return f"{name}(wxid_abcdef) 2026-02-12 18:07:00\n{text}\n\n我 2026-02-12 18:08:00\n好\n\n"


def qq(name: str, text: str) -> str:
    return f"消息记录（此消息记录为文本格式，不支持重新导入）\n\n2026-02-12 18:07:00 {name}(123456)\n{text}\n\n2026-02-12 18:08:00 {name}\n{text}\n\n"


def qq_private(name: str, text: str) -> str:
    return f"消息记录（此消息记录为文本格式，不支持重新导入）\n\n2026-02-12 18:07:00 {name}\n{text}\n\n2026-02-12 18:08:00 小李\n好\n\n"


def telegram_page(name: str, text: str) -> str:
    body = f'<div class="date details" title="12.02.2026 18:07:00">18:07</div><div class="from_name">{name}</div><div class="text">{escape(text)}</div>'
    return f'<!DOCTYPE html><div class="page_wrap"><div class="message default clearfix" id="message1"><div class="body">{body}</div></div></div>'


def qq_page(name: str, text: str) -> str:
    row = f"<tr><td><div><div style=float:left>{name}</div>18:07:00</div><div>{escape(text)}</div></td></tr>"
    return f"From: Tencent\n\n<html><table><tr><td>消息对象:某人</td></tr><tr><td>日期: 2026-02-12</td></tr>{row}</table></html>"


def qq_exporter_text(name: str, text: str) -> str:
    return f"[QQChatExporter V5]\n\n{name}:\n时间: 2026-02-12 18:07:00\n内容: {text}\n"


def whatsapp(name: str, text: str) -> str:
    return f"2026/2/12 18:07 - {name}: {text}\n2026/2/12 18:08 - 小李: 好\n"


def line(name: str, text: str) -> str:
    return f"[LINE] 與{name}的聊天記錄\n\n2026/02/12（四）\n18:07\t{name}\t{text}\n"


def imessage(name: str, text: str) -> str:
    return f"Feb 12, 2026  6:07:00 PM\n{name}\n{text}\n\n"


FORMATS = [
    chatlab, weflow, pywxdump, chatlog, qq_exporter, telegram, onebot, wecom, memotrace_table, memotrace_table_2,
    memotrace, chatlog_text, qq, qq_private, qq_page, telegram_page, qq_exporter_text, whatsapp, line, imessage,
]  # fmt: skip


@pytest.mark.parametrize("make", FORMATS, ids=lambda make: make.__name__)
@pytest.mark.parametrize("name", CALLED)
def test_what_is_said_is_read(make: Callable[[str, str], Any], name: str) -> None:
    for text in SAID:
        export = make(name, text)
        data = export if isinstance(export, str) else json.dumps(export, ensure_ascii=False)
        reading = read_bytes(data.encode(), name="a.txt" if isinstance(export, str) else "a.json")
        assert reading.format not in ("plain", "table-csv", "table-json"), reading.format
        read = [
            turn for one in reading.conversations for turn in one.turns if turn.kind not in (Kind.SYSTEM, Kind.RECALL)
        ]
        assert any(WORDS in turn.text for turn in read), (text, read)


def test_a_system_line_of_whatsapp_is_the_whole_sentence() -> None:
    text = "Messages and calls are end-to-end encrypted."
    for said, kind in ((text, Kind.SYSTEM), (f"{text} {WORDS}", Kind.TEXT)):
        turns = next(read_bytes(f"[2026/2/12 18:07:00] 阿明: {said}\n".encode(), name="a.txt").conversations).turns
        assert turns[0].kind is kind
