"""Cells of spreadsheets: text that nobody's spreadsheet calculates, and the way back.

In: a cell. Out: the cell with an apostrophe before what Excel, WPS or LibreOffice would take for a formula; what a
scammer writes is somebody else's formula. Numbers stay numbers.
"""

from __future__ import annotations

from typing import TypeVar

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # the full-width ones too
Cell = TypeVar("Cell")


def safe(cell: Cell) -> Cell | str:
    """Return the cell, with an apostrophe before what a spreadsheet would calculate."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def as_written(text: str) -> str:
    """Return what a cell held before it was made safe."""
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text
