"""WeChat chats exported by PyWxDump: CSV and JSON, 5,000 messages a file, names in users.json beside them.

In: `id,MsgSvrID,type_name,is_sender,talker,room_name,msg,src,CreateTime`, or a JSON list of such records. Out: one
conversation for each `room_name`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fanzha.conversation import Conversation, Kind
from fanzha.errors import InputError
from fanzha.formats.chats.appmsg import looks_like_xml, read_content, titled
from fanzha.formats.chats.dates import read_moment
from fanzha.formats.chats.kinds import is_plain, kind_of_name, read_system_line
from fanzha.formats.chats.message import Chat, Message, to_conversations
from fanzha.formats.chats.quotes import BELOW, own_words
from fanzha.formats.chats.rows import has_columns, read_rows
from fanzha.formats.chats.values import first_text, flag_in, json_in, map_in, read_records, records_in
from fanzha.formats.document import parse
from fanzha.formats.head import Head
from fanzha.formats.reader import Options, Reader
from fanzha.formats.records import string
from fanzha.formats.source import Source

_COLUMNS = ("type_name", "is_sender", "talker", "CreateTime")
_NAMES = "users.json"
_GROUP = "@chatroom"


def _read_csv(source: Source, options: Options) -> Iterator[Conversation]:
    yield from to_conversations(_chats(read_rows(source), _names(source)), options)


def _read_json(source: Source, options: Options) -> Iterator[Conversation]:
    yield from to_conversations(_chats(read_records(source), _names(source)), options)


def _chats(records: Iterable[Mapping[str, Any]], names: Mapping[str, str]) -> Iterable[Chat]:
    chats: dict[str, Chat] = {}
    for record in records:
        room = first_text(record, "room_name")
        chat = chats.setdefault(room, Chat(id=room or None, is_group=room.endswith(_GROUP)))
        chat.messages.append(_message(record, names))
    return chats.values()


def _message(record: Mapping[str, Any], names: Mapping[str, str]) -> Message:
    sender = first_text(record, "talker")
    content = string(record.get("msg")) or first_text(json_in(record.get("content")), "msg", "text")  # as of 2023
    named = first_text(record, "type_name")
    if looks_like_xml(content) and not is_plain(named):
        kind, text = read_content(content)
    else:
        kind, text = titled(kind_of_name(named), own_words(content, BELOW) if "引用" in named else content)
    time = read_moment(record.get("CreateTime"))
    if sender.startswith("系统") or kind in (Kind.SYSTEM, Kind.RECALL):
        return Message(text, read_system_line(text), time=time)
    name = names.get(sender, sender) or None
    return Message(text, kind, name, sender or None, flag_in(record.get("is_sender")), time)


def _names(source: Source) -> Mapping[str, str]:
    """Names by wxid: what the owner calls somebody, else what he calls himself."""
    beside = source.sibling(_NAMES)
    if beside is None:
        return {}
    try:
        users = map_in(parse(beside.text()))
    except InputError:
        source.note(f"{_NAMES} 读不懂, 只有微信号没有名字")
        return {}
    return {wxid: name for wxid, user in users.items() if (name := first_text(map_in(user), "remark", "nickname"))}


def _sniff_csv(head: Head) -> int:
    return 95 if has_columns(head, *_COLUMNS) else 0


def _sniff_json(head: Head) -> int:
    return 95 if any({"type_name", "is_sender", "talker"} <= record.keys() for record in records_in(head)) else 0


READERS = (
    Reader("wechat-pywxdump-csv", "微信: PyWxDump CSV", (".csv",), _sniff_csv, _read_csv, companions=(_NAMES,)),
    Reader("wechat-pywxdump-json", "微信: PyWxDump JSON", (".json",), _sniff_json, _read_json, companions=(_NAMES,)),
)
