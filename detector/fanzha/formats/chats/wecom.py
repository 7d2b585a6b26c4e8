"""The message archive of WeCom (企业微信会话存档), decrypted, one message a line.

In: `{"msgid", "action", "from", "tolist", "roomid", "msgtime", "msgtype", …}`. Out: one conversation for each room or
pair of people. Who begins with wm or wo is an external contact: he is the other side, the company's people are ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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

_EXTERNAL = ("wm", "wo")
_KEYS = ("msgid", "action", "from", "tolist", "roomid", "msgtime", "msgtype")
_MANY = 4  # of these keys
_RED_PACKETS = ("redpacket", "external_redpacket")
_TITLES = ("title", "filename", "corpname", "username", "address", "display_name", "topic", "wish", "content")


def _read(source: Source, options: Options) -> Iterator[Conversation]:
    chats: dict[str, Chat] = {}
    for record in read_records(source):
        if record.get("action") == "switch" or not (record.get("msgtype") or record.get("action") == "recall"):
            continue
        room, sender = first_text(record, "roomid"), first_text(record, "from")
        listed = record.get("tolist")
        people = {sender, *(string(one) for one in (listed if isinstance(listed, list) else ()))} - {""}
        key = room or "、".join(sorted(people))
        chats.setdefault(key, Chat(id=key or None, is_group=bool(room))).messages.append(
            _message(record, sender, people)
        )
    yield from to_conversations(chats.values(), options)


def _message(record: Mapping[str, Any], sender: str, people: set[str]) -> Message:
    external = any(one.startswith(_EXTERNAL) for one in people) or first_text(record, "msgid").endswith("_external")
    mine = not sender.startswith(_EXTERNAL) if external and sender else None
    time = read_moment(record.get("msgtime"))
    if record.get("action") == "recall" or record.get("msgtype") == "revoke":
        return Message(mark_of(Kind.RECALL), Kind.RECALL, sender or None, sender or None, mine, time)
    kind, text = _content(first_text(record, "msgtype"), record)
    return Message(text, kind, sender or None, sender or None, mine, time)


def _content(named: str, record: Mapping[str, Any]) -> tuple[Kind, str]:
    body = map_in(record.get(named)) or map_in(record.get("info"))
    if named in ("text", "markdown"):
        return Kind.TEXT, string(body.get("content")) or string(body.get("text"))
    if named == "mixed":
        return join_pieces(_piece(item) for item in members(body, "item"))
    if named in ("agree", "disagree"):
        return Kind.SYSTEM, "同意会话存档" if named == "agree" else "不同意会话存档"
    if named in _RED_PACKETS:
        return Kind.RED_PACKET, mark_of(Kind.RED_PACKET, _yuan(body.get("totalamount")), first_text(body, "wish"))
    kind = kind_of_name(named, Kind.OTHER)
    if kind is Kind.LINK:
        details = (first_text(body, "title"), first_text(body, "description"), first_text(body, "link_url", "url"))
        return kind, mark_of(kind, *details)
    return kind, mark_of(kind, first_text(body, *_TITLES))


def _piece(item: Mapping[str, Any]) -> Piece:
    """A piece of a mixed message; its content is JSON in a string."""
    named = first_text(item, "type").lower().removeprefix("chatrecord")
    return Piece(*_content(named, {named: json_in(item.get("content"))}))


def _yuan(cents: object) -> str:
    return f"￥{cents / 100:.2f}" if isinstance(cents, int) and not isinstance(cents, bool) else ""


def _sniff(head: Head) -> int:
    return 90 if any(sum(key in record for key in _KEYS) >= _MANY for record in records_in(head)) else 0


READERS = (Reader("wecom-jsonl", "企业微信会话存档 (已解密) JSON 行", (".jsonl", ".json"), _sniff, _read),)
