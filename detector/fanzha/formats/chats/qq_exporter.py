"""QQ chats exported by QQ Chat Exporter, versions 4 and 5: JSON, JSON in chunks, TXT.

In: `{"metadata": …, "chatInfo": …, "messages": […]}`; a manifest.json that names chunks beside it; or blocks of `名:`,
`时间: …`, `内容: …`. Out: one conversation. `chatInfo.selfUid` is the owner. What an answer quotes is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Any

from fanzha.conversation import Conversation, Kind
from fanzha.errors import InputError, LimitError
from fanzha.formats.chats.appmsg import mark_of
from fanzha.formats.chats.blocks import split_lines
from fanzha.formats.chats.dates import read_moment
from fanzha.formats.chats.kinds import kind_of_name, read_mark, read_system_line
from fanzha.formats.chats.message import Chat, Message, to_conversations
from fanzha.formats.chats.quotes import ABOVE_BRACKET, own_words
from fanzha.formats.chats.segments import Piece, join_pieces
from fanzha.formats.chats.values import first_text, map_in
from fanzha.formats.document import parse
from fanzha.formats.head import Head
from fanzha.formats.reader import Options, Reader
from fanzha.formats.records import members, objects, string
from fanzha.formats.source import Source
from fanzha.limits import MAX_MESSAGES

_NAME = "QQChatExporter"
_MANIFEST = "manifest.json"
_FIELD = re.compile(r"(?P<key>时间|内容|資源|资源|類型|类型)[:：] ?(?P<value>.*)")
_LABEL = re.compile(r"(?P<name>\S.{0,120}?)[:：]\s*")
_ABOUT = re.compile(r"聊天(?P<key>名称|类型)[:：] ?(?P<value>.*)")


def _read_json(source: Source, options: Options) -> Iterator[Conversation]:
    document = map_in(parse(source.text()))
    if "messages" in document:
        records: Iterable[Mapping[str, Any]] = members(document, "messages")
    else:
        records = _chunks(source, map_in(document.get("chunked")))
    yield from to_conversations([_chat(records, map_in(document.get("chatInfo")))], options)


def _chunks(source: Source, chunked: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the messages of the chunks that a manifest names; only files below its folder are opened."""
    found, count = False, 0
    for chunk in members(chunked, "chunks"):
        name = (
            first_text(chunk, "relativePath") or f"{first_text(chunked, 'chunksDir')}/{first_text(chunk, 'fileName')}"
        )
        path = PurePosixPath(name.replace("\\", "/"))
        beside = None if path.is_absolute() or ".." in path.parts or ":" in name else source.sibling(str(path))
        if beside is None:
            source.note("清单里有的分块文件不在旁边, 没有读")
            continue
        found = True
        beside.check_whole()
        for record in objects(beside):
            count += 1
            if count > MAX_MESSAGES:
                raise LimitError(f"一份聊天记录超过 {MAX_MESSAGES} 条; 请按时间分开导出")
            yield record
        for note in beside.notes:
            source.note(note)
    if not found:
        raise InputError("清单 (manifest.json) 旁边没有它列出的分块; 请连同 chunks 文件夹一起放好")


def _read_chunk(source: Source, options: Options) -> Iterator[Conversation]:
    """Read one chunk by itself; whose phone it was stands in the manifest above, if it is there."""
    manifest = source.sibling(f"../{_MANIFEST}")
    info = {} if manifest is None else map_in(map_in(parse(manifest.text())).get("chatInfo"))
    yield from to_conversations([_chat(objects(source), info)], options)


def _chat(records: Iterable[Mapping[str, Any]], info: Mapping[str, Any]) -> Chat:
    messages = [_message(record, info) for record in records]
    group = first_text(info, "type") in ("group", "群聊", "2")
    name = first_text(info, "name")
    return Chat(messages, first_text(info, "peerUid", "uid", "uin") or name or None, name or None, group)


def _is_own(sender: Mapping[str, Any], info: Mapping[str, Any]) -> bool | None:
    """Whether the owner sent it; None where he and the sender are not known by the same kind of number."""
    pairs = [
        (first_text(sender, mine), first_text(info, own)) for mine, own in (("uid", "selfUid"), ("uin", "selfUin"))
    ]
    known = [mine == own for mine, own in pairs if mine and own]
    return any(known) if known else None


def _message(record: Mapping[str, Any], info: Mapping[str, Any]) -> Message:
    sender = map_in(record.get("sender"))
    name = first_text(sender, "groupCard", "card", "remark", "name", "nickname")
    kind, text = _content(record)
    time = read_moment(record.get("timestamp")) or read_moment(record.get("time"))
    return Message(text, kind, name or None, first_text(sender, "uin", "uid") or None, _is_own(sender, info), time)


def _content(record: Mapping[str, Any]) -> tuple[Kind, str]:
    content = map_in(record.get("content"))
    written = own_words(string(content.get("text")) or string(record.get("content")), ABOVE_BRACKET).strip()
    kind, text = join_pieces(_pieces(members(content, "elements")))
    if not text:
        kind, text = read_mark(written), written
    if record.get("system") is True or record.get("isSystemMessage") is True or first_text(record, "type") == "system":
        return read_system_line(written or text), written or text
    if record.get("recalled") is True or record.get("isRecalled") is True:
        return Kind.RECALL, text or mark_of(Kind.RECALL)
    if not text:
        kind = kind_of_name(first_text(record, "type", "messageType"))
        return kind, "" if kind is Kind.TEXT else mark_of(kind)
    return kind, text


def _pieces(elements: Iterable[Mapping[str, Any]]) -> Iterator[Piece]:
    for element in elements:
        kind, data = first_text(element, "type"), map_in(element.get("data"))
        if kind in ("text", "at", "face"):
            text = string(data.get("text")) or first_text(data, "name", "content")
            shown = {
                "text": text,
                "at": f"@{text.removeprefix('@')} " if text else "",
                "face": f"[{text}]" if text else "",
            }
            yield Piece(Kind.TEXT, shown[kind])
        elif kind == "system":
            yield Piece(Kind.SYSTEM, first_text(data, "text", "content", "summary"))
        elif kind != "reply":
            found = Kind.LINK if kind in ("json", "ark", "xml", "markdown") else kind_of_name(kind, Kind.OTHER)
            title = first_text(data, "title", "prompt", "summary", "filename", "fileName", "name", "desc")
            details = (title, first_text(data, "description"), first_text(data, "url", "jumpUrl"))
            yield Piece(found, mark_of(found, *(details if found in (Kind.LINK, Kind.FILE, Kind.OTHER) else (title,))))


def _read_text(source: Source, options: Options) -> Iterator[Conversation]:
    chat = Chat()
    lines = split_lines(source.text())
    starts = [index for index in range(len(lines) - 1) if _LABEL.fullmatch(lines[index]) and _is_time(lines[index + 1])]
    for line in lines[: starts[0] if starts else 0]:
        about = _ABOUT.fullmatch(line.strip())
        if about is not None and about["key"] == "名称":
            chat.counterpart = chat.id = about["value"].strip() or None
        elif about is not None:
            chat.is_group = "群" in about["value"]
    chat.messages = [_of_lines(lines[start:end]) for start, end in pairwise([*starts, len(lines)])]
    yield from to_conversations([chat], options)


def _is_time(line: str) -> bool:
    field = _FIELD.fullmatch(line)
    return field is not None and field["key"] == "时间"


def _of_lines(lines: list[str]) -> Message:
    label = _LABEL.fullmatch(lines[0])
    name, time, body = (label["name"].strip() if label else ""), None, list[str]()
    for line in lines[1:]:
        field = _FIELD.fullmatch(line)
        key = field["key"] if field else None
        if field and key == "时间" and time is None:
            time = read_moment(field["value"])
        elif field and key == "内容" and not body:
            body.append(field["value"])
        elif field and key in ("资源", "資源"):
            break
        elif body:
            body.append(line)
    text = own_words("\n".join(body), ABOVE_BRACKET).strip("\n").rstrip()
    return Message(text, read_mark(text), None if name == "系统消息" else name, time=time)


def _sniff_json(head: Head) -> int:
    first = head.objects[0] if head.objects else {}
    if _NAME in first_text(map_in(first.get("metadata")), "name"):
        return 95
    return 90 if {"chatInfo", "messages"} <= head.keys or {"chatInfo", "chunked"} <= head.keys else 0


def _sniff_chunk(head: Head) -> int:
    first = head.objects[0] if head.objects else {}
    content = map_in(first.get("content"))
    return 80 if "uid" in map_in(first.get("sender")) and "elements" in content else 0


def _sniff_text(head: Head) -> int:
    if head.text.lstrip().startswith(f"[{_NAME}"):
        return 95
    pairs = zip(head.lines[:100], head.lines[1:101], strict=False)
    return 80 if any(_LABEL.fullmatch(line) and _is_time(below) and "内容" in head.text for line, below in pairs) else 0


READERS = (
    Reader(
        "qq-exporter-json",
        "QQ Chat Exporter JSON, 分块导出读 manifest.json",
        (".json",),
        _sniff_json,
        _read_json,
        folder=_MANIFEST,
        companions=("chunks/*.jsonl",),
    ),
    Reader("qq-exporter-chunk", "QQ Chat Exporter 的一个分块", (".jsonl",), _sniff_chunk, _read_chunk),
    Reader("qq-exporter-txt", "QQ Chat Exporter TXT", (".txt",), _sniff_text, _read_text),
)
