"""What became of one conversation of a file: the one thing that batch runs yield and that writers of reports read.

In: what reading and scoring found out. Out: a frozen Result. It reads no file and knows no rule.
"""

from __future__ import annotations

from dataclasses import dataclass

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
