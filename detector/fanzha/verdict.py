"""The verdict: the one document that renderers, the command, the API and adapters read. Frozen; no rules, no I/O.

Offsets are code points of the original turn, and UTF-16 units beside them for browsers. Points are logits; the lines
sum exactly to `log_odds`, and `score` is 100 × the logistic function of it.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, computed_field

Level = Literal["none", "low", "medium", "high", "critical"]
LEVELS: tuple[Level, ...] = ("none", "low", "medium", "high", "critical")
ALERT_LEVELS = frozenset({"high", "critical"})


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Line(_Document):
    """One printed entry of the score: what it is for, and its points (logits; a cap takes points back)."""

    kind: Literal["base", "signal", "cap", "decisive", "order"]
    id: str
    title: str
    points: float
    stage: str | None = None
    turn: int | None = Field(None, description="0-based turn in which it was earned")


class Part(_Document):
    """A piece of an original turn."""

    turn: int
    start: int
    end: int
    text: str


class Evidence(_Document):
    """One hit: text == turn[start:end]. `before` is the piece in the speaker's preceding turn, if it began there."""

    turn: int
    start: int
    end: int
    start_utf16: int
    end_utf16: int
    text: str
    before: Part | None = None
    speaker: str | None
    party: Literal["self", "other", "unknown"]
    signal: str
    title: str
    stage: str
    why: str
    how: Literal["exact", "sound", "damaged", "disguised"]
    stance: Literal["asserted", "asked", "negated", "warned", "quoted", "refused", "told"]
    account: bool = Field(False, description="what a victim reports of the other side while it goes on")
    counted: bool = Field(description="whether it is meant; a warning or a story is not")
    in_script: bool = Field(True, description="whether the script shown uses it; other scripts' signals give no points")


class StageReached(_Document):
    """A stage of the play and the turn in which it was first reached."""

    id: str
    title: str
    turn: int


class FoundEntity(_Document):
    """A link, account, id or amount; `yuan` and `purpose` only for money."""

    kind: str
    turn: int
    start: int
    end: int
    text: str
    yuan: float | None = None
    purpose: str | None = None


class Verdict(_Document):
    """What was found. `describes` names a script that the text tells about without playing it."""

    score: int = Field(ge=0, le=100)
    log_odds: float
    level: Level
    script: str | None = None
    script_title: str | None = None
    track: Literal["fraud", "gray"] | None = Field(
        None, description="gray: the trade in accounts, data and cards that feeds fraud"
    )
    fact: str | None = Field(None, description="the one fact that breaks the script")
    counterpart: str | None = Field(None, description="label of the speaker who plays the scammer, if inferred")
    stages: tuple[StageReached, ...] = ()
    lines: tuple[Line, ...]
    evidence: tuple[Evidence, ...] = ()
    timeline: tuple[int, ...] = Field((), description="score after each turn")
    first_alert_turn: int | None = Field(None, description="0-based; the first turn at level high or above")
    next: tuple[str, ...] = Field((), description="what the scammer will do next")
    missing: tuple[str, ...] = Field((), description="stages of the script not seen yet")
    advice: tuple[str, ...] = ()
    entities: tuple[FoundEntity, ...] = ()
    describes: str | None = None
    describes_title: str | None = None
    undecided: tuple[str, ...] = Field((), description="signals that need to know who speaks")
    skipped: tuple[str, ...] = Field((), description="limits hit: what was not read")
    pack: str

    @computed_field  # type: ignore[prop-decorator]
    @property
    def alert(self) -> bool:
        """Whether the level is high or above."""
        return self.level in ALERT_LEVELS
