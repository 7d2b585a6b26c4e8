"""A real server as a process, for the tests of what only a process shows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def serving(*arguments: str, **settings: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server on a free port, without any FANZHA_ setting of this machine: the process, and the address that it tells."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("FANZHA_")}
    paths = os.pathsep.join(path for path in sys.path if path)
    with subprocess.Popen(
        [sys.executable, "-m", "fanzha_api.serve", "--port", "0", *arguments],
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**clean, "PYTHONPATH": paths, "PYTHONIOENCODING": "utf-8", **settings},
    ) as process:
        try:
            assert process.stderr is not None
            address = re.search(r"http://127\.0\.0\.1:\d+", process.stderr.readline())
            assert address is not None
            yield process, address.group()
        finally:
            process.kill()
