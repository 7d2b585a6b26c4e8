"""WeChat chats exported by WeFlow or EchoTrace as JSON.

In: `{"weflow": …, "session": {wxid, displayName, type}, "messages": […]}`. Out: one conversation. The kind comes from
`type` (转账卡片 …), because `localType` is unreliable; `isSend` is 1, 0, or null for system lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fanzha.conversation import Conversation, Kind
from fanzha.errors import InputError
from fanzha.formats.chats.appmsg import looks_like_xml, read_content, titled
from fanzha.formats.chats.dates import read_moment
from fanzha.formats.chats.kinds import kind_of_name, read_mark
from fanzha.formats.chats.message import Chat, Message, to_conversations
from fanzha.formats.chats.quotes import ABOVE_BRACKET, ABOVE_LINES, BELOW, own_words, without_sender
from fanzha.formats.chats.values import first_text, flag_in, map_in
from fanzha.formats.document import parse
from fanzha.formats.head import Head
from fanzha.formats.reader import Options, Reader
from fanzha.formats.records import members, string
from fanzha.formats.source import Source


def _read(source: Source, options: Options) -> Iterator[Conversation]:
    document = map_in(parse(source.text()))
    if not isinstance(document.get("messages"), list):
        raise InputError("没有 messages 列表, 导出可能不完整")
    session = map_in(document.get("session"))
    group = "群" in first_text(session, "type") or first_text(session, "wxid").endswith("@chatroom")
    senders = {first_text(sender, "senderID"): sender for sender in members(document, "senders")}
    messages = [
        _message({**senders.get(first_text(record, "senderID"), {}), **record}, session, group)
        for record in members(document, "messages")
    ]
    chat = Chat(messages, first_text(session, "wxid") or None, first_text(session, "wxid") or None, group)
    yield from to_conversations([chat], options)


def _message(record: Mapping[str, Any], session: Mapping[str, Any], group: bool) -> Message:
    sender = first_text(record, "senderUsername", "sender", "wxid")
    kind, text = _content(record, sender)
    mine = flag_in(record.get("isSend"))
    name = first_text(record, "groupNickname", "senderDisplayName", "senderNickname", "senderName", "displayName")
    if not name and mine is False and not group:
        name = first_text(session, "displayName", "remark", "nickname")
    name = name or ("我" if mine else "")
    time = read_moment(record.get("createTime")) or read_moment(record.get("formattedTime"))
    if kind in (Kind.SYSTEM, Kind.RECALL) and mine is None:
        return Message(text, kind, time=time)
    return Message(text, kind, name or None, sender or None, mine, time)


def _content(record: Mapping[str, Any], sender: str) -> tuple[Kind, str]:
    content = without_sender(string(record.get("content")), sender)
    named = first_text(record, "type")
    if not named:
        return read_content(content, record.get("localType"))
    if looks_like_xml(content) and "文本" not in named:
        return read_content(content)
    kind = kind_of_name(named)
    if kind is Kind.TEXT:
        text = own_words(content, ABOVE_LINES, ABOVE_BRACKET, BELOW) if "引用" in named else content
        return read_mark(text), text
    return titled(kind, content)


def _sniff(head: Head) -> int:
    if "weflow" in head.keys or "echotrace" in head.keys:
        return 95
    session = map_in(head.objects[0]).get("session") if head.objects else None
    return 90 if {"wxid", "displayName"} <= frozenset(map_in(session)) and "messages" in head.keys else 0


READERS = (Reader("wechat-weflow-json", "微信: WeFlow JSON", (".json",), _sniff, _read),)
