"""QQ chats exported as MHT (a web page with its pictures) by the 消息管理器 of the PC client.

In: rows of a table: 消息分组, 消息对象, `日期: 2026-01-01`, and `名字(号码)` with a clock and the text below. Out: one
conversation for each 消息对象, as of the TXT. The pictures behind the page are not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fanzha.conversation import Conversation
from fanzha.errors import InputError
from fanzha.formats.chats.dates import CLOCK, midnight, read_clock
from fanzha.formats.chats.markup import read_markup
from fanzha.formats.chats.message import Chat, Message, to_conversations
from fanzha.formats.chats.qq_text import GROUPING, OBJECT, chat_of, message_of
from fanzha.formats.head import Head
from fanzha.formats.reader import Options, Reader
from fanzha.formats.source import Source

_DAY = re.compile(r"日期[:：]\s?(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})")
_TIME = re.compile(CLOCK, re.IGNORECASE)
_BLOCKS = frozenset(["div", "td", "p"])


def _read(source: Source, options: Options) -> Iterator[Conversation]:
    chats = list(_chats(_page(source)))
    if not chats:
        raise InputError("页面里没有一条消息 (名字、时间、文字)")
    yield from to_conversations(chats, options)


def _page(source: Source) -> str:
    lines: list[str] = []
    for line in source.lines():
        lines.append(line)
        if "</html>" in line.lower():
            break
    page = "".join(lines)
    return page[max(page.lower().find("<html"), 0) :]


def _chats(page: str) -> Iterator[Chat]:
    grouping, name, day = "", None, None
    messages: list[Message] = []
    for row in _rows(page):
        first = row[0]
        if found := GROUPING.fullmatch(first):
            grouping = found["name"].strip()
        elif found := OBJECT.fullmatch(first):
            yield from chat_of(messages, grouping, name)
            name, day, messages = found["name"].strip(), None, []
        elif found := _DAY.fullmatch(first):
            day = midnight(int(found["year"]), int(found["month"]), int(found["day"]))
        elif len(row) > 1 and _TIME.fullmatch(row[1]):
            clock = read_clock(row[1])
            time = None if day is None or clock is None else day + clock
            messages.append(message_of(first, "\n".join(row[2:]), time))
    yield from chat_of(messages, grouping, name)


def _rows(page: str) -> Iterator[list[str]]:
    """Yield the texts of each row of the table, one a block."""
    row: list[str] = [""]
    for item in read_markup(page):
        if isinstance(item, str):
            row[-1] += item
        elif item.name in _BLOCKS:
            row.append("")
        elif item.name == "img":
            row[-1] += "[图片]"
        elif item.name == "tr":
            yield from _filled(row)
            row = [""]
    yield from _filled(row)


def _filled(row: list[str]) -> Iterator[list[str]]:
    kept = [text.strip() for text in row if text.strip()]
    if kept:
        yield kept


def _sniff(head: Head) -> int:
    text = head.text
    if "<html" not in text.lower() or "消息对象" not in text:
        return 0
    return 95 if "Tencent" in text[:2000] or "QQ Message" in text else 80


READERS = (Reader("qq-mht", "QQ 消息管理器 MHT", (".mht", ".mhtml"), _sniff, _read),)
