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
OBJECT = re.compile(r"(?:消息对象|訊息對象|消息對象)[:：]\s?(?P<name>.*)")
GROUPING = re.compile(r"(?:消息分组|消息分組|訊息分組)[:：]\s?(?P<name>.*)")
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
        if ruled and (found := GROUPING.fullmatch(stripped)):
            next_grouping = found["name"].strip()
        elif ruled and (found := OBJECT.fullmatch(stripped)):
            yield from _chat(lines, grouping, name)
            grouping, name, lines = next_grouping, found["name"].strip(), []
        elif not _RULE.fullmatch(stripped):
            lines.append(line)
        ruled = _RULE.fullmatch(stripped) is not None or (ruled and not stripped)
    yield from _chat(lines, grouping, name)


def _chat(lines: list[str], grouping: str, name: str | None) -> Iterator[Chat]:
    yield from chat_of([_message(block) for block in split_blocks("\n".join(lines), _HEAD)], grouping, name)


def chat_of(messages: list[Message], grouping: str, name: str | None) -> Iterator[Chat]:
    """Yield the chat of a 消息对象, if it has messages.

    Numbers stand behind all names of a group and behind none of a private chat, where 系统消息(10000) is a nickname.
    """
    if messages:
        numbers = {message.sender for message in messages}
        is_group = "群" in grouping or (None not in numbers and len(numbers) > 1)
        kept = [_system(message) if is_group and message.sender in _SYSTEM else message for message in messages]
        yield Chat(kept, id=name or None, counterpart=name or None, is_group=is_group)


def _system(message: Message) -> Message:
    return Message(message.text, read_system_line(message.text), time=message.time)


def _message(block: Block) -> Message:
    head = block.head
    day, clock = midnight(int(head["year"]), int(head["month"]), int(head["day"])), read_clock(head["clock"])
    return message_of(head["name"] or "", block.body, None if day is None or clock is None else day + clock)


def message_of(written_name: str, text: str, time: float | None) -> Message:
    """Return the message of somebody called 名字, 名字(号码), 【头衔】名字(号码) or 名字<邮箱>."""
    match = _NAME.fullmatch(written_name.strip())
    name, number = ("", None) if match is None else (match["name"].strip(), match["number"] or match["mail"])
    return Message(text, read_mark(text), name or None, number, time=time)


def _sniff(head: Head) -> int:
    if _TITLE in head.text[:400] or any(OBJECT.fullmatch(line.strip()) for line in head.lines[:20]):
        return 95
    first = next((line.rstrip() for line in head.lines if line.strip()), "")
    return 85 if _UNMISTAKABLE.fullmatch(first) else 0


READERS = (Reader("qq-txt", "QQ 消息管理器 TXT", (".txt",), _sniff, _read),)
