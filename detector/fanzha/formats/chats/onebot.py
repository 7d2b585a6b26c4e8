"""Events of OneBot v11 (go-cqhttp, NapCat, LLOneBot …), one a line.

In: `{"post_type": "message", "message_type", "user_id", "group_id", "self_id", "message", …}`, where a message is a
list of segments or a string with CQ codes. Out: one conversation for each group or friend; `self_id` is the owner.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fanzha.conversation import Conversation, Kind
from fanzha.formats.chats.appmsg import mark_of
from fanzha.formats.chats.dates import read_moment
from fanzha.formats.chats.kinds import kind_of_name
from fanzha.formats.chats.message import Chat, Message, to_conversations
from fanzha.formats.chats.segments import Piece, join_pieces
from fanzha.formats.chats.values import first_text, map_in, read_records, records_in
from fanzha.formats.head import Head
from fanzha.formats.reader import Options, Reader
from fanzha.formats.records import string
from fanzha.formats.source import Source

_CODE = re.compile(r"\[CQ:(?P<type>[\w-]{1,40})(?P<data>(?:,[^\[\],]{1,4000})*)\]")
_ESCAPES = (("&#91;", "["), ("&#93;", "]"), ("&#44;", ","), ("&amp;", "&"))  # & comes last
_TITLED = re.compile(r'"(?:prompt|title|desc)"\s*:\s*"([^"\\]{1,300})"')
_NAMED = {"poke": "[戳一戳]", "rps": "[猜拳]", "dice": "[骰子]", "shake": "[窗口抖动]"}
_RECALLS = ("friend_recall", "group_recall")


def _read(source: Source, options: Options) -> Iterator[Conversation]:
    yield from to_conversations(_chats(read_records(source)), options)


def _chats(events: Iterable[Mapping[str, Any]]) -> Iterable[Chat]:
    chats: dict[str, Chat] = {}
    for event in events:
        message = _message(event)
        if message is None:
            continue
        group = first_text(event, "group_id")
        key = f"group {group}" if group else f"private {_peer(event)}"
        chat = chats.setdefault(key, Chat(id=group or _peer(event) or None, is_group=bool(group)))
        chat.messages.append(message)
    return _without_own(chats)


def _without_own(chats: dict[str, Chat]) -> Iterable[Chat]:
    """Put what the owner sent to nobody known into the one private chat there is."""
    private = [key for key, chat in chats.items() if not chat.is_group]
    own = [key for key in private if all(message.mine for message in chats[key].messages)]
    if len(private) == 2 and len(own) == 1:
        other = next(key for key in private if key not in own)
        chats[other].messages += chats.pop(own[0]).messages
    return chats.values()


def _peer(event: Mapping[str, Any]) -> str:
    """The friend in a private chat; a sent message may carry him as target, or as user while the sender is oneself."""
    own, user = first_text(event, "self_id"), first_text(event, "user_id")
    if event.get("post_type") == "message_sent":
        target = first_text(event, "target_id")
        return target or user
    return user if user != own else first_text(event, "target_id") or user


def _message(event: Mapping[str, Any]) -> Message | None:
    kind, time = event.get("post_type"), read_moment(event.get("time"))
    own = first_text(event, "self_id")
    if kind == "notice" and event.get("notice_type") in _RECALLS:
        user = first_text(event, "operator_id", "user_id")
        return Message(mark_of(Kind.RECALL), Kind.RECALL, None, user or None, user == own if own else None, time)
    if kind not in ("message", "message_sent", None) or ("message" not in event and "raw_message" not in event):
        return None
    sender = map_in(event.get("sender"))
    user = first_text(sender, "user_id") or first_text(event, "user_id")
    mine = True if kind == "message_sent" else (user == own if own and user else None)
    name = first_text(sender, "card", "nickname", "remark")
    found, text = _content(event)
    return Message(text, found, name or None, user or None, mine, time)


def _content(event: Mapping[str, Any]) -> tuple[Kind, str]:
    message = event.get("message")
    if isinstance(message, dict):
        message = [message]
    if isinstance(message, list):
        return join_pieces(_piece(first_text(map_in(one), "type"), map_in(map_in(one).get("data"))) for one in message)
    return join_pieces(_coded(string(message) or string(event.get("raw_message"))))


def _coded(text: str) -> Iterator[Piece]:
    """Split a string with CQ codes: 你好[CQ:face,id=1]."""
    end = 0
    for code in _CODE.finditer(text):
        yield Piece(Kind.TEXT, _unescape(text[end : code.start()]))
        pairs = (part.partition("=") for part in code["data"].split(",") if part)
        yield _piece(code["type"], {key: _unescape(value) for key, _, value in pairs})
        end = code.end()
    yield Piece(Kind.TEXT, _unescape(text[end:]))


def _piece(kind: str, data: Mapping[str, Any]) -> Piece:
    if kind == "text":
        return Piece(Kind.TEXT, string(data.get("text")))
    if kind == "reply":  # what it answers is not among what he says
        return Piece(Kind.TEXT, "")
    if kind == "at":
        who = first_text(data, "name", "qq")
        return Piece(Kind.TEXT, f"@{'全体成员' if who == 'all' else who} ")
    if kind in ("face", "bface", "sface", "mface"):
        return Piece(Kind.TEXT, f"[{first_text(data, 'text', 'summary').strip('[]') or '表情'}]")
    if kind in _NAMED:
        return Piece(Kind.OTHER, _NAMED[kind])
    if kind in ("json", "xml", "share", "music", "miniapp", "markdown"):
        title = " ".join(dict.fromkeys(_TITLED.findall(string(data.get("data")))))
        details = (first_text(data, "title") or title, first_text(data, "content"), first_text(data, "url", "jumpUrl"))
        return Piece(Kind.LINK, mark_of(Kind.LINK, *details))
    found = kind_of_name(kind, Kind.OTHER)
    shown = first_text(data, "name", "title", "file") if found in (Kind.FILE, Kind.RED_PACKET, Kind.CARD) else ""
    return Piece(found, mark_of(found, shown))


def _unescape(text: str) -> str:
    for written, char in _ESCAPES:
        text = text.replace(written, char)
    return text


def _sniff(head: Head) -> int:
    events = records_in(head)
    if any("post_type" in event and {"self_id", "time"} & event.keys() for event in events):
        return 90
    return 80 if any({"message_type", "user_id", "sender"} <= event.keys() for event in events) else 0


READERS = (Reader("onebot-jsonl", "QQ 机器人: OneBot v11 事件 JSON 行", (".jsonl", ".json", ".log"), _sniff, _read),)
