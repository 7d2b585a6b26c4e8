"""Tables of delimited text: CSV, TSV and what Excel makes of them.

In: a Source. Out: rows of cells, streamed; the line `sep=;` that Excel writes first is no row. A cell may be as long
as a line (exports of chats hold XML in one), so the csv module's own limit, one for the process, is raised.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator

from fanzha.errors import InputError
from fanzha.formats.head import is_separator_line
from fanzha.formats.source import Source
from fanzha.limits import MAX_LINE_CHARS


def read_cells(source: Source) -> Iterator[list[str]]:
    """Yield the rows that hold anything. Raises InputError with the line where quotes do not fit."""
    if csv.field_size_limit() < MAX_LINE_CHARS:
        csv.field_size_limit(MAX_LINE_CHARS)
    lines = (line for number, line in enumerate(source.lines()) if number or not is_separator_line(line))
    reader = csv.reader(lines, delimiter=source.head.delimiter)
    try:
        yield from (row for row in reader if any(row))
    except csv.Error:
        raise InputError("不是完好的 CSV; 请检查引号", where=f"第 {reader.line_num} 行附近") from None
