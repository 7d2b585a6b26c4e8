"""Texts put by in a temporary file, to be had again in any order. In memory there are eight bytes for each.

In: texts. Out: the place of each, counted from 0, and the text of a place. The file is gone when it is closed.
"""

from __future__ import annotations

import tempfile
from array import array

_IN_MEMORY = 8 * 2**20  # bytes before it goes to disk


class Spool:
    """Texts by place."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed by close
        self._ends = array("Q", [0])

    def __len__(self) -> int:
        return len(self._ends) - 1

    def add(self, text: str) -> int:
        """Put a text by and return its place."""
        data = text.encode()
        self._file.seek(self._ends[-1])
        self._file.write(data)
        self._ends.append(self._ends[-1] + len(data))
        return len(self) - 1

    def get(self, place: int) -> str:
        """Return the text of a place."""
        start, end = self._ends[place], self._ends[place + 1]
        self._file.seek(start)
        return self._file.read(end - start).decode()

    def close(self) -> None:
        """Drop all texts."""
        self._file.close()
