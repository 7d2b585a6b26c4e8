"""Verdicts as JSON Lines, one a file; never the text of a conversation beyond its evidence.

In: a Verdict or an error. Out: one line of JSON. Where the stream cannot carry every character (a GBK
console), the characters are escaped, which is lossless; UTF-8 streams get them as they are.
"""

from __future__ import annotations

import json
from typing import IO, Any

from fanzha.verdict import Verdict


def verdict_row(verdict: Verdict, *, file: str) -> dict[str, Any]:
    """Return the verdict with the name of the file that it is about."""
    return {"file": file, **verdict.model_dump(mode="json")}


def error_row(message: str, *, file: str) -> dict[str, Any]:
    """Describe a file that could not be read."""
    return {"file": file, "error": message}


def write_row(row: dict[str, Any], out: IO[str], *, indent: int | None = None) -> None:
    """Write one JSON document and a line end."""
    encoding = (getattr(out, "encoding", None) or "utf-8").lower().replace("-", "").replace("_", "")
    out.write(json.dumps(row, ensure_ascii=not encoding.startswith("utf"), indent=indent) + "\n")
