"""Files that are being written: which of them are whole by now.

In: paths that have changed, and looks at them from time to time. Out: those whose size and time of change have stayed
the same for a while. It reads no content.
"""

from __future__ import annotations

import os
from collections.abc import Callable

Stamp = tuple[int, int]  # bytes, nanoseconds since 1970


def stamp_of(path: str) -> Stamp | None:
    """What changes when a file is written to; None where there is no file."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns


class Arrivals:
    """Keeps changed files until nothing has been written to them for `settle` seconds."""

    def __init__(self, settle: float, look: Callable[[str], Stamp | None] = stamp_of) -> None:
        self._settle = settle
        self._look = look
        self._pending: dict[str, tuple[Stamp, float]] = {}  # what it looked like, since when

    def __len__(self) -> int:
        """How many files are not whole yet."""
        return len(self._pending)

    def changed(self, path: str, now: float) -> None:
        """A file is new or was written to, at `now` seconds of any clock."""
        stamp = self._look(path)
        if stamp is not None:
            self._pending[path] = (stamp, now)

    def whole(self, now: float) -> list[str]:
        """Those that have stayed as they were, by name; each is given once. One that has gone is forgotten."""
        done = []
        for path, (stamp, since) in list(self._pending.items()):
            present = self._look(path)
            if present is None:
                del self._pending[path]
            elif present != stamp:
                self._pending[path] = (present, now)
            elif now - since >= self._settle:
                del self._pending[path]
                done.append(path)
        return sorted(done)
