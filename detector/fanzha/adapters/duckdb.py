"""SQL functions for DuckDB: `fanzha(text)` and `fanzha_turns(list)`.

    SELECT *, fanzha(text).level FROM messages;
    SELECT id, unnest(fanzha_turns(list({'speaker': speaker, 'text': text} ORDER BY time))) FROM messages GROUP BY id;

In: a connection. Out: two functions that return a struct with the columns of a verdict. The one reads a text alone, the
other the turns of a conversation; NULL gives NULL.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from fanzha.adapters.columns import TYPES, columns_of, score, to_turn
from fanzha.detector import Detector

_TYPES = {str: "VARCHAR", int: "BIGINT", float: "DOUBLE", bool: "BOOLEAN"}


def register(
    connection: duckdb.DuckDBPyConnection,
    *,
    rules: str | Path | Sequence[str | Path] | None = None,
    detector: Detector | None = None,
    self_name: str | None = None,
    name: str = "fanzha",
) -> None:
    """Give the connection the functions `name` and `name`_turns. Raises PackError."""
    scorer = detector or Detector(rules)
    verdict = duckdb.struct_type({column: _TYPES[kind] for column, kind in TYPES.items()})
    turn = duckdb.struct_type({"speaker": "VARCHAR", "text": "VARCHAR"})

    def score_text(text: str) -> dict[str, Any]:
        return columns_of(score(scorer, text, self_name=self_name))

    def score_turns(turns: list[Mapping[str, Any]]) -> dict[str, Any]:
        return columns_of(score(scorer, (to_turn(one or {}) for one in turns), self_name=self_name))

    connection.create_function(name, score_text, [duckdb.type("VARCHAR")], verdict)
    connection.create_function(f"{name}_turns", score_turns, [duckdb.list_type(turn)], verdict)
