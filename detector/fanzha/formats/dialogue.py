"""Dialogues of language models and data sets: lists of {role, content} and their cousins.

In: objects with `messages` (OpenAI), `conversations` (ShareGPT: from, value), `dialogue_history` (TeleAntiFraud: left
and right), or `turns` (this library's own JSON), one a file, a line, or a member of an array. Out: a conversation each.
Who types to a model (`user`) and who answers (`assistant`) may each play either part, so that neither is taken for the
protected one. `system` messages are instructions, not speech.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from fanzha.conversation import Conversation, Kind, Party, Turn
from fanzha.formats.clock import moment, number
from fanzha.formats.head import Head
from fanzha.formats.reader import Options, Reader, gather
from fanzha.formats.records import Object, documents, first, holders, members, string
from fanzha.formats.source import Source

_SPEAKER = ("speaker", "role", "from", "name", "sender", "party")
_TEXT = ("text", "content", "value", "utterance", "sentence", "message")
_LISTS = (
    "turns",
    "messages",
    "dialogue_history",
    "conversations",
    "conversation",
    "dialogue",
    "dialog",
    "dialogs",
    "history",
    "utterances",
)
_UNSAID = frozenset(["system", "tool", "function", "developer"])
_MODELS = frozenset(["assistant", "gpt", "bot", "chatgpt", "model", "ai"])
_ID = ("id", "conversation_id", "dialogue_id", "session_id", "call_id", "uid", "key")


def _dialogue_list(value: Object) -> list[Object]:
    """Return the list of turns of an object, or nothing."""
    for key in _LISTS:
        listed = members(value, key)
        if listed and first(listed[0], *_TEXT) is not None and any(name in listed[0] for name in _SPEAKER):
            return listed
    return []


def is_dialogue(value: Object) -> bool:
    """Whether an object holds a list of turns."""
    return bool(_dialogue_list(value))


def _found(head: Head) -> Object | None:
    if not any(key in head.text for key in _LISTS):
        return None
    return next((one for document in head.documents for one in holders(document, is_dialogue)), None)


def _sniff_messages(head: Head) -> int:
    if _is_bare(head.documents[0] if head.documents else None):
        return 65
    found = _found(head)
    if found is None:
        return 0
    row = _dialogue_list(found)[0]
    return 70 if "role" in row or {"from", "value"} <= set(row) else 40


def _is_bare(document: Any) -> bool:
    """Whether messages stand in an array at the top."""
    member = document[0] if isinstance(document, list) and document else None
    return isinstance(member, dict) and {"role", "content"} <= set(member)


def _sniff_teleantifraud(head: Head) -> int:
    found = _found(head)
    return 85 if found is not None and "dialogue_history" in found else 0


def _sniff_turns(head: Head) -> int:
    found = _found(head)
    return 80 if found is not None and "turns" in found else 0


def _read(source: Source, options: Options) -> Iterator[Conversation]:
    for document in documents(source):
        many = source.head.has_json_lines or isinstance(document, list)
        found = holders({"messages": document} if _is_bare(document) else document, is_dialogue)
        yield from conversations_of(found, options, many=many)


def conversations_of(dialogues: Iterable[Object], options: Options, *, many: bool) -> Iterator[Conversation]:
    """Yield the conversations of objects that hold a list of turns; `many`: there may be several."""
    for one in dialogues:
        rows = _dialogue_list(one)
        typed = options.self_name is None and any(_role(row).lower() in _MODELS for row in rows)
        turns = [_turn(row, typed=typed) for row in rows]
        if "dialogue_history" in one:
            turns = _from_beginning(turns)
        yield gather(turns, options, string(first(one, *_ID)) or None, one_of_many=many)


def _role(row: Object) -> str:
    return string(first(row, *_SPEAKER))


def _turn(row: Object, *, typed: bool) -> Turn:
    """Make a turn; `typed`: to a model, where `user` is a role and not the label of the protected person."""
    role = _role(row)
    kind = _choice(Kind, row.get("kind"), Kind.TEXT)
    return Turn(
        _text(first(row, *_TEXT)),
        f"role:{role}" if typed and role.lower() == "user" else role or None,
        _choice(Party, row.get("party"), Party.UNKNOWN),
        Kind.SYSTEM if role.lower() in _UNSAID and "role" in row else kind,
        number(first(row, "start", "start_time", "begin")),
        number(first(row, "end", "end_time")),
        moment(first(row, "time", "timestamp", "create_time")),
    )


def _from_beginning(turns: list[Turn]) -> list[Turn]:
    """Count the seconds of a call from the moments of its turns."""
    moments = [datetime.fromisoformat(turn.time).timestamp() if turn.time else None for turn in turns]
    if any(one is None for one in moments):
        return turns
    return [replace(turn, start=(one or 0.0) - (moments[0] or 0.0)) for turn, one in zip(turns, moments, strict=True)]


def _text(value: Any) -> str:
    """Return the text of a message, which may be a list of parts: [{"type": "text", "text": …}, …]."""
    if isinstance(value, list):
        return "\n".join(filter(None, (_text(part) for part in value)))
    if isinstance(value, dict):
        return _text(first(value, "text", "content", "value"))
    return string(value)


def _choice(kinds: Any, value: Any, default: Any) -> Any:
    if value is None:
        return default
    try:
        return kinds(value)
    except ValueError:
        return default


READERS = (
    Reader("llm-messages", "大模型对话 messages / conversations", (".json", ".jsonl"), _sniff_messages, _read),
    Reader("teleantifraud", "TeleAntiFraud 对话", (".json", ".jsonl"), _sniff_teleantifraud, _read),
    Reader("turns", "本工具的对话 JSON: {id, turns}", (".json", ".jsonl"), _sniff_turns, _read),
)
