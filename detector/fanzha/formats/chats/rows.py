"""Tables with a header, as chat exporters write them.

In: a Source. Out: a mapping a row, from the header's names to cells. A row may have fewer cells than the header has
names; then the last names are missing. Cells beyond the header are left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from fanzha.formats.delimited import read_cells
from fanzha.formats.head import Head
from fanzha.formats.source import Source


def has_columns(head: Head, *names: str) -> bool:
    """Whether the first row of a file has all these names."""
    return set(names) <= set(head.header)


def read_rows(source: Source) -> Iterator[dict[str, str]]:
    """Yield the rows below the header. Raises InputError, LimitError: a chat is held until it is in order."""
    source.check_whole()
    rows = read_cells(source)
    names = [name.strip() for name in next(rows, [])]
    for cells in rows:
        yield dict(zip(names, cells, strict=False))
