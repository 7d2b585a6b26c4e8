"""Score labelled records, in order, on one process or two.

In: raw lines of records, rule folders, noises. Out: Outcomes and Faults. Above `MANY` lines two processes share the
work, each with a Detector of its own. What an error looks like inside is kept only where the caller wants to `keep` it.
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
from fanzha.measure.noise import Disturber, Noise
from fanzha.measure.outcome import Outcome, outcome_of, why_of
from fanzha.measure.records import Fault, RawLine, parse_record

MANY = 2000
PROCESSES = 2
_CHUNK = 50

Keep = Literal["nothing", "why", "text"]  # of misses and false alarms


def measure(
    lines: Iterable[RawLine],
    rules: Sequence[Path] = (),
    *,
    keep: Keep = "nothing",
    noises: Sequence[Noise] = (),
    seed: int = 0,
) -> Iterator[Outcome | Fault]:
    """Return the outcome of each line, in order, with the noises put on its turns.

    Raises PackError before the first if the rules cannot be used.
    """
    lines = iter(lines)
    head = list(islice(lines, MANY + 1))
    folders = [str(path) for path in rules]
    if len(head) <= MANY:
        detector = Detector(folders)
        disturber = _disturber(detector, noises, seed)
        yield from (judge(detector, raw, keep=keep, disturber=disturber) for raw in head)
        return
    Detector(folders)  # faults of the rules are told here, once, not by every worker
    context = multiprocessing.get_context("spawn")
    with context.Pool(PROCESSES, _start_worker, (folders, keep, tuple(noises), seed)) as pool:
        yield from pool.imap(_work, chain(head, lines), _CHUNK)


def judge(
    detector: Detector, raw: RawLine, *, keep: Keep = "nothing", disturber: Disturber | None = None
) -> Outcome | Fault:
    """Score one line."""
    record = parse_record(raw)
    if isinstance(record, Fault):
        return record
    if disturber is not None:
        turns = disturber.disturb(record.conversation.turns, record.id)
        record = replace(record, conversation=replace(record.conversation, turns=turns))
    session = detector.session()
    for turn in record.conversation.turns:
        session.feed(turn)
    verdict = session.verdict()
    outcome = outcome_of(raw.set, record, verdict, ledger_row(detector.rules, session.ledger()))
    if keep != "nothing" and (outcome.missed or outcome.false_alarm):
        return replace(outcome, why=why_of(record, verdict, text=keep == "text"))
    return outcome


def _disturber(detector: Detector, noises: Sequence[Noise], seed: int) -> Disturber | None:
    return Disturber(noises, detector.rules.segmenter.words, seed) if noises else None


# ── workers: module level, so that spawn finds them ────────────────────────────────────────

_worker: dict[str, Any] = {}


def _start_worker(folders: list[str], keep: Keep, noises: tuple[Noise, ...], seed: int) -> None:
    _worker["detector"] = Detector(folders)
    _worker["keep"] = keep
    _worker["disturber"] = _disturber(_worker["detector"], noises, seed)


def _work(raw: RawLine) -> Outcome | Fault:
    return judge(_worker["detector"], raw, keep=_worker["keep"], disturber=_worker["disturber"])
