"""Results as a SQLite database: what `select` and `join` answer, such as in which files an account stands.

In: Results, and a path. Out: tables `results` (the shared columns and the whole verdict as JSON), `evidence` and
`entities`, which name their result by `result`. Turns and offsets count from 0, offsets in code points.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from fanzha.render.flat import COLUMNS, for_programs, valid
from fanzha.result import Result

_TYPES = {str: "TEXT", int: "INTEGER", float: "REAL", bool: "INTEGER"}
_EVIDENCE = "turn start end text speaker party signal title stage how stance counted in_script".split()
_ENTITIES = "kind turn start end text yuan".split()
_COLUMNS = ", ".join(f"{column.name} {_TYPES[column.type]}" for column in COLUMNS)
_TABLES = f"""
    CREATE TABLE results (result INTEGER PRIMARY KEY, {_COLUMNS}, verdict TEXT);
    CREATE TABLE evidence (result INTEGER REFERENCES results, {", ".join(f'"{name}"' for name in _EVIDENCE)});
    CREATE TABLE entities (result INTEGER REFERENCES results, {", ".join(f'"{name}"' for name in _ENTITIES)});
"""
_INDEXES = """
    CREATE INDEX evidence_by_result ON evidence (result);
    CREATE INDEX evidence_by_signal ON evidence (signal);
    CREATE INDEX entities_by_result ON entities (result);
    CREATE INDEX entities_by_text ON entities (kind, text);
"""


class SqliteWriter:
    """Writes a row a Result; the file is whole after `close`."""

    def __init__(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        self._database = sqlite3.connect(path)
        self._database.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {_TABLES}")
        self._number = 0

    def write(self, result: Result) -> None:
        """Write one row, and those of its evidence and entities."""
        self._number += 1
        verdict = result.verdict
        document = verdict.model_dump_json() if verdict else None
        self._insert("results", [[self._number, *for_programs(result), document]])
        if verdict:
            for table, names in (("evidence", _EVIDENCE), ("entities", _ENTITIES)):
                rows = [
                    [self._number, *(valid(getattr(one, name)) for name in names)] for one in getattr(verdict, table)
                ]
                self._insert(table, rows)

    def close(self) -> None:
        """Add the indexes and finish the file."""
        self._database.commit()
        self._database.executescript(_INDEXES)
        self._database.close()

    def _insert(self, table: str, rows: Sequence[Sequence[object]]) -> None:
        if rows:
            places = ", ".join("?" * len(rows[0]))
            self._database.executemany(f"INSERT INTO {table} VALUES ({places})", rows)  # noqa: S608 - our own names
