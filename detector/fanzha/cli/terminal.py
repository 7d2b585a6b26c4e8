"""The terminal: streams that never raise over a character, consoles, and one-line messages.

A Chinese Windows console is GBK and lacks most emoji and rare characters; what it lacks is shown as "?".
"""

from __future__ import annotations

import os
import sys
from typing import IO, Any

from rich.console import Console
from rich.text import Text

_PIPE_WIDTH = 240  # columns of a table in a pipe, where nothing needs to be wrapped


def prepare_streams() -> None:
    """Let stdout and stderr replace what their encoding lacks; also under PYTHONIOENCODING=gbk:strict."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


def console(stream: IO[str] | None = None) -> Console:
    """Return a console on stdout or the given stream; no colour, no markup, no emoji codes."""
    out = stream or sys.stdout
    width: dict[str, Any] = {} if out.isatty() or os.environ.get("COLUMNS") else {"width": _PIPE_WIDTH}
    return Console(file=out, markup=False, emoji=False, highlight=False, **width)


def error_console() -> Console:
    """Return a console on stderr, for progress."""
    return console(sys.stderr)


def tell(message: str) -> None:
    """Return a message to the person at the terminal, on stderr."""
    error_console().print(Text(message), soft_wrap=True)
