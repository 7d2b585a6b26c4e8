"""Results as CSV that Excel opens with its Chinese intact, and in which no cell is a formula.

In: Results, and a stream in utf-8-sig with newline="". Out: a heading and a row a Result.
"""

from __future__ import annotations

import csv
from typing import IO

from fanzha.cells import safe
from fanzha.render.flat import COLUMNS, for_people
from fanzha.result import Result


class CsvWriter:
    """Writes a row a Result, after a heading unless the stream has one already."""

    def __init__(self, out: IO[str], *, heading: bool = True) -> None:
        self._rows = csv.writer(out)
        if heading:
            self._rows.writerow([column.title for column in COLUMNS])

    def write(self, result: Result) -> None:
        """Write one row."""
        self._rows.writerow([safe(cell) for cell in for_people(result)])

    def close(self) -> None:
        """Nothing is held back; the stream belongs to the caller."""
