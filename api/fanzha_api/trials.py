"""Rules of strangers, tried where they can be stopped: a process of its own, ended when it takes too long.

In: what `trial_process` reads, as bytes. Out: its answer, or TimeoutError. A pattern or regex may be made to take for
ever, and no thread can be stopped; a process can. It is started when somebody first tries a rule, and again after an
end.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path

_START_SECONDS = 60.0


class Trials:
    """One process at most, one trial at a time. `seconds` is what a trial may take."""

    def __init__(self, folders: Sequence[Path], seconds: float) -> None:
        self._folders = folders
        self._seconds = seconds
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._end: Callable[[], object] = _nothing

    def ask(self, request: bytes) -> bytes:
        """Have one request answered; blocks, so ask in a thread. Raises TimeoutError, after which all starts anew."""
        with self._lock:
            process = self._started()
            assert process.stdin is not None  # noqa: S101 - as asked for in _started
            try:
                process.stdin.write(request + b"\n")
                process.stdin.flush()
            except OSError:
                self.close()
                raise TimeoutError from None
            return self._read(process, self._seconds)

    def close(self) -> None:
        """End the process, if there is one; a later trial starts another."""
        self._end()
        self._process = None

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.close()
            process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-m", "fanzha_api.trial_process", *map(str, self._folders)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # a traceback may quote what it failed on
                env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            )
            self._process = process
            self._end = weakref.finalize(self, _end, process)
            self._read(process, _START_SECONDS)
        return self._process

    def _read(self, process: subprocess.Popen[bytes], seconds: float) -> bytes:
        assert process.stdout is not None  # noqa: S101 - as asked for in _started
        timer = threading.Timer(seconds, process.kill)
        timer.start()
        try:
            line = process.stdout.readline()
        finally:
            timer.cancel()
        if not line.endswith(b"\n"):  # it was ended, by us or by its own bounds
            self.close()
            raise TimeoutError
        return line


def _nothing() -> None:
    """End what was never started."""


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            try:
                pipe.close()
            except OSError:  # what was not written yet has nobody to read it
                continue
