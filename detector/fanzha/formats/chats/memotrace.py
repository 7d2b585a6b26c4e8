"""WeChat chats exported by MemoTrace (留痕, WeChatMsg): CSV of version 1 and 2, and TXT.

In: `localId,TalkerId,Type,…` with WeChat's numbers (private chats have 9 cells a row under a header of 12 names; a file
may hold many chats), `消息ID,类型,发送人,…`, or blocks of `time name`, text, empty line. Out: a conversation a chat.
Version 1 tells who the owner is; the others call him 我, or need `--self`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import PurePath

from fanzha.conversation import Conversation, Kind
from fanzha.formats.chats.appmsg import read_content, titled
from fanzha.formats.chats.blocks import Block, is_head_with_body, split_blocks
from fanzha.formats.chats.dates import read_moment
from fanzha.formats.chats.kinds import kind_of_name, read_mark, read_system_line
from fanzha.formats.chats.message import Chat, Message, to_conversations
from fanzha.formats.chats.quotes import BELOW, own_words, without_sender
from fanzha.formats.chats.rows import has_columns, read_rows
from fanzha.formats.chats.values import flag_in
from fanzha.formats.head import Head
from fanzha.formats.reader import Options, Reader
from fanzha.formats.source import Source

_HEAD = re.compile(r"(?P<time>\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2})(?: (?P<name>.{1,200}))?")


def _read_csv(source: Source, options: Options) -> Iterator[Conversation]:
    chats: dict[str, Chat] = {}
    for row in read_rows(source):
        key = row.get("TalkerId", "")
        message = _message_v1(row) if "StrContent" in row else _message_v2(row)
        chats.setdefault(key, Chat(id=key if key and row.get("Sender") else None)).messages.append(message)
    for key, chat in chats.items():
        chat.messages = _told_apart(chat.messages)
        chat.counterpart = _named_in(source.name, chat.messages)
        if len(chats) > 1:
            chat.id = key
    yield from to_conversations(chats.values(), options)


def _told_apart(messages: list[Message]) -> list[Message]:
    """Call the owner 我 where his rows carry the name of the other side, as some versions write private chats."""
    others = {message.label for message in messages if message.mine is False}
    return [
        replace(message, name="我", sender=None) if message.mine and message.label in others else message
        for message in messages
    ]


def _message_v1(row: dict[str, str]) -> Message:
    kind, text = read_content(without_sender(row["StrContent"], row.get("Sender")), row.get("Type"), row.get("SubType"))
    created = row.get("CreateTime", "")  # Excel may have rounded it to 1.77E+09
    time = read_moment(row.get("StrTime")) if "E" in created.upper() else None
    time = time or read_moment(created) or read_moment(row.get("StrTime"))
    if kind in (Kind.SYSTEM, Kind.RECALL):
        return Message(text, kind, time=time)
    mine = flag_in(row.get("IsSender"))
    name = row.get("Remark") or row.get("NickName") or row.get("Sender") or ("我" if mine else "对方")
    return Message(text, kind, name, row.get("Sender") or None, mine, time)


def _message_v2(row: dict[str, str]) -> Message:
    name = row.get("发送人") or row.get("备注") or row.get("昵称") or None
    kind, text = titled(kind_of_name(row.get("类型")), own_words(row.get("内容", ""), BELOW))
    if kind is Kind.TEXT:
        kind = read_mark(text)
    time = read_moment(row.get("时间"))
    if "系统" in row.get("类型", ""):
        return Message(text, read_system_line(text), time=time)
    return Message(text, kind, name, time=time)


def _read_text(source: Source, options: Options) -> Iterator[Conversation]:
    blocks = list(split_blocks(source.text(), _HEAD))
    names = {(block.head["name"] or "").strip().strip("'") for block in blocks if block.body}
    messages = [_of_block(block, names) for block in blocks]
    yield from to_conversations([Chat(messages, counterpart=_named_in(source.name, messages))], options)


def _named_in(file_name: str | None, messages: Iterable[Message]) -> str | None:
    """Whom the file is named after: MemoTrace calls it 林老师.txt or 林老师_utf8.csv, after the other side."""
    stem = PurePath(file_name or "").stem
    names = {message.label for message in messages if message.label}
    fitting = [name for name in names if re.fullmatch(re.escape(name) + r"(?:[_(（-].*)?", stem)]
    return max(fitting, key=len, default=None)


def _of_block(block: Block, names: set[str]) -> Message:
    name, time = (block.head["name"] or "").strip().strip("'"), read_moment(block.head["time"])
    if block.body:
        text = own_words(block.body, BELOW)
        return Message(text, read_mark(text), name or None, time=time)
    if name in names:  # said nothing, which is no system line
        return Message("", time=time)
    return Message(name, read_system_line(name), time=time)


def _sniff_csv(head: Head) -> int:
    return (
        95
        if has_columns(head, "Type", "IsSender", "StrContent") or has_columns(head, "类型", "发送人", "时间", "内容")
        else 0
    )


def _sniff_text(head: Head) -> int:
    return 60 if is_head_with_body(head, _HEAD, no_mark=":：") else 0


READERS = (
    Reader("wechat-memotrace-csv", "微信: MemoTrace (留痕) CSV", (".csv",), _sniff_csv, _read_csv),
    Reader("wechat-memotrace-txt", "微信: MemoTrace (留痕) TXT", (".txt",), _sniff_text, _read_text),
)
