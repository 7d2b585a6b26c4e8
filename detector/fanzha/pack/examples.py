"""The examples inside the rules, run as tests: every signal's `hits` and `misses`, through the whole engine.

An example is
- a string: one turn by the party that the signal's `by` names (`any` is the other side);
- a mapping {say, by?: other | self | unknown, stance?: the stance that must be read};
- a list of lines "对方: …" / "我: …": a small dialogue, decided by its last turn. A line that begins
  with "*" may hit too.

In: a loaded Pack and the Detector (or another Scorer) made of it. Out: one diagnostic for each example that fails, at
its line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from fanzha.conversation import Conversation, Party, Turn, party_of
from fanzha.errors import Diagnostic
from fanzha.pack.load import Pack
from fanzha.pack.model import SignalModel
from fanzha.stance import Stance
from fanzha.verdict import Evidence, Verdict

_LINE = re.compile(r"\s*(?P<star>\*?)\s*(?P<label>[^:：\s]{1,12})\s*[:：]\s*(?P<text>.+)", re.DOTALL)
_LABELS = {Party.OTHER: "对方", Party.SELF: "我", Party.UNKNOWN: None}


class ExampleError(ValueError):
    """An example that is not written in one of the three ways."""


class Scorer(Protocol):
    """What examples are run through: a Detector, or anything that scores like one."""

    def score(self, what: Conversation) -> Verdict:
        """The verdict on a conversation."""


@dataclass(frozen=True, slots=True)
class Example:
    """A conversation, the earlier turns (0-based) in which the signal may hit, the stance expected."""

    conversation: Conversation
    allowed: frozenset[int] = frozenset()
    stance: str | None = None

    @property
    def last(self) -> int:
        """The turn that decides."""
        return len(self.conversation.turns) - 1


def count_examples(pack: Pack) -> int:
    """How many examples stand in the pack."""
    return sum(len(model.hits) + len(model.misses) for model in pack.signals.values())


def failing_examples(pack: Pack, detector: Scorer) -> Iterator[Diagnostic]:
    """Run every example; yield what failed, with what was read instead."""
    for name, model in pack.signals.items():
        place = pack.places["signals", name]
        for kind, bodies in (("hits", model.hits), ("misses", model.misses)):
            for index, body in enumerate(bodies):
                try:
                    example = read_example(body, model)
                except ExampleError as error:
                    problem = str(error)
                else:
                    problem = check(detector, model, example, should_hit=kind == "hits")
                if problem:
                    yield place.fault(f"{name}.{kind}[{index}]: {problem}", kind, index)


def read_example(body: Any, model: SignalModel) -> Example:
    """Read one example in any of the three ways. Raises ExampleError."""
    if isinstance(body, str):
        return Example(Conversation((_turn(body, _speaker_of(model)),)))
    if isinstance(body, list) and body:
        return _dialogue(body)
    if isinstance(body, Mapping):
        unknown = [str(key) for key in body if key not in ("say", "by", "stance")]
        if isinstance(body.get("say"), str) and not unknown:
            return _single(body, model)
        raise ExampleError("应写 {say, by, stance}; 句中有冒号的例子要加引号")
    raise ExampleError("应为一句话、{say, by, stance} 或若干行 '对方: …'")


def check(detector: Scorer, model: SignalModel, example: Example, *, should_hit: bool) -> str:
    """Tell what is wrong, or "" if the example holds."""
    verdict = detector.score(example.conversation)
    evidence = [one for one in verdict.evidence if one.signal == model.id]
    last = [one for one in evidence if one.turn == example.last]
    if example.stance is not None:
        read = sorted({one.stance for one in last})
        if read != [example.stance]:
            return f"语气应读作 {example.stance}, 实际 {', '.join(read) or '没有命中'}"
    counted = [one for one in evidence if one.counted]
    if not should_hit:
        if verdict.alert:
            return f"正当的例子却报警了 ({verdict.score} 分, {verdict.script_title})"
        return f"不该计分, 却命中 {_shown(counted)}" if counted else ""
    if not any(one.turn == example.last for one in counted):
        return f"应命中, 但没有计分{_instead(last)}"
    early = [one for one in counted if one.turn != example.last and one.turn not in example.allowed]
    return f"最后一行之前就命中了 {_shown(early)}; 若是应该的, 在那一行前加 *" if early else ""


def _speaker_of(model: SignalModel) -> Party:
    return Party.SELF if model.by == "self" else Party.OTHER


def _turn(text: str, party: Party) -> Turn:
    return Turn(text, _LABELS[party], party)


def _single(body: Mapping[str, Any], model: SignalModel) -> Example:
    try:
        party = Party(body["by"]) if "by" in body else _speaker_of(model)
        stance = Stance(body["stance"]).value if "stance" in body else None
    except ValueError as error:
        parties, stances = (", ".join(one.value for one in names) for names in (Party, Stance))
        raise ExampleError(f"{error}; by 取 {parties}, stance 取 {stances}") from None
    return Example(Conversation((_turn(body["say"], party),)), stance=stance)


def _dialogue(lines: list[Any]) -> Example:
    turns = []
    allowed = set()
    for number, line in enumerate(lines):
        if isinstance(line, Mapping) and len(line) == 1:  # - 对方: … without quotes is a mapping to YAML
            line = ": ".join(map(str, next(iter(line.items()))))
        match = _LINE.fullmatch(line) if isinstance(line, str) else None
        if match is None:
            raise ExampleError(f"第 {number + 1} 行应写成 '对方: …' 或 '我: …'")
        if match["star"]:
            allowed.add(number)
        turns.append(Turn(match["text"], match["label"], party_of(match["label"])))
    return Example(Conversation(tuple(turns)), frozenset(allowed))


def _shown(evidence: list[Evidence]) -> str:
    return "、".join(dict.fromkeys(f"「{one.text}」({one.stance})" for one in evidence))


def _instead(evidence: list[Evidence]) -> str:
    return f", 读作 {', '.join(sorted({one.stance for one in evidence}))}" if evidence else ""
