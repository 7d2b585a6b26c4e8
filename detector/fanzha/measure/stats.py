"""What each signal does on labelled conversations: how often, for whom, with what, whether it decides, what it costs.

In: a Detector and labelled records. Out: one SignalStats a signal. Rates are means over sets, so that a large corpus
does not speak for all. A signal is *decisive* where an alert would fall below the level without it. Cost is the time
spent walking the signal's joins; text is read and nothing of it kept.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from fanzha.detector import Detector
from fanzha.judge import Ledger, score_of
from fanzha.match import walk
from fanzha.measure.records import Record
from fanzha.ruleset import Ruleset
from fanzha.scan import scan
from fanzha.text import fold
from fanzha.verdict import ALERT_LEVELS

_STRONG = 0.5  # the judge's least share in a decisive pair


@dataclass(slots=True)
class SignalStats:
    """One signal: shares are means over sets, 0–1; `partner` is the signal it stands with most, by Jaccard index."""

    id: str
    stage: str
    weight: float
    in_scams: float = 0.0
    in_benign: float = 0.0
    conversations: int = 0
    discounted: int = 0
    decisive: int = 0
    partner: str = ""
    overlap: float = 0.0
    microseconds: float = 0.0  # a thousand turns

    @property
    def precision(self) -> float | None:
        """Of its hits on the mix of sets, the share in scams; None where it never counted."""
        both = self.in_scams + self.in_benign
        return self.in_scams / both if both else None


@dataclass(slots=True)
class _Counts:
    sizes: Counter[tuple[str, bool]] = field(default_factory=Counter)
    hits: defaultdict[str, Counter[tuple[str, bool]]] = field(default_factory=lambda: defaultdict(Counter))
    together: Counter[tuple[str, str]] = field(default_factory=Counter)
    discounted: Counter[str] = field(default_factory=Counter)
    decisive: Counter[str] = field(default_factory=Counter)
    nanoseconds: Counter[str] = field(default_factory=Counter)
    turns: int = 0


def signal_stats(detector: Detector, records: Iterable[tuple[str, Record]]) -> list[SignalStats]:
    """Score the records, each with the name of its set; signals in the order of the rules, hidden parts left out."""
    counts = _Counts()
    for name, record in records:
        _count(detector, counts, name, record)
    shown = (rule for rule in detector.rules.signals if not rule.hidden)
    return [_stats(counts, rule.id, rule.stage, rule.weight / 1000) for rule in shown]


def _count(detector: Detector, counts: _Counts, name: str, record: Record) -> None:
    rules = detector.rules
    session = detector.session()
    for turn in record.conversation.turns:
        counts.turns += 1
        _time(rules, counts.nanoseconds, turn.text)
        session.feed(turn)
    ledger = session.ledger()
    verdict = session.verdict()
    earned = {} if ledger is None else {rules.signals[index].id: share for index, share in ledger.shares.items()}
    counts.discounted.update({one.signal for one in verdict.evidence} - earned.keys())
    if record.label != "unknown":
        key = (name, record.label == "scam")
        counts.sizes[key] += 1
        for signal in earned:
            counts.hits[signal][key] += 1
    names = sorted(earned)
    counts.together.update((one, other) for i, one in enumerate(names) for other in names[i + 1 :])
    if ledger is not None and verdict.level in ALERT_LEVELS:
        least = min(threshold for level, threshold in rules.levels if level in ALERT_LEVELS)
        for index in ledger.shares:
            if score_of(total_without(rules, ledger, index)) < least:
                counts.decisive[rules.signals[index].id] += 1


def total_without(rules: Ruleset, ledger: Ledger, left_out: int | None = None) -> int:
    """The highest total (milli-logits) of a ledger without one signal. A pair holds while strong signals remain on both
    of its sides; the turns between them are not looked at again.
    """
    shares = {index: share for index, share in ledger.shares.items() if index != left_out}
    strong = {index for index, share in shares.items() if share >= _STRONG}
    best = rules.base
    for script in rules.scripts:
        stages: dict[str, int] = {}
        for index, share in shares.items():
            stage = script.stage_of.get(index)
            if stage is not None:
                stages[stage] = stages.get(stage, 0) + round(rules.signals[index].weight * share)
        if not stages:
            continue
        total = rules.base
        for number in (number for index, number in ledger.pairs if index == script.index):
            pair = script.decisive[number]
            if strong.isdisjoint(pair.first) or strong.isdisjoint(pair.then):
                continue
            if pair.stage is None:
                total += pair.points
            else:
                stages[pair.stage] = stages.get(pair.stage, 0) + pair.points
        total += sum(min(points, script.caps.get(stage, points)) for stage, points in stages.items())
        best = max(best, total + (script.order_bonus if script.index in ledger.ordered else 0))
    return best


def _time(rules: Ruleset, spent: Counter[str], text: str) -> None:
    found = scan(rules, fold(text).text)
    if found is None:
        return
    for join in (rules.joins[number] for number in found.joins):
        start = time.perf_counter_ns()
        walk(found, join)
        took = time.perf_counter_ns() - start
        for index in rules.leaf_signals[join.leaf]:
            spent[rules.signals[index].id.partition("#")[0]] += took


def _stats(counts: _Counts, name: str, stage: str, weight: float) -> SignalStats:
    hits = counts.hits.get(name, Counter())
    partner, overlap = _closest(counts, name, sum(hits.values()))
    return SignalStats(
        name,
        stage,
        weight,
        in_scams=_mean(hits, counts.sizes, scam=True),
        in_benign=_mean(hits, counts.sizes, scam=False),
        conversations=sum(hits.values()),
        discounted=counts.discounted[name],
        decisive=counts.decisive[name],
        partner=partner,
        overlap=overlap,
        microseconds=counts.nanoseconds[name] / max(1, counts.turns),
    )


def _mean(hits: Mapping[tuple[str, bool], int], sizes: Mapping[tuple[str, bool], int], *, scam: bool) -> float:
    rates = [hits.get(key, 0) / size for key, size in sizes.items() if key[1] is scam]
    return sum(rates) / len(rates) if rates else 0.0


def _closest(counts: _Counts, name: str, own: int) -> tuple[str, float]:
    best = ("", 0.0)
    for (one, other), both in counts.together.items():
        if name in (one, other):
            partner = other if name == one else one
            union = own + sum(counts.hits[partner].values()) - both
            share = both / union if union > 0 else 0.0
            if share > best[1]:
                best = (partner, share)
    return best
