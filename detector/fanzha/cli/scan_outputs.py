"""Where the results of a scan go: files by suffix, standard output, and what a later run needs to go on.

In: the values of -o. Out: open writers; a plan that cannot work is told before anything is read. The rows of the first
.jsonl file are what --resume goes by; where there is none they are kept beside the first file until the run is whole.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from fanzha.cli.failures import UsageError
from fanzha.cli.writing import part_of, placing
from fanzha.render.jsonl import JsonlWriter
from fanzha.render.writers import KEPT_FOR, SUFFIXES, Writer, open_writer
from fanzha.result import Result
from fanzha.verdict import Level

STDOUT = "-"


@dataclass(frozen=True, slots=True)
class Plan:
    """Files to write, and whether rows go to standard output."""

    files: tuple[Path, ...]
    to_stdout: bool

    @property
    def rows(self) -> Path | None:
        """The file of rows that a later run goes by."""
        if not self.files:
            return None
        first = next((path for path in self.files if path.suffix.lower() == ".jsonl"), None)
        return first or self.files[0].with_name(f"{self.files[0].name}.resume.jsonl")

    @property
    def own(self) -> tuple[Path, ...]:
        """All files that a run may leave, which are not to be read as conversations."""
        rows = [self.rows, _earlier(self.rows)] if self.rows else []
        files = [*self.files, *rows]
        return (*files, *map(part_of, files))

    @property
    def keep(self) -> Level | None:
        """The least level whose conversations are shown by one of the files."""
        return next((KEPT_FOR[path.suffix.lower()] for path in self.files if path.suffix.lower() in KEPT_FOR), None)


def plan(given: Sequence[str], suffixes: Sequence[str] = SUFFIXES) -> Plan:
    """Read the values of -o. Raises UsageError for a suffix that is none of `suffixes`, or a file named twice."""
    files = [Path(one) for one in given if one != STDOUT]
    for path in files:
        if path.suffix.lower() not in suffixes:
            raise UsageError(f"{path}: 不会写这种文件; -o 的后缀可取 {' '.join(suffixes)}, 或 - 为标准输出")
    if len({path.absolute() for path in files}) < len(files):
        raise UsageError("-o 里有两个相同的文件")
    return Plan(tuple(files), STDOUT in given)


@contextmanager
def open_outputs(planned: Plan, options: Mapping[str, str]) -> Iterator[Writers]:
    """Open everything that was planned. Files take their places when the block ends well."""
    with ExitStack() as stack:
        writers: list[Writer] = []
        if planned.to_stdout:
            writers.append(JsonlWriter(sys.stdout, options=options))
        for path in dict.fromkeys([*planned.files, *([planned.rows] if planned.rows else [])]):
            writer = stack.enter_context(_opened(path, options, keep=path == planned.rows))
            writers.append(writer)
        yield Writers(writers)


class Writers:
    """Several writers as one."""

    def __init__(self, writers: Sequence[Writer]) -> None:
        self._writers = writers

    def write(self, result: Result) -> None:
        """Give a result to all of them."""
        for writer in self._writers:
            writer.write(result)


@contextmanager
def _opened(path: Path, options: Mapping[str, str], *, keep: bool) -> Iterator[Writer]:
    suffix = path.suffix.lower()
    with placing(path, keep=keep) as target, ExitStack() as stack:
        try:
            writer = stack.enter_context(open_writer(target, suffix, options=options))
        except ModuleNotFoundError as error:
            extra = "report" if suffix == ".html" else "tables"
            raise UsageError(f"写 {suffix} 要用 {error.name}; 请先 pip install 'fanzha[{extra}]'") from None
        yield writer


# ── going on ────────────────────────────────────────────────────────────────


def earlier_rows(rows: Path) -> list[Path]:
    """The files of rows that earlier runs left; one that was killed in the middle left them in a temporary file."""
    part, old = part_of(rows), _earlier(rows)
    if part.is_file() and old.is_file():
        with old.open("ab") as file, part.open("rb") as more:
            file.write(b"\n")  # what was cut in the middle stays a line of its own
            shutil.copyfileobj(more, file)
        part.unlink()
    elif part.is_file():
        part.replace(old)
    return [rows, old]


def forget_rows(planned: Plan, *, whole: bool) -> None:
    """Remove what only a later run would need, if the run is `whole`, and what is in the results by now."""
    rows = planned.rows
    if rows is None:
        return
    _earlier(rows).unlink(missing_ok=True)
    if whole and rows not in planned.files:
        rows.unlink(missing_ok=True)


def _earlier(rows: Path) -> Path:
    return rows.with_name(f"{rows.name}.old")
