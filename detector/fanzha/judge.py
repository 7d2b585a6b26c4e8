"""How far a play has got: hits become stages of scripts, and stages become points. One turn at a time.

In: the counted hits of a turn as one side sees them. Out: totals in milli-logits and the lines they are made of. State
only grows: an alert is never withdrawn. The work of a turn depends on the rules it fires, not on the call's length.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from fanzha.ruleset import DecisiveRule, Ruleset, ScriptRule, SignalRule

# The stages in the order of the play, then those of the trade that feeds it.
FRAUD_STAGES = ("identity", "hook", "trust", "channel", "harvest", "false_proof", "extract", "pressure")
GRAY_STAGES = ("goods", "deal", "delivery", "cash_out")
PLAY = FRAUD_STAGES + GRAY_STAGES
_NO_CAP = 1_000_000
_TURNS = 1 << 20  # more than a conversation has
_NUMBERS: dict[str | None, int] = {None: 0, **{stage: number for number, stage in enumerate(PLAY, 1)}}
_COUNTS_IN_PAIRS = 0.5  # a hit discounted below this share (asked, solicited …) decides nothing


@dataclass(frozen=True, slots=True)
class Counted:
    """A hit as one side sees it: the signal and the share of its weight that it earns (0–1)."""

    signal: int
    share: float


@dataclass(frozen=True, slots=True)
class Ledger:
    """What a side earned, apart from what it is worth: with other weights the same ledger gives other totals."""

    shares: dict[int, float]  # signal → its best share of its weight
    pairs: tuple[tuple[int, int], ...]  # (script, number of the decisive pair)
    ordered: tuple[int, ...]  # scripts whose order bonus was earned


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a script's total, in milli-logits."""

    kind: Literal["base", "signal", "cap", "decisive", "order"]
    id: str
    title: str
    points: int
    stage: str | None = None
    turn: int | None = None


def _cell(script: int, stage: str | None) -> int:
    return script * len(_NUMBERS) + _NUMBERS[stage]


def score_of(total: int) -> int:
    """0–100: the logistic function of milli-logits."""
    return round(100 / (1 + math.exp(-total / 1000)))


def level_of(rules: Ruleset, score: int) -> str:
    """The highest level whose threshold the score reaches."""
    level = "none"
    for name, threshold in rules.levels:
        if score >= threshold:
            level = name
    return level


class Side:
    """The state of the play as seen with one counterpart as the possible scammer."""

    __slots__ = (
        "_chains",
        "_last",
        "_ordered",
        "_pairs",
        "_points",
        "_reached",
        "_shares",
        "_strong",
        "_sums",
        "rules",
        "totals",
    )

    def __init__(self, rules: Ruleset) -> None:
        self.rules = rules
        self.totals: dict[int, int] = {}
        self._points: dict[int, int] = {}  # signal → best points × _TURNS + the turn in which they were earned
        self._shares: dict[int, float] = {}
        self._strong = 0  # signals whose share counts in pairs, as bits
        self._last: dict[int, int] = {}
        self._chains: dict[int, list[int]] = {}
        self._pairs: dict[tuple[int, int], int] = {}  # (script, pair) → turn in which the pair was complete
        self._ordered: dict[int, int] = {}
        # Flat, by _cell(script, stage), as a session is kept for every call that goes on.
        self._reached: dict[int, int] = {}  # turn in which the stage first earned something
        self._sums: dict[int, int] = {}  # points before the stage's cap

    def add(self, hits: list[Counted], turn: int) -> list[int]:
        """Take the hits of a turn; returns the signals spanning turns that they completed."""
        completed = self._complete_chains(hits, turn)
        fired: set[int] = set()
        further: set[int] = set()  # scripts that reached a new stage
        for hit in (*hits, *completed):
            fired.add(hit.signal)
            self._raise(hit, turn, further)
            self._shares[hit.signal] = max(hit.share, self._shares.get(hit.signal, 0.0))
            if hit.share >= _COUNTS_IN_PAIRS:
                self._strong |= 1 << hit.signal
            self._last[hit.signal] = turn
        self._complete_pairs(fired, turn)
        for index in further:
            self._note_order(self.rules.scripts[index], turn)
        return [hit.signal for hit in completed]

    def _raise(self, hit: Counted, turn: int, further: set[int]) -> None:
        """A signal counts once, at its best: only what it adds to that is added."""
        points = round(self.rules.signals[hit.signal].weight * hit.share)
        before = self._points.get(hit.signal, 0) // _TURNS
        if points > before:
            self._points[hit.signal] = points * _TURNS + turn
            for index in self.rules.scripts_of.get(hit.signal, ()):
                stage = self.rules.scripts[index].stage_of[hit.signal]
                self._earn(index, stage, points - before)
                cell = _cell(index, stage)
                if cell not in self._reached:
                    self._reached[cell] = turn
                    further.add(index)

    def _earn(self, script: int, stage: str | None, points: int) -> None:
        """Add points of a stage (None has no cap) to a script's total, as far as the cap of the stage allows."""
        cell = _cell(script, stage)
        before = self._sums.get(cell, 0)
        after = self._sums[cell] = before + points
        if stage is not None:
            cap = self.rules.scripts[script].caps.get(stage, _NO_CAP)
            before, after = min(before, cap), min(after, cap)
        self.totals[script] = self.totals.get(script, self.rules.base) + after - before

    def best(self) -> tuple[int, ScriptRule] | None:
        """The highest total and its script; the earlier script of equals."""
        if not self.totals:
            return None
        index = min(self.totals, key=lambda script: (-self.totals[script], script))
        return self.totals[index], self.rules.scripts[index]

    def named(self, total: int, script: ScriptRule) -> ScriptRule:
        """What to call the play that `script` leads: a fallback gives way to a family with half its evidence."""
        if not script.fallback:
            return script
        families = [
            index
            for index, points in self.totals.items()
            if 2 * (points - self.rules.base) >= total - self.rules.base
            and not self.rules.scripts[index].fallback
            and self.rules.scripts[index].track == script.track
        ]
        index = min(families, key=lambda family: (-self.totals[family], family), default=script.index)
        return self.rules.scripts[index]

    def entries(self, script: ScriptRule, total: int) -> list[Entry]:
        """The lines of `script`, and one for what a fallback script adds to it; their points sum to `total`."""
        entries = [Entry("base", "base", "起点: 一般来电来信里骗局很少", self.rules.base)]
        by_stage: dict[str, list[Entry]] = {}
        for signal, best in self._points.items():
            points, turn = divmod(best, _TURNS)
            stage = script.stage_of.get(signal)
            if stage is not None and points:
                rule = self.rules.signals[signal]
                by_stage.setdefault(stage, []).append(Entry("signal", rule.id, rule.title, points, stage, turn))
        freely: list[Entry] = []
        for number, pair in enumerate(script.decisive):
            if (script.index, number) in self._pairs:
                at = self._pairs[script.index, number]
                name = f"{script.id}.pair{number + 1}"
                under = freely if pair.stage is None else by_stage.setdefault(pair.stage, [])
                under.append(Entry("decisive", name, pair.title, pair.points, pair.stage, at))
        for stage in PLAY:
            earned = by_stage.get(stage, [])
            entries += sorted(earned, key=lambda entry: (entry.turn, entry.id))
            excess = sum(entry.points for entry in earned) - script.caps.get(stage, _NO_CAP)
            if excess > 0:
                title = f"同属「{self.rules.stages.get(stage, stage)}」, 合计封顶"
                entries.append(Entry("cap", f"cap.{stage}", title, -excess, stage))
        entries += freely
        if script.index in self._ordered:
            at = self._ordered[script.index]
            entries.append(Entry("order", "order", "各步先后与剧本一致", script.order_bonus, turn=at))
        beyond = total - sum(entry.points for entry in entries)
        if beyond > 0:
            entries.append(Entry("decisive", "other_families", "还用到别类骗局的步骤", beyond))
        return entries

    def ledger(self) -> Ledger:
        """What was earned, for the fit."""
        return Ledger(dict(sorted(self._shares.items())), tuple(sorted(self._pairs)), tuple(sorted(self._ordered)))

    def stages(self, script: ScriptRule) -> dict[str, int]:
        """Stages reached, in the order of the play, with the turn of each."""
        cells = ((stage, _cell(script.index, stage)) for stage in PLAY)
        return {stage: self._reached[cell] for stage, cell in cells if cell in self._reached}

    # ── combinations ─────────────────────────────────────────────────────────────────────────────────────────

    def _complete_pairs(self, fired: set[int], turn: int) -> None:
        """Note the pairs that are complete now; only those of which a signal fired can be, and another stands."""
        pairs_of, strong = self.rules.pairs_of, self._strong
        keys = {
            key
            for signal in fired
            if signal in pairs_of and strong & pairs_of[signal].others
            for others, key in pairs_of[signal].pairs
            if strong & others
        }
        for key in sorted(keys - self._pairs.keys()):
            script, number = key
            pair = self.rules.scripts[script].decisive[number]
            if self._pair_holds(pair, fired, turn):
                self._pairs[key] = turn
                self._earn(script, pair.stage, pair.points)

    def _pair_holds(self, pair: DecisiveRule, fired: set[int], turn: int) -> bool:
        """`then` now and a `first` in the window before; the latest `first` decides, so all starts are kept."""
        earliest = max(turn - pair.window, 0)
        if self._joined(self._recent(pair.first, earliest), self._strongly(pair.then & fired)):
            return True
        return pair.unordered and self._joined(self._recent(pair.then, earliest), self._strongly(pair.first & fired))

    @staticmethod
    def _joined(one: set[int], other: set[int]) -> bool:
        """Whether two signals stand here, one on each side: a signal on both sides is no pair by itself."""
        return bool(one and other) and len(one | other) > 1

    def _strongly(self, signals: Iterable[int]) -> set[int]:
        return {signal for signal in signals if self._strong >> signal & 1}

    def _recent(self, signals: frozenset[int], earliest: int) -> set[int]:
        return {signal for signal in self._strongly(self._last.keys() & signals) if self._last[signal] >= earliest}

    def _note_order(self, script: ScriptRule, turn: int) -> None:
        """Earned once three stages were first reached one after the other, over more than one turn."""
        if not script.order_bonus or script.index in self._ordered:
            return
        turns = [at for stage, at in self.stages(script).items() if stage != "pressure"]
        if len(turns) >= 3 and turns[0] < turns[-1] and turns == sorted(turns):
            self._ordered[script.index] = turn
            self.totals[script.index] += script.order_bonus

    def _complete_chains(self, hits: list[Counted], turn: int) -> list[Counted]:
        """Signals that span turns. For each length of a chain the latest start is kept, which is exact for a window."""
        completed = []
        shares = {hit.signal: hit.share for hit in hits}
        for target in sorted({chain for part in shares for chain in self.rules.chains_of.get(part, ())}):
            rule = self.rules.signals[target]
            if self._advance(rule, shares, turn):
                share = max((shares[part] for part in rule.parts if part in shares), default=0.0)
                completed.append(Counted(target, share))
        return completed

    def _counted(self, rule: SignalRule, turn: int) -> bool:
        """A count over turns: keeps the last turns in which the part stood, as many as are needed."""
        turns = self._chains.setdefault(rule.index, [])
        turns.append(turn)
        del turns[: -rule.at_least]
        return len(turns) == rule.at_least and turn - turns[0] <= rule.window

    def _advance(self, rule: SignalRule, fired: dict[int, float], turn: int) -> bool:
        if rule.at_least:
            return self._counted(rule, turn)
        starts = self._chains.setdefault(rule.index, [-1] * (len(rule.parts) + len(rule.absent)))
        count = len(rule.parts)
        for number, part in enumerate((*rule.parts, *rule.absent)):
            if part not in fired:
                continue
            if rule.ordered and 0 < number < count:
                previous = starts[number - 1]
                if previous >= 0 and turn - previous <= rule.window:
                    starts[number] = previous
            else:
                starts[number] = turn
        done = starts[:count]
        if not any(part in fired for part in rule.parts) or min(done) < 0:
            return False
        if rule.ordered and rule.parts[-1] not in fired:
            return False
        begun = done[-1] if rule.ordered else min(done)
        return turn - begun <= rule.window and all(seen < begun for seen in starts[count:])
