"""The rules as people read them: what there is, and all of one rule with its YAML as it stands in its file.

In: rule folders. Out: frozen models, ready for JSON. It reads YAML, so it takes a third of a second; scoring never
needs it. It knows the rules as written, not as compiled.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from fanzha.pack.bundled import rule_files
from fanzha.pack.catalogue import members
from fanzha.pack.lint import patterns_of
from fanzha.pack.load import Pack, Place, load_pack
from fanzha.pack.model import CueModel, GroupModel, ScriptModel, SignalModel
from fanzha.pack.source import parse_document

Kind = Literal["signal", "script", "term", "group", "guard"]
KINDS: tuple[Kind, ...] = ("signal", "script", "term", "group", "guard")  # an id is looked for in this order
_SECTIONS: dict[Kind, str] = {
    "signal": "signals", "script": "scripts", "term": "terms", "group": "groups", "guard": "guards",
}  # fmt: skip
_TITLES: dict[Kind, str] = {"term": "词表", "group": "分组", "guard": "语气"}
_TERM = re.compile(r"\{([^{}\s|\]]+)\}")
_COMMENT = re.compile(r"\s*(#|$)")


class _Dumper(yaml.SafeDumper):
    """Writes out what is said twice."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


class _Page(BaseModel):
    model_config = ConfigDict(frozen=True)


class Named(_Page):
    """A rule by its id and title."""

    id: str
    title: str


class SignalSummary(Named):
    """One line about a signal."""

    stage: str
    stage_title: str
    by: Literal["other", "self", "any"]
    weight: float = Field(description="对数几率")
    scripts: tuple[str, ...] = Field(description="用到它的剧本")


class ScriptSummary(Named):
    """One line about a script."""

    track: Literal["fraud", "gray"]
    summary: str
    fact: str = Field(description="识破它的一条事实")
    stages: tuple[str, ...]
    signals: int = Field(description="用到多少个信号")


class WordsSummary(_Page):
    """A term, group or guard: how many members it has."""

    kind: Literal["term", "group", "guard"]
    id: str
    note: str
    size: int


class Overview(_Page):
    """全部剧本与信号的摘要; 一条规则的全部见 GET /rules/{id}."""

    pack: str = Field(description="规则与引擎的编号")
    title: str
    stages: dict[str, str] = Field(description="阶段的编号与名字, 按骗局的先后")
    scripts: tuple[ScriptSummary, ...]
    signals: tuple[SignalSummary, ...]
    words: tuple[WordsSummary, ...] = Field(description="词表、分组与语气线索")


class _Entry(_Page):
    id: str
    title: str
    note: str = ""
    file: str = Field(description="在哪个规则文件里")
    line: int = Field(description="从 1 起")
    yaml: str = Field(description="规则的原文, 单独就是一份合法的规则文件")


class SignalEntry(_Entry):
    """一个信号的全部."""

    kind: Literal["signal"] = "signal"
    stage: str
    stage_title: str
    by: Literal["other", "self", "any"]
    weight: float
    ask: bool
    beside: bool
    known_party: bool
    when_self_began: float
    match: Any
    unless: tuple[Any, ...]
    why: str
    falsepositives: str
    hits: tuple[Any, ...]
    misses: tuple[Any, ...]
    terms: tuple[str, ...] = Field(description="用到的词表")
    scripts: tuple[Named, ...] = Field(description="用到它的剧本")


class StageEntry(_Page):
    """A stage of a script: its signals and the most points that it gives."""

    id: str
    title: str
    cap: float | None
    signals: tuple[Named, ...]


class PairEntry(_Page):
    """Two steps that decide."""

    title: str
    points: float
    window: int
    first: tuple[str, ...]
    then: tuple[str, ...]


class AdviceEntry(_Page):
    """What to do, once a stage or level is reached."""

    stage: str | None
    level: str | None
    say: str


class ScriptEntry(_Entry):
    """一个剧本的全部."""

    kind: Literal["script"] = "script"
    track: Literal["fraud", "gray"]
    summary: str
    fact: str
    stages: tuple[StageEntry, ...]
    decisive: tuple[PairEntry, ...]
    next: dict[str, tuple[str, ...]]
    advice: tuple[AdviceEntry, ...]


class WordsEntry(_Entry):
    """一个词表、分组或语气线索的全部."""

    kind: Literal["term", "group", "guard"]
    words: tuple[str, ...] = Field(description="词, 分组则是信号")
    except_: tuple[str, ...] = Field((), alias="except", description="含有线索字样却不是线索的词")
    used_by: tuple[Named, ...] = ()


Entry = SignalEntry | ScriptEntry | WordsEntry


class Book:
    """The rules of some folders, read once."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self.pack: Pack = load_pack(folders)
        self._texts = {
            str(path.relative_to(folder.parent)): path for folder in folders for path in rule_files(folder)
        }
        self._members = {script.id: members(self.pack, script) for script in self.pack.scripts.values()}
        self._scripts_of: defaultdict[str, list[ScriptModel]] = defaultdict(list)
        for script in self.pack.scripts.values():
            for signal in self._members[script.id]:
                self._scripts_of[signal].append(script)

    # ── what there is ────────────────────────────────────────────────────────────────────────────────────────

    def overview(self, pack_id: str) -> Overview:
        """Scripts and signals in the order of the files."""
        pack = self.pack
        return Overview(
            pack=pack_id,
            title=pack.pack.title if pack.pack else "",
            stages=self._stages(),
            scripts=tuple(
                ScriptSummary(
                    id=one.id, title=one.title, track=one.track, summary=one.summary, fact=one.fact,
                    stages=tuple(one.uses), signals=len(self._members[one.id]),
                )
                for one in pack.scripts.values()
            ),
            signals=tuple(
                SignalSummary(
                    id=one.id, title=one.title, stage=one.stage, stage_title=self._stages().get(one.stage, one.stage),
                    by=one.by, weight=one.weight, scripts=tuple(script.id for script in self._scripts_of[one.id]),
                )
                for one in pack.signals.values()
            ),
            words=tuple(self._words()),
        )  # fmt: skip

    def _words(self) -> Iterator[WordsSummary]:
        pack = self.pack
        for name, term in pack.terms.items():
            yield WordsSummary(kind="term", id=name, note=term.note, size=len(term.words))
        for name, group in pack.groups.items():
            yield WordsSummary(kind="group", id=name, note=group.note, size=len(group.signals))
        for name, cue in pack.cues.items():
            yield WordsSummary(kind="guard", id=name, note=cue.note, size=len(cue.words))

    # ── one rule ─────────────────────────────────────────────────────────────────────────────────────────────

    def entry(self, name: str, kind: Kind | None = None) -> Entry | None:
        """All of one rule; of rules of the same id the first of KINDS, unless `kind` says which."""
        for one in KINDS if kind is None else (kind,):
            place = self.pack.places.get((_SECTIONS[one], name))
            if place is not None:
                return self._entry(one, name, place)
        return None

    def ids(self) -> Iterator[str]:
        """Every id that `entry` knows."""
        for one in KINDS:
            yield from self._section(one)

    def _section(self, kind: Kind) -> Mapping[str, Any]:
        pack = self.pack
        sections: dict[Kind, Mapping[str, Any]] = {
            "signal": pack.signals, "script": pack.scripts,
            "term": pack.terms, "group": pack.groups, "guard": pack.cues,
        }  # fmt: skip
        return sections[kind]

    def _entry(self, kind: Kind, name: str, place: Place) -> Entry | None:
        common: dict[str, Any] = {
            "id": name,
            "file": place.document.file,
            "line": place.document.positions.get(place.path, (1, 1))[0],
            "yaml": self._yaml(kind, name, place),
        }
        model = self._section(kind).get(name)
        if isinstance(model, SignalModel):
            return self._signal(model, common)
        if isinstance(model, ScriptModel):
            return self._script(model, common)
        if model is None:  # it has faults
            return None
        common |= {"kind": kind, "note": model.note, "title": f"{_TITLES[kind]} {name}"}
        if isinstance(model, GroupModel):
            return WordsEntry(words=tuple(model.signals), **common)
        if isinstance(model, CueModel):
            common["except"] = tuple(model.except_)
            return WordsEntry(words=tuple(model.words), **common)
        users = (signal for signal in self.pack.signals.values() if name in terms_of(signal))
        return WordsEntry(words=tuple(model.words), used_by=_named(users), **common)

    def _signal(self, model: SignalModel, common: Mapping[str, Any]) -> SignalEntry:
        told = model.model_dump(exclude={"stances", "word", "unless_within", "id"})
        return SignalEntry(
            **{key: tuple(value) if key in ("unless", "hits", "misses") else value for key, value in told.items()},
            stage_title=self._stages().get(model.stage, model.stage),
            terms=tuple(dict.fromkeys(terms_of(model))),
            scripts=_named(self._scripts_of[model.id]),
            **common,
        )

    def _script(self, model: ScriptModel, common: Mapping[str, Any]) -> ScriptEntry:
        own = self._members[model.id]
        return ScriptEntry(
            title=model.title,
            track=model.track,
            summary=model.summary,
            fact=model.fact,
            stages=tuple(
                StageEntry(
                    id=stage,
                    title=self._stages().get(stage, stage),
                    cap=model.caps.get(stage),
                    signals=_named(self.pack.signals[name] for name, at in own.items() if at == stage),
                )
                for stage in model.uses
            ),
            decisive=tuple(
                PairEntry(
                    title=pair.title, points=pair.points, window=pair.window,
                    first=_listed(pair.first), then=_listed(pair.then),
                )
                for pair in model.decisive
            ),
            next={stage: tuple(steps) for stage, steps in model.next.items()},
            advice=tuple(AdviceEntry(**one.model_dump()) for one in model.advice),
            **common,
        )  # fmt: skip

    def _stages(self) -> dict[str, str]:
        return dict(self.pack.pack.stages) if self.pack.pack else {}  # type: ignore[arg-type]  # Stage is str

    def _yaml(self, kind: Kind, name: str, place: Place) -> str:
        """The lines of one rule under the key of its section; written anew where they do not stand alone (*aliases)."""
        path = self._texts.get(place.document.file)
        try:
            lines = path.read_text("utf-8").splitlines() if path is not None else []
        except OSError:  # it has gone since
            lines = []
        first = place.document.positions.get(place.path, (1, 1))[0] - 1
        listed = isinstance(place.path[-1], int)
        if not listed:  # a position is that of the value, which may stand on the line after its name
            key = re.compile(rf"\s*[\"']?{re.escape(name)}[\"']?\s*:")
            first = next((number for number in range(first, -1, -1) if key.match(lines[number : number + 1][0])), first)
        section = _SECTIONS[kind]
        cut = "\n".join([f"{section}:", *_block(lines[first:], listed=listed)]) + "\n"
        body = place.document.data[section][place.path[-1]]
        whole = {section: [body] if listed else {name: body}}
        if parse_document(cut, "").data == whole:
            return cut
        return yaml.dump(whole, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100)


def _block(lines: Sequence[str], *, listed: bool) -> Iterator[str]:
    """The first line and what is indented below it, without the comments that lead to the next rule."""
    if not lines:
        return
    indent = len(lines[0]) - len(lines[0].lstrip())
    waiting: list[str] = []
    for number, line in enumerate(lines):
        if _COMMENT.match(line) and number:
            waiting.append(line)
            continue
        depth = len(line) - len(line.lstrip())
        within = depth > indent or (depth == indent and not listed and line.lstrip().startswith("- "))
        if number and not within:
            return
        yield from waiting
        waiting.clear()
        yield line


def terms_of(model: SignalModel) -> Iterator[str]:
    """The terms that a signal names, in the order in which it names them, repeated where it repeats them."""
    for text, _ in patterns_of(model):
        yield from _TERM.findall(text)


def _named(models: Any) -> tuple[Named, ...]:
    return tuple(Named(id=one.id, title=one.title) for one in models)


def _listed(names: list[str] | str) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)
