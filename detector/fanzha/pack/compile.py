"""From a Pack to the frozen Ruleset: one automaton, joins over its hits, scripts with indexes for names.

In: a loaded Pack. Out: a Ruleset, or PackError with every fault of patterns, blocks and references at once.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from fanzha import __version__
from fanzha.errors import Diagnostic
from fanzha.pack.blocks import Leaves, read_block, spans_turns
from fanzha.pack.literals import Literals, words_of
from fanzha.pack.load import Pack, Place, raise_errors
from fanzha.pack.model import CueModel, ScriptModel, SignalModel
from fanzha.pack.pattern import Words
from fanzha.pack.vocabulary import vocabulary_of
from fanzha.ruleset import (
    EXACT,
    AmountRule,
    Compiled,
    CueWords,
    DecisiveRule,
    Join,
    LiteralUse,
    Node,
    Ruleset,
    ScriptRule,
    SignalRule,
    assemble,
)
from fanzha.stance import REMEMBERED_CUES, REQUIRED_CUES
from fanzha.text import fold

# How much of a signal counts by stance, where the signal does not say otherwise. An `ask` counts in full as a question.
CLAIM_STANCES = {"asserted": 1.0, "asked": 0.6}
ASK_STANCES = {"asserted": 1.0, "asked": 1.0}
_NEGATION = re.compile("[不没未别无勿莫]")


def compile_pack(pack: Pack) -> Ruleset:
    """Compile and assemble; raises PackError that holds the faults of loading and compiling together."""
    return assemble(compile_parts(pack))


def compile_parts(pack: Pack) -> Compiled:
    """Compile to plain data; raises PackError as compile_pack does."""
    return _Compiler(pack).run()


def words_of_patterns(pack: Pack) -> frozenset[str]:
    """Every word of the patterns as the automaton has it, neighbours joined; raises PackError as compile_pack does."""
    parts = compile_parts(pack)
    return frozenset(_exact(zip(parts.literals, parts.uses, strict=True)))


def _exact(meanings: Iterable[tuple[str, Iterable[LiteralUse]]]) -> Iterator[str]:
    """The literals that are words of patterns as they were written."""
    return (literal for literal, uses in meanings if any(use.how == EXACT for use in uses))


class _Compiler:
    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.diagnostics: list[Diagnostic] = list(pack.diagnostics)
        terms = {name: words_of(term) for name, term in pack.terms.items()}
        self.leaves = Leaves(terms)
        self.signals: list[SignalRule] = []
        self.index_of: dict[str, int] = {}
        self.chains_of: dict[int, list[int]] = defaultdict(list)
        self.literals = Literals()
        self._weights = dict(pack.fit.weights) if pack.fit is not None else {}
        self._scale = pack.fit.scale if pack.fit is not None else 1.0

    def run(self) -> Compiled:
        for model in self.pack.signals.values():
            self._signal(model, self.pack.places["signals", model.id])
        raise_errors(self.diagnostics)  # before the scripts: they would complain of every signal that failed above
        scripts = [
            self._script(index, model, self.pack.places["scripts", model.id])
            for index, model in enumerate(self.pack.scripts.values())
        ]
        raise_errors(self.diagnostics)
        joins = [join for number, leaf in enumerate(self.leaves.leaves) for join in self.literals.joins(number, leaf)]
        return self._freeze(joins, scripts)

    def _points(self, logits: float) -> int:
        """Milli-logits, as scaled by the fit."""
        return round(logits * self._scale * 1000)

    # ── signals ──────────────────────────────────────────────────────────────────────────────────────────────

    def _signal(self, model: SignalModel, place: Place) -> None:
        def report(message: str, inside: tuple[str | int, ...]) -> None:
            self.diagnostics.append(place.fault(message, *inside))

        if isinstance(model.match, Mapping) and "amounts" in model.match:
            amounts = _amounts(model.match["amounts"], report)
            self._add(model, None, amounts=amounts)
            return
        node = read_block(model.match, self.leaves, report, ("match",), spanning=True)
        if node is None:
            return
        window = spans_turns(node.within)
        if not window:
            unless = read_block(model.unless, self.leaves, report, ("unless",)) if model.unless else None
            self._add(model, node, unless=unless)
        elif node.op in {"all", "then", "count"}:
            self._chain(model, node, window)
        else:
            report("跨轮次只支持 all、then 与 count", ("match",))

    def _chain(self, model: SignalModel, node: Node, window: int) -> None:
        parts: list[int] = []
        absent: list[int] = []
        for number, child in enumerate(node.children):
            inner = child.children[0] if child.op == "not" else child
            by = inner.by or child.by or model.by
            index = self._add(model, inner, hidden=True, name=f"{model.id}#{number + 1}", by=by)
            (absent if child.op == "not" else parts).append(index)
        target = self._add(
            model,
            None,
            parts=tuple(parts),
            absent=tuple(absent),
            ordered=node.op == "then",
            window=window,
            at_least=node.at_least if node.op == "count" else 0,
        )
        for part in (*parts, *absent):
            self.chains_of[part].append(target)

    def _add(self, model: SignalModel, node: Node | None, *, name: str = "", by: str = "", **more: Any) -> int:
        stances: dict[str, float] = {**(ASK_STANCES if model.ask else CLAIM_STANCES)}
        stances.update({str(stance): share for stance, share in model.stances.items()})
        rule = SignalRule(
            index=len(self.signals),
            id=name or model.id,
            title=model.title,
            stage=model.stage,
            by=by or model.by,
            weight=self._points(self._weights.get(model.id, model.weight)),
            stances=stances,
            why=model.why,
            node=node,
            unless_within=model.unless_within,
            word=model.word,
            known_party=model.known_party,
            when_self_began=model.when_self_began,
            positive=not self._denies(node),
            **more,
        )
        self.signals.append(rule)
        self.index_of[rule.id] = rule.index
        return rule.index

    def _denies(self, node: Node | None) -> bool:
        """Whether a word of the signal itself holds a negation, as 没有成功 and 不要挂断 do."""
        return any(
            _NEGATION.search(word)
            for leaf in _leaves_of(node)
            for sequence in self.leaves.leaves[leaf].sequences
            for step in sequence
            if isinstance(step.element, Words)
            for word in step.element.words
        )

    # ── scripts ──────────────────────────────────────────────────────────────────────────────────────────────

    def _script(self, index: int, model: ScriptModel, place: Place) -> ScriptRule:
        stage_of: dict[int, str] = {}
        for stage, names in model.uses.items():
            for number, name in enumerate(names):
                found = self._named(name, stage)
                if not found:
                    self.diagnostics.append(place.fault(f"没有信号 {name}", "uses", stage, number))
                stage_of.update({index: stage for index in found if index not in stage_of})
        decisive = tuple(
            DecisiveRule(
                title=pair.title,
                first=self._set(pair.first, stage_of, place, ("decisive", number, "first")),
                then=self._set(pair.then, stage_of, place, ("decisive", number, "then")),
                points=self._points(pair.points),
                window=pair.window,
                unordered=pair.unordered,
                stage=pair.stage,
            )
            for number, pair in enumerate(model.decisive)
        )
        return ScriptRule(
            index=index,
            id=model.id,
            title=model.title,
            track=model.track,
            fallback=model.fallback,
            summary=model.summary,
            fact=model.fact,
            stage_of=stage_of,
            caps={stage: self._points(cap) for stage, cap in model.caps.items()},
            order_bonus=self._points(model.order_bonus),
            decisive=decisive,
            next={stage: tuple(steps) for stage, steps in model.next.items()},
            advice=tuple((advice.stage, advice.level, advice.say) for advice in model.advice),
        )

    def _named(self, name: str, stage: str | None = None) -> list[int]:
        """The signals that a name stands for. Globs and groups give, where a stage is asked, those of that stage."""
        if name.startswith("group:"):
            group = self.pack.groups.get(name.removeprefix("group:"))
            return [index for part in (group.signals if group else ()) for index in self._filtered(part, stage)]
        if name in self.index_of:
            return [self.index_of[name]]
        return self._filtered(name, stage)

    def _filtered(self, name: str, stage: str | None) -> list[int]:
        return [
            rule.index
            for rule in self.signals
            if not rule.hidden and fnmatchcase(rule.id, name) and stage in (None, rule.stage)
        ]

    def _set(
        self, names: list[str] | str, stage_of: Mapping[int, str], place: Place, path: tuple[str | int, ...]
    ) -> frozenset[int]:
        found: set[int] = set()
        for name in [names] if isinstance(names, str) else names:
            if name.startswith("stage:"):
                members = [index for index, stage in stage_of.items() if stage == name.removeprefix("stage:")]
            else:
                members = [index for index in self._named(name) if index in stage_of]
            if not members:
                self.diagnostics.append(place.fault(f"{name} 不在本剧本的 uses 里", *path))
            found.update(members)
        return frozenset(found)

    # ── the frozen whole ─────────────────────────────────────────────────────────────────────────────────────

    def _freeze(self, joins: list[Join], scripts: list[ScriptRule]) -> Compiled:
        assert self.pack.pack is not None  # noqa: S101 - load_pack reports a missing pack.yaml as an error
        tone = _tone_words(self.pack.cues)
        uses = self.literals.uses
        literals = sorted({*uses, *tone})  # a cue is looked for like a word of the rules
        anchored: dict[int, list[int]] = defaultdict(list)
        for number, join in enumerate(joins):
            anchored[join.anchor].append(number)
        beside = (name for name, model in self.pack.signals.items() if model.beside)
        aside = {self.index_of[name] for name in beside if name in self.index_of}
        # `unless` alone starts nothing, nor does a signal that only stands beside others
        wanted = {leaf for rule in self.signals if rule.index not in aside for leaf in _leaves_of(rule.node)}
        starting = {
            atom: [number for number in numbers if joins[number].leaf in wanted] for atom, numbers in anchored.items()
        }
        flags, begins = self.literals.tables(literals, joins, starting, tone)
        joins_of: dict[int, list[int]] = defaultdict(list)
        for number, join in enumerate(joins):
            joins_of[join.leaf].append(number)

        def joins_within(node: Node | None) -> tuple[int, ...]:
            return tuple(number for leaf in sorted(_leaves_of(node)) for number in joins_of[leaf])

        excusing = {rule.index: joins_within(rule.unless) for rule in self.signals if rule.unless is not None}
        leaf_signals: list[list[int]] = [[] for _ in self.leaves.leaves]
        for rule in self.signals:
            for leaf in _leaves_of(rule.node):
                leaf_signals[leaf].append(rule.index)
        scripts_of: dict[int, list[int]] = defaultdict(list)
        for script in scripts:
            for signal in script.stage_of:
                scripts_of[signal].append(script.index)
        meta, fit = self.pack.pack, self.pack.fit
        return Compiled(
            id=f"{meta.id}-{meta.version}-{__version__}-{self.pack.digest[:12]}",
            authored=self.pack.authored[:12],
            title=meta.title,
            literals=tuple(literals),
            uses=tuple(tuple(uses.get(literal, ())) for literal in literals),
            flags=flags,
            begins=begins,
            atoms=tuple(self.literals.atoms),
            joins=tuple(joins),
            excusing=excusing,
            beside={index: joins_within(self.signals[index].node) for index in sorted(aside)},
            leaf_signals=tuple(map(tuple, leaf_signals)),
            signals=tuple(self.signals),
            amount_signals=tuple(rule.index for rule in self.signals if rule.amounts is not None),
            chains_of={part: tuple(targets) for part, targets in self.chains_of.items()},
            scripts=tuple(scripts),
            scripts_of={signal: tuple(users) for signal, users in scripts_of.items()},
            cues=_cues(self.pack.cues),
            base=round((fit.base if fit else meta.base) * 1000),
            levels=tuple(sorted(((str(n), v) for n, v in (fit or meta).levels.items()), key=lambda item: item[1])),
            stages={str(stage): title for stage, title in meta.stages.items()},
            emergency=tuple(meta.emergency),
            vocabulary=vocabulary_of(self.pack, _exact(uses.items())),
            words=tuple(sorted({word for term in self.pack.terms.values() for word in term.words})),
        )


def _tone_words(models: Mapping[str, CueModel]) -> set[str]:
    """The cues that later turns are read by (stance.Memory); those in use that are one character are left out."""
    words = {fold(word).text for name in REMEMBERED_CUES if name in models for word in models[name].words}
    return {word for word in words if len(word) > 1}


def _leaves_of(node: Node | None) -> set[int]:
    if node is None:
        return set()
    own = {node.leaf} if node.op == "leaf" else set()
    return own.union(*(_leaves_of(child) for child in node.children))


def _amounts(body: Any, report: Any) -> AmountRule | None:
    purposes = {"claim", "overpaid", "to_return", "to_borrow"}
    if isinstance(body, Mapping) and body.get("scaled") is True:
        return AmountRule(frozenset(), 1.0, float(body.get("at_least", 0)), scaled=True)
    if not isinstance(body, Mapping) or not set(body.get("any_of", ())) <= purposes or not body.get("any_of"):
        choices = ", ".join(sorted(purposes))
        report(
            f"amounts 要写 {{any_of: [{choices}], ratio: 5, at_least: 1000}} 或 {{scaled: true, at_least: 1000}}",
            ("match", "amounts"),
        )
        return None
    return AmountRule(frozenset(body["any_of"]), float(body.get("ratio", 1)), float(body.get("at_least", 0)))


def _cues(models: Mapping[str, CueModel]) -> dict[str, CueWords]:
    """The words and exceptions of every cue. One that the pack leaves out is never seen."""
    cues: dict[str, CueWords] = dict.fromkeys(REQUIRED_CUES, ((), ()))
    for name, model in models.items():
        words, excepted = (tuple(sorted({fold(word).text for word in some})) for some in (model.words, model.except_))
        cues[name] = (words, excepted)
    return cues
