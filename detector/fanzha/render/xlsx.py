"""Results as an Excel file, every text a text: no cell is ever a formula.

In: Results, and a path. Out: one sheet with a frozen heading and a filter, more of them beyond Excel's rows. Rows go to
disk as they come; memory does not grow with them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from fanzha.render.flat import COLUMNS, Value, for_people
from fanzha.result import Result

MOST_ROWS = 1_048_576  # of a sheet, its heading among them
_MOST_CHARS = 32_767  # of a cell
_WIDTHS = {"file": 36, "script_title": 22, "stages": 28, "evidence": 48, "entities": 40, "problem": 40, "notes": 24}
_WIDTH = 10


class XlsxWriter:
    """Writes a row a Result; the file is whole after `close`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._book = Workbook(write_only=True)
        self._rows = MOST_ROWS
        self._sheet: Any = None

    def write(self, result: Result) -> None:
        """Write one row."""
        if self._rows >= MOST_ROWS:
            self._add_sheet()
        self._sheet.append([self._cell(value) for value in for_people(result)])
        self._rows += 1

    def close(self) -> None:
        """Finish the file."""
        if self._sheet is None:
            self._add_sheet()
        self._book.save(self._path)

    def _add_sheet(self) -> None:
        number = len(self._book.worksheets)
        self._sheet = self._book.create_sheet(f"结果{number + 1 if number else ''}")
        self._sheet.freeze_panes = "B2"
        self._sheet.auto_filter.ref = f"A1:{get_column_letter(len(COLUMNS))}1"
        for place, column in enumerate(COLUMNS, 1):
            self._sheet.column_dimensions[get_column_letter(place)].width = _WIDTHS.get(column.name, _WIDTH)
        self._sheet.append([self._cell(column.title, bold=True) for column in COLUMNS])
        self._rows = 1

    def _cell(self, value: Value, *, bold: bool = False) -> Any:
        if not isinstance(value, str):
            return value
        cell = WriteOnlyCell(self._sheet, value=ILLEGAL_CHARACTERS_RE.sub("", value)[:_MOST_CHARS])
        cell.data_type = "s"  # also where it begins with "="
        if bold:
            cell.font = Font(bold=True)
        return cell
