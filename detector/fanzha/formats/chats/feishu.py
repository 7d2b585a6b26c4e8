"""Messages of Feishu (Lark): events that a bot receives, or lists of its message API, in JSON or a line each.

In: `{"schema": "2.0", "header", "event": {"sender", "message"}}`, or items with `msg_type` and `body`; `content` is
JSON in a string. Out: one conversation for each chat_id. Who is ours only `--self` can tell: the file knows open ids.
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

_IDS = ("open_id", "user_id", "union_id", "id")


def _read(source: Source, options: Options) -> Iterator[Conversation]:
    yield from to_conversations(_chats(read_records(source)), options)


def _chats(records: Iterable[Mapping[str, Any]]) -> Iterable[Chat]:
    chats: dict[str, Chat] = {}
    for record in records:
        event = map_in(record.get("event")) or record
        body = map_in(event.get("message")) or event
        key = first_text(body, "chat_id", "open_chat_id")
        chat = chats.setdefault(
            key, Chat(id=key or None, is_group=first_text(body, "chat_type") in ("group", "topic_group"))
        )
        chat.messages.append(_message(record, event, body))
    return chats.values()


def _message(record: Mapping[str, Any], event: Mapping[str, Any], body: Mapping[str, Any]) -> Message:
    header = map_in(record.get("header"))
    time = read_moment(first_text(body, "create_time") or first_text(header, "create_time") or first_text(record, "ts"))
    if "recalled" in first_text(header, "event_type") or body.get("deleted") is True:
        return Message(mark_of(Kind.RECALL), Kind.RECALL, time=time)
    sender = map_in(event.get("sender"))
    who = first_text(map_in(sender.get("sender_id")), *_IDS) or first_text(sender, *_IDS) or first_text(event, *_IDS)
    kind, text = _content(body)
    if kind is Kind.SYSTEM:
        return Message(text, kind, time=time)
    return Message(text, kind, first_text(sender, "name", "sender_name") or None, who or None, time=time)


def _content(body: Mapping[str, Any]) -> tuple[Kind, str]:
    named = first_text(body, "message_type", "msg_type")
    content = json_in(body.get("content")) or json_in(map_in(body.get("body")).get("content"))
    if named in ("text", "") or (not content and "text" in body):
        text = string(content.get("text")) or string(body.get("text_without_at_bot")) or string(body.get("text"))
        return Kind.TEXT, _with_names(text, body)
    if named == "post":
        kind, text = join_pieces(_pieces(_in_language(content)))
        return kind, _with_names(text, body)
    if named == "system":
        return Kind.SYSTEM, first_text(content, "template", "text") or "[系统消息]"
    if named == "interactive":
        return Kind.LINK, mark_of(Kind.LINK, *_card_texts(content))
    kind = kind_of_name({"media": "video", "hongbao": "红包"}.get(named, named), Kind.OTHER)
    return kind, mark_of(kind, first_text(content, "file_name", "title", "topic", "name", "text"))


def _in_language(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """A post may hold one text for each language."""
    if "content" in content:
        return content
    return next((value for value in content.values() if isinstance(value, dict) and "content" in value), {})


def _pieces(post: Mapping[str, Any]) -> Iterator[Piece]:
    title = first_text(post, "title")
    if title:
        yield Piece(Kind.TEXT, f"{title}\n")
    paragraphs = post.get("content")
    for paragraph in paragraphs if isinstance(paragraphs, list) else ():
        for part in paragraph if isinstance(paragraph, list) else ():
            yield _piece(map_in(part))
        yield Piece(Kind.TEXT, "\n")


def _piece(part: Mapping[str, Any]) -> Piece:
    tag, text, address = first_text(part, "tag"), string(part.get("text")), first_text(part, "href")
    if tag == "a":
        return Piece(Kind.TEXT, f"{text} ({address})" if address and address != text else text or address)
    if tag == "at":
        return Piece(Kind.TEXT, f"@{first_text(part, 'user_name', 'user_id')} ")
    if tag in ("img", "media", "emotion", "file"):
        kind = kind_of_name("video" if tag == "media" else tag, Kind.OTHER)
        return Piece(kind, mark_of(kind))
    return Piece(Kind.TEXT, text)


def _card_texts(card: Mapping[str, Any]) -> list[str]:
    """The words of a card, in their order."""
    found: list[str] = []
    todo: list[object] = [card]
    while todo and len(found) < 50:
        value = todo.pop()
        if isinstance(value, dict):
            found += [string(value[key]) for key in ("content", "text", "title") if isinstance(value.get(key), str)]
            todo += [inner for inner in reversed(list(value.values())) if isinstance(inner, dict | list)]
        elif isinstance(value, list):
            todo += reversed(value)
    return found


def _with_names(text: str, body: Mapping[str, Any]) -> str:
    """Put the names of those who are mentioned where the text has @_user_1."""
    for mention in members(body, "mentions"):
        key, name = first_text(mention, "key"), first_text(mention, "name")
        if key and name:
            text = text.replace(key, f"@{name}")
    return text


def _sniff(head: Head) -> int:
    for record in records_in(head):
        event = map_in(record.get("event"))
        if "header" in record and first_text(map_in(record["header"]), "event_type").startswith("im.message"):
            return 95
        if {"open_chat_id", "open_id"} <= frozenset(event) or {"message_id", "chat_id"} <= frozenset(
            map_in(event.get("message"))
        ):
            return 90
        if {"message_id", "msg_type", "body"} <= record.keys():
            return 90
    return 0


READERS = (Reader("feishu-jsonl", "飞书消息事件 JSON 行", (".jsonl", ".json"), _sniff, _read),)
