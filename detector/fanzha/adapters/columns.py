"""A verdict as the columns that tables of data systems get, and messages as the turns of a conversation.

In: a Verdict or the InputError in place of one; rows of messages. Out: plain values under the names that Parquet and
SQLite files of `fanzha scan` use; Turns.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

from fanzha.conversation import Kind, Party, Turn
from fanzha.detector import Detector
from fanzha.errors import InputError
from fanzha.render.flat import COLUMNS, Column, Value, valid
from fanzha.result import Result
from fanzha.verdict import Verdict

_NAMES = frozenset(
    "level score alert script script_title describes_title first_alert_turn turns stages evidence entities problem "
    "pack".split()
)
VERDICT_COLUMNS: tuple[Column, ...] = tuple(column for column in COLUMNS if column.name in _NAMES)
DOCUMENT = "verdict"  # one more column: the whole verdict as JSON
TYPES: dict[str, type] = {**{column.name: column.type for column in VERDICT_COLUMNS}, DOCUMENT: str}


def columns_of(outcome: Verdict | InputError) -> dict[str, Value]:
    """The values of all columns; of what could not be read only `problem`."""
    problem, verdict = (str(outcome), None) if isinstance(outcome, InputError) else (None, outcome)
    result = Result("", verdict=verdict, problem=problem)
    values = {column.name: valid(column.value(result)) for column in VERDICT_COLUMNS}
    values[DOCUMENT] = None if verdict is None else verdict.model_dump_json()
    return values


def score(detector: Detector, what: Any, *, self_name: str | None = None) -> Verdict | InputError:
    """The verdict on a text or turns, or why there is none."""
    try:
        return detector.score("" if what is None else what, self_name=self_name)
    except InputError as error:
        return error


def score_sorted(
    detector: Detector, rows: Iterable[tuple[Any, Mapping[str, Any]]], *, self_name: str | None = None
) -> Iterator[tuple[Any, Verdict | InputError]]:
    """Score (conversation id, message) rows that stand together by conversation; what has no id stands alone.

    Messages are taken one by one, so that a long conversation is never all in memory.
    """
    for (_, name), group in groupby(_keyed(rows), key=lambda keyed: keyed[0]):
        yield name, score(detector, (to_turn(message) for _, message in group), self_name=self_name)


def _keyed(rows: Iterable[tuple[Any, Mapping[str, Any]]]) -> Iterator[tuple[tuple[int, Any], Mapping[str, Any]]]:
    alone = 0
    for name, message in rows:
        alone += name is None
        yield (alone, name), message


def to_turn(message: Mapping[str, Any]) -> Turn:
    """A message with text, speaker, party and kind, of which any may be missing or null. Raises InputError."""
    text, speaker = message.get("text"), message.get("speaker")
    try:
        return Turn(
            text="" if text is None else str(text),
            speaker=None if speaker is None else str(speaker),
            party=Party(message.get("party") or Party.UNKNOWN),
            kind=Kind(message.get("kind") or Kind.TEXT),
        )
    except ValueError:
        raise InputError("party 取 self|other|unknown, kind 见 fanzha.Kind") from None
