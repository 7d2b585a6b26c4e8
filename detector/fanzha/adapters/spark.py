"""Scoring tables with PySpark: texts, messages grouped by conversation, or conversations as arrays of turns.

In: a DataFrame. Out: a DataFrame with the columns of verdicts; nothing is computed before an action asks for it. The
compiled rules are broadcast, each Python worker makes one Detector of them and keeps it for all its tasks. The
executors need this package, but no rule folder. Rows are read one after the other: a partition is never all in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import types as sql

from fanzha.adapters.columns import TYPES, columns_of, score, score_sorted, to_turn
from fanzha.detector import Detector
from fanzha.errors import InputError

if TYPE_CHECKING:
    from fanzha.verdict import Verdict

Batches = Iterable[pa.RecordBatch]
_SPARK = {str: sql.StringType(), int: sql.LongType(), float: sql.DoubleType(), bool: sql.BooleanType()}
_ARROW = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}
_FIELDS = [sql.StructField(name, _SPARK[kind]) for name, kind in TYPES.items()]
_TOGETHER = 500  # verdicts in a batch that goes back


def score_texts(
    frame: DataFrame,
    text: str = "text",
    *,
    rules: str | Path | Sequence[str | Path] | None = None,
    detector: Detector | None = None,
    self_name: str | None = None,
) -> DataFrame:
    """Score each row's text alone; the result has all columns of the frame and those of its verdict.

    Works on streams too. Raises InputError for a column that is not there or would be there twice, PackError.
    """
    _check(frame, [text], twice=frame.columns)
    work = partial(_score_rows, _shipped(frame, rules, detector), text, _as_text, self_name)
    return frame.mapInArrow(work, sql.StructType([*frame.schema.fields, *_FIELDS]))


def score_turns(
    frame: DataFrame,
    turns: str = "turns",
    *,
    rules: str | Path | Sequence[str | Path] | None = None,
    detector: Detector | None = None,
    self_name: str | None = None,
) -> DataFrame:
    """Score each row's conversation, an array of structs with `text` and, where known, `speaker`, `party` and `kind`.

    The result has all columns of the frame and those of its verdict. Works on streams too. Raises as `score_texts`.
    """
    _check(frame, [turns], twice=frame.columns)
    work = partial(_score_rows, _shipped(frame, rules, detector), turns, _as_turns, self_name)
    return frame.mapInArrow(work, sql.StructType([*frame.schema.fields, *_FIELDS]))


def score_messages(
    frame: DataFrame,
    *,
    conversation: str,
    text: str = "text",
    speaker: str | None = None,
    party: str | None = None,
    time: str | None = None,
    rules: str | Path | Sequence[str | Path] | None = None,
    detector: Detector | None = None,
    self_name: str | None = None,
) -> DataFrame:
    """Score conversations whose messages are rows: one shuffle by conversation, one row a conversation in the result.

    The names are those of columns; messages are taken in the order of `time`. A message without a conversation stands
    alone. The result has the conversation's id and the columns of its verdict. Raises as `score_texts`.
    """
    given = {"text": text, "speaker": speaker, "party": party}
    named = {name: column for name, column in given.items() if column is not None}
    ordered = [conversation, *([time] if time else [])]
    _check(frame, [*named.values(), *ordered], twice=[conversation])
    columns = list(dict.fromkeys([*ordered, *named.values()]))
    work = partial(_score_groups, _shipped(frame, rules, detector), conversation, named, self_name)
    sorted_messages = frame.select(columns).repartition(conversation).sortWithinPartitions(*ordered)
    return sorted_messages.mapInArrow(work, sql.StructType([frame.schema[conversation], *_FIELDS]))


def _check(frame: DataFrame, named: Sequence[str], *, twice: Sequence[str]) -> None:
    for name in named:
        if name not in frame.columns:
            raise InputError(f"没有这一列; 有: {'、'.join(frame.columns)}", where=name)
    for name in twice:
        if name in TYPES:
            raise InputError("已有这一列, 判定的列会与它同名; 请先改名", where=name)


# ── the rules, on their way to the workers ────────────────────────────────────────────────────


class _Shipped:
    """Compiled rules as they travel: a broadcast where the session has one, else the bytes themselves."""

    def __init__(self, detector: Detector, broadcast: Callable[[bytes], Any] | None) -> None:
        data = detector.to_bytes()
        self.pack = detector.pack
        self._held = broadcast(data) if broadcast else _Held(data)

    def detector(self) -> Detector:
        """The worker's one Detector of these rules."""
        if self.pack not in _detectors:
            _detectors[self.pack] = Detector.from_bytes(self._held.value)
        return _detectors[self.pack]


@dataclass(frozen=True, slots=True)
class _Held:
    """Stands for a broadcast where there is none."""

    value: bytes


_detectors: dict[str, Detector] = {}  # of this worker process, by the id of their rules


def _shipped(frame: DataFrame, rules: str | Path | Sequence[str | Path] | None, detector: Detector | None) -> _Shipped:
    try:
        broadcast = frame.sparkSession.sparkContext.broadcast
    except Exception:  # Spark Connect has no context; its errors differ from version to version
        broadcast = None
    return _Shipped(detector or Detector(rules), broadcast)


# ── inside a worker ────────────────────────────────────────────────────────────────


def _score_rows(
    shipped: _Shipped, column: str, read: Callable[[Any], Any], self_name: str | None, batches: Batches
) -> Iterator[pa.RecordBatch]:
    detector = shipped.detector()
    for batch in batches:
        outcomes = [score(detector, read(cell.as_py()), self_name=self_name) for cell in batch.column(column)]
        found = _verdicts(outcomes)
        yield pa.RecordBatch.from_arrays([*batch.columns, *found], [*batch.schema.names, *TYPES])


def _as_text(cell: Any) -> str:
    return "" if cell is None else str(cell)


def _as_turns(cell: Any) -> Any:
    return (to_turn(one or {}) for one in cell or ())


def _score_groups(
    shipped: _Shipped, conversation: str, named: dict[str, str], self_name: str | None, batches: Batches
) -> Iterator[pa.RecordBatch]:
    detector = shipped.detector()
    kind: list[pa.DataType] = []

    def rows() -> Iterator[tuple[Any, dict[str, Any]]]:
        for batch in batches:
            kind[:] = [batch.schema.field(conversation).type]
            columns = {name: batch.column(column).to_pylist() for name, column in named.items()}
            for place, name in enumerate(batch.column(conversation).to_pylist()):
                yield name, {key: values[place] for key, values in columns.items()}

    names: list[Any] = []
    outcomes: list[Verdict | InputError] = []
    for name, outcome in score_sorted(detector, rows(), self_name=self_name):
        names.append(name)
        outcomes.append(outcome)
        if len(names) >= _TOGETHER:
            yield _with_ids(conversation, pa.array(names, kind[0]), outcomes)
            names, outcomes = [], []
    if names:
        yield _with_ids(conversation, pa.array(names, kind[0]), outcomes)


def _with_ids(conversation: str, ids: pa.Array, outcomes: list[Verdict | InputError]) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([ids, *_verdicts(outcomes)], [conversation, *TYPES])


def _verdicts(outcomes: list[Verdict | InputError]) -> list[pa.Array]:
    rows = [columns_of(outcome) for outcome in outcomes]
    return [pa.array([row[name] for row in rows], _ARROW[kind]) for name, kind in TYPES.items()]
