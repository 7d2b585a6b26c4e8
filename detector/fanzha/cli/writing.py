"""Files that a command writes: whole or not at all, and a place that cannot be written to is told before the work.

In: a path. Out: a temporary file beside it, which takes its place once all is written; a run that fails leaves an
earlier result as it was. Devices and pipes are written to directly.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from fanzha.cli.failures import UsageError


def part_of(path: Path) -> Path:
    """The temporary file that stands for `path` while it is written."""
    return path.with_name(f"{path.name}.part")


@contextmanager
def placing(path: Path, *, keep: bool = False) -> Iterator[Path]:
    """Give the path to write to. It takes the place of `path` if the block ends well, else it is removed.

    With `keep` it stays where the block fails. Raises UsageError before the block if nothing can be written there.
    """
    whole = path.is_file() or not path.exists()  # not a device or a pipe
    target = part_of(path) if whole else path
    try:
        target.open("wb").close()
    except OSError as error:
        raise UsageError(f"{path}: 写不了: {error.strerror}") from None
    try:
        yield target
        if whole:
            target.replace(path.resolve())
    finally:
        if whole and not (keep and target.is_file() and target.stat().st_size):
            target.unlink(missing_ok=True)


@contextmanager
def writing(path: Path | None) -> Iterator[IO[str] | None]:
    """Open a text file to write, or nothing where there is no path. Raises UsageError as `placing` does.

    What UTF-8 cannot carry, the halves of a surrogate pair in an id, is escaped as JSON escapes it.
    """
    if path is None:
        yield None
        return
    with placing(path) as target, target.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
        yield file
