"""fanzha scan --watch: score what is there, then what comes in, until Ctrl-C.

In: a Run. Out: a line on the screen a result, and rows appended to .jsonl and .csv files, which others may read while
they grow. A file is scored once nothing has been written to it for a second.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing
from pathlib import Path
from typing import IO, TYPE_CHECKING

from fanzha.batch import Result
from fanzha.batch import run as run_batch
from fanzha.batch.arrivals import Arrivals, Stamp, stamp_of
from fanzha.batch.files import find_files
from fanzha.batch.past import Past
from fanzha.cli.failures import UsageError
from fanzha.cli.scan_outputs import Plan, plan
from fanzha.cli.stopping import Stopping
from fanzha.cli.terminal import console, tell
from fanzha.detector import Detector
from fanzha.render.csv import CsvWriter
from fanzha.render.jsonl import JsonlWriter
from fanzha.render.table import file_row, scan_line
from fanzha.render.writers import LIVE_SUFFIXES, Writer

if TYPE_CHECKING:
    from fanzha.cli.scan_run import Run

_SETTLE = 1.0  # seconds
_LOOKS = 500  # milliseconds between two looks at files that are being written


_THOROUGH = 20  # looks after which all files are looked at


def watch_and_scan(run: Run) -> None:
    """Work until Ctrl-C. Raises UsageError where a file cannot grow, or a path is no folder."""
    try:
        import watchfiles  # noqa: F401
    except ModuleNotFoundError:
        raise UsageError("--watch 要用 watchfiles; 请先 pip install 'fanzha[watch]'") from None
    planned = plan(run.out, LIVE_SUFFIXES)
    folders = [path for path in run.paths if os.path.isdir(path)]
    if len(folders) < len(run.paths):
        raise UsageError("--watch 守的是目录; 请只给目录")
    with ExitStack() as stack:
        stop = stack.enter_context(Stopping())
        past = stack.enter_context(_past(run, planned))
        writers = [stack.enter_context(closing(writer)) for writer in _live_writers(run, planned, stack)]
        show = _shown(planned, writers)
        first = run.found(planned).paths
        known = {path: stamp_of(path) for path in first}
        try:
            with stop.allowed():
                results = run_batch(first, rules=run.rules, reading=run.reading, jobs=run.jobs or 0, past=past)
                for result in results:
                    if result.problem or result.seconds:  # what is known stands in the files already
                        with stop.held():
                            show(result)
                tell(f"已判断 {len(first)} 个文件, 守着 {', '.join(folders)}; 按 Ctrl-C 结束")
                for paths in _arrived(run, planned, folders, known):
                    for result in run_batch(paths, rules=run.rules, reading=run.reading):
                        with stop.held():
                            show(result)
        except KeyboardInterrupt:
            tell("fanzha: 已结束")


def _past(run: Run, planned: Plan) -> Past:
    rows = [path for path in planned.files if path.suffix.lower() == ".jsonl"][:1]
    if run.resume and not rows:
        raise UsageError("--watch 与 --resume 一起用时要有 .jsonl 文件; 如 -o 结果.jsonl")
    return Past(rows if run.resume else [], pack=Detector(list(run.rules)).pack, options=run.reading)


def _live_writers(run: Run, planned: Plan, stack: ExitStack) -> Iterator[Writer]:
    """Writers on files that grow: after what stands there with --resume, else from their beginning."""
    if planned.to_stdout:
        yield JsonlWriter(sys.stdout, options=run.reading)
    for path in planned.files:
        goes_on = run.resume and path.is_file() and path.stat().st_size > 0
        stream = stack.enter_context(_open(path, append=goes_on))
        if path.suffix.lower() == ".csv":
            yield CsvWriter(stream, heading=not goes_on)
        else:
            yield JsonlWriter(stream, options=run.reading)


def _open(path: Path, *, append: bool) -> IO[str]:
    coding = "utf-8-sig" if path.suffix.lower() == ".csv" and not append else "utf-8"
    newline = "" if path.suffix.lower() == ".csv" else "\n"
    try:
        # Line by line, so that whoever reads along sees whole rows.
        return path.open("a" if append else "w", 1, encoding=coding, errors="backslashreplace", newline=newline)
    except OSError as error:
        raise UsageError(f"{path}: 写不了: {error.strerror}") from None


def _shown(planned: Plan, writers: list[Writer]) -> Callable[[Result], None]:
    screen = None if planned.to_stdout else console()

    def show(result: Result) -> None:
        for writer in writers:
            writer.write(result)
        if screen is None:
            sys.stdout.flush()
        else:
            screen.print(scan_line(file_row(result)), soft_wrap=True)

    return show


def _arrived(run: Run, planned: Plan, folders: list[str], known: dict[str, Stamp | None]) -> Iterator[list[str]]:
    """The files that have come in or changed and are whole by now, again and again.

    `known` is what files looked like when they were scored: what came in before the watch began counts as well.
    """
    from watchfiles import Change, watch

    arrivals = Arrivals(_SETTLE)
    changes = watch(*folders, rust_timeout=_LOOKS, yield_on_timeout=True, watch_filter=None)
    for tick, seen in enumerate(changes):
        now = time.monotonic()
        thorough = tick % _THOROUGH == 0  # what came in while a new folder was not yet watched is found so
        present = _present(run, planned, folders) if seen or thorough or len(arrivals) else {}
        if thorough:
            fresh = {place for place, path in present.items() if stamp_of(path) != known.get(path)}
        else:
            touched = [os.path.realpath(path) for change, path in seen if change is not Change.deleted]
            fresh = _files_of(touched, present)
        for place in fresh:
            arrivals.changed(place, now)
        whole = [present[place] for place in arrivals.whole(now) if place in present]
        known.update((path, stamp_of(path)) for path in whole)
        if whole:
            yield whole


def _present(run: Run, planned: Plan, folders: list[str]) -> dict[str, str]:
    """The files as they are now: where each lies → what it is called."""
    found = find_files(folders, run.suffixes, without=planned.own).paths
    return {os.path.realpath(path): path for path in found}


def _files_of(touched: list[str], present: Mapping[str, str]) -> set[str]:
    """Those of the files that were touched; of a new folder all, because nobody watched it when they came in."""
    fresh = {place for place in touched if place in present}
    folders = tuple(place + os.sep for place in touched if os.path.isdir(place))
    return fresh | {place for place in present if place.startswith(folders)} if folders else fresh
