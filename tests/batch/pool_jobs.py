"""Work for the tests of the pool: module level, so that a worker process finds it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path


def start() -> object:
    return work


def work(job: str) -> Iterator[str]:
    """A job says what it does: "3" gives three results, "die" ends the process, "once FILE" only the first time."""
    what, _, rest = job.partition(" ")
    if what in SPECIAL:
        yield from SPECIAL[what](rest)
    for number in range(int(what) if what.isdecimal() else what in ("slow", "once")):
        yield f"{job}.{number}"


def die(_: str) -> Iterator[str]:
    os._exit(3)


def half(_: str) -> Iterator[str]:
    yield from map(str, range(1000))
    time.sleep(0.6)  # longer than a worker keeps what it has to itself
    yield "sent"
    os._exit(3)


def once(seen: str) -> Iterator[str]:
    if not Path(seen).exists():
        Path(seen).touch()
        os._exit(3)
    return iter(())


def sleep(seconds: str) -> Iterator[str]:
    time.sleep(float(seconds or 1000))
    return iter(())


def fail(_: str) -> Iterator[str]:
    raise RuntimeError("秘密")


def much(count: str) -> Iterator[str]:
    return (f"{number} {'x' * 10_000}" for number in range(int(count)))


def pid(_: str) -> Iterator[str]:
    yield str(os.getpid())


SPECIAL = {
    "die": die, "half": half, "once": once, "hang": sleep, "slow": sleep, "fail": fail, "much": much, "pid": pid,
}  # fmt: skip


def refuse() -> object:
    """A start that never succeeds."""
    os._exit(4)
