"""One scan: files found, scored, written, and what is said about them in the end.

In: what the command was told. Out: files of results, and a list or an overview on the screen. Ctrl-C ends it between
two results: what is done is written.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from rich.text import Text

from fanzha.batch import Result, cores
from fanzha.batch import run as run_batch
from fanzha.batch.files import Found, find_files
from fanzha.batch.past import Past
from fanzha.cli.failures import UsageError
from fanzha.cli.options import FailOn, reaches
from fanzha.cli.scan_outputs import Plan, earlier_rows, forget_rows, open_outputs, plan
from fanzha.cli.scan_progress import Progress
from fanzha.cli.stopping import Stopping
from fanzha.cli.terminal import console, tell
from fanzha.detector import Detector
from fanzha.errors import InputError
from fanzha.formats.registry import readers
from fanzha.render.overview import Overview
from fanzha.render.table import FileRow, file_row, scan_table
from fanzha.render.text import write

_LISTED = 200  # results that are listed one by one; of more only the overview is shown
_READ_AT_A_GLANCE = 30  # of so few the list itself is the overview
_SUFFIXES = 5  # named of the files that are passed over
_FEW = 100  # files for which starting other processes is not worth while


@dataclass(frozen=True, slots=True)
class Run:
    """What is to be scanned, and how. `reading` goes to the readers, `patience` is in seconds."""

    paths: Sequence[str]
    out: Sequence[str]
    rules: Sequence[Path]
    reading: Mapping[str, str]
    jobs: int | None = None
    patience: float = 120.0
    resume: bool = False
    fail_on: FailOn | None = None

    def scan(self) -> Told:
        """Score all files, write and say what was found.

        Raises UsageError, InputError and PackError before the work begins.
        """
        planned = plan(self.out)
        found = self.found(planned)
        if not found.paths:
            raise InputError("没有认得的文件", where=", ".join(self.paths))
        began = time.perf_counter()
        told = Told(Overview(), self.fail_on)
        with Stopping() as stop:
            past = self._past(planned) if self.resume else None
            with open_outputs(planned, self.reading) as writers, nullcontext() if past is None else past:
                results = self._results(found.paths, planned, past)
                with Progress(len(found.paths)) as progress, closing(results):
                    for result in _until_stopped(results, stop, told):
                        writers.write(result)
                        told.add(result)
                        progress.show(told.overview)
            forget_rows(planned, whole=not told.interrupted)
        told.say(planned, len(found.paths), time.perf_counter() - began)
        return told

    @property
    def suffixes(self) -> frozenset[str]:
        """What files of folders may be called."""
        return frozenset(suffix for reader in readers() for suffix in reader.suffixes)

    def found(self, planned: Plan) -> Found:
        """The files as they are now; what was passed over is told."""
        found = find_files(self.paths, self.suffixes, without=planned.own)
        if passed := _passed_over(found):
            tell(f"跳过 {passed}")
        return found

    def _past(self, planned: Plan) -> Past:
        if planned.rows is None:
            raise UsageError("--resume 要接着写某个文件; 请用 -o 指明, 如 -o 结果.jsonl")
        return Past(earlier_rows(planned.rows), pack=Detector(list(self.rules)).pack, options=self.reading)

    def _results(self, paths: Sequence[str], planned: Plan, past: Past | None) -> Generator[Result, None, None]:
        jobs = self.jobs or (0 if len(paths) <= _FEW else cores())
        return run_batch(
            paths,
            rules=self.rules,
            reading=self.reading,
            jobs=jobs,
            keep=planned.keep,
            patience=self.patience,
            past=past,
        )


def _passed_over(found: Found) -> str:
    """What was left out of the folders, in words."""
    suffixes = " ".join(suffix or "无后缀" for suffix, _ in found.others.most_common(_SUFFIXES))
    more = " …" if len(found.others) > _SUFFIXES else ""
    counts = (
        (found.archives, "个压缩包 (不解压)"),
        (found.others.total(), f"个不是对话的文件 ({suffixes}{more})"),
        (found.ignored, "个 .fanzhaignore 排除的"),
        (found.parts, "个附属文件 (与主文件一起读)"),
    )
    return ", ".join(f"{count} {what}" for count, what in counts if count)


def _until_stopped(results: Iterator[Result], stop: Stopping, told: Told) -> Iterator[Result]:
    """The results until Ctrl-C, which may come while the next one is waited for."""
    while True:
        try:
            with stop.allowed():
                result = next(results, None)
        except KeyboardInterrupt:
            told.interrupted = True
            return
        if result is None:
            return
        yield result


@dataclass(slots=True)
class Told:
    """What the results so far come to."""

    overview: Overview
    fail_on: FailOn | None
    rows: list[FileRow] = field(default_factory=list)
    reused: int = 0
    reached: bool = False
    interrupted: bool = False

    def add(self, result: Result) -> None:
        """Take in one result."""
        self.overview.add(result)
        if result.verdict is not None:
            self.reused += not result.seconds
            self.reached = self.reached or reaches(result.verdict, self.fail_on)
        if len(self.rows) <= _LISTED:
            self.rows.append(file_row(result))

    def say(self, planned: Plan, files: int, seconds: float) -> None:
        """Say what was found: each result where they are few, and the overview; nothing where rows went to stdout."""
        if self.interrupted:
            again = "; 做完的都已写下, 接着做: 同一条命令加 --resume" if planned.files else ""
            tell(f"fanzha: 已中断, {files} 个文件做了 {self.overview.files} 个{again}")
        if planned.to_stdout or not self.overview.files:
            return
        screen = console()
        listed = len(self.rows) <= _LISTED
        if listed:
            screen.print(scan_table(self.rows))
            screen.print()
        write(screen, self.overview.paragraphs(listed=len(self.rows) <= _READ_AT_A_GLANCE))
        reused = f", 其中 {self.reused} 段沿用上次的结果" if self.reused else ""
        if not listed or reused:
            where = "" if planned.files else "; 逐个的结果用 -o 另存"
            rate = self.overview.files / seconds
            screen.print(Text(f"用时 {seconds:.0f} 秒, 每秒 {rate:,.0f} 个文件{reused}{where}"))
