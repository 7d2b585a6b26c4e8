"""WeChat chats exported by chatlog: CSV, TXT and JSON (also its HTTP answers and webhooks).

In: `Time,SenderName,Sender,TalkerName,Talker,Content`; blocks of `名字(wxid) 01-02 15:04:05`, text, empty line (the
year, or the whole date, is left out where it is the same in all); records with `talker`, `isSelf`, `type`, `subType`,
`content`. Out: one conversation for each talker. What an answer quotes (`> …` lines, `contents.refer`) is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fanzha.conversation import Conversation, Kind
from fanzha.formats.chats.appmsg import looks_like_xml, mark_of, read_content, titled
from fanzha.formats.chats.blocks import Block, is_head_with_body, split_blocks
from fanzha.formats.chats.dates import midnight, read_clock, read_moment
from fanzha.formats.chats.kinds import kind_of_wechat, read_mark, read_system_line
from fanzha.formats.chats.message import Chat, Message, to_conversations
from fanzha.formats.chats.quotes import ABOVE_LINES, own_words
from fanzha.formats.chats.rows import has_columns, read_rows
from fanzha.formats.chats.values import first_text, flag_in, map_in, read_records, records_in
from fanzha.formats.head import Head
from fanzha.formats.reader import Options, Reader
from fanzha.formats.records import string
from fanzha.formats.source import Source

_HEAD = re.compile(
    r"(?P<name>[^\s>].{0,120}?)?(?:\((?P<sender>[^()\s]{1,64})\))? (?:\[(?P<room>.{1,120})\] )?"
    r"(?P<date>(?:\d{4}-)?\d{2}-\d{2} )?(?P<clock>\d{2}:\d{2}:\d{2})"
)
_WITH_ID = re.compile(
    r"\((?:我|[A-Za-z][\w.@-]{4,63}|\d{5,20}@\w+)\) (?:\[.{1,120}\] )?(?:[\d-]{5,10} )?\d{2}:\d{2}:\d{2}"
)
_GROUP = "@chatroom"
_OWNER = "我"
_SYSTEM = "系统消息"
_ITS_OWN = frozenset(["talker", "isSelf", "isChatRoom", "talkerName", "senderName"])  # two of these keys tell


def _read_csv(source: Source, options: Options) -> Iterator[Conversation]:
    records = [
        {
            "talker": row.get("Talker"),
            "sender": row.get("Sender"),
            "senderName": row.get("SenderName"),
            "time": row.get("Time"),
            "content": row.get("Content"),
        }
        for row in read_rows(source)
    ]
    yield from to_conversations(_chats(records), options)


def _read_json(source: Source, options: Options) -> Iterator[Conversation]:
    yield from to_conversations(_chats(read_records(source)), options)


def _chats(records: Iterable[Mapping[str, Any]]) -> Iterable[Chat]:
    chats: dict[str, Chat] = {}
    for record in records:
        talker = first_text(record, "talker")
        group = talker.endswith(_GROUP) or flag_in(record.get("isChatRoom")) is True
        chat = chats.setdefault(talker, Chat(id=talker or None, is_group=group))
        chat.messages.append(_message(record, None if group else talker))
    return chats.values()


def _message(record: Mapping[str, Any], counterpart: str | None) -> Message:
    sender, name = first_text(record, "sender"), first_text(record, "senderName")
    mine = flag_in(record.get("isSelf"))
    if mine is None and counterpart and sender:  # in a private chat the talker is the other one
        mine = sender != counterpart
    if mine and not name:
        name = _OWNER
    kind, text = _content(record)
    if sender == _SYSTEM:  # anybody may call himself so, but not have it as an id
        return Message(text, read_system_line(text), time=read_moment(record.get("time")))
    return Message(text, kind, name or None, sender or None, mine, read_moment(record.get("time")))


def _content(record: Mapping[str, Any]) -> tuple[Kind, str]:
    content = string(record.get("content"))
    more = map_in(record.get("contents"))
    if "type" not in record:
        return _as_written(content)
    if looks_like_xml(content):
        return read_content(content, record["type"], record.get("subType"))
    kind = kind_of_wechat(record.get("type"), record.get("subType"))
    if kind is Kind.TEXT:
        return kind, own_words(content, ABOVE_LINES)
    if not content.strip():
        return kind, mark_of(
            kind, first_text(more, "title", "name", "label"), first_text(more, "desc"), first_text(more, "url")
        )
    return titled(kind, content)


def _as_written(content: str) -> tuple[Kind, str]:
    text = own_words(content, ABOVE_LINES)
    return read_mark(text), text


def _read_text(source: Source, options: Options) -> Iterator[Conversation]:
    chats: dict[str, Chat] = {}
    for block in split_blocks(source.text(), _HEAD):
        room = block.head["room"] or ""
        chat = chats.setdefault(room, Chat(id=room or None, is_group=_GROUP in room or None))
        time, dated = _time(block)
        chat.dated = chat.dated and dated
        chat.messages.append(_of_block(block, time))
    yield from to_conversations(chats.values(), options)


def _of_block(block: Block, time: float | None) -> Message:
    name, sender = (block.head["name"] or "").strip(), block.head["sender"]
    kind, text = _as_written(block.body)
    if name == _SYSTEM and sender is None:  # whoever calls himself so has an id behind his name
        return Message(text, read_system_line(text), time=time)
    return Message(text, kind, name or sender, sender or name, True if _OWNER in (name, sender) else None, time)


def _time(block: Block) -> tuple[float | None, bool]:
    """Return seconds, and whether they are a real moment rather than a clock, or a day of some year."""
    date, clock = (block.head["date"] or "").strip(), read_clock(block.head["clock"])
    parts = [int(part) for part in date.split("-")] if date else []
    if clock is None or not parts:
        return clock, False
    day = midnight(*parts) if len(parts) == 3 else midnight(2000, *parts)  # a leap year
    return (None if day is None else day + clock), len(parts) == 3


def _sniff_csv(head: Head) -> int:
    return 95 if has_columns(head, "Time", "SenderName", "Sender", "TalkerName", "Talker", "Content") else 0


def _sniff_json(head: Head) -> int:
    return 90 if any(len(_ITS_OWN & record.keys()) >= 2 for record in records_in(head)) else 0


def _sniff_text(head: Head) -> int:
    some_id = any(_WITH_ID.search(line) for line in head.lines[:200])
    return 80 if some_id and is_head_with_body(head, _HEAD) else 0


READERS = (
    Reader("wechat-chatlog-csv", "微信: chatlog CSV", (".csv",), _sniff_csv, _read_csv),
    Reader("wechat-chatlog-json", "微信: chatlog JSON", (".json", ".jsonl"), _sniff_json, _read_json),
    Reader("wechat-chatlog-txt", "微信: chatlog TXT", (".txt",), _sniff_text, _read_text),
)
