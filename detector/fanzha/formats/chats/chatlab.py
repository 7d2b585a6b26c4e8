"""ChatLab, the open interchange format of chats: JSON and JSON lines.

In: `{"chatlab": …, "meta": …, "members": […], "messages": […]}`, or lines whose `_type` is header, member or message
(`#` begins a comment). Out: one conversation; `meta.ownerId` is the owner of the phone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fanzha.conversation import Conversation, Kind
from fanzha.errors import InputError
from fanzha.formats.chats.appmsg import mark_of
from fanzha.formats.chats.dates import read_moment
from fanzha.formats.chats.kinds import kind_of_name
from fanzha.formats.chats.message import Chat, Message, to_conversations
from fanzha.formats.chats.quotes import ABOVE_BRACKET, ABOVE_LINES, BELOW, own_words
from fanzha.formats.chats.values import first_text, map_in
from fanzha.formats.document import parse
from fanzha.formats.head import Head
from fanzha.formats.reader import Options, Reader
from fanzha.formats.records import members, objects, string
from fanzha.formats.source import Source

_ANSWER = 25
KINDS = {
    0: Kind.TEXT,
    1: Kind.IMAGE,
    2: Kind.VOICE,
    3: Kind.VIDEO,
    4: Kind.FILE,
    5: Kind.IMAGE,
    7: Kind.LINK,
    20: Kind.RED_PACKET,
    21: Kind.TRANSFER,
    23: Kind.CALL,
    24: Kind.LINK,
    _ANSWER: Kind.TEXT,
    27: Kind.CARD,
    80: Kind.SYSTEM,
    81: Kind.RECALL,
}


def _read_json(source: Source, options: Options) -> Iterator[Conversation]:
    document = map_in(parse(source.text()))
    if not isinstance(document.get("messages"), list):
        raise InputError("没有 messages 列表, 导出可能不完整")
    names = _names(members(document, "members"))
    chat = _chat(map_in(document.get("meta")))
    chat.messages = [_message(record, names) for record in members(document, "messages")]
    yield from to_conversations([chat], options)


def _read_lines(source: Source, options: Options) -> Iterator[Conversation]:
    chat = Chat()
    names: dict[str, str] = {}
    source.check_whole()
    for record in objects(source):
        kind = record.get("_type")
        if kind == "header":
            chat = _chat(map_in(record.get("meta")), chat.messages)
        elif kind == "member":
            names.update(_names([record]))
        elif kind == "message":
            chat.messages.append(_message(record, names))
    yield from to_conversations([chat], options)


def _chat(meta: Mapping[str, Any], messages: list[Message] | None = None) -> Chat:
    return Chat(
        messages or [],
        id=first_text(meta, "groupId", "id") or None,
        counterpart=first_text(meta, "name") or None,
        is_group=meta.get("type") == "group",
        owner=first_text(meta, "ownerId") or None,
    )


def _names(listed: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    return {
        member_id: name
        for member in listed
        if (member_id := first_text(member, "platformId"))
        and (name := first_text(member, "groupNickname", "accountName"))
    }


def _message(record: Mapping[str, Any], names: Mapping[str, str]) -> Message:
    sender = first_text(record, "sender")
    name = first_text(record, "groupNickname", "accountName") or names.get(sender)
    written = record.get("type")
    kind = KINDS.get(written, Kind.OTHER) if isinstance(written, int) else kind_of_name(written)
    content = string(record.get("content"))
    text = own_words(content, ABOVE_LINES, ABOVE_BRACKET, BELOW) if written == _ANSWER else content
    if not text.strip() and kind not in (Kind.TEXT, Kind.SYSTEM):
        text = mark_of(kind)
    return Message(text, kind, name or None, sender or None, time=read_moment(record.get("timestamp")))


def _sniff_json(head: Head) -> int:
    if _is_lines(head):
        return 0
    return 95 if "chatlab" in head.keys else 85 if {"meta", "members", "messages"} <= head.keys else 0


def _sniff_lines(head: Head) -> int:
    return 95 if _is_lines(head) else 0


def _is_lines(head: Head) -> bool:
    return any(record.get("_type") in ("header", "member", "message") for record in head.objects[:3])


READERS = (
    Reader("chatlab-json", "ChatLab JSON (聊天记录的开放交换格式)", (".json",), _sniff_json, _read_json),
    Reader("chatlab-jsonl", "ChatLab JSON 行", (".jsonl",), _sniff_lines, _read_lines),
)
