"""A conversation that is still going on: feed turns as they come, ask for the verdict at any time.

In: turns. Out: what each changed, and the Verdict so far. Feeding turn by turn gives exactly the verdict of scoring the
whole. A Session belongs to one conversation and one thread; the rules behind it are shared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fanzha.conversation import CALLER_LABELS, DESK_LABELS, Party, Turn, to_turn
from fanzha.engine import Glance, advance
from fanzha.errors import LimitError
from fanzha.judge import Ledger
from fanzha.limits import MAX_TURNS
from fanzha.report import leading, report
from fanzha.ruleset import Ruleset
from fanzha.state import State
from fanzha.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Change:
    """What one turn changed: the score after it, and whether it raised the first alert."""

    turn: int
    score: int
    level: str
    alert: bool
    raised_alert: bool
    signals: tuple[str, ...]


class Session:
    """Feed turns, read verdicts. `self_name` is the label of the person whom we protect."""

    __slots__ = ("_desk", "_self_name", "_state")

    def __init__(self, rules: Ruleset, *, self_name: str | None = None) -> None:
        self._state = State(rules)
        self._self_name = self_name
        self._desk = False

    def feed(
        self, turn: str | Turn | Mapping[str, Any] | Sequence[str | None], *, _glance: Glance | None = None
    ) -> Change:
        """Take the next turn (a text, a (speaker, text) pair, a mapping or a Turn) and return what it changed.

        Raises InputError if it cannot be read, LimitError beyond limits.MAX_TURNS turns.
        """
        state = self._state
        number = state.turns
        if number >= MAX_TURNS:
            raise LimitError(f"一段对话最多 {MAX_TURNS} 轮; 请另开一个 Session", where=f"turns[{number}]")
        known = len(state.records)
        heard = to_turn(Turn(turn) if isinstance(turn, str) else turn, number, self._self_name)
        advance(state, self._beside_desk(heard), _glance)
        signals = tuple(dict.fromkeys(state.rules.signals[record.signal].id for record in state.records[known:]))
        return Change(
            turn=number,
            score=state.score,
            level=state.level,
            alert=state.first_alert is not None,
            raised_alert=state.first_alert == number,
            signals=signals,
        )

    def _beside_desk(self, turn: Turn) -> Turn:
        """来电人 beside 坐席 is the customer who called the desk; without a desk he is the stranger on the line."""
        label = (turn.speaker or "").strip().lower()
        self._desk = self._desk or label in DESK_LABELS
        if self._desk and label in CALLER_LABELS and turn.party is Party.OTHER and self._self_name is None:
            return replace(turn, party=Party.SELF)
        return turn

    def ledger(self) -> Ledger | None:
        """What the leading side earned, for `fanzha rules fit`; None where nothing counted."""
        side = leading(self._state)[1]
        return side.ledger() if side is not None else None

    def verdict(self) -> Verdict:
        """The verdict on all turns fed so far."""
        return report(self._state)
