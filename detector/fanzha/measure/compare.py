"""What two states of the rules say differently of the same conversations.

In: rows that `measure --jsonl` wrote earlier, and the Outcomes of now. Out: Changes with their reasons: signals and
scripts. Conversations are told apart by set and id; a repeated id by the order in which it comes.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from fanzha.errors import InputError
from fanzha.measure.outcome import Outcome
from fanzha.measure.records import read_lines
from fanzha.verdict import ALERT_LEVELS, LEVELS

Kind = Literal["caught", "missed", "alarm", "cured"]
KINDS: tuple[Kind, ...] = ("caught", "missed", "alarm", "cured")


@dataclass(frozen=True, slots=True)
class Row:
    """What a comparison needs of one conversation; `discounted` tells in which stance a signal gave no points."""

    alert: bool
    script: str | None
    counted: frozenset[str]
    discounted: dict[str, str]


@dataclass(frozen=True, slots=True)
class Reason:
    """One cause of a change: a signal gained or lost, another script, or (no signal, no script) points alone.

    `stance` is the one in which the signal gave no points on the other side of the change, if it was found at all.
    """

    kind: Literal["gained", "lost", "script", "points"]
    id: str = ""
    stance: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A conversation whose alert came or went."""

    set: str
    id: str
    kind: Kind
    reasons: tuple[Reason, ...]


@dataclass(slots=True)
class Comparison:
    """Collects changes against rows of before, a conversation at a time."""

    before: dict[tuple[str, str], list[Row]]
    changes: list[Change] = field(default_factory=list)
    compared: Counter[str] = field(default_factory=Counter)
    new: Counter[str] = field(default_factory=Counter)

    def add(self, outcome: Outcome) -> None:
        """Compare one conversation with what was said of it before."""
        rows = self.before.get((outcome.set, outcome.id))
        if not rows:
            self.new[outcome.set] += 1
            return
        self.compared[outcome.set] += 1
        before, after = rows.pop(0), _row(outcome.as_row())
        if outcome.label == "unknown" or before.alert == after.alert:
            return
        kinds: dict[tuple[str, bool], Kind] = {
            ("scam", True): "caught",
            ("scam", False): "missed",
            ("benign", True): "alarm",
            ("benign", False): "cured",
        }
        kind = kinds[outcome.label, after.alert]
        self.changes.append(Change(outcome.set, outcome.id, kind, tuple(_reasons(before, after))))

    @property
    def gone(self) -> Counter[str]:
        """How many conversations of before were not seen now, by set."""
        return Counter(name for (name, _), rows in self.before.items() for _ in rows)


def read_rows(path: Path) -> Comparison:
    """Return a comparison with rows of `measure --jsonl`.

    Raises InputError if the file cannot be read or a line is no such row.
    """
    before: dict[tuple[str, str], list[Row]] = {}
    for raw in read_lines(path):
        try:
            data = json.loads(raw.data)
            key = (str(data["set"]), str(data["id"]))
            before.setdefault(key, []).append(_row(data))
        except (ValueError, TypeError, KeyError, RecursionError):
            raise InputError("不是 fanzha measure --jsonl 写出的一行", where=f"{path}:{raw.line}") from None
    return Comparison(before)


def _row(data: dict[str, Any]) -> Row:
    if data["level"] not in LEVELS:
        raise ValueError(data["level"])
    hits = data["hits"]
    counted = frozenset(str(hit["signal"]) for hit in hits if hit["counted"])
    return Row(
        alert=data["level"] in ALERT_LEVELS,
        script=data["script"],
        counted=counted,
        discounted={str(hit["signal"]): str(hit["stance"]) for hit in hits if hit["signal"] not in counted},
    )


def _reasons(before: Row, after: Row) -> Iterator[Reason]:
    """Yield why an alert came (signals gained) or went (signals lost), and whether another script leads.

    Where neither explains it, weights, thresholds or the rules of judging do.
    """
    more, less = (after, before) if after.alert else (before, after)
    signals = sorted(more.counted - less.counted)
    for signal in signals:
        yield Reason("gained" if after.alert else "lost", signal, less.discounted.get(signal, ""))
    moved = before.script != after.script and before.script is not None and after.script is not None
    if moved:
        yield Reason("script", f"{before.script} -> {after.script}")
    if not signals and not moved:
        yield Reason("points")
