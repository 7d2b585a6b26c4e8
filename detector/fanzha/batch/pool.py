"""Jobs shared by processes, their results given back in the order of the jobs.

In: jobs, and a `start` function that each worker process calls once to load what it needs; it returns the work: a
function from one job to its results, one by one. Out: (job, result) in order, whatever finished first.

- A worker that dies or falls silent costs one job, which becomes a Failure with its reason; the run goes on. A job is
  tried a second time first where it had given nothing yet, because it may have been somebody else who took the memory.
- Memory is bounded: results that have to wait for an earlier job are kept as bytes up to `AHEAD`, then nothing more is
  handed out, and a worker with more to say waits.
- It never logs, and an error inside the work tells its type and place only: its message may carry what somebody said.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import pickle
import signal
import threading
import time
import traceback
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any, Generic, TypeVar

Job = TypeVar("Job")
Out = TypeVar("Out")
Work = Callable[[Job], Iterator[Out]]

AHEAD = 32 * 1024 * 1024  # bytes of results that may wait for an earlier job
AHEAD_JOBS = 20_000  # and jobs that were handed out beyond it
_HANDED = 4  # jobs a worker has at hand, so that it never waits for the next one
_TOGETHER = 64  # results that travel in one message
_SILENCE = 0.5  # seconds after which a worker sends what it has, as a sign of life
_ATTEMPTS = 2
_START = 60.0  # seconds in which a worker has to be ready
_FALSE_STARTS = 3  # workers in a row that died before they were ready


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a job gave no result, or no more results than it had given; a reason in Chinese."""

    reason: str


@dataclass(slots=True, eq=False)
class _Worker:
    process: SpawnProcess
    connection: Connection
    heard: float  # when it last gave a sign of life
    ready: bool = False
    jobs: deque[int] = field(default_factory=deque)  # numbers of the jobs it has, the current one first


class Pool(Generic[Job, Out]):
    """`workers` processes; a job that gives no sign of life for `patience` seconds is given up. Used once."""

    def __init__(self, start: Callable[[], Work[Job, Out]], *, workers: int, patience: float) -> None:
        self._start = start
        self._most = workers
        self._patience = patience
        self._workers: list[_Worker] = []
        self._jobs: dict[int, Job] = {}  # handed out, or to be handed out again, and not yet given back
        self._orphans: deque[int] = deque()  # jobs of a worker that died, for one that starts afresh
        self._waiting: dict[int, deque[bytes | Failure]] = {}
        self._bytes = 0
        self._finished: set[int] = set()
        self._attempts: Counter[int] = Counter()
        self._spoken: set[int] = set()  # jobs that have given results
        self._head = 0  # number of the job whose results are given back now
        self._next = 0
        self._exhausted = False
        self._false_starts = 0

    def run(self, jobs: Iterable[Job]) -> Generator[tuple[Job, Out | Failure], None, None]:
        """Give back results in order. Closing the iterator ends the workers."""
        source = iter(jobs)
        try:
            while True:
                self._hand_out(source)
                if not self._jobs:
                    return
                yield from self._given_back()
                self._listen()
        finally:
            self._end()

    # ── handing out ────────────────────────────────────────────────────────────────

    def _hand_out(self, source: Iterator[Job]) -> None:
        while self._orphans:
            self._orphans = deque(sorted(self._orphans))
            worker = self._hire()  # a fresh one, so that no later job stands before them
            while self._orphans and len(worker.jobs) < _HANDED:
                self._give(worker, self._orphans.popleft())
        while not self._exhausted and self._bytes < AHEAD and self._next - self._head < AHEAD_JOBS:
            free = [worker for worker in self._workers if len(worker.jobs) < _HANDED]
            least = min(free, key=lambda worker: len(worker.jobs), default=None)
            if least is None and len(self._workers) >= self._most:
                return
            try:
                job = next(source)
            except StopIteration:
                self._exhausted = True
                return
            if (least is None or least.jobs) and len(self._workers) < self._most:
                least = self._hire()
            assert least is not None  # noqa: S101 - either it is free or there is room for a new one
            self._jobs[self._next] = job
            self._give(least, self._next)
            self._next += 1

    def _hire(self) -> _Worker:
        """Start a worker. It inherits that Ctrl-C is ignored: only the one who started it decides when to stop."""
        ours, theirs = multiprocessing.Pipe()
        context = multiprocessing.get_context("spawn")
        process = context.Process(target=_serve, args=(theirs, self._start), daemon=True)
        with _deaf():
            process.start()
        theirs.close()
        worker = _Worker(process, ours, time.monotonic())
        self._workers.append(worker)
        return worker

    def _give(self, worker: _Worker, number: int) -> None:
        if not worker.jobs:
            worker.heard = time.monotonic()
        worker.jobs.append(number)
        with contextlib.suppress(OSError):  # it is dead, and its end will be heard
            worker.connection.send((number, self._jobs[number]))

    # ── giving back ────────────────────────────────────────────────────────────────

    def _given_back(self) -> Iterator[tuple[Job, Out | Failure]]:
        while self._head in self._jobs:
            job = self._jobs[self._head]
            messages = self._waiting.get(self._head, deque())
            while messages:
                message = messages.popleft()
                if isinstance(message, Failure):
                    yield job, message
                    continue
                self._bytes -= len(message)
                for result in pickle.loads(message)[1]:  # noqa: S301 - written by our own worker
                    yield job, result
            if self._head not in self._finished:
                return
            self._waiting.pop(self._head, None)
            self._finished.discard(self._head)
            self._spoken.discard(self._head)
            del self._jobs[self._head]
            self._head += 1

    # ── listening ──────────────────────────────────────────────────────────────────

    def _listen(self) -> None:
        """Wait for a message, an end or the end of the patience with a worker."""
        heeded = [worker for worker in self._workers if not self._must_wait(worker)]
        busy = [worker for worker in heeded if worker.jobs]
        if not busy:
            return
        first = min(self._until(worker) for worker in busy)
        found = set(wait([worker.connection for worker in heeded], max(0.0, first - time.monotonic())))
        for worker in heeded:
            if worker.connection in found:
                self._hear(worker)
            elif worker.jobs and time.monotonic() > self._until(worker):
                self._bury(worker, Failure(f"处理超过 {self._patience:g} 秒没有结果, 已放弃; 文件太大或内容异常"))

    def _until(self, worker: _Worker) -> float:
        """When the patience with it ends; starting may take a busy machine longer than a job does."""
        return worker.heard + (self._patience if worker.ready else max(self._patience, _START))

    def _must_wait(self, worker: _Worker) -> bool:
        """Whether its results would be too many before their turn; the job whose turn it is never waits."""
        waits = self._bytes >= AHEAD and bool(worker.jobs) and worker.jobs[0] != self._head
        if waits:
            worker.heard = time.monotonic()  # its silence is our doing
        return waits

    def _hear(self, worker: _Worker) -> None:
        try:
            message = worker.connection.recv_bytes()
        except (EOFError, OSError):
            self._bury(worker)
            return
        worker.heard = time.monotonic()
        if not worker.ready:
            worker.ready = True
            self._false_starts = 0
            return
        number = worker.jobs[0]
        if message[:1] == _LAST:
            self._finished.add(number)
            worker.jobs.popleft()
        self._spoken.add(number)
        body = message[1:]
        self._bytes += len(body)
        self._waiting.setdefault(number, deque()).append(body)

    def _bury(self, worker: _Worker, failure: Failure | None = None) -> None:
        """Take leave of a worker: its current job has failed or is tried again, its others go to a new one."""
        self._workers.remove(worker)
        if failure is not None:
            worker.process.kill()
        worker.process.join(5)
        worker.connection.close()
        if not worker.ready and failure is None:
            self._false_starts += 1
            if self._false_starts >= _FALSE_STARTS:
                raise RuntimeError("worker processes do not start")
        elif worker.jobs:
            number = worker.jobs[0]
            self._attempts[number] += 1
            again = failure is None and number not in self._spoken and self._attempts[number] < _ATTEMPTS
            if not again:
                worker.jobs.popleft()
                self._finished.add(number)
                failure = failure or Failure(_end_of(worker.process.exitcode))
                self._waiting.setdefault(number, deque()).append(failure)
        self._orphans.extend(worker.jobs)

    def _end(self) -> None:
        for worker in self._workers:
            worker.connection.close()
            worker.process.terminate()
        for worker in self._workers:
            worker.process.join(5)
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join(5)
        self._workers.clear()


# ── inside a worker ────────────────────────────────────────────────────────────────

_LAST, _MORE = b"!", b"+"


def _serve(connection: Connection, start: Callable[[], Work[Any, Any]]) -> None:
    """Work until the other end is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    work = start()
    with contextlib.suppress(EOFError, OSError):
        connection.send_bytes(_MORE)
        while True:
            number, job = connection.recv()
            results: list[Any] = []
            sent = time.monotonic()
            for result in _guarded(work, job):
                results.append(result)
                if len(results) >= _TOGETHER or time.monotonic() - sent > _SILENCE:
                    connection.send_bytes(_MORE + pickle.dumps((number, results), 5))
                    results = []
                    sent = time.monotonic()
            connection.send_bytes(_LAST + pickle.dumps((number, results), 5))


def _guarded(work: Work[Any, Any], job: Any) -> Iterator[Any]:
    """The results of a job; an error of ours ends them with a Failure, not the run."""
    try:
        yield from work(job)
    except Exception as error:
        yield failure_of(error)


def failure_of(error: Exception) -> Failure:
    """What may be said of an unexpected error: its type and place, never its message."""
    if isinstance(error, MemoryError):
        return Failure("内存不够; 请分成几个小一些的文件")
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(frame.filename).name}:{frame.lineno}"
    return Failure(f"程序内部出错 ({type(error).__name__}, {place}); 这是我们的问题, 请报告给我们")


def _end_of(code: int | None) -> str:
    if code is not None and code < 0:
        cause = ", 常因内存不够" if code == -getattr(signal, "SIGKILL", 9) else ""
        return f"处理它的进程被终止 (信号 {-code}{cause})"
    return f"处理它的进程意外退出 (退出码 {code})"


@contextlib.contextmanager
def _deaf() -> Iterator[None]:
    """Ignore Ctrl-C for the moment in which a process is started; only the main thread may say so."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
