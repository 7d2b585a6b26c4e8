"""LINE's own export of a chat as TXT, from phones and PCs, in Chinese, Japanese, English, Korean or Thai.

In: `[LINE] 與陈警官的聊天記錄`, a line a day, and messages as `上午09:00<TAB>名<TAB>文` (on PCs with spaces); a text of
several lines stands in double quotes. Out: one conversation; the title says who the other side is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath

from fanzha.conversation import Conversation, Kind
from fanzha.errors import InputError
from fanzha.formats.chats.blocks import split_lines
from fanzha.formats.chats.dates import CLOCK, has_half, read_clock, read_dates
from fanzha.formats.chats.kinds import read_mark, read_system_line
from fanzha.formats.chats.message import Chat, Message, to_conversations
from fanzha.formats.head import Head
from fanzha.formats.reader import Options, Reader
from fanzha.formats.source import Source

_TITLES = (
    re.compile(r"\[LINE\]\s?[與与](?P<name>.+?)的(?:聊天|對話|对话)(?:[記记][錄录])?"),
    re.compile(r"\[LINE\]\s?(?P<name>.+?)(?:とのトーク履歴|のトーク履歴|님과의 대화|님과 대화한 내용)"),
    re.compile(r"\[LINE\]\s?(?:Chat history (?:with|in)|Chat with|ประวัติการแชทกับ)\s?(?P<name>.+)", re.IGNORECASE),
    re.compile(r"\[LINE\]\s?(?P<name>.*)"),
)
_SAVED = re.compile(r"(?:儲存日期|保存日期|保存日時|Saved on|저장한 날짜|บันทึกเมื่อ)\s?[：:].*", re.IGNORECASE)
_DAY = re.compile(
    r"(?:[A-Za-z\u0e00-\u0e7f.]{2,12},?\s)?(?P<d1>\d{1,4})[/.年년-]\s?(?P<d2>\d{1,2})[/.月월-]\s?(?P<d3>\d{1,4})[日일]?\.?"
    r"(?:\s?[（(].{1,12}[）)]|[ ,]\s?(?:星期|週|周)?\S{1,9})?"
)
_PC_DAY = re.compile(r"\d{4}\.\d{2}\.\d{2} (?:星期|週|周)?\S{1,9}")
_MESSAGE = re.compile(rf"(?P<clock>{CLOCK})(?P<mark>\t| )(?P<rest>.+)", re.IGNORECASE)
_TABBED = re.compile(rf"{CLOCK}\t", re.IGNORECASE)
_NOTED = re.compile(r"\[(?:筆記|记事本|ノート|相簿|相册|アルバム|note|album)\].*", re.IGNORECASE)
_CALL = re.compile(
    r"☎.*|(?:通話時間|通话时间|Call time|Missed call|未接來電|未接来电|已?取消通話|無人接聽|不在着信|"
    "通話に応答がありませんでした)"
    r"(?:\s?[\d:]{1,8})?\.?",
    re.IGNORECASE,
)
_WORDS = {
    "照片": Kind.IMAGE,
    "貼圖": Kind.IMAGE,
    "图片": Kind.IMAGE,
    "スタンプ": Kind.IMAGE,
    "写真": Kind.IMAGE,
    "影片": Kind.VIDEO,
    "動画": Kind.VIDEO,
    "語音訊息": Kind.VOICE,
    "ボイスメッセージ": Kind.VOICE,
    "檔案": Kind.FILE,
    "聯絡資訊": Kind.CARD,
}


@dataclass(slots=True)
class _Row:
    """A line of a message: which of the days it stands under, its clock, what follows, and whether by tabs."""

    day: int
    clock: str
    tabbed: bool
    lines: list[str]


def _read(source: Source, options: Options) -> Iterator[Conversation]:
    lines = split_lines(source.text())
    first = next((line.strip() for line in lines if line.strip()), "")
    counterpart = _title(first) or _title(PurePath(source.name or "").stem)
    dates, rows = _rows(lines)
    if not rows:
        raise InputError("没有一行以时间开头, 导出可能不完整")
    days = read_dates(dates, american=any(has_half(row.clock) for row in rows))
    messages = [_message(row, days[row.day] if row.day >= 0 else None, counterpart) for row in rows]
    yield from to_conversations([Chat(messages, counterpart, counterpart)], options)


def _title(line: str) -> str | None:
    """Who the other side is, from the first line or the file's name."""
    found = next((match for pattern in _TITLES if (match := pattern.fullmatch(line))), None)
    return found["name"].strip().strip('"“”「」') or None if found else None


def _rows(lines: list[str]) -> tuple[list[tuple[int, int, int]], list[_Row]]:
    dates: list[tuple[int, int, int]] = []
    rows: list[_Row] = []
    quoted = False
    tabbed = any(_TABBED.match(line) for line in lines)
    for line in lines:
        stripped = line.rstrip()
        day = None if quoted else _DAY.fullmatch(stripped.strip())
        message = _MESSAGE.fullmatch(stripped)
        if message is not None and ((tabbed and message["mark"] == " ") or (quoted and "\t" not in message["rest"])):
            message = None
        if day is not None:
            dates.append((int(day["d1"]), int(day["d2"]), int(day["d3"])))
        elif message is not None:
            rows.append(_Row(len(dates) - 1, message["clock"], message["mark"] == "\t", [message["rest"]]))
            quoted = _opens(message["rest"])
        elif rows:
            rows[-1].lines.append(line)
            quoted = quoted and not _closes(stripped)
    return dates, rows


def _opens(rest: str) -> bool:
    """Whether a text in quotes goes on in the next line."""
    text = rest.rpartition("\t")[2]
    return text.startswith('"') and (len(text) == 1 or not _closes(text))


def _closes(text: str) -> bool:
    return text.endswith('"') and (len(text) - len(text.rstrip('"'))) % 2 == 1


def _message(row: _Row, day: float | None, counterpart: str | None) -> Message:
    clock = read_clock(row.clock)
    time = None if day is None or clock is None else day + clock
    name, text = _split(row, counterpart)
    if name is None:
        return Message(text, Kind.CALL if _CALL.fullmatch(text) else read_system_line(text), time=time)
    return Message(text, _kind(text), name, time=time)


def _split(row: _Row, counterpart: str | None) -> tuple[str | None, str]:
    """Return name and text; no name for what LINE itself says."""
    rest, more = row.lines[0], row.lines[1:]
    mark = "\t" if row.tabbed else " "
    if not row.tabbed and counterpart and rest.startswith(counterpart + " "):
        name, text = counterpart, rest[len(counterpart) + 1 :]
    elif mark in rest:
        name, _, text = rest.partition(mark)
    else:
        return None, "\n".join([rest, *more]).strip()
    text = "\n".join([text, *more]).strip("\n").rstrip()
    if len(text) > 1 and text.startswith('"') and text.endswith('"') and "\n" in text:
        text = text[1:-1].replace('""', '"')
    return name.strip() or None, text


def _kind(text: str) -> Kind:
    if _CALL.fullmatch(text):
        return Kind.CALL
    if _NOTED.fullmatch(text):
        return Kind.OTHER
    return _WORDS.get(text) or read_mark(text)


def _sniff(head: Head) -> int:
    lines = [line.strip() for line in head.lines[:200] if line.strip()]
    if lines and lines[0].startswith("[LINE]"):
        return 95
    if len(lines) > 1 and _PC_DAY.fullmatch(lines[0]) and _MESSAGE.fullmatch(lines[1]):
        return 75
    if not any(_SAVED.fullmatch(line.strip()) for line in head.lines[:5]):
        return 0
    return 80 if any(_MESSAGE.fullmatch(line) for line in head.lines[:60]) else 0


READERS = (Reader("line-txt", "LINE 导出的 TXT", (".txt",), _sniff, _read),)
