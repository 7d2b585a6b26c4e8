"""Conversations written in three formats that every reader's result fits in: ChatLab JSON, JSON lines, CSV.

In: Conversations, one at a time. Out: bytes of UTF-8 that read back to the same turns: speaker, party, kind, moment and
text, and but for ChatLab, which knows moments only, also seconds. Nothing is held but the conversation being written.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from fanzha.cells import safe
from fanzha.conversation import Conversation, Kind, Party, Turn
from fanzha.formats.chats.chatlab import KINDS

VERSION = "0.0.2"  # of ChatLab's format
TITLES = ("会话编号", "轮次", "说话人", "方向", "消息类型", "开始", "结束", "时间", "文本")
_OTHER_CODE = 99
_CODES = {kind: code for code, kind in reversed(KINDS.items())}
_NOBODY = {Party.SELF: ("self", "我"), Party.OTHER: ("other", "对方"), Party.UNKNOWN: ("unknown", "未知")}
_MOST_NAMES = 2  # in a chat that is no group


def chatlab(conversation: Conversation, *, exported_at: int) -> bytes:
    """Return a ChatLab document; `exported_at` in seconds since 1970."""
    spoken = [turn for turn in conversation.turns if turn.kind is not Kind.SYSTEM]
    names = dict.fromkeys(_sender(turn) for turn in spoken)
    owner = next((_sender(turn)[0] for turn in spoken if turn.party is Party.SELF), None)
    others = [name for sender, name in names if sender != owner]
    meta: dict[str, Any] = {
        "name": conversation.id or "、".join(others[:3]) or "对话",
        "platform": "unknown",
        "type": "group" if len(names) > _MOST_NAMES else "private",
    }
    if owner is not None:
        meta["ownerId"] = owner
    document = {
        "chatlab": {"version": VERSION, "exportedAt": exported_at, "generator": "fanzha"},
        "meta": meta,
        "members": [{"platformId": sender, "accountName": name} for sender, name in names],
        "messages": [_message(turn) for turn in conversation.turns],
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


def _sender(turn: Turn) -> tuple[str, str]:
    return (turn.speaker, turn.speaker) if turn.speaker else _NOBODY[turn.party]


def _message(turn: Turn) -> dict[str, Any]:
    sender, name = _sender(turn)
    moment = datetime.fromisoformat(turn.time).timestamp() if turn.time else turn.start or 0
    return {
        "sender": sender,
        "accountName": name,
        "timestamp": int(moment) if moment == int(moment) else moment,
        "type": _CODES.get(turn.kind, _OTHER_CODE),
        "content": turn.text,
    }


def line(conversation: Conversation, *, format: str | None = None) -> bytes:  # noqa: A002 - the name of the key
    """Return one line of JSON: {"id", "format", "turns"}; what a turn does not have is left out."""
    document = {"id": conversation.id, "format": format, "turns": [_turn(turn) for turn in conversation.turns]}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _turn(turn: Turn) -> dict[str, Any]:
    row = {
        "speaker": turn.speaker, "party": turn.party.value, "kind": turn.kind.value,
        "start": turn.start, "end": turn.end, "time": turn.time, "text": turn.text,
    }  # fmt: skip
    return {name: value for name, value in row.items() if value is not None}


def heading() -> bytes:
    """Return the first row of CSV, behind the mark by which Excel knows UTF-8."""
    return "\ufeff".encode() + _csv([TITLES])


def rows(conversation: Conversation, name: str) -> bytes:
    """Return a row of CSV a turn; `name` tells this conversation from the others of the file."""
    return _csv(_cells(turn, name, number) for number, turn in enumerate(conversation.turns, 1))


def _cells(turn: Turn, name: str, number: int) -> tuple[Any, ...]:
    return (
        safe(name), number, safe(turn.speaker or ""), turn.party.value, turn.kind.value,
        turn.start, turn.end, turn.time, safe(turn.text),
    )  # fmt: skip


def _csv(written: Iterator[tuple[Any, ...]] | list[tuple[str, ...]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(written)
    return out.getvalue().encode()
