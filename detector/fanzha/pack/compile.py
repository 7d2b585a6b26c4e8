"""From a Pack to the frozen Ruleset: one automaton, joins over its hits, scripts with indexes for names.

In: a loaded Pack. Out: a Ruleset, or PackError with every fault of patterns, blocks and references at once.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from ahocorasick_rs import AhoCorasick, Implementation

from fanzha import __version__
from fanzha.errors import Diagnostic
from fanzha.pack.blocks import Leaf, Leaves, is_anchor, read_block, spans_turns
from fanzha.pack.load import Pack, Place, raise_errors
from fanzha.pack.model import CueModel, ScriptModel, SignalModel, TermModel
from fanzha.pack.pattern import TRIGGERS, Entity, Step, Words
from fanzha.ruleset import (
    CUE_BIT,
    DAMAGED,
    SOUND,
    SOUND_BIT,
    TRIGGER,
    AmountRule,
    Atom,
    Cues,
    DecisiveRule,
    Glimpses,
    Join,
    LiteralUse,
    Node,
    Ruleset,
    ScriptRule,
    SignalRule,
)
from fanzha.sound import sound_of
from fanzha.stance import REMEMBERED_CUES, REQUIRED_CUES
from fanzha.text import fold
from fanzha.words import Segmenter

# How much of a signal counts by stance, where the signal does not say otherwise. An `ask` counts in full as a question.
CLAIM_STANCES = {"asserted": 1.0, "asked": 0.6}
ASK_STANCES = {"asserted": 1.0, "asked": 1.0}
_ENTITY_GLIMPSE = {
    "money": "[0-9¥￥零一二两三四五六七八九十百千万几壹贰叁肆伍陆柒捌玖拾佰仟]",
    "code": "[0-9零一二三四五六七八九幺]",
    "account": "[0-9零一二三四五六七八九尾后]",
    "phone": "[0-9零一二三四五六七八九幺]",
    "im_id": "[0-9a-z]",
    "id_card": "[0-9]",
}
# Stand in every third message; a sound-alike beside nothing else is not worth the sound view.
_EVERYDAY = frozenset("有没有 还有没有 看一下 查一下 是什么 为什么 给我看 能不能 是不是 还没有 怎么样".split())
_RESERVED_BITS = 2  # CUE_BIT and SOUND_BIT stand below the atoms
_LONGEST_ENTITY = 40
_DAMAGE_FROM = 4  # a word of at least so many characters is still found with one inner character lost
_NEGATION = re.compile("[不没未别无勿莫]")
_FUNCTION_CHARACTERS = frozenset("的了您你我他她一个不没")  # without them the word means something else
_HAN_ONLY = re.compile("^[\u4e00-\u9fff]+$")
_NEVER = re.compile("(?!)()")  # a cue without words


def compile_pack(pack: Pack) -> Ruleset:
    """Compile; raises PackError that holds the faults of loading and compiling together."""
    return _Compiler(pack).run()


class _Compiler:
    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.diagnostics: list[Diagnostic] = list(pack.diagnostics)
        terms = {name: _words(term) for name, term in pack.terms.items()}
        self.leaves = Leaves(terms)
        self.signals: list[SignalRule] = []
        self.index_of: dict[str, int] = {}
        self.chains_of: dict[int, list[int]] = defaultdict(list)
        self.literals: dict[str, list[LiteralUse]] = defaultdict(list)
        self.atoms: list[Atom] = []
        self.atom_index: dict[Words | Entity, int] = {}

    def run(self) -> Ruleset:
        for model in self.pack.signals.values():
            self._signal(model, self.pack.places["signals", model.id])
        raise_errors(self.diagnostics)  # before the scripts: they would complain of every signal that failed above
        scripts = [
            self._script(index, model, self.pack.places["scripts", model.id])
            for index, model in enumerate(self.pack.scripts.values())
        ]
        raise_errors(self.diagnostics)
        joins = [join for number, leaf in enumerate(self.leaves.leaves) for join in self._joins(number, leaf)]
        return self._freeze(joins, scripts)

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
            weight=round(model.weight * 1000),
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
                found = self._named(name)
                if not found:
                    self.diagnostics.append(place.fault(f"没有信号 {name}", "uses", stage, number))
                stage_of.update(dict.fromkeys(found, stage))
        decisive = tuple(
            DecisiveRule(
                title=pair.title,
                first=self._set(pair.first, stage_of, place, ("decisive", number, "first")),
                then=self._set(pair.then, stage_of, place, ("decisive", number, "then")),
                points=round(pair.points * 1000),
                window=pair.window,
                unordered=pair.unordered,
            )
            for number, pair in enumerate(model.decisive)
        )
        return ScriptRule(
            index=index,
            id=model.id,
            title=model.title,
            summary=model.summary,
            fact=model.fact,
            stage_of=stage_of,
            caps={stage: round(cap * 1000) for stage, cap in model.caps.items()},
            order_bonus=round(model.order_bonus * 1000),
            decisive=decisive,
            next={stage: tuple(steps) for stage, steps in model.next.items()},
            advice=tuple((advice.stage, advice.level, advice.say) for advice in model.advice),
        )

    def _named(self, name: str) -> list[int]:
        return [
            rule.index for rule in self.signals if not rule.hidden and (rule.id == name or fnmatchcase(rule.id, name))
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

    # ── literals, atoms, joins ───────────────────────────────────────────────────────────────────────────────

    def _joins(self, number: int, leaf: Leaf) -> Iterable[Join]:
        for sequence in leaf.sequences:
            atoms = tuple(self._atom(step.element) for step in sequence)
            anchors = [index for index, step in enumerate(sequence) if is_anchor(step.element)]
            required = frozenset(atoms[index] for index in anchors)
            anchor = max(anchors, key=lambda index: (_rarity(sequence[index].element), -index))
            yield Join(
                leaf=number,
                atoms=atoms,
                gaps=tuple(step.gap for step in sequence),
                required=required,
                mask=sum(self._bit(atom) for atom in required),
                near=() if leaf.regex else tuple(self._near(sequence, anchor)),
                anchor=atoms[anchor],
                regex=leaf.regex,
            )

    @staticmethod
    def _bit(atom: int) -> int:
        return 1 << (atom + _RESERVED_BITS)

    @staticmethod
    def _near(sequence: tuple[Step, ...], anchor: int) -> Iterable[tuple[re.Pattern[str], int, int]]:
        """What the automaton alone does not find, and where around the anchor it must begin: a look before the walk."""
        for index, step in enumerate(sequence):
            if is_anchor(step.element):
                continue
            finder = _glimpse(step.element)
            between = sequence[min(index, anchor) + 1 : max(index, anchor)]
            reach = sum(_longest(part.element) for part in between) + sum(
                part.gap for part in sequence[min(index, anchor) + 1 : max(index, anchor) + 1]
            )
            reach += _longest(step.element)
            yield (finder, -reach, 0) if index < anchor else (finder, 0, reach)

    def _atom(self, element: Words | Entity) -> int:
        if element in self.atom_index:
            return self.atom_index[element]
        index = self.atom_index[element] = len(self.atoms)
        if isinstance(element, Entity):
            self.atoms.append(Atom(entity=element.kind))
            for word in sorted(TRIGGERS.get(element.kind, ())):
                self.literals[word].append(LiteralUse(index, TRIGGER))
            return index
        short = sorted(word for word in element.words if len(word) == 1)
        finder = re.compile("[" + "".join(map(re.escape, short)) + "]") if short else None
        self.atoms.append(Atom(finder=finder))
        for word in sorted(element.words):
            if len(word) > 1:
                self.literals[word].append(LiteralUse(index))
            for variant in _damaged(word) if word in element.mendable else ():
                if variant not in element.words:
                    self.literals[variant].append(LiteralUse(index, DAMAGED, word))
        for word in sorted(element.sound):
            self.literals[sound_of(word)].append(LiteralUse(index, SOUND, word, element.unlike))
        return index

    def _literal_tables(
        self, literals: list[str], joins: list[Join], anchored: Mapping[int, list[int]]
    ) -> tuple[tuple[int, ...], tuple[tuple[tuple[int, Glimpses], ...], ...]]:
        """For every literal its bits and the joins to try. A sound-alike is looked for only beside a word that
        joins with it (three characters and more) or a written sounding word: other text pays nothing for it.
        """
        tone = _tone_words(self.pack.cues)
        sounding = {use.atom for uses in self.literals.values() for use in uses if use.how == SOUND}
        partners = {atom for join in joins if sounding & set(join.atoms) for atom in join.atoms}
        heard = {use.word for uses in self.literals.values() for use in uses if use.how == SOUND}
        masks, tries = [], []
        for literal in literals:
            mask = CUE_BIT if literal in tone else 0
            numbers: dict[int, None] = {}
            for use in self.literals[literal]:
                if use.how == SOUND:
                    continue
                mask |= self._bit(use.atom)
                if literal in heard or (use.atom in partners and len(literal) >= 3 and literal not in _EVERYDAY):
                    mask |= SOUND_BIT
                numbers.update(dict.fromkeys(anchored.get(use.atom, ())))
            masks.append(mask)
            tries.append(tuple((joins[number].mask, joins[number].near) for number in numbers))
        return tuple(masks), tuple(tries)

    # ── the frozen whole ─────────────────────────────────────────────────────────────────────────────────────

    def _freeze(self, joins: list[Join], scripts: list[ScriptRule]) -> Ruleset:
        assert self.pack.pack is not None  # noqa: S101 - load_pack reports a missing pack.yaml as an error
        for word in _tone_words(self.pack.cues):
            self.literals[word]  # a cue is looked for like a word of the rules
        literals = sorted(self.literals)
        anchored: dict[int, list[int]] = defaultdict(list)
        for number, join in enumerate(joins):
            anchored[join.anchor].append(number)
        wanted = {leaf for rule in self.signals for leaf in _leaves_of(rule.node)}  # `unless` alone starts nothing
        starting = {
            atom: [number for number in numbers if joins[number].leaf in wanted] for atom, numbers in anchored.items()
        }
        masks, tries = self._literal_tables(literals, joins, starting)
        leaf_signals: list[list[int]] = [[] for _ in self.leaves.leaves]
        for rule in self.signals:
            for leaf in _leaves_of(rule.node):
                leaf_signals[leaf].append(rule.index)
        scripts_of: dict[int, list[int]] = defaultdict(list)
        for script in scripts:
            for signal in script.stage_of:
                scripts_of[signal].append(script.index)
        meta = self.pack.pack
        return Ruleset(
            id=f"{meta.id}-{meta.version}-{__version__}-{self.pack.digest[:12]}",
            title=meta.title,
            automaton=AhoCorasick(literals, implementation=Implementation.DFA, store_patterns=False),
            uses=tuple(tuple(self.literals[literal]) for literal in literals),
            masks=masks,
            tries=tries,
            atoms=tuple(self.atoms),
            anchored={atom: tuple(numbers) for atom, numbers in anchored.items()},
            joins=tuple(joins),
            leaf_signals=tuple(map(tuple, leaf_signals)),
            signals=tuple(self.signals),
            amount_signals=tuple(rule.index for rule in self.signals if rule.amounts is not None),
            chains_of={part: tuple(targets) for part, targets in self.chains_of.items()},
            scripts=tuple(scripts),
            scripts_of={signal: tuple(users) for signal, users in scripts_of.items()},
            cues=_cues(self.pack.cues),
            base=round(meta.base * 1000),
            levels=tuple(sorted(((str(n), v) for n, v in meta.levels.items()), key=lambda item: item[1])),
            stages={str(stage): title for stage, title in meta.stages.items()},
            emergency=tuple(meta.emergency),
            segmenter=Segmenter(tuple(sorted({word for term in self.pack.terms.values() for word in term.words}))),
        )


@cache
def _glimpse(element: Words | Entity) -> re.Pattern[str]:
    """A pattern that stands wherever the element does, sound-alikes and damage included."""
    if isinstance(element, Entity):
        return re.compile(_ENTITY_GLIMPSE.get(element.kind, "."))
    if element.sound:
        return re.compile(".")
    words = {*element.words, *(variant for word in element.mendable for variant in _damaged(word))}
    single = "".join(re.escape(word) for word in sorted(words) if len(word) == 1)
    longer = [re.escape(word) for word in sorted(words) if len(word) > 1]
    return re.compile("|".join([*([f"[{single}]"] if single else []), *longer]))


def _longest(element: Words | Entity) -> int:
    return max(map(len, element.words)) if isinstance(element, Words) else _LONGEST_ENTITY


def _tone_words(models: Mapping[str, CueModel]) -> set[str]:
    """The cues that later turns are read by (stance.Memory); those in use that are one character are left out."""
    words = {fold(word).text for name in REMEMBERED_CUES if name in models for word in models[name].words}
    return {word for word in words if len(word) > 1}


def _words(term: TermModel) -> Words:
    words = frozenset(fold(word).text for word in term.words)
    by_choice = frozenset(fold(word).text for word in term.sound) if isinstance(term.sound, list) else frozenset()
    freely = frozenset(word for word in words if len(word) >= 3 and _HAN_ONLY.match(word))
    sound = freely | by_choice if term.sound else frozenset()
    return Words(words, sound, frozenset(fold(word).text for word in term.unlike), words)


def _damaged(word: str) -> list[str]:
    if len(word) < _DAMAGE_FROM or not _HAN_ONLY.match(word):
        return []
    inner = range(1, len(word) - 1)
    return [word[:lost] + word[lost + 1 :] for lost in inner if word[lost] not in _FUNCTION_CHARACTERS]


def _rarity(element: Words | Entity) -> float:
    """How rare an element is in ordinary text, guessed: long words are rare, many words are less so."""
    return min(map(len, element.words)) - len(element.words) / 1000 if isinstance(element, Words) else 3.0


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


def _cues(models: Mapping[str, CueModel]) -> Cues:
    """Exceptions are tried first and given no group, so that 特别 does not count as 别. A cue that the pack leaves out
    is never seen.
    """
    patterns = dict.fromkeys(REQUIRED_CUES, _NEVER)
    for name, model in models.items():
        words = "|".join(map(re.escape, sorted((fold(w).text for w in model.words), key=lambda w: (-len(w), w))))
        excepted = "|".join(map(re.escape, sorted((fold(w).text for w in model.except_), key=lambda w: (-len(w), w))))
        patterns[name] = re.compile(f"(?:{excepted})|({words})" if excepted else f"({words})")
    return Cues(patterns)
