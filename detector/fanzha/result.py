"""What became of one conversation of a file: the one thing that batch runs yield and that writers of reports read.

In: what reading and scoring found out. Out: a frozen Result, and its row of JSON, from which it can be had again. It
reads no file and knows no rule.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from fanzha.conversation import Conversation
from fanzha.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Result:
    """One conversation of a file: its verdict, or the problem that kept it from being read or scored.

    A file that cannot be read is one Result with a `problem` and no verdict. Exactly one of the two is given.
    """

    path: str
    """The file as it was found: relative where the caller named it so."""
    number: int = 0
    """0-based place of the conversation in its file."""
    id: str | None = None
    """The conversation's id where the file has one."""
    conversation: Conversation | None = None
    """The turns, only where the caller asked to keep them (`keep` of `batch.run`)."""
    verdict: Verdict | None = None
    problem: str | None = None
    """Why there is no verdict, in Chinese, with how to mend it; it never carries the text of a conversation."""
    format: str | None = None
    """Name of the format it was read as, such as "whisper-json"."""
    encoding: str | None = None
    """Encoding the file was read in; None for formats that are no text."""
    replaced: int = 0
    """Characters that could not be read and are U+FFFD."""
    notes: tuple[str, ...] = ()
    """What the reader has to say, in Chinese."""
    sha256: str | None = None
    """Hash of the file's bytes, in hex; None where it could not be opened."""
    seconds: float = 0.0
    """Time spent on reading and scoring it. Never part of a written row: a second run writes the same bytes."""

    @property
    def name(self) -> str:
        """What a person calls it: its file, and which conversation of it."""
        if self.id is not None and self.id != PurePath(self.path).name:
            return f"{self.path} · {self.id}"
        return f"{self.path} · 第 {self.number + 1} 段" if self.number else self.path


def to_row(result: Result, *, options: Mapping[str, str] | None = None) -> str:
    """One line of JSON without its end: what is known of the file, then the verdict's own fields or `problem`.

    `options` are what the user said about reading it. No text of the conversation but its evidence, no time spent.
    """
    head: dict[str, Any] = {
        "file": result.path,
        "number": result.number,
        "id": result.id,
        "format": result.format,
        "encoding": result.encoding,
        "replaced": result.replaced,
        "notes": result.notes,
        "sha256": result.sha256,
        "options": dict(sorted((options or {}).items())),
    }
    if result.verdict is None:
        return _dumped({**head, "problem": result.problem})
    return f"{_dumped(head)[:-1]},{result.verdict.model_dump_json()[1:]}"


def from_row(row: str | bytes) -> Result:
    """The Result of a line that `to_row` wrote, without conversation. Raises ValueError where it is no such line."""
    document = json.loads(row)
    if not isinstance(document, dict):
        raise ValueError("not a row")  # noqa: TRY004 - a fault of the text, not of the caller
    try:
        head = {field: document.pop(key) for key, field in _FIELDS.items()}
    except KeyError as error:
        raise ValueError("not a row") from error
    head["notes"] = tuple(head["notes"])
    document.pop("options", None)
    document.pop("alert", None)  # follows from the level
    if "problem" in document:
        return Result(**head, problem=document["problem"])
    return Result(**head, verdict=Verdict.model_validate(document))


def _dumped(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))  # as pydantic writes the verdict


_FIELDS = {
    "file": "path",
    "number": "number",
    "id": "id",
    "format": "format",
    "encoding": "encoding",
    "replaced": "replaced",
    "notes": "notes",
    "sha256": "sha256",
}
