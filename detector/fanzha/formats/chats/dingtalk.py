"""Messages that a DingTalk bot receives, one a line.

In: `{"msgtype", "text": {"content"}, "senderNick", "conversationId", "createAt", …}`. Out: one conversation for each
conversationId. Who is ours only `--self` can tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fanzha.conversation import Conversation, Kind
from fanzha.formats.chats.appmsg import mark_of
from fanzha.formats.chats.dates import read_moment
from fanzha.formats.chats.kinds import kind_of_name
from fanzha.formats.chats.message import Chat, Message, to_conversations
from fanzha.formats.chats.segments import Piece, join_pieces
from fanzha.formats.chats.values import first_text, json_in, map_in, read_records, records_in
from fanzha.formats.head import Head
from fanzha.formats.reader import Options, Reader
from fanzha.formats.records import members, string
from fanzha.formats.source import Source

_WHO = frozenset(["senderNick", "senderStaffId", "chatbotUserId"])


def _read(source: Source, options: Options) -> Iterator[Conversation]:
    yield from to_conversations(_chats(read_records(source)), options)


def _chats(records: Iterable[Mapping[str, Any]]) -> Iterable[Chat]:
    chats: dict[str, Chat] = {}
    for record in records:
        record = _unwrapped(record)
        key = first_text(record, "conversationId", "openConversationId")
        chat = chats.setdefault(key, Chat(id=key or None, is_group=first_text(record, "conversationType") == "2"))
        name, sender = first_text(record, "senderNick"), first_text(record, "senderStaffId", "senderId")
        kind, text = _content(record)
        chat.messages.append(
            Message(text, kind, name or None, sender or None, time=read_moment(record.get("createAt")))
        )
    return chats.values()


def _unwrapped(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """The message in the envelope of the stream mode, in which it is JSON in a string."""
    return json_in(record["data"]) if "data" in record else record


def _content(record: Mapping[str, Any]) -> tuple[Kind, str]:
    named = first_text(record, "msgtype")
    content = map_in(record.get("content")) or map_in(record.get(named))
    if named in ("text", ""):
        return Kind.TEXT, string(map_in(record.get("text")).get("content")) or string(content.get("content"))
    if named == "richText":
        return join_pieces(_piece(part) for part in members(content, "richText"))
    if named == "audio":
        return Kind.VOICE, first_text(content, "recognition") or mark_of(Kind.VOICE)
    if named == "markdown":
        return Kind.TEXT, first_text(content, "text", "content", "title")
    kind = kind_of_name(named, Kind.OTHER)
    details = (first_text(content, "fileName", "title", "text"), first_text(content, "messageUrl", "singleURL", "url"))
    return kind, mark_of(kind, *details)


def _piece(part: Mapping[str, Any]) -> Piece:
    if "text" in part:
        return Piece(Kind.TEXT, string(part["text"]))
    kind = kind_of_name(first_text(part, "type"), Kind.IMAGE)
    return Piece(kind, mark_of(kind))


def _sniff(head: Head) -> int:
    for record in records_in(head):
        message = _unwrapped(record)
        if _WHO & message.keys() and {"conversationId", "msgtype"} & message.keys():
            return 90
    return 0


READERS = (Reader("dingtalk-jsonl", "钉钉机器人消息 JSON 行", (".jsonl", ".json"), _sniff, _read),)
