"""Plain text transcripts: `说话人: 文` lines, with or without time stamps, or text without any speaker.

In: a text. Out: a Conversation; no character of what was said is lost. A line without a label continues the one
before. Who speaks stands in the line (labels.py tells how), or in a line of its own with the time, as in minutes:

    说话人 1 00:00:05
    啊？我没有做过什么违法的事情啊。

Then what stands before the first such line (subject, date, keywords) is not speech, and is left out. A text without
labels becomes one turn a paragraph, or a line where there are no empty lines, by an unknown speaker.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from pathlib import Path

from fanzha.conversation import Conversation, Turn
from fanzha.errors import InputError
from fanzha.formats.clock import DATE, MOMENT, moment
from fanzha.formats.encodings import EMPTY
from fanzha.formats.head import Head
from fanzha.formats.labels import Label, apart, is_field, is_known, is_no_name, read_label, speakers
from fanzha.formats.reader import Options, Reader, gather
from fanzha.formats.source import Source

_LINE_END = re.compile(r"\r\n|\r|\n")
_OPEN, _CLOSE = "[(（【<", "])）】>"
# Every repeat is bounded: a line may be a megabyte long, and of spaces.
_CLOCK = r"\d{1,3}:\d{2}(?::\d{2})?(?:[.,]\d{1,6})?"
_TO = r"\s{0,3}(?:-{1,2}>|→|[-–—~,，至到])\s{0,3}"
_TIME = (
    rf"(?P<moment>{MOMENT})|(?P<date>{DATE.replace('?P<', '?P<only_')})"
    rf"|(?P<part_of_date>\d{{1,2}}[-/月]\d{{1,2}}日?\s{{1,3}}|(?:上午|下午|凌晨|早上|中午|晚上)\s?)?(?P<clock>{_CLOCK})(?:{_TO}(?P<end>{_CLOCK}))?"
    rf"|(?P<decimal>\d{{1,6}}\.\d{{1,6}}){_TO}(?P<decimal_end>\d{{1,6}}\.\d{{1,6}})"
    rf"|(?P<seconds>\d{{1,6}}(?:\.\d{{1,6}})?)\s{{0,3}}(?:s|秒)(?:{_TO}(?P<last>\d{{1,6}}(?:\.\d{{1,6}})?)\s{{0,3}}(?:s|秒)?)?"
)
_STAMP = re.compile(
    rf"(?P<open>[{re.escape(_OPEN)}])?\s{{0,3}}(?:{_TIME})(?:\s{{0,3}}(?P<close>[{re.escape(_CLOSE)}]))?(?P<gap>[\s,，|]{{0,8}}-?\s{{0,3}})"
)
_NAMED = re.compile(  # 说话人 1 00:00:05, 张三(00:00:05): 文
    rf"(?P<name>[^\s:：{re.escape(_OPEN)}][^:：\n{re.escape(_OPEN)}]{{0,23}}?(?:[(（][^()（）:：\n]{{1,16}}[)）])?)(?P<between>\s{{0,4}})"
    rf"(?P<open>[{re.escape(_OPEN)}])?\s{{0,2}}(?:{_TIME})\s{{0,2}}(?P<close>[{re.escape(_CLOSE)}])?\s{{0,3}}(?P<colon>[:：])?(?P<text>.*)",
    re.DOTALL,
)


_TAG_OF_LYRICS = re.compile(r"\[(?:ti|ar|al|by|re|ve|offset):[^\]\n]{0,80}\]\s{0,3}")  # LRC files begin with them
_LENGTH = re.compile(r"\d\s?(?:分|秒|小时|min|h\b)")  # 30分 10秒: how long a meeting was


@dataclass(slots=True)
class _Line:
    text: str
    rest: str = ""  # behind the time stamp
    label: Label | None = None
    start: float | None = None
    end: float | None = None
    time: str | None = None
    stamped: bool = False
    head: bool = False  # a name and a time, and nothing said
    named: bool = False  # the name stands first
    short: float | None = None  # seconds of 09:30, if it is no clock of the day


def read_plain(path: Path, *, self_name: str | None = None) -> Conversation:
    """Read a transcript. Raises InputError where it is missing, empty or no text."""
    return parse_plain(Source(path).text(), self_name=self_name, id=path.name)


def parse_plain(
    text: str,
    *,
    self_name: str | None = None,
    id: str | None = None,  # noqa: A002 - the name of Conversation's field
    note: Callable[[str], None] | None = None,
) -> Conversation:
    """Return turns of a transcript; `self_name` is the label of the person whom we protect.

    `note` is told what was left out. Raises InputError if there is nothing in it, or nobody is called `self_name`.
    """
    written = (one for line in _LINE_END.split(text.lstrip("\ufeff")) for one in apart(line))
    lines = [_read_line(line, self_name) for line in written if not _TAG_OF_LYRICS.fullmatch(line)]
    _settle_clocks(lines)
    heads = _heads(lines)
    turns = _turns_below(lines, heads, note) if heads else _turns(_without_heads(lines))
    conversation = gather(turns, Options(self_name), id)
    if not conversation.turns:
        raise InputError(EMPTY)
    return conversation


# ── lines ──


def _read_line(text: str, self_name: str | None) -> _Line:
    text = text.strip()
    line = _Line(text, rest=text)
    stamp = _STAMP.match(text)
    if stamp is not None and _is_stamp(stamp, text):
        line.stamped = True
        _take_time(line, stamp)
        line.rest = text[stamp.end() :].strip()
        label = read_label(line.rest, self_name)
        if label is None and line.rest and not is_no_name(line.rest) and not _LENGTH.search(line.rest):
            line.head = True
            label = Label(line.rest.strip("：: "), "", sure=is_known(line.rest, self_name))
        elif label is not None and label.likely and not label.sure:
            label = Label(label.name, label.text, sure=True)
        line.label = label
        return line
    named = _NAMED.fullmatch(text)
    if named is not None and _is_named(named):
        line.stamped = True
        _take_time(line, named)
        name = named["name"].strip()
        line.rest = named["text"].strip()
        line.named, line.head = True, not line.rest
        exact = bool(named["open"]) or named["clock"] is None or named["clock"].count(":") == 2
        line.label = Label(name, line.rest, sure=not line.head or exact or is_known(name, self_name))
        return line
    line.label = read_label(text, self_name)
    return line


def _is_stamp(stamp: re.Match[str], text: str) -> bool:
    """Tell stamps from numbers that begin a sentence (3秒就好): a bracket, a gap or the end follows."""
    if stamp["close"] and stamp["open"]:
        return True
    return stamp["date"] is None and (bool(stamp["gap"]) or stamp.end() == len(text))


def _is_named(named: re.Match[str]) -> bool:
    """Tell 张三 00:01:23 and 张三(00:01): 好的 from a sentence with a time in it (会议 12:30 开始)."""
    if named["date"] or named["seconds"] or is_no_name(named["name"].strip()) or is_field(named["name"].strip()):
        return False
    if named["open"] and named["close"]:
        return bool(named["colon"]) or not named["text"].strip() or is_known(named["name"])
    return bool(named["between"]) and (bool(named["colon"]) or not named["text"].strip())


def _take_time(line: _Line, stamp: re.Match[str]) -> None:
    """Note what a stamp tells: the moment of a date, the seconds of a recording."""
    if stamp["moment"]:
        line.time = moment(stamp["moment"])
        if line.time:
            line.start = datetime.fromisoformat(line.time).timestamp()
    elif stamp["seconds"] or stamp["decimal"]:
        end = stamp["last"] or stamp["decimal_end"]
        line.start = float(stamp["seconds"] or stamp["decimal"])
        line.end = float(end) if end else None
    elif stamp["clock"] and not stamp["part_of_date"]:
        seconds = _clock(stamp["clock"])
        if stamp["end"] or stamp["clock"].count(":") == 2 or not stamp["clock"].replace(":", "").isdecimal():
            line.start = seconds
            line.end = _clock(stamp["end"]) if stamp["end"] else None
        else:
            line.short = seconds


def _clock(text: str) -> float:
    parts = text.replace(",", ".").split(":")
    seconds = 0.0
    for part in parts:
        seconds = seconds * 60 + float(part)
    return round(seconds, 3)


def _settle_clocks(lines: Sequence[_Line]) -> None:
    """Take 00:05, 01:10 … as minutes and seconds where they begin near zero and never go back.

    09:30 may be a clock of the day as well.
    """
    shorts = [line.short for line in lines if line.short is not None]
    if shorts and shorts[0] < 120 and shorts == sorted(shorts):
        for line in lines:
            line.start = line.short if line.start is None else line.start


# ── who speaks ──


def _speakers(lines: Sequence[_Line]) -> frozenset[str]:
    filled = sum(1 for line in lines if line.text)
    return speakers([None if line.head else line.label for line in lines], filled)


def _heads(lines: Sequence[_Line]) -> frozenset[str]:
    """Return the names in heads: lines of a name and a time, under nearly all of which something is said.

    A name is one if it comes back or is known, or if others are.
    """
    filled = [line for line in lines if line.text]
    heads = [(one, after) for one, after in zip_longest(filled, filled[1:]) if one.head]
    speaking = [one.label.name for one, after in heads if one.label and after is not None and not after.stamped]
    inline = sum(1 for line in filled if line.stamped and not line.head)
    if len(speaking) * 5 < len(heads) * 4 or inline * 2 > len(speaking):
        return frozenset()
    counts = Counter(speaking)
    known = any(one.label.sure for one, _ in heads if one.label)
    return frozenset(counts) if known or (len(speaking) >= 2 and len(counts) < len(speaking)) else frozenset()


def _without_heads(lines: Sequence[_Line]) -> Sequence[_Line]:
    """Give back what was taken for a name with its time, such as 明天 12:30, where that is how people talk."""
    for line in lines:
        if line.head and line.named:
            line.stamped, line.label, line.rest, line.start, line.time = False, None, line.text, None, None
    return lines


# ── turns ──


def _turns_below(lines: Sequence[_Line], names: frozenset[str], note: Callable[[str], None] | None) -> Iterator[Turn]:
    """Yield what stands below each head."""
    first = next((number for number, line in enumerate(lines) if _is_head(line, names)), 0)
    before = sum(1 for line in lines[:first] if line.text)
    if before and note is not None:
        note(f"开头 {before} 行说明没有算作对话")
    yield from _grouped(lines[first:], lambda line: _is_head(line, names), plain=False)


def _is_head(line: _Line, names: frozenset[str]) -> bool:
    return line.head and line.label is not None and line.label.name in names


def _turns(lines: Sequence[_Line]) -> Iterator[Turn]:
    labels = _speakers(lines)
    if not labels and not _are_stamped(lines):
        yield from (Turn(text) for text in _paragraphs(lines))
        return
    yield from _grouped(lines, lambda line: line.label is not None and not line.head and line.label.name in labels)


def _are_stamped(lines: Sequence[_Line]) -> bool:
    """Whether time stamps tell the turns: one in most lines, or one in brackets before the only line."""
    filled = [line for line in lines if line.text]
    stamped = [line for line in filled if line.stamped]
    if len(filled) == 1:
        return bool(stamped) and filled[0].text[0] in _OPEN
    return len(stamped) >= 2 and len(stamped) * 2 >= len(lines)


def _grouped(lines: Sequence[_Line], is_labelled: Callable[[_Line], bool], *, plain: bool = True) -> Iterator[Turn]:
    """Yield turns: a labelled line begins one, and if `plain` a stamped one as well; the others continue it.

    Dates count from the first; a recording's own clock starts at 0 by itself.
    """
    first = next((line.start for line in lines if line.start is not None and line.time), 0.0)
    turn = Turn("")
    pieces: list[str] = []
    for line in lines:
        labelled = is_labelled(line)
        if labelled or (line.stamped and plain):
            if any(pieces):
                yield _whole(turn, pieces)
            label = line.label if labelled else None
            turn = Turn(
                "", label.name if label else None,
                start=line.start - first if line.time and line.start is not None else line.start,
                end=line.end, time=line.time,
            )  # fmt: skip
            pieces = [label.text if label else line.rest]
        elif line.text:
            pieces.append(line.text)
    if any(pieces):
        yield _whole(turn, pieces)


def _whole(turn: Turn, pieces: list[str]) -> Turn:
    text = "\n".join(pieces).strip("\n")
    return Turn(text, turn.speaker, start=turn.start, end=turn.end, time=turn.time)


def _paragraphs(lines: Sequence[_Line]) -> list[str]:
    texts = [line.text for line in lines]
    while texts and not texts[-1]:
        texts.pop()
    if "" not in texts:
        return texts
    return [text for text in re.split("\n{2,}", "\n".join(texts).strip("\n")) if text]


def _sniff(head: Head) -> int:
    """Any text that is not meant to be JSON may be a transcript; every other format is surer of its own."""
    return 0 if head.looks_like_json or not head.text else 10


def _read(source: Source, options: Options) -> Iterator[Conversation]:
    yield parse_plain(source.text(), self_name=options.self_name, note=source.note)


READERS = (Reader("plain", "纯文本: 说话人: 文, 可带时间", (".txt", ".text", ".log", ".md"), _sniff, _read),)
