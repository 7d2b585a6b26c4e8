"""From the state of a conversation to its Verdict: picks the side and the script, and says why in lines.

In: a State. Out: a Verdict. It decides nothing that the judge has not decided.
"""

from __future__ import annotations

from typing import Literal

from fanzha.conversation import Party
from fanzha.judge import PLAY, Entry, Side, level_of, score_of
from fanzha.ruleset import Ruleset, ScriptRule
from fanzha.stance import Stance
from fanzha.state import ONE_SIDE, Record, State
from fanzha.verdict import (
    ALERT_LEVELS,
    LEVELS,
    Evidence,
    FoundEntity,
    Level,
    Line,
    Part,
    StageReached,
    Verdict,
)

_ABOUT = (Stance.WARNED, Stance.QUOTED, Stance.TOLD)


def report(state: State) -> Verdict:
    """The verdict on everything the state has seen."""
    rules = state.rules
    if not state.records:
        return Verdict(
            score=score_of(rules.base),
            log_odds=rules.base / 1000,
            level=_level(rules, rules.base),
            lines=(_line(_base(rules)),),
            timeline=state.timeline(),
            skipped=tuple(state.skipped),
            pack=rules.id,
        )
    label, side, script, total = leading(state)
    level = _level(rules, total)
    entries = side.entries(script, total) if side and script else [_base(rules)]
    stages = side.stages(script) if side and script else {}
    describes = _described(state, level)
    shown = script if level != "none" else None
    return Verdict(
        score=score_of(total),
        log_odds=total / 1000,
        level=level,
        script=shown.id if shown else None,
        script_title=shown.title if shown else None,
        track=_track(shown),
        fact=shown.fact if shown else None,
        counterpart=label or None,
        stages=tuple(
            StageReached(id=stage, title=rules.stages.get(stage, stage), turn=turn) for stage, turn in stages.items()
        ),
        lines=tuple(map(_line, entries)),
        evidence=tuple(_evidence(rules, record, label, shown) for record in state.records),
        timeline=state.timeline(),
        first_alert_turn=state.first_alert,
        next=_next(shown, stages, level),
        missing=_missing(rules, shown, stages),
        advice=_advice(rules, shown, stages, level),
        entities=tuple(
            FoundEntity(
                kind=kind.value,
                turn=turn,
                start=start,
                end=end,
                text=text,
                yuan=amount.yuan if amount else None,
                purpose=amount.purpose.value if amount else None,
            )
            for kind, turn, start, end, text, amount in state.entities
        ),
        describes=describes.id if describes else None,
        describes_title=describes.title if describes else None,
        undecided=tuple(f"{rules.signals[index].title}: 要知道是谁说的才能判断" for index in state.undecided),
        skipped=tuple(state.skipped),
        pack=rules.id,
    )


def leading(state: State) -> tuple[str, Side | None, ScriptRule | None, int]:
    """The side with the highest total, what to call its play, and that total; the first of equals."""
    leading: tuple[str, Side | None, ScriptRule | None, int] = (ONE_SIDE, None, None, state.rules.base)
    for label, side in state.sides.items():
        best = side.best()
        if best is not None and best[0] > leading[3]:
            leading = (label, side, side.named(*best), best[0])
    return leading


def _described(state: State, level: Level) -> ScriptRule | None:
    """The script that warnings and stories in the text tell about, if it is not being played."""
    if level in ALERT_LEVELS or not any(record.reading.stance in _ABOUT for record in state.records):
        return None
    shadow = state.shadow()
    best = shadow.best()
    if best is None or LEVELS.index(_level(state.rules, best[0])) < LEVELS.index("medium"):
        return None
    return shadow.named(*best)


def _base(rules: Ruleset) -> Entry:
    return Entry("base", "base", "起点: 一般来电来信里骗局很少", rules.base)


def _level(rules: Ruleset, total: int) -> Level:
    name = level_of(rules, score_of(total))
    return next(level for level in LEVELS if level == name)


def _line(entry: Entry) -> Line:
    return Line(
        kind=entry.kind,
        id=entry.id,
        title=entry.title,
        points=entry.points / 1000,
        stage=entry.stage,
        turn=entry.turn,
    )


def _evidence(rules: Ruleset, record: Record, label: str, script: ScriptRule | None) -> Evidence:
    rule = rules.signals[record.signal]
    party = record.party
    if party is Party.UNKNOWN and record.speaker and label:
        party = Party.OTHER if record.speaker == label else Party.SELF
    reading = record.reading
    by_fits = rule.by in ("any", party.value) or party is Party.UNKNOWN or (reading.account and rule.by == "other")
    return Evidence(
        turn=record.turn,
        start=record.start,
        end=record.end,
        start_utf16=record.start_utf16,
        end_utf16=record.end_utf16,
        text=record.text,
        before=Part(turn=record.before[0], start=record.before[1], end=record.before[2], text=record.before[3])
        if record.before
        else None,
        speaker=record.speaker,
        party=party.value,
        signal=rule.id,
        title=rule.title,
        stage=rule.stage,
        why=rule.why,
        how=record.how,
        stance=reading.stance.value,
        account=reading.account,
        counted=by_fits and rule.stances.get(reading.stance.value, 0.0) > 0,
        in_script=script is None or record.signal in script.stage_of,
    )


def _last_stage(stages: dict[str, int]) -> str | None:
    reached = [stage for stage in PLAY if stage in stages and stage != "pressure"]
    return reached[-1] if reached else None


def _next(script: ScriptRule | None, stages: dict[str, int], level: Level) -> tuple[str, ...]:
    last = _last_stage(stages)
    if script is None or last is None or level == "low":
        return ()
    return script.next.get(last, ())


def _missing(rules: Ruleset, script: ScriptRule | None, stages: dict[str, int]) -> tuple[str, ...]:
    if script is None:
        return ()
    used = set(script.stage_of.values())
    return tuple(rules.stages.get(stage, stage) for stage in PLAY if stage in used and stage not in stages)


def _advice(rules: Ruleset, script: ScriptRule | None, stages: dict[str, int], level: Level) -> tuple[str, ...]:
    """What to do, by stage reached and level; at alert level the emergency steps follow."""
    if script is None or level in ("none", "low"):
        return ()
    said = [
        say
        for stage, least, say in script.advice
        if (stage is None or stage in stages) and (least is None or LEVELS.index(level) >= LEVELS.index(_name(least)))
    ]
    loses = script.track == "fraud"  # in the trade nobody is about to lose money
    return (*said, *rules.emergency) if level in ALERT_LEVELS and loses else tuple(said)


def _track(script: ScriptRule | None) -> Literal["fraud", "gray"] | None:
    if script is None:
        return None
    return "gray" if script.track == "gray" else "fraud"


def _name(level: str) -> Level:
    return next(name for name in LEVELS if name == level)
