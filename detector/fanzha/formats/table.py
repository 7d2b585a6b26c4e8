"""Tables of messages or of whole calls, from rows to conversations, whatever file the rows come from.

In: a first row, rows, and what the user says of their columns. Out: conversations:

- rows with an id of the conversation: one a run of the same id; in small files rows of one id may be anywhere;
- rows with a speaker and no such id: one conversation;
- rows without both: each is one, a message or the transcript of a call in one cell.

Never more than one conversation is held of a file too large to be read whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import time, timedelta
from functools import lru_cache
from itertools import chain, islice
from typing import Any

from fanzha.cells import as_written
from fanzha.conversation import Conversation, Kind, Party, Turn
from fanzha.errors import InputError
from fanzha.formats.chats.kinds import kind_of_name
from fanzha.formats.clock import clock_seconds, in_milliseconds, moment, number, to_seconds
from fanzha.formats.columns import Columns, find_columns, has_header
from fanzha.formats.labels import apart
from fanzha.formats.plain import parse_plain
from fanzha.formats.reader import Options, gather
from fanzha.formats.speech import speaker_label
from fanzha.limits import MAX_SHUFFLED_BYTES

Row = Sequence[Any]
_BREAK = re.compile(r"<br\s{0,2}/?>|\\r?\\n|\\n|\|\|", re.IGNORECASE)  # how line ends of a transcript stand in a cell
_SAMPLE = 200  # rows by which an ambiguous id is told
_SELF = frozenset("1 true yes 是 self me 我 发 发送 发出 已发送 sent send out outgoing outbound 右".split())
_OTHER = frozenset("0 false no 否 other 对方 收 接收 收到 已接收 received receive in incoming inbound 左".split())


@dataclass(frozen=True, slots=True)
class _Cells:
    """One row as a turn; times as they stand, until a whole conversation tells their unit."""

    id: str
    turn: Turn
    start: Any
    end: Any


def conversations(header: Row, rows: Iterable[Row], options: Options, *, size: int) -> Iterator[Conversation]:
    """Yield the conversations of a table; `size` is that of its file in bytes, unpacked. Raises InputError."""
    names = [cell_text(cell) for cell in header]
    columns = find_columns(names, options)
    if columns is None:
        known = "、".join(name for name in names[:20] if name)
        raise InputError(f"没有认出哪一列是文字, 请用 --text 指明; 有: {known}")
    told = rows if has_header(names, options) else chain((header,), rows)
    cells = (_cells(row, columns) for row in told)
    head = list(islice(cells, _SAMPLE))
    together = columns.id is not None and not _counts_rows(head, columns)
    cells = (one for one in chain(head, cells) if one.turn.text.strip() or one.turn.kind is not Kind.TEXT)
    if together:
        yield from _by_id(cells, options, hold=size <= MAX_SHUFFLED_BYTES)
    elif columns.speaker is not None or columns.party is not None or _is_timed(head):
        yield _conversation(list(cells), options, None, one_of_many=False)
    else:
        for one in cells:
            yield _whole(one, options)


def _counts_rows(head: Sequence[_Cells], columns: Columns) -> bool:
    """Whether ids that may number rows do so: each stands in one row only."""
    return columns.id_of_row and len(head) > 1 and len({one.id for one in head}) == len(head)


def _is_timed(head: Sequence[_Cells]) -> bool:
    """Whether every row has seconds that go on from row to row: the pieces of a recording."""
    starts = [one.start for one in head]
    return len(starts) > 1 and all(number(start) is not None for start in starts) and starts == sorted(starts)


def _cells(row: Row, columns: Columns) -> _Cells:
    start, told = _cell(row, columns.start), _cell(row, columns.time)
    turn = Turn(
        as_written(cell_text(_cell(row, columns.text))),
        None if columns.speaker is None else _speaker(cell_text(_cell(row, columns.speaker))),
        Party.UNKNOWN if columns.party is None else _party(cell_text(_cell(row, columns.party))),
        Kind.TEXT if columns.kind is None else _kind(cell_text(_cell(row, columns.kind))),
        time=moment(told) or moment(start),
    )
    begin = _seconds(start)
    name = "" if columns.id is None else as_written(cell_text(_cell(row, columns.id)))
    return _Cells(name, turn, _seconds(told) if begin is None else begin, _seconds(_cell(row, columns.end)))


@lru_cache(maxsize=1024)
def _speaker(told: str) -> str | None:
    return speaker_label(as_written(told))


@lru_cache(maxsize=256)
def _kind(told: str) -> Kind:
    try:
        return Kind(told)
    except ValueError:
        return kind_of_name(told)


def _cell(row: Row, place: int | None) -> Any:
    return row[place] if place is not None and place < len(row) else None


def cell_text(value: Any) -> str:
    """Return a cell as it would be shown: 1001.0 is 1001, None is nothing."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).strip()


def _party(told: str) -> Party:
    folded = told.lower()
    return Party.SELF if folded in _SELF else Party.OTHER if folded in _OTHER else Party.UNKNOWN


def _seconds(value: Any) -> Any:
    """Return a number of a cell that is no moment, or the seconds of a clock; integers stay integers."""
    if isinstance(value, time):  # a cell of Excel
        value = value.isoformat()
    elif isinstance(value, timedelta):
        value = value.total_seconds()
    if value is None or moment(value) is not None:
        return None
    if isinstance(value, str):
        text = value.strip()
        return int(text) if text.isdecimal() and len(text) < 12 else clock_seconds(text)
    return value if number(value) is not None else None


def _by_id(cells: Iterable[_Cells], options: Options, *, hold: bool) -> Iterator[Conversation]:
    if hold:
        groups: dict[str, list[_Cells]] = {}
        for one in cells:
            groups.setdefault(one.id, []).append(one)
        for name, group in groups.items():
            yield _conversation(group, options, name, one_of_many=len(groups) > 1)
        return
    seen: set[int] = set()
    group = []
    for one in cells:
        if group and one.id != group[0].id:
            yield _conversation(group, options, group[0].id, one_of_many=True)
            group = []
        if not group:
            if hash(one.id) in seen:
                raise InputError(
                    f"编号 {one.id!r} 的各行不在一起; 超过 {MAX_SHUFFLED_BYTES // 1_000_000} MB 的表请先按编号排好序"
                )
            seen.add(hash(one.id))
        group.append(one)
    if group:
        yield _conversation(group, options, group[0].id, one_of_many=True)


def _conversation(group: list[_Cells], options: Options, name: str | None, *, one_of_many: bool) -> Conversation:
    if len(group) == 1 and group[0].turn.speaker is None:
        return _whole(group[0], options)
    turns = [one.turn for one in group]
    if any(one.start is not None for one in group):
        milliseconds = in_milliseconds((one.start, one.end, one.turn.text) for one in group)
        turns = [
            replace(
                one.turn,
                start=to_seconds(one.start, milliseconds=milliseconds),
                end=to_seconds(one.end, milliseconds=milliseconds),
            )
            for one in group
        ]
    return gather(_in_order(turns), options, name or None, one_of_many=one_of_many)


def _in_order(turns: list[Turn]) -> list[Turn]:
    """Sort by time where every turn has one: an export may begin with the newest."""
    if all(turn.start is not None for turn in turns):
        return sorted(turns, key=lambda turn: turn.start or 0.0)
    if all(turn.time is not None for turn in turns):
        return sorted(turns, key=lambda turn: turn.time or "")
    return turns


def _whole(one: _Cells, options: Options) -> Conversation:
    """Make a conversation of one row: a message, or a transcript with its own lines and labels."""
    name = one.id or None
    text = _BREAK.sub("\n", one.turn.text)
    if one.turn.kind is not Kind.TEXT or ("\n" not in text and len(apart(text)) == 1):
        return gather([one.turn], options, name, one_of_many=True)
    turns = parse_plain(text).turns
    if not any(turn.speaker for turn in turns):
        return gather([one.turn], options, name, one_of_many=True)
    return gather([replace(turn, party=Party.UNKNOWN) for turn in turns], options, name, one_of_many=True)
