"""Tables of delimited text with a header, as chat exporters write them.

In: a Source. Out: a mapping a row, from the header's names to cells. A row may have fewer cells than the header has
names; then the last names are missing. Cells beyond the header are left out.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from fanzha.errors import InputError
from fanzha.formats.head import Head
from fanzha.formats.source import Source


def has_columns(head: Head, *names: str) -> bool:
    """Whether the first row of a file has all these names."""
    return set(names) <= set(head.header)


def read_rows(source: Source) -> Iterator[dict[str, str]]:
    """Yield the rows below the header. Raises InputError where there is no header."""
    rows = csv.reader(io.StringIO(source.text().replace("\0", ""), newline=""), delimiter=source.head.delimiter)
    try:
        names = [name.strip().strip("\ufeff") for name in next(rows, [])]
        if not names:
            raise InputError("表格没有表头")
        for cells in rows:
            if cells:
                yield dict(zip(names, cells, strict=False))
    except csv.Error:
        raise InputError("表格的引号或分隔符不对, 读不下去", where=f"第 {rows.line_num} 行") from None
