"""Telegram Desktop's JSON: one chat, or the export of an account with all chats.

In: `{"name", "type", "id", "messages"}`, or `{"personal_information", "chats": {"list": […]}, "left_chats": …}`. Out:
one conversation a chat. `text` is a string or a list of strings and entities. The owner is known in the export of an
account, and in a private chat as the one who is not the counterpart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fanzha.conversation import Conversation, Kind
from fanzha.formats.chats.appmsg import mark_of
from fanzha.formats.chats.dates import read_moment
from fanzha.formats.chats.kinds import kind_of_name
from fanzha.formats.chats.message import Chat, Message, to_conversations
from fanzha.formats.chats.values import first_text, map_in
from fanzha.formats.document import parse
from fanzha.formats.head import Head
from fanzha.formats.reader import Options, Reader
from fanzha.formats.records import members, string
from fanzha.formats.source import Source

_TYPES = frozenset(
    "personal_chat bot_chat saved_messages replies private_group private_supergroup public_supergroup private_channel "
    "public_channel verification_codes".split()
)
_PRIVATE = frozenset(["personal_chat", "bot_chat"])
_SAID_BY_ACTORS = {"phone_call": Kind.CALL, "group_call": Kind.CALL, "conference_call": Kind.CALL}
_MEDIA = {
    "sticker": Kind.IMAGE,
    "animation": Kind.IMAGE,
    "voice_message": Kind.VOICE,
    "audio_file": Kind.VOICE,
    "video_message": Kind.VIDEO,
    "video_file": Kind.VIDEO,
}


def _read(source: Source, options: Options) -> Iterator[Conversation]:
    yield from to_conversations(_chats(parse(source.text())), options)


def _chats(document: object) -> Iterator[Chat]:
    top = map_in(document)
    owner = first_text(map_in(top.get("personal_information")), "user_id")
    if "messages" in top:
        yield _chat(top, owner)
    for key in ("chats", "left_chats"):
        for chat in members(top.get(key), "list"):
            yield _chat(chat, owner)
    for chat in document if isinstance(document, list) else ():
        yield _chat(map_in(chat), owner)


def _chat(record: Mapping[str, Any], owner: str) -> Chat:
    messages = [_message(message) for message in members(record, "messages")]
    number, name = first_text(record, "id"), first_text(record, "name")
    counterpart = name if any(message.name == name for message in messages) else f"user{number}"
    return Chat(
        messages,
        id=number or name or None,
        counterpart=counterpart,
        is_group=first_text(record, "type") not in _PRIVATE,
        owner=f"user{owner.removeprefix('user')}" if owner else None,
    )


def _message(record: Mapping[str, Any]) -> Message:
    time = read_moment(record.get("date_unixtime")) or read_moment(record.get("date"))
    if first_text(record, "type") == "service":
        return _service(record, time)
    name, sender = first_text(record, "from"), _sender(record.get("from_id"))
    kind, text = _content(record)
    return Message(text, kind, name or None, sender or None, time=time)


def _service(record: Mapping[str, Any], time: float | None) -> Message:
    action = first_text(record, "action")
    name, sender = first_text(record, "actor"), _sender(record.get("actor_id"))
    kind = _SAID_BY_ACTORS.get(action, Kind.SYSTEM)
    if kind is Kind.CALL:
        seconds = first_text(record, "duration_seconds", "duration")
        return Message(
            mark_of(kind, f"{seconds} 秒" if seconds else None), kind, name or None, sender or None, time=time
        )
    said = [name, action.replace("_", " "), first_text(record, "title"), _text(record.get("text"))]
    return Message(" ".join(part for part in said if part) or "[系统消息]", kind, time=time)


def _sender(value: object) -> str:
    """user123; exports before 2021 wrote the number alone."""
    sender = string(value)
    return f"user{sender}" if sender.isdecimal() else sender


def _content(record: Mapping[str, Any]) -> tuple[Kind, str]:
    text = _text(record.get("text")) or _text(record.get("text_entities"))
    kind, details = _media(record)
    if kind is None:
        return Kind.TEXT, text
    if text.strip() and kind in (Kind.IMAGE, Kind.VIDEO, Kind.VOICE, Kind.OTHER):
        return Kind.TEXT, text  # a caption is what was said
    return kind, " ".join(part for part in (mark_of(kind, *details), text) if part)


def _media(record: Mapping[str, Any]) -> tuple[Kind | None, tuple[str, ...]]:
    if "media_type" in record:
        media = first_text(record, "media_type")
        return _MEDIA.get(media) or kind_of_name(media, Kind.OTHER), ()
    if "photo" in record:
        return Kind.IMAGE, ()
    if "file" in record:
        return Kind.FILE, (first_text(record, "file_name") or first_text(record, "file").rpartition("/")[2],)
    if "contact_information" in record:
        card = map_in(record["contact_information"])
        return Kind.CARD, tuple(first_text(card, key) for key in ("first_name", "last_name", "phone_number"))
    if "invoice_information" in record:
        bill = map_in(record["invoice_information"])
        return Kind.TRANSFER, tuple(first_text(bill, key) for key in ("title", "amount", "currency"))
    if "location_information" in record or "poll" in record:
        return Kind.OTHER, (first_text(map_in(record.get("poll")), "question"),)
    return None, ()


def _text(value: object) -> str:
    """Join a text that may be a list of strings and of entities; a hidden address stands behind its words."""
    if not isinstance(value, list):
        return string(value)
    return "".join(_entity(part) if isinstance(part, dict) else string(part) for part in value)


def _entity(entity: Mapping[str, Any]) -> str:
    text, address = string(entity.get("text")), first_text(entity, "href")
    return f"{text} ({address})" if address and address not in text else text


def _sniff(head: Head) -> int:
    first = head.objects[0] if head.objects else {}
    if isinstance(map_in(first.get("chats")).get("list"), list) or {"personal_information", "chats"} <= head.keys:
        return 90
    if first_text(first, "type") in _TYPES and ("messages" in first or "name" in first):
        return 90
    message = next(iter(members(first, "messages")), {})
    return 85 if {"from_id", "date", "text"} <= frozenset(message) else 0


READERS = (Reader("telegram-json", "Telegram Desktop JSON (单个聊天或全部)", (".json",), _sniff, _read),)
