"""Score many files: paths in, Results out in the order of the paths.

In: paths, rule folders, what the user says about reading them. Out: one Result a conversation, as it becomes known. A
file that cannot be read, hangs or ends its process is a Result with its reason, never the end of the run. It never
prints or logs.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from fanzha.batch.past import Known, Past
from fanzha.batch.pool import Failure, Pool, failure_of
from fanzha.conversation import Conversation
from fanzha.detector import Detector
from fanzha.errors import InputError
from fanzha.formats.registry import FileReading, read_file
from fanzha.result import Result
from fanzha.verdict import LEVELS, Level

PATIENCE = 120.0  # seconds without any result after which a file is given up


@dataclass(frozen=True, slots=True)
class Task:
    """A file to score, and what is known of it from an earlier run."""

    path: str
    known: Known | None = None


@dataclass(frozen=True, slots=True)
class Reused:
    """A conversation that is known already, with its turns where they are wanted."""

    number: int
    conversation: Conversation | None = None


Outcome = Result | Reused
Outcomes = Generator[tuple[Task, Outcome | Failure], None, None]


def run(
    paths: Iterable[str | Path],
    *,
    rules: Sequence[str | Path] = (),
    bundled: bool = True,
    reading: Mapping[str, str] | None = None,
    jobs: int = 0,
    keep: Level | None = None,
    patience: float = PATIENCE,
    past: Past | None = None,
) -> Generator[Result, None, None]:
    """Give back the result of each conversation, files in the order of `paths`.

    `rules` and `bundled` are as of Detector, `reading` goes to `read_file` (format, self_name, text, …). With `jobs`
    that many processes share the work, each with its own Detector; 0 works in this one, where nothing guards against a
    file that hangs. `keep` is the least level whose conversations come along in the Result. Rows of the `past` are used
    again where a file is unchanged.
    Raises PackError before the first result.
    """
    tasks = (Task(str(path), past.known(str(path), keep) if past else None) for path in paths)
    start = partial(start_worker, tuple(map(str, rules)), bundled, dict(reading or {}), keep)
    if jobs:
        Detector(
            list(rules), bundled=bundled
        )  # faults of the rules are told here, once, and the workers find them compiled
        pool = Pool[Task, Outcome](start, workers=jobs, patience=patience)
        outcomes = pool.run(tasks)
    else:
        outcomes = _here(start(), tasks)
    return _results(outcomes, past)


def cores() -> int:
    """How many processes can run at once here."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _here(work: Callable[[Task], Iterator[Outcome]], tasks: Iterable[Task]) -> Outcomes:
    for task in tasks:
        try:
            for outcome in work(task):
                yield task, outcome
        except Exception as error:
            yield task, failure_of(error)


def _results(outcomes: Outcomes, past: Past | None) -> Generator[Result, None, None]:
    previous: Task | None = None
    number = -1
    with closing(outcomes):
        for task, outcome in outcomes:
            number = number + 1 if task is previous else 0
            previous = task
            if isinstance(outcome, Failure):
                yield Result(task.path, number, problem=outcome.reason)
            elif isinstance(outcome, Reused):
                assert past is not None  # noqa: S101 - nothing is known otherwise
                yield replace(past.result(task.path, outcome.number), conversation=outcome.conversation)
            else:
                yield outcome


# ── one file, inside a worker ────────────────────────────────────────────────────────────────


def start_worker(
    rules: tuple[str, ...], bundled: bool, reading: dict[str, str], keep: Level | None
) -> Callable[[Task], Iterator[Outcome]]:
    """Load the rules; returns the work on one file."""
    return partial(score_file, Detector(rules, bundled=bundled), reading, keep)


def score_file(detector: Detector, reading: Mapping[str, str], keep: Level | None, task: Task) -> Iterator[Outcome]:
    """Score the conversations of a file one after the other. What stands in it is never all in memory at once."""
    known = task.known
    sha256 = hash_of(task.path)
    if known is None or known.sha256 != sha256:
        known = Known("", 0, whole=False)
    elif known.whole and not known.wanted:
        yield from map(Reused, range(known.count))
        return
    began = time.perf_counter()
    file: FileReading | None = None
    told = Result(task.path, sha256=sha256)
    number = replaced = notes = 0
    try:
        file = read_file(Path(task.path), **reading)
        for conversation in file.conversations:
            if number < known.count:
                yield Reused(number, conversation if number in known.wanted else None)
            else:
                told = replace(
                    told,
                    number=number,
                    id=conversation.id,
                    format=file.format,
                    encoding=file.encoding,
                    replaced=file.replaced - replaced,
                    notes=file.notes[notes:],
                )
                yield _scored(detector, conversation, told, keep, began)
            number += 1
            replaced, notes = file.replaced, len(file.notes)
            began = time.perf_counter()
    except InputError as error:
        yield replace(
            told,
            number=number,
            id=None,
            problem=str(error),
            format=file.format if file else None,
            encoding=file.encoding if file else None,
            replaced=file.replaced - replaced if file else 0,
            notes=file.notes[notes:] if file else (),
            seconds=time.perf_counter() - began,
        )


def _scored(detector: Detector, conversation: Conversation, told: Result, keep: Level | None, began: float) -> Result:
    try:
        verdict = detector.score(conversation)
    except InputError as error:  # one conversation of many
        return replace(told, problem=str(error), seconds=time.perf_counter() - began)
    kept = keep is not None and LEVELS.index(verdict.level) >= LEVELS.index(keep)
    return replace(
        told,
        verdict=verdict,
        conversation=conversation if kept else None,
        seconds=time.perf_counter() - began,
    )


def hash_of(path: str) -> str | None:
    """SHA-256 of a file's bytes in hex; None where it is no plain file or cannot be read, which the reader tells."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return None
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
