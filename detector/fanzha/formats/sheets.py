"""Files of tables: CSV and its kin, JSON and JSON lines, Excel, Parquet.

In: a Source. Out: its rows, streamed, handed to table.py. Excel is unpacked only if it stays within MAX_UNPACKED_BYTES,
counted while unpacking, because the sizes a file tells may lie. A Parquet column of dialogues is read as such.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain, islice
from typing import IO, Any

from fanzha.conversation import Conversation
from fanzha.errors import FanzhaError, InputError, LimitError
from fanzha.formats.columns import find_columns
from fanzha.formats.delimited import read_cells
from fanzha.formats.dialogue import conversations_of, is_dialogue
from fanzha.formats.head import Head
from fanzha.formats.reader import Options, Reader
from fanzha.formats.records import Object, documents
from fanzha.formats.source import Source
from fanzha.formats.table import Row, cell_text, conversations
from fanzha.limits import MAX_DOCUMENT_BYTES, MAX_UNPACKED_BYTES

_TEXT_SUFFIXES = (".csv", ".tsv", ".tab")
_ZIP, _OLE, _PARQUET = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PAR1"
_MARKUP = 4  # the markup of a cell is some four times its text
_SHARED = "sharedStrings.xml"
_CHUNK = 1024 * 1024
_BATCH = 1024  # rows of Parquet held at once
_HEADER_ROWS = 10  # rows in which the names of columns may stand, below a title
_NO_OPTIONS = Options()


# ── CSV ──


def _sniff_csv(head: Head) -> int:
    if head.looks_like_json or not head.header:
        return 0
    named = [(row, columns) for row in head.rows[:_HEADER_ROWS] if (columns := find_columns(row, _NO_OPTIONS))]
    wide = len(head.header) > 1
    if not named:
        return 1 if wide or head.suffix in _TEXT_SUFFIXES else 0
    row, columns = named[0]
    places = (columns.speaker, columns.id, columns.start, columns.time)
    if len(row) > 1 and any(place is not None for place in places):
        return 60
    if row != head.header:
        return 1
    return 50 if head.suffix in _TEXT_SUFFIXES else 20 if wide else 0


def _read_csv(source: Source, options: Options) -> Iterator[Conversation]:
    rows: Iterator[Row] = read_cells(source)
    first = list(islice(rows, _HEADER_ROWS))
    named = next((place for place, row in enumerate(first) if _names_columns(row, options)), 0)
    if first:
        yield from conversations(first[named], chain(first[named + 1 :], rows), options, size=source.size)


def _names_columns(row: Row, options: Options) -> bool:
    try:
        return find_columns(list(row), options) is not None
    except InputError:
        return False


# ── JSON ──


def _flat(head: Head) -> bool:
    """Whether objects at the top are rows of a table."""
    rows = _rows_of(head.documents[0]) if head.documents and not head.has_json_lines else list(head.objects)
    return bool(rows) and find_columns(list(rows[0]), _NO_OPTIONS) is not None


def _sniff_json(head: Head) -> int:
    if not head.documents or head.has_json_lines:
        return 0
    return 30 if _flat(head) else 1


def _sniff_jsonl(head: Head) -> int:
    if not head.has_json_lines:
        return 0
    return 30 if _flat(head) else 1


def _rows_of(document: Any) -> list[Object]:
    """Return the objects of an array, of the longest array in an object, or the object."""
    if isinstance(document, list):
        return [row for row in document if isinstance(row, dict)]
    if not isinstance(document, dict):
        return []
    lists = [value for value in document.values() if isinstance(value, list) and value and isinstance(value[0], dict)]
    return _rows_of(max(lists, key=len)) if lists else [document]


def _read_json(source: Source, options: Options) -> Iterator[Conversation]:
    objects = (row for document in documents(source) for row in _rows_of(document))
    first = next(objects, None)
    if first is None:
        return
    sample = source.head.objects if source.head.has_json_lines else ()
    header = list(dict.fromkeys(chain(first, *sample)))
    rows = ([row.get(name) for name in header] for row in chain((first,), objects))
    yield from conversations(header, rows, options, size=source.size)


# ── Excel ──


def _sniff_xlsx(head: Head) -> int:
    return 80 if head.start.startswith(_ZIP) and (b"xl/" in head.start or head.suffix in (".xlsx", ".xlsm")) else 0


def _sniff_xls(head: Head) -> int:
    return 80 if head.start.startswith(_OLE) else 0


def _read_xlsx(source: Source, options: Options) -> Iterator[Conversation]:
    openpyxl = _module("openpyxl", "读 Excel")
    with source.open() as file, _as_input("Excel 文件坏了, 或加了密码; 请另存为 .xlsx 或 .csv"):
        size = _check_unpacked(file)
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        yield from _sheets((sheet.iter_rows(values_only=True) for sheet in book.worksheets), options, size // _MARKUP)


def _read_xls(source: Source, options: Options) -> Iterator[Conversation]:
    calamine = _module("python_calamine", "读 .xls")
    with source.open() as file, _as_input("Excel 文件坏了, 或加了密码; 请另存为 .xlsx 或 .csv"):
        book = calamine.CalamineWorkbook.from_filelike(file)
        yield from _sheets(
            (iter(book.get_sheet_by_name(name).to_python()) for name in book.sheet_names), options, source.size
        )


def _sheets(sheets: Iterable[Iterator[Row]], options: Options, size: int) -> Iterator[Conversation]:
    """Yield the conversations of every sheet whose columns are known, of the first if the user names them."""
    found = False
    problem: InputError | None = None
    for rows in sheets:
        try:
            header = _header(rows, options)
        except InputError as error:
            problem = problem or error
            continue
        if header is not None:
            found = True
            yield from conversations(header, rows, options, size=size)
    if not found:
        raise problem or InputError("没有认出哪一列是文字; 第一行应为列名, 或用 --text 指明")


def _header(rows: Iterator[Row], options: Options) -> Row | None:
    """Return the row that names the columns, the first of a few that does."""
    problem: InputError | None = None
    for _ in range(_HEADER_ROWS):
        row = next(rows, None)
        if row is None:
            break
        names = [cell_text(cell) for cell in row]
        try:
            if any(names) and find_columns(names, options) is not None:
                return row
        except InputError as error:
            problem = problem or error
    if problem is not None:
        raise problem
    return None


def _check_unpacked(file: IO[bytes]) -> int:
    """Unpack into nothing, and return the bytes.

    Refuses what is too much, and a document type, whose entities may grow. The strings that cells share are held at
    once, so that they may be no larger than a document.
    """
    left = MAX_UNPACKED_BYTES
    with zipfile.ZipFile(file) as packed:
        for info in packed.infolist():
            info.file_size = MAX_UNPACKED_BYTES * 2  # read to the real end, not to the one that is told
            most = min(left, MAX_DOCUMENT_BYTES) if info.filename.endswith(_SHARED) else left
            left -= _unpacked(packed, info, most)
    file.seek(0)
    return MAX_UNPACKED_BYTES - left


def _unpacked(packed: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> int:
    """Return the bytes of a member. Raises LimitError if there are more than `most`, InputError for a document type."""
    size = 0
    with packed.open(info) as member:
        while chunk := member.read(_CHUNK):
            if not size and b"<!DOCTYPE" in chunk:
                raise InputError("Excel 文件里有文档类型声明, 不是表格软件写的; 请另存为 .csv")
            size += len(chunk)
            if size > most:
                raise LimitError(
                    f"解压后太大, 最多 {MAX_UNPACKED_BYTES // 1_000_000} MB; 请分成几个文件, 或另存为 .csv"
                )
    return size


# ── Parquet ──


def _sniff_parquet(head: Head) -> int:
    return 95 if head.start.startswith(_PARQUET) else 0


def _read_parquet(source: Source, options: Options) -> Iterator[Conversation]:
    _module("pyarrow", "读 Parquet")
    from pyarrow import types
    from pyarrow.parquet import ParquetFile

    with source.open() as file, _as_input("Parquet 文件坏了; 请重新导出"):
        table = ParquetFile(file)
        schema = table.schema_arrow
        if any(types.is_list(field.type) or types.is_large_list(field.type) for field in schema) and not options.text:
            rows = (row for batch in table.iter_batches(_BATCH) for row in batch.to_pylist())
            yield from conversations_of((row for row in rows if is_dialogue(row)), options, many=True)
            return
        # A text that is written once and meant a million times stays one string.
        texts = [field.name for field in schema if types.is_string(field.type) or types.is_large_string(field.type)]
        table = ParquetFile(file, read_dictionary=texts)
        flat = (row for batch in table.iter_batches(_BATCH) for row in _rows_of_batch(batch))
        unpacked = sum(table.metadata.row_group(place).total_byte_size for place in range(table.num_row_groups))
        yield from conversations(schema.names, flat, options, size=unpacked)


def _rows_of_batch(batch: Any) -> Iterator[Row]:
    from pyarrow import types

    columns = []
    for column in batch.columns:
        if types.is_dictionary(column.type):
            shared = column.dictionary.to_pylist()
            columns.append([None if index is None else shared[index] for index in column.indices.to_pylist()])
        else:
            columns.append(column.to_pylist())
    yield from zip(*columns, strict=True)


def _module(name: str, purpose: str) -> Any:
    from importlib import import_module

    try:
        return import_module(name)
    except ImportError:
        raise InputError(f"{purpose}需要另装: pip install 'fanzha[tables]'") from None


@contextmanager
def _as_input(message: str) -> Iterator[None]:
    """Tell whatever a library raises at a damaged file as an InputError."""
    try:
        yield
    except FanzhaError:
        raise
    except Exception as error:
        raise InputError(f"{message} ({type(error).__name__})") from error


READERS = (
    Reader("table-csv", "CSV、TSV 表格", _TEXT_SUFFIXES, _sniff_csv, _read_csv),
    Reader("table-json", "JSON 表格: 一个对象一行", (".json",), _sniff_json, _read_json),
    Reader("table-jsonl", "JSONL 表格", (".jsonl", ".ndjson"), _sniff_jsonl, _read_json),
    Reader("table-parquet", "Parquet", (".parquet", ".pq"), _sniff_parquet, _read_parquet),
    Reader("table-xls", "Excel 97-2003", (".xls",), _sniff_xls, _read_xls),
    Reader("table-xlsx", "Excel", (".xlsx", ".xlsm"), _sniff_xlsx, _read_xlsx),
)
