"""Results as a Parquet table for data systems: the shared columns, evidence and entities as lists of structs.

In: Results, and a path. Out: one file, in groups of rows. Turns and offsets count from 0, offsets in code points.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet as pq

from fanzha.render.flat import COLUMNS, for_programs, valid
from fanzha.result import Result

_GROUP = 2_000  # rows written together
_TYPES = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}
_EVIDENCE = {"turn": int, "start": int, "end": int, "text": str, "speaker": str, "party": str, "signal": str,
             "title": str, "stage": str, "how": str, "stance": str, "counted": bool, "in_script": bool}  # fmt: skip
_ENTITIES = {"kind": str, "turn": int, "start": int, "end": int, "text": str, "yuan": float}
_LISTS = {"evidence": _EVIDENCE, "entities": _ENTITIES}  # in place of the joined texts


def _list_of(fields: dict[str, type]) -> pa.DataType:
    return pa.list_(pa.struct([(name, _TYPES[kind]) for name, kind in fields.items()]))


SCHEMA = pa.schema(
    [
        (column.name, _list_of(_LISTS[column.name]) if column.name in _LISTS else _TYPES[column.type])
        for column in COLUMNS
    ]
)


class ParquetWriter:
    """Writes a row a Result; the file is whole after `close`."""

    def __init__(self, path: Path) -> None:
        self._out = pq.ParquetWriter(path, SCHEMA, compression="zstd")
        self._rows: list[dict[str, Any]] = []

    def write(self, result: Result) -> None:
        """Take one row; a group is written when it is full."""
        row: dict[str, Any] = dict(zip(SCHEMA.names, for_programs(result), strict=True))
        for name, fields in _LISTS.items():
            found = getattr(result.verdict, name) if result.verdict else ()
            row[name] = [{field: valid(getattr(one, field)) for field in fields} for one in found]
        self._rows.append(row)
        if len(self._rows) >= _GROUP:
            self._flush()

    def close(self) -> None:
        """Write the rest and the end of the file."""
        self._flush()
        self._out.close()

    def _flush(self) -> None:
        if self._rows:
            self._out.write_table(pa.Table.from_pylist(self._rows, schema=SCHEMA))
            self._rows = []
