"""Verdicts as JSON Lines, one a conversation; never the text of a conversation beyond its evidence.

In: a Result, a Verdict or a document. Out: one line of JSON. Where the stream cannot carry every character (a GBK
console), the characters are escaped, which is lossless; UTF-8 streams get them as they are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import IO, Any

from fanzha.result import Result, to_row
from fanzha.verdict import Verdict


class JsonlWriter:
    """Writes a row a Result. `options` are what the user said about reading, kept for a run that goes on later."""

    def __init__(self, out: IO[str], *, options: Mapping[str, str] | None = None) -> None:
        self._out = out
        self._options = options
        self._is_utf = is_utf(out)

    def write(self, result: Result) -> None:
        """Write one row."""
        row = to_row(result, options=self._options)
        self._out.write((row if self._is_utf else json.dumps(json.loads(row))) + "\n")

    def close(self) -> None:
        """Nothing is held back; the stream belongs to the caller."""


def verdict_row(verdict: Verdict, *, file: str) -> dict[str, Any]:
    """Return the verdict with the name of the file that it is about."""
    return {"file": file, **verdict.model_dump(mode="json")}


def write_row(row: dict[str, Any], out: IO[str], *, indent: int | None = None) -> None:
    """Write one JSON document and a line end."""
    out.write(json.dumps(row, ensure_ascii=not is_utf(out), indent=indent) + "\n")


def is_utf(out: IO[str]) -> bool:
    """Whether the stream can carry every character."""
    encoding = (getattr(out, "encoding", None) or "utf-8").lower().replace("-", "").replace("_", "")
    return encoding.startswith("utf")
