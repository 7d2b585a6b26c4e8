"""Score labelled records and keep what counts: outcomes without text, tallies by set and family.

In: raw lines of records and rule folders. Out: Outcomes, in order. Above `MANY` lines two processes share
the work, each with a Detector of its own. An Outcome carries no text unless the caller asks for the turns
of errors.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

from fanzha.detector import Detector
from fanzha.measure.records import Fault, Label, RawLine, Record, parse_record
from fanzha.verdict import ALERT_LEVELS, LEVELS, Level

MANY = 2000
PROCESSES = 2
_CHUNK = 50


@dataclass(frozen=True, slots=True)
class SignalHit:
    """A signal found: where, in which stance, and whether it gave points."""

    signal: str
    turn: int
    stance: str
    counted: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the rules said of one record."""

    set: str
    id: str
    label: Label
    family: str
    score: int
    level: Level
    script: str | None
    first_alert_turn: int | None
    money_turn: int | None
    hits: tuple[SignalHit, ...]
    turns: tuple[tuple[str, str], ...] = ()

    @property
    def alert(self) -> bool:
        """Whether the level is high or above."""
        return self.level in ALERT_LEVELS

    @property
    def missed(self) -> bool:
        """A scam without an alert."""
        return self.label == "scam" and not self.alert

    @property
    def false_alarm(self) -> bool:
        """An alert on benign text."""
        return self.label == "benign" and self.alert

    def as_row(self) -> dict[str, Any]:
        """One text-free document."""
        return {
            "set": self.set,
            "id": self.id,
            "label": self.label,
            "family": self.family,
            "score": self.score,
            "level": self.level,
            "script": self.script,
            "first_alert_turn": self.first_alert_turn,
            "money_turn": self.money_turn,
            "hits": [
                {"signal": hit.signal, "turn": hit.turn, "stance": hit.stance, "counted": hit.counted}
                for hit in self.hits
            ],
        }


@dataclass(slots=True)
class Tally:
    """Counts over outcomes of one set or family."""

    scam: int = 0
    benign: int = 0
    unknown: int = 0
    caught: int = 0
    caught_medium: int = 0
    false_alarms: int = 0
    timed: int = 0  # scams with a money turn
    early: int = 0  # of those, alerted in an earlier turn
    broken: int = 0
    families: dict[str, Tally] = field(default_factory=dict)

    def add(self, outcome: Outcome) -> None:
        """Count one outcome, also under its family."""
        self._count(outcome)
        self.families.setdefault(outcome.family, Tally())._count(outcome)

    def _count(self, outcome: Outcome) -> None:
        if outcome.label == "scam":
            self.scam += 1
            self.caught += outcome.alert
            self.caught_medium += LEVELS.index(outcome.level) >= LEVELS.index("medium")
            if outcome.money_turn is not None:
                self.timed += 1
                first = outcome.first_alert_turn
                self.early += first is not None and first < outcome.money_turn
        elif outcome.label == "benign":
            self.benign += 1
            self.false_alarms += outcome.alert
        else:
            self.unknown += 1


def measure(
    lines: Iterable[RawLine], rules: Sequence[Path] = (), *, keep_turns: bool = False
) -> Iterator[Outcome | Fault]:
    """Return the outcome of each line, in order.

    Raises PackError before the first if the rules cannot be used.
    """
    lines = iter(lines)
    head = list(islice(lines, MANY + 1))
    folders = [str(path) for path in rules]
    if len(head) <= MANY:
        detector = Detector(folders)
        yield from (judge(detector, raw, keep_turns=keep_turns) for raw in head)
        return
    Detector(folders)  # faults of the rules are told here, once, not by every worker
    context = multiprocessing.get_context("spawn")
    with context.Pool(PROCESSES, _start_worker, (folders, keep_turns)) as pool:
        yield from pool.imap(_work, chain(head, lines), _CHUNK)


def judge(detector: Detector, raw: RawLine, *, keep_turns: bool = False) -> Outcome | Fault:
    """Score one line; the turns are kept only of misses and false alarms."""
    record = parse_record(raw)
    if isinstance(record, Fault):
        return record
    outcome = _outcome(detector, raw.set, record)
    if keep_turns and (outcome.missed or outcome.false_alarm):
        turns = tuple((turn.speaker or "", turn.text) for turn in record.conversation.turns)
        return replace(outcome, turns=turns)
    return outcome


def _outcome(detector: Detector, name: str, record: Record) -> Outcome:
    verdict = detector.score(record.conversation)
    return Outcome(
        set=name,
        id=record.id,
        label=record.label,
        family=record.family,
        score=verdict.score,
        level=verdict.level,
        script=verdict.script,
        first_alert_turn=verdict.first_alert_turn,
        money_turn=record.money_turn,
        hits=tuple(SignalHit(one.signal, one.turn, one.stance, one.counted) for one in verdict.evidence),
    )


# ── workers: module level, so that spawn finds them ────────────────────────────────────────

_worker: dict[str, Any] = {}


def _start_worker(folders: list[str], keep_turns: bool) -> None:
    _worker["detector"] = Detector(folders)
    _worker["keep_turns"] = keep_turns


def _work(raw: RawLine) -> Outcome | Fault:
    return judge(_worker["detector"], raw, keep_turns=_worker["keep_turns"])
