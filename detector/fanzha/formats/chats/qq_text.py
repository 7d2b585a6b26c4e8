"""QQ chats exported as TXT by the 消息管理器 of the PC client.

In: a title, blocks that begin with 消息分组 and 消息对象 between rules of `=`, in them heads `date clock name`; a
group adds `(number)` or `<mail>` and maybe 【title】; clocks may be of twelve hours. Out: one conversation for each
消息对象. In a private chat he is the other side.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fanzha.conversation import Conversation
from fanzha.errors import InputError
from fanzha.formats.chats.blocks import Block, split_blocks, split_lines
from fanzha.formats.chats.dates import CLOCK, HALF, midnight, read_clock
from fanzha.formats.chats.kinds import read_mark, read_system_line
from fanzha.formats.chats.message import Chat, Message, to_conversations
from fanzha.formats.head import Head
from fanzha.formats.reader import Options, Reader
from fanzha.formats.source import Source

_TITLE = "消息记录（此消息记录为文本格式"
_RULE = re.compile(r"={8,}")
_OBJECT = re.compile(r"(?:消息对象|訊息對象|消息對象)[:：]\s?(?P<name>.*)")
_GROUPING = re.compile(r"(?:消息分组|消息分組|訊息分組)[:：]\s?(?P<name>.*)")
_HEAD = re.compile(
    r"(?P<year>\d{4})[-/](?P<month>\d{1,2})[-/](?P<day>\d{1,2}) "
    rf"(?P<clock>{CLOCK})(?:[ \t](?P<name>\S.{{0,200}})?)?",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?:【[^】]{1,30}】)?(?P<name>.*?)(?:\((?P<number>\d{4,12})\)|<(?P<mail>[^<>\s]{1,80})>)?")
_UNMISTAKABLE = re.compile(
    rf"\d{{4}}-\d{{2}}-\d{{2}} (?:\d{{1,2}}:\d{{2}}:\d{{2}} {HALF} .+|"
    rf"{CLOCK} .*(?:\(\d{{5,12}}\)|<[^<>\s]+@[^<>\s]+>))",
    re.IGNORECASE,
)
_SYSTEM = frozenset(["10000", "1000000"])


def _read(source: Source, options: Options) -> Iterator[Conversation]:
    chats = list(_chats(source.text()))
    if not chats:
        raise InputError("没有一条消息的抬头 (日期 时间 名字)")
    yield from to_conversations(chats, options)


def _chats(text: str) -> Iterator[Chat]:
    """Yield a chat for each 消息对象; text without any is one chat."""
    grouping, name, lines, ruled = "", None, list[str](), False
    next_grouping = ""
    for line in split_lines(text):
        stripped = line.strip()
        if ruled and (found := _GROUPING.fullmatch(stripped)):
            next_grouping = found["name"].strip()
        elif ruled and (found := _OBJECT.fullmatch(stripped)):
            yield from _chat(lines, grouping, name)
            grouping, name, lines = next_grouping, found["name"].strip(), []
        elif not _RULE.fullmatch(stripped):
            lines.append(line)
        ruled = _RULE.fullmatch(stripped) is not None or (ruled and not stripped)
    yield from _chat(lines, grouping, name)


def _chat(lines: list[str], grouping: str, name: str | None) -> Iterator[Chat]:
    blocks = list(split_blocks("\n".join(lines), _HEAD))
    if blocks:
        messages = [_message(block) for block in blocks]
        is_group = "群" in grouping or any(message.sender for message in messages)
        yield Chat(messages, id=name or None, counterpart=name or None, is_group=is_group)


def _message(block: Block) -> Message:
    head = block.head
    day, clock = midnight(int(head["year"]), int(head["month"]), int(head["day"])), read_clock(head["clock"])
    time = None if day is None or clock is None else day + clock
    written = _NAME.fullmatch((head["name"] or "").strip())
    name, number = ("", None) if written is None else (written["name"].strip(), written["number"] or written["mail"])
    if number in _SYSTEM:
        return Message(block.body, read_system_line(block.body), time=time)
    return Message(block.body, read_mark(block.body), name or None, number, time=time)


def _sniff(head: Head) -> int:
    if _TITLE in head.text[:400] or any(_OBJECT.fullmatch(line.strip()) for line in head.lines[:20]):
        return 95
    first = next((line.rstrip() for line in head.lines if line.strip()), "")
    return 85 if _UNMISTAKABLE.fullmatch(first) else 0


READERS = (Reader("qq-txt", "QQ 消息管理器 TXT", (".txt",), _sniff, _read),)
