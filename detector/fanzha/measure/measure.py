"""Score labelled records, in order, on one process or two.

In: raw lines of records and rule folders. Out: Outcomes and Faults. Above `MANY` lines two processes share the work,
each with a Detector of its own. What an error looks like inside is kept only where the caller wants to `keep` it.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import Any, Literal

from fanzha.detector import Detector
from fanzha.measure.ledger import ledger_row
from fanzha.measure.outcome import Outcome, outcome_of, why_of
from fanzha.measure.records import Fault, RawLine, parse_record

MANY = 2000
PROCESSES = 2
_CHUNK = 50

Keep = Literal["nothing", "why", "text"]  # of misses and false alarms


def measure(
    lines: Iterable[RawLine], rules: Sequence[Path] = (), *, keep: Keep = "nothing"
) -> Iterator[Outcome | Fault]:
    """Return the outcome of each line, in order.

    Raises PackError before the first if the rules cannot be used.
    """
    lines = iter(lines)
    head = list(islice(lines, MANY + 1))
    folders = [str(path) for path in rules]
    if len(head) <= MANY:
        detector = Detector(folders)
        yield from (judge(detector, raw, keep=keep) for raw in head)
        return
    Detector(folders)  # faults of the rules are told here, once, not by every worker
    context = multiprocessing.get_context("spawn")
    with context.Pool(PROCESSES, _start_worker, (folders, keep)) as pool:
        yield from pool.imap(_work, chain(head, lines), _CHUNK)


def judge(detector: Detector, raw: RawLine, *, keep: Keep = "nothing") -> Outcome | Fault:
    """Score one line."""
    record = parse_record(raw)
    if isinstance(record, Fault):
        return record
    session = detector.session()
    for turn in record.conversation.turns:
        session.feed(turn)
    verdict = session.verdict()
    outcome = outcome_of(raw.set, record, verdict, ledger_row(detector.rules, session.ledger()))
    if keep != "nothing" and (outcome.missed or outcome.false_alarm):
        return replace(outcome, why=why_of(record, verdict, text=keep == "text"))
    return outcome


# ── workers: module level, so that spawn finds them ────────────────────────────────────────

_worker: dict[str, Any] = {}


def _start_worker(folders: list[str], keep: Keep) -> None:
    _worker["detector"] = Detector(folders)
    _worker["keep"] = keep


def _work(raw: RawLine) -> Outcome | Fault:
    return judge(_worker["detector"], raw, keep=_worker["keep"])
