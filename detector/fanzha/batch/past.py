"""What an earlier run has done: its rows are used again where file, rules and options are the same.

In: files of rows as `result.to_row` writes them, also cut in the middle of a line. Out: for a path how many of its
conversations are known, and each of them as a Result. Only places are kept in memory, a few bytes a row.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO

from fanzha.result import Result, from_row
from fanzha.verdict import LEVELS, Level


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a file whose bytes have this hash; `whole`: it has no more conversations than `count`.

    `wanted` are those whose turns are asked for again, because a report shows them.
    """

    sha256: str
    count: int
    whole: bool
    wanted: frozenset[int] = frozenset()


@dataclass(slots=True)
class _Rows:
    """The rows of one file: where they begin in which source."""

    source: BinaryIO
    sha256: str
    places: array[int] = field(default_factory=lambda: array("q"))
    whole: bool = False
    levels: bytearray = field(default_factory=bytearray)


class Past:
    """Rows of earlier runs. A context manager: it keeps their files open. `pack` is the id of the rules in use."""

    def __init__(self, paths: Sequence[Path], *, pack: str, options: Mapping[str, str]) -> None:
        self._paths = paths
        self._pack = pack
        self._options = dict(options)
        self._rows: dict[str, _Rows] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Past:
        for path in self._paths:
            if path.is_file():
                self._index(self._stack.enter_context(path.open("rb")))
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def files(self) -> int:
        """How many files have rows that may be used again."""
        return len(self._rows)

    def known(self, path: str, keep: Level | None) -> Known | None:
        """What is known of a file; conversations of level `keep` and above are wanted again."""
        rows = self._rows.get(path)
        if rows is None:
            return None
        least = len(LEVELS) if keep is None else LEVELS.index(keep)
        wanted = frozenset(number for number, level in enumerate(rows.levels) if level >= least)
        return Known(rows.sha256, len(rows.places), rows.whole, wanted)

    def result(self, path: str, number: int) -> Result:
        """Read a row again."""
        rows = self._rows[path]
        rows.source.seek(rows.places[number])
        return from_row(rows.source.readline())

    def _index(self, source: BinaryIO) -> None:
        """Take note of the rows of one source; the rows of a file stand together, in the order of their numbers."""
        last: _Rows | None = None
        for path, group in groupby(_rows(source), key=lambda found: str(found[1]["file"])):
            if last is not None:
                last.whole = True  # another file follows; of the last one nobody can tell
            last = self._read_group(source, group)
            before = self._rows.get(path)
            if last is not None and (before is None or len(last.places) >= len(before.places)):
                self._rows[path] = last

    def _read_group(self, source: BinaryIO, group: Iterator[tuple[int, dict[str, Any]]]) -> _Rows | None:
        rows: _Rows | None = None
        usable = True
        for place, row in group:
            rows = rows or _Rows(source, str(row.get("sha256")))
            usable = usable and self._is_usable(row, rows)
            if usable:
                rows.places.append(place)
                rows.levels.append(LEVELS.index(row["level"]))
        return rows if usable else None

    def _is_usable(self, row: Mapping[str, Any], rows: _Rows) -> bool:
        """Whether a row is a verdict by the same rules under the same options; what had a problem is tried again."""
        return (
            row.get("pack") == self._pack
            and row.get("options") == self._options
            and row.get("number") == len(rows.places)
            and row.get("sha256") == rows.sha256
            and row.get("level") in LEVELS
        )


def _rows(source: BinaryIO) -> Iterator[tuple[int, dict[str, Any]]]:
    """Whole rows with the places where they begin; a line that was cut or is none of ours is passed over."""
    place = 0
    for line in source:
        if line.endswith(b"\n"):
            try:
                row = json.loads(line)
            except ValueError:
                row = None
            if isinstance(row, dict) and isinstance(row.get("file"), str):
                yield place, row
        place += len(line)
