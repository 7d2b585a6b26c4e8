"""Ctrl-C in a long run: it stops while the run waits, and lets what is being written be finished first.

In: SIGINT. Out: KeyboardInterrupt, but only where the run has said that it may come. A second Ctrl-C comes at once.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


class Stopping:
    """A context manager that holds Ctrl-C back outside of `allowed`."""

    def __init__(self) -> None:
        self._asked = False
        self._allowed = False
        self._before: Any = None

    def __enter__(self) -> Stopping:
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._stop)
        return self

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    @contextmanager
    def allowed(self) -> Iterator[None]:
        """Let KeyboardInterrupt come in this block, also if Ctrl-C was pressed before it."""
        self._allowed = True
        try:
            if self._asked:
                raise KeyboardInterrupt
            yield
        finally:
            self._allowed = False

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold Ctrl-C back in this block within one where it may come; it comes at the end."""
        self._allowed = False
        yield
        self._allowed = True
        if self._asked:
            raise KeyboardInterrupt

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        again, self._asked = self._asked, True
        if again or self._allowed:
            raise KeyboardInterrupt
