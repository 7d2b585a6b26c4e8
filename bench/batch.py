"""`fanzha scan --jobs 2` on many mixed files, against reading and scoring them alone: `make bench-batch`.

It prints wall time and processor time (other work on the machine slows the wall, not the processor time), memory, and
whether a run that was interrupted at half and resumed leaves the same file. `python bench/batch.py [COUNT]`.
"""

from __future__ import annotations

import filecmp
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from files import make_files

COUNT = 20_000
JOBS = 2
FANZHA = (sys.executable, "-m", "fanzha")
# Reading and scoring with nothing around it: no results passed on, written or counted; each process takes its share.
ALONE = """
import sys
from pathlib import Path
from fanzha import Detector, InputError
from fanzha.formats.registry import read_file
detector = Detector()
folder, part, parts = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
for path in sorted(path for path in Path(folder).rglob("*") if path.is_file())[part::parts]:
    try:
        for conversation in read_file(path).conversations:
            detector.score(conversation)
    except InputError:
        pass
"""


def timed(work: Callable[[], None]) -> tuple[float, float]:
    """Seconds of wall and of the processor, the latter in all processes that the work started."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    work()
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


class Processor:
    """Seconds of the processor that a process and those below it used, also those that nobody waited for (Linux)."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._used: dict[int, float] = {}
        while process.poll() is None:
            for pid in descendants(process.pid):
                self._used[pid] = max(self._used.get(pid, 0.0), _processor(pid))
            time.sleep(0.2)

    @property
    def seconds(self) -> float:
        """All of them together."""
        return sum(self._used.values())


def descendants(pid: int) -> list[int]:
    """The process and everything below it."""
    found = [pid]
    for one in found:
        found += _children(one)
    return found


def _processor(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def alone(folder: Path) -> None:
    parts = [[sys.executable, "-c", ALONE, str(folder), str(part), str(JOBS)] for part in range(JOBS)]
    for child in [subprocess.Popen(part) for part in parts]:
        child.wait()


def scan(folder: Path, out: Path, *more: str) -> subprocess.Popen[bytes]:
    command = [*FANZHA, "scan", str(folder), "--jobs", str(JOBS), "-o", str(out), *more]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def rows(path: Path) -> int:
    try:
        with path.open("rb") as file:
            return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b""))
    except FileNotFoundError:
        return 0


class Memory:
    """The resident memory of a process and those below it, looked at while it runs (Linux)."""

    def __init__(self, process: subprocess.Popen[bytes], out: Path, count: int) -> None:
        self.peaks: dict[str, int] = {}
        self.at: dict[int, float] = {}  # quarter of the rows → MB of the process that writes
        part = out.with_name(f"{out.name}.part")
        while process.poll() is None:
            for pid in (process.pid, *_children(process.pid)):
                self.peaks[str(pid)] = max(self.peaks.get(str(pid), 0), _status(pid, "VmHWM"))
            quarter = 4 * rows(part) // count
            self.at.setdefault(quarter, _status(process.pid, "VmRSS") / 1024)
            time.sleep(0.5)

    def __str__(self) -> str:
        peaks = ", ".join(f"{peak / 1024:.0f}" for peak in sorted(self.peaks.values(), reverse=True))
        growth = " → ".join(f"{mb:.0f}" for quarter, mb in sorted(self.at.items()) if mb)
        return f"peak of each process {peaks} MB; the writing one by quarters of the run {growth} MB"


def _children(pid: int) -> list[int]:
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(child) for thread in threads for child in (thread / "children").read_text().split()]
    except OSError:
        return []


def _status(pid: int, name: str) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(name)), 0)


def interrupted_and_resumed(folder: Path, out: Path, whole: int) -> bool:
    """Whether an interrupt at half and --resume leave the same file as one run did."""
    child = scan(folder, out)
    while rows(out.with_name(f"{out.name}.part")) < whole // 2 and child.poll() is None:
        time.sleep(0.2)
    child.send_signal(signal.SIGINT)
    code, done = child.wait(), rows(out)
    print(f"Ctrl-C: exit code {code}, {done:,} of {whole:,} rows written", flush=True)
    start = time.perf_counter()
    scan(folder, out, "--resume").wait()
    print(f"--resume: {time.perf_counter() - start:.1f} s for the other half", flush=True)
    return code == 130 and done < whole


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    with tempfile.TemporaryDirectory() as temporary:
        folder, out, again = (Path(temporary) / name for name in ("files", "one.jsonl", "two.jsonl"))
        make_files(folder, count)
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        print(
            f"{count:,} files, {size / 1e6:.0f} MB, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", flush=True
        )
        wall_alone, cpu_alone = timed(lambda: alone(folder))
        wall, cpu = timed(lambda: print("memory:", Memory(scan(folder, out), out, count)))
        whole = rows(out)
        print(f"alone, {JOBS} processes: {wall_alone:.1f} s wall, {cpu_alone:.1f} s processor")
        print(f"scan --jobs {JOBS}:       {wall:.1f} s wall, {cpu:.1f} s processor, {count / wall:,.0f} files/s")
        print(f"ratio: wall {wall / wall_alone:.2f}, processor {cpu / cpu_alone:.2f} (budget 1.3)")
        print(f"cores busy: {cpu / wall:.2f} of {JOBS} (alone: {cpu_alone / wall_alone:.2f})", flush=True)
        stopped = interrupted_and_resumed(folder, again, whole)
        same = filecmp.cmp(out, again, shallow=False)
        print(f"the same file as one run: {'yes' if same and stopped else 'NO'}")


if __name__ == "__main__":
    main()
