"""The pool: order, bounded memory, and workers that die, hang or fail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from batch import pool_jobs as work
from fanzha.batch import pool as pool_module
from fanzha.batch.pool import Failure, Pool

PATIENCE = 60.0


def run(*jobs: str, workers: int = 2, patience: float = PATIENCE) -> list[tuple[str, Any]]:
    return list(Pool[str, Any](work.start, workers=workers, patience=patience).run(jobs))


def test_results_come_in_the_order_of_the_jobs_whatever_finished_first() -> None:
    given = run("slow 0.4", "2", "0", "1")
    assert given == [("slow 0.4", "slow 0.4.0"), ("2", "2.0"), ("2", "2.1"), ("1", "1.0")]


def test_no_jobs_are_no_results() -> None:
    assert run() == []


def test_all_workers_share_the_jobs() -> None:
    pids = {result for _, result in run("slow 0.2", *["pid"] * 200, "slow 0.2", *["pid"] * 200)[1:]}
    assert len([pid for pid in pids if pid.isdecimal()]) == 2


def test_a_job_that_ends_its_process_is_a_failure_and_the_others_are_done() -> None:
    given = run("1", "die", "2", "die", "3")
    assert [job for job, result in given if isinstance(result, Failure)] == ["die", "die"]
    assert [result for _, result in given if isinstance(result, str)] == ["1.0", "2.0", "2.1", "3.0", "3.1", "3.2"]


def test_the_failure_names_how_the_process_ended() -> None:
    failure = run("die")[0][1]
    assert "退出码 3" in failure.reason


def test_what_dies_once_is_tried_again(tmp_path: Path) -> None:
    job = f"once {tmp_path / 'seen'}"
    assert run(job, "1") == [(job, f"{job}.0"), ("1", "1.0")]


def test_results_before_the_death_are_kept_and_not_given_twice() -> None:
    given = [result for _, result in run("half", "1")]
    assert given[:-2] == [*map(str, range(1000)), "sent"]
    assert (isinstance(given[-2], Failure), given[-1]) == (True, "1.0")


def test_a_job_that_hangs_is_given_up_and_the_others_are_done() -> None:
    given = run("1", "hang", "2", patience=1.0)
    assert [isinstance(result, Failure) for _, result in given] == [False, True, False, False]
    assert "超过 1 秒" in given[1][1].reason


def test_an_error_inside_tells_its_type_and_place_but_not_its_message() -> None:
    (_, failure), (_, after) = run("fail", "1", workers=1)
    assert ("RuntimeError" in failure.reason, "pool_jobs.py" in failure.reason, "秘密" in failure.reason) == (
        True,
        True,
        False,
    )
    assert after == "1.0"


def test_what_waits_for_an_earlier_job_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module, "AHEAD", 1_000_000)
    pool = Pool[str, Any](work.start, workers=2, patience=PATIENCE)
    most = count = 0
    for _, _ in pool.run(["slow 1", *["much 300"] * 6]):
        most = max(most, pool._bytes)
        count += 1
    assert (count, most > 0, most < 3_000_000) == (1 + 6 * 300, True, True)


def test_jobs_are_drawn_as_they_are_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module, "AHEAD_JOBS", 10)
    drawn: list[int] = []

    def source() -> Any:
        for number in range(100):
            drawn.append(number)
            yield "1"

    given = Pool[str, Any](work.start, workers=2, patience=PATIENCE).run(source())
    next(given)
    assert len(drawn) <= 11
    given.close()


def test_closing_early_ends_the_workers() -> None:
    pool = Pool[str, Any](work.start, workers=2, patience=PATIENCE)
    given = pool.run(["1", "hang", "hang"])
    next(given)
    processes = [worker.process for worker in pool._workers]
    given.close()
    assert processes
    assert not any(process.is_alive() for process in processes)


def test_workers_that_never_start_are_an_error() -> None:
    with pytest.raises(RuntimeError, match="do not start"):
        list(Pool[str, Any](work.refuse, workers=2, patience=PATIENCE).run(["1"]))
