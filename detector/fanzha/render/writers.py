"""The files that results can be written to, by suffix.

In: a path and its suffix. Out: an open Writer. Optional packages are imported only for the formats that need them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

from fanzha.result import Result
from fanzha.verdict import Level

SUFFIXES = (".jsonl", ".csv", ".xlsx", ".parquet", ".html", ".sqlite")
LIVE_SUFFIXES = (".jsonl", ".csv")  # those that may be read while they grow
KEPT_FOR: dict[str, Level] = {".html": "medium"}  # formats that show conversations, and from which level


class Writer(Protocol):
    """Takes results one by one; the file is whole after `close`."""

    def write(self, result: Result) -> None:
        """Take one result."""

    def close(self) -> None:
        """Finish the file."""


@contextmanager
def open_writer(path: Path, suffix: str, *, options: Mapping[str, str] | None = None) -> Iterator[Writer]:
    """Open a writer of that suffix on a path and close it where the block ends well.

    Raises ModuleNotFoundError where a package is missing, OSError where the file cannot be written.
    """
    if suffix == ".xlsx":
        from fanzha.render.xlsx import XlsxWriter

        yield from _closed(XlsxWriter(path))
    elif suffix == ".parquet":
        from fanzha.render.parquet import ParquetWriter

        yield from _closed(ParquetWriter(path))
    elif suffix == ".sqlite":
        from fanzha.render.sqlite import SqliteWriter

        yield from _closed(SqliteWriter(path))
    else:
        coding, newline = ("utf-8-sig", "") if suffix == ".csv" else ("utf-8", "\n")
        with path.open("w", encoding=coding, errors="backslashreplace", newline=newline) as stream:
            yield from _closed(_text_writer(stream, suffix, options))


def _text_writer(stream: IO[str], suffix: str, options: Mapping[str, str] | None) -> Writer:
    if suffix == ".csv":
        from fanzha.render.csv import CsvWriter

        return CsvWriter(stream)
    if suffix == ".html":
        from fanzha.render.html import HtmlReport

        return HtmlReport(stream)
    from fanzha.render.jsonl import JsonlWriter

    return JsonlWriter(stream, options=options)


def _closed(writer: Writer) -> Iterator[Writer]:
    yield writer
    writer.close()
