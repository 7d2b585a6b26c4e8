"""What the rules said of one labelled record, without its text.

In: a Record and its Verdict. Out: a frozen Outcome, and its text-free row for JSON Lines. Only an error (a miss, a
false alarm) carries more, its Why with lines and turns, and only where the caller asked to look at errors. A row
never has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fanzha.measure.records import Label, Record
from fanzha.verdict import ALERT_LEVELS, Level, Verdict

EXTRACTING = frozenset({"extract", "cash_out"})  # stages in which the money goes


@dataclass(frozen=True, slots=True)
class SignalHit:
    """A signal found: where, in which stance, whether it gave points, whether a victim told it of the other side."""

    signal: str
    turn: int
    stance: str
    counted: bool
    account: bool = False


@dataclass(frozen=True, slots=True)
class Why:
    """What to look at in an error.

    `lines` are (id, points, 0-based turn) without the base, `reached` (id, title) of stages, `missing` titles of the
    script's other stages, none where no script was reached; `turns` (speaker, text) only if asked for.
    """

    lines: tuple[tuple[str, float, int | None], ...]
    reached: tuple[tuple[str, str], ...]
    missing: tuple[str, ...]
    turns: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the rules said of one record; `turns` is their number, `extract_turn` the first turn that asks for money.

    All turns are 0-based. `log_odds` orders what `score` rounds to the same number. `earned` is the ledger that
    `fanzha rules fit` learns from (ledger.py). `skipped`: a limit was hit, or a search ran out of time on a busy
    machine, so that another run may say otherwise.
    """

    set: str
    id: str
    label: Label
    family: str
    score: int
    log_odds: float
    level: Level
    script: str | None
    describes: str | None
    first_alert_turn: int | None
    money_turn: int | None
    extract_turn: int | None
    turns: int
    hits: tuple[SignalHit, ...]
    skipped: bool = False
    earned: Mapping[str, Any] = field(default_factory=dict)
    why: Why | None = None

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

    @property
    def extracting_turn(self) -> int | None:
        """The turn in which the money goes: as the record says, else as the rules found it (`extract_turn`)."""
        return self.extract_turn if self.money_turn is None else self.money_turn

    def as_row(self) -> dict[str, Any]:
        """One text-free document."""
        return {
            "id": self.id,
            "set": self.set,
            "label": self.label,
            "family": self.family,
            "score": self.score,
            "level": self.level,
            "script": self.script,
            "first_alert_turn": self.first_alert_turn,
            "money_turn": self.money_turn,
            "turns": self.turns,
            "describes": self.describes,
            "hits": [
                {
                    "signal": hit.signal,
                    "turn": hit.turn,
                    "stance": hit.stance,
                    "counted": hit.counted,
                    "account": hit.account,
                }
                for hit in self.hits
            ],
            "earned": dict(self.earned),
        }


def outcome_of(name: str, record: Record, verdict: Verdict, earned: Mapping[str, Any]) -> Outcome:
    """Return the outcome of a record in the set of this name, with the ledger that its verdict rests on."""
    extracting = [one.turn for one in verdict.evidence if one.counted and one.stage in EXTRACTING]
    return Outcome(
        set=name,
        id=record.id,
        label=record.label,
        family=record.family,
        score=verdict.score,
        log_odds=verdict.log_odds,
        level=verdict.level,
        script=verdict.script,
        describes=verdict.describes,
        first_alert_turn=verdict.first_alert_turn,
        money_turn=record.money_turn,
        extract_turn=min(extracting, default=None),
        turns=len(record.conversation.turns),
        hits=tuple(SignalHit(one.signal, one.turn, one.stance, one.counted, one.account) for one in verdict.evidence),
        skipped=bool(verdict.skipped),
        earned=earned,
    )


def why_of(record: Record, verdict: Verdict, *, text: bool) -> Why:
    """Return what explains an error, with the turns themselves only if `text`."""
    return Why(
        lines=tuple((line.id, line.points, line.turn) for line in verdict.lines if line.kind != "base"),
        reached=tuple((stage.id, stage.title) for stage in verdict.stages),
        missing=verdict.missing,
        turns=tuple((turn.speaker or "", turn.text) for turn in record.conversation.turns) if text else (),
    )
