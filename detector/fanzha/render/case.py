"""One conversation as the report shows it: its turns with the evidence in place, and notes on each piece of evidence.

In: a conversation and its Verdict. Out: a Case, plain data that a template lays out; nothing in it is escaped yet.
What is too long to be read is shortened around the evidence, and says how much was left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fanzha.conversation import KIND_NAMES, Conversation, Turn
from fanzha.render.marked import Piece, Span, pieces
from fanzha.render.text import HOW_NAMES, PARTY_NAMES, STAGE_NAMES, STANCE_NAMES, decimals, own_evidence, sentence
from fanzha.render.timeline import Drawing, draw
from fanzha.verdict import Evidence, Line, Verdict

MOST_TURNS = 300  # a longer conversation is shown around its evidence
TURNS_AROUND = 3
MOST_CHARS = 3_000  # code points; a longer turn is shown around its evidence
CHARS_AROUND = 200


@dataclass(frozen=True, slots=True)
class Note:
    """What a piece of evidence means; `number` is its place among the verdict's own evidence."""

    number: int
    evidence: Evidence
    stage: str
    stance: str
    how: str
    points: str
    """What its signal earned, such as "+1.40 分值"; or why this piece earned nothing."""


@dataclass(frozen=True, slots=True)
class ShownTurn:
    """One turn; `number` is 0-based, `at` is hours, minutes and seconds from the beginning."""

    number: int
    speaker: str
    party: str
    side: str
    kind: str
    at: str
    score: int | None
    rise: int
    """Points of 100 that this turn added to the score."""
    alert: bool
    pieces: tuple[Piece, ...]
    notes: tuple[Note, ...]
    elsewhere: tuple[str, ...]
    """Titles of what raised the score here though the script shown does not use it."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Turns without evidence that are not shown, 0-based, both included."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Case:
    """A conversation with all that the report says of it."""

    verdict: Verdict
    sentence: str
    turns: tuple[ShownTurn | Gap, ...]
    count: int
    """Turns of the conversation."""
    notes: tuple[Note, ...]
    """All notes; where the conversation was not kept, there are no turns and these are listed."""
    lines: tuple[tuple[str, Line], ...]
    """Entries of the score, each with its points as they are printed."""
    total: str
    drawing: Drawing
    others: int
    """Signals that speak for other scripts."""


def build_case(conversation: Conversation | None, verdict: Verdict) -> Case:
    """Lay out one conversation; without its turns only the evidence is listed."""
    digits = decimals(verdict.lines)
    notes = [_note(number, one, verdict, digits) for number, one in enumerate(own_evidence(verdict))]
    turns = conversation.turns if conversation is not None else ()
    return Case(
        verdict=verdict,
        sentence=sentence(verdict),
        turns=tuple(_shown(turns, notes, verdict)),
        count=len(turns) or len(verdict.timeline),
        notes=tuple(notes),
        lines=tuple((f"{line.points:+.{digits}f}", line) for line in verdict.lines),
        total=f"{verdict.log_odds:+.{digits}f}",
        drawing=draw(verdict.timeline, verdict.first_alert_turn),
        others=len({one.signal for one in verdict.evidence} - {note.evidence.signal for note in notes}),
    )


def _note(number: int, one: Evidence, verdict: Verdict, digits: int) -> Note:
    return Note(
        number=number,
        evidence=one,
        stage=STAGE_NAMES.get(one.stage, one.stage),
        stance="转述对方此刻的要求" if one.account else STANCE_NAMES[one.stance],
        how=HOW_NAMES[one.how],
        points=_points(one, verdict, digits),
    )


def _points(one: Evidence, verdict: Verdict, digits: int) -> str:
    """Say what a piece of evidence earned: a signal counts once, at its best."""
    if not one.counted:
        return "不计分"
    line = next((line for line in verdict.lines if line.kind == "signal" and line.id == one.signal), None)
    if line is None:
        return "没有单独计分"
    if line.turn == one.turn:
        return f"{line.points:+.{digits}f}"
    where = f", 记在第 {line.turn + 1} 轮" if line.turn is not None else ""
    return f"同一信号只计一次 ({line.points:+.{digits}f}{where})"


def _shown(turns: tuple[Turn, ...], notes: list[Note], verdict: Verdict) -> Iterator[ShownTurn | Gap]:
    found: dict[int, list[Note]] = {}
    spans: dict[int, list[Span]] = {}
    for note in notes:
        one = note.evidence
        found.setdefault(one.turn, []).append(note)
        spans.setdefault(one.turn, []).append((one.start, one.end, note.number))
        if one.before is not None:
            spans.setdefault(one.before.turn, []).append((one.before.start, one.before.end, note.number))
    keep = _kept(len(turns), set(spans) | {verdict.first_alert_turn or 0})
    left_out: int | None = None
    for number, turn in enumerate(turns):
        if number not in keep:
            left_out = number if left_out is None else left_out
            continue
        if left_out is not None:
            yield Gap(left_out, number - 1)
            left_out = None
        yield _turn(number, turn, spans.get(number, []), found.get(number, []), verdict)
    if left_out is not None:
        yield Gap(left_out, len(turns) - 1)


def _kept(count: int, telling: set[int]) -> set[int] | range:
    """Return the turns that are shown: all, or of a long conversation those near the telling ones."""
    if count <= MOST_TURNS:
        return range(count)
    return {near for turn in telling for near in range(turn - TURNS_AROUND, turn + TURNS_AROUND + 1)}


def _turn(number: int, turn: Turn, spans: list[Span], notes: list[Note], verdict: Verdict) -> ShownTurn:
    party = turn.party.value
    if party == "unknown" and turn.speaker and verdict.counterpart:  # the verdict found out who is who
        party = "other" if turn.speaker == verdict.counterpart else "self"
    side = PARTY_NAMES[party]
    scores = verdict.timeline[max(number - 1, 0) : number + 1]
    rise = scores[-1] - scores[0] if number < len(verdict.timeline) else 0
    unseen = rise > 0 and not any(note.evidence.counted for note in notes)
    others = (one.title for one in verdict.evidence if one.turn == number and one.counted and not one.in_script)
    return ShownTurn(
        number=number,
        speaker=turn.speaker or "没有标明说话人",
        party=party,
        side=side if side != turn.speaker else "",
        kind=_kind(turn),
        at=_clock(turn.start),
        score=scores[-1] if number < len(verdict.timeline) else None,
        rise=rise,
        alert=number == verdict.first_alert_turn,
        pieces=tuple(pieces(turn.text, spans, most=MOST_CHARS, around=CHARS_AROUND)),
        notes=tuple(notes),
        elsewhere=tuple(dict.fromkeys(others)) if unseen else (),
    )


def _kind(turn: Turn) -> str:
    """Name the kind of a message, unless its text does: "[转账] ￥5000"."""
    name = KIND_NAMES.get(turn.kind, "")
    return "" if turn.text.startswith(f"[{name}") else name


def _clock(seconds: float | None) -> str:
    """Say seconds from the beginning as 02:05 or 1:02:05; what is no such time is not said."""
    if seconds is None or not 0 <= seconds < 360_000:
        return ""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"
