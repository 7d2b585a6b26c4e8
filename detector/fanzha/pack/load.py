"""Read rule packs from folders: every YAML file, merged and checked, all faults at once.

In: folders. A file may hold any of the keys of _SECTIONS; a later folder replaces what has the same id and adds the
rest (a term or group with `extend: true` adds its members). Out: a Pack, or PackError with every fault.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from fanzha.errors import Diagnostic, PackError
from fanzha.pack.bundled import bundled_rules, is_local, rule_files
from fanzha.pack.model import (
    CueModel,
    DisguiseModel,
    FitModel,
    GroupModel,
    PackModel,
    ScriptModel,
    SignalModel,
    SoundsModel,
    SpeechModel,
    TermModel,
)
from fanzha.pack.source import Document, DocumentPath, read_document

__all__ = ["Pack", "Place", "bundled_rules", "lay_over", "load_pack", "raise_errors"]
_M = TypeVar("_M", bound=BaseModel)
_Named = TypeVar("_Named", TermModel, GroupModel)
_SECTIONS = ("pack", "fit", "sounds", "speech", "disguise", "terms", "groups", "signals", "scripts", "guards")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a rule stands."""

    document: Document
    path: DocumentPath

    def fault(self, message: str, *inside: str | int, severity: Any = "error") -> Diagnostic:
        """A diagnostic at this rule, or at the path inside it."""
        return self.document.at((*self.path, *inside), message, severity)


@dataclass(slots=True)
class Pack:
    """Merged, validated rule data, each rule with the place where it stands."""

    pack: PackModel | None = None
    fit: FitModel | None = None
    sounds: SoundsModel | None = None
    speech: SpeechModel | None = None
    disguise: DisguiseModel | None = None
    terms: dict[str, TermModel] = field(default_factory=dict)
    groups: dict[str, GroupModel] = field(default_factory=dict)
    signals: dict[str, SignalModel] = field(default_factory=dict)
    scripts: dict[str, ScriptModel] = field(default_factory=dict)
    cues: dict[str, CueModel] = field(default_factory=dict)
    places: dict[tuple[str, str], Place] = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    digest: str = ""  # of everything
    authored: str = ""  # of everything but the fit


def load_pack(folders: Sequence[Path]) -> Pack:
    """Read and merge the folders in order; faults are collected in `Pack.diagnostics`, never raised here."""
    pack = Pack()
    digest, authored = hashlib.sha256(), hashlib.sha256()
    for folder in folders:
        seen: set[tuple[str, str]] = set()
        local = False
        for path in _files(folder, pack):
            if is_local(path, folder) and not local:  # the site's own files may replace what stands before them
                local, seen = True, set()
            shown = str(path.relative_to(folder.parent))
            document = read_document(path, shown)
            pack.diagnostics.extend(document.diagnostics)
            _add(pack, document, seen)
            digest.update(_canonical(document.data))
            if isinstance(document.data, dict):
                authored.update(_canonical({key: value for key, value in document.data.items() if key != "fit"}))
    if pack.pack is None and not pack.diagnostics:
        first = str(folders[0]) if folders else "rules"
        pack.diagnostics.append(Diagnostic(first, 1, 1, "没有 pack.yaml: 需要 id、version、levels、stages"))
    pack.digest, pack.authored = digest.hexdigest(), authored.hexdigest()
    return pack


def lay_over(pack: Pack, document: Document) -> Pack:
    """A pack with one more document, as if it stood in a later folder; the faults are those of the document alone."""
    over = Pack(
        pack=pack.pack,
        fit=pack.fit,
        terms=dict(pack.terms),
        groups=dict(pack.groups),
        signals=dict(pack.signals),
        scripts=dict(pack.scripts),
        cues=dict(pack.cues),
        places=dict(pack.places),
        diagnostics=list(document.diagnostics),
        digest=pack.digest,
        authored=pack.authored,
    )
    _add(over, document, set())
    return over


def _canonical(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False, sort_keys=True, default=str).encode()


def raise_errors(diagnostics: Iterable[Diagnostic]) -> None:
    """Raise PackError if any diagnostic is an error."""
    errors = tuple(diagnostic for diagnostic in diagnostics if diagnostic.severity == "error")
    if errors:
        raise PackError(errors)


def _files(folder: Path, pack: Pack) -> Iterator[Path]:
    if not folder.is_dir():
        pack.diagnostics.append(Diagnostic(str(folder), 1, 1, "没有这个规则目录"))
        return
    files = rule_files(folder)
    if not files:
        pack.diagnostics.append(Diagnostic(str(folder), 1, 1, "目录里没有 .yaml 规则文件"))
    yield from files


def _add(pack: Pack, document: Document, seen: set[tuple[str, str]]) -> None:
    if document.data is None:
        return
    if not isinstance(document.data, dict):
        pack.diagnostics.append(document.at((), f"应为映射, 键取 {', '.join(_SECTIONS)}"))
        return
    for key in document.data:
        if key not in _SECTIONS:
            pack.diagnostics.append(document.at((key,), f"不认识的键 {key!r}; 可用: {', '.join(_SECTIONS)}"))
    if "pack" in document.data:
        model = _check(pack, Place(document, ("pack",)), document.data["pack"], PackModel)
        pack.pack = model or pack.pack
    if "fit" in document.data:
        place = pack.places["fit", "fit"] = Place(document, ("fit",))
        pack.fit = _check(pack, place, document.data["fit"], FitModel) or pack.fit
    if "sounds" in document.data:
        place = pack.places["sounds", "sounds"] = Place(document, ("sounds",))
        pack.sounds = _check(pack, place, document.data["sounds"], SoundsModel) or pack.sounds
    if "speech" in document.data:
        place = pack.places["speech", "speech"] = Place(document, ("speech",))
        pack.speech = _check(pack, place, document.data["speech"], SpeechModel) or pack.speech
    if "disguise" in document.data:
        place = pack.places["disguise", "disguise"] = Place(document, ("disguise",))
        pack.disguise = _check(pack, place, document.data["disguise"], DisguiseModel) or pack.disguise
    _add_named(pack, document, seen, "terms", "words", TermModel, pack.terms, "名字 → {words: [...]}")
    _add_named(pack, document, seen, "groups", "signals", GroupModel, pack.groups, "名字 → [信号编号, …]")
    _add_listed(pack, document, seen, "signals", SignalModel, pack.signals)
    _add_listed(pack, document, seen, "scripts", ScriptModel, pack.scripts)
    _add_listed(pack, document, seen, "guards", CueModel, pack.cues)


def _add_named(
    pack: Pack,
    document: Document,
    seen: set[tuple[str, str]],
    section: str,
    members: str,
    model: type[_Named],
    into: dict[str, _Named],
    shape: str,
) -> None:
    """Add named lists; `members` may be written alone, and a list with `extend: true` adds to an earlier one."""
    items = document.data.get(section, {})
    if not isinstance(items, dict):
        pack.diagnostics.append(document.at((section,), f"{section} 应为 {shape}"))
        return
    for name, body in items.items():
        place = Place(document, (section, name))
        item: _Named | None = _check(pack, place, {members: body} if isinstance(body, list) else body, model)
        if item is None or not _is_new(pack, place, seen, section, str(name), extends=item.extend):
            continue
        earlier: _Named | None = into.get(name)
        if item.extend and earlier is not None:
            item = earlier.model_copy(update={members: [*getattr(earlier, members), *getattr(item, members)]})
        into[name] = item


def _add_listed(
    pack: Pack,
    document: Document,
    seen: set[tuple[str, str]],
    section: str,
    model: type[_M],
    into: dict[str, _M],
) -> None:
    items = document.data.get(section, [])
    if not isinstance(items, list):
        pack.diagnostics.append(document.at((section,), f"{section} 应为列表, 每项以 - id: 开头"))
        return
    for index, body in enumerate(items):
        place = Place(document, (section, index))
        item = _check(pack, place, body, model)
        if item is not None:
            name = str(getattr(item, "id"))  # noqa: B009 - every listed model has an id; BaseModel does not say so
            if _is_new(pack, place, seen, section, name):
                into[name] = item


def _is_new(
    pack: Pack, place: Place, seen: set[tuple[str, str]], section: str, name: str, *, extends: bool = False
) -> bool:
    key = (section, name)
    if key in seen and not extends:
        earlier = pack.places[key]
        line, _ = earlier.document.positions.get(earlier.path, (1, 1))
        pack.diagnostics.append(place.fault(f"{name} 已在 {earlier.document.file}:{line} 定义; 请改名或合并"))
        return False
    seen.add(key)
    pack.places[key] = place
    return True


def _check(pack: Pack, place: Place, body: Any, model: type[_M]) -> _M | None:
    try:
        return model.model_validate(body)
    except ValidationError as error:
        for fault in error.errors():
            where = [part for part in fault["loc"] if isinstance(part, str | int)]
            pack.diagnostics.append(place.fault(f"{'.'.join(map(str, where))}: {_say(fault)}", *where))
        return None


def _say(fault: Any) -> str:
    known = {
        "missing": "缺少这一项",
        "extra_forbidden": "不认识的键; 是不是拼错了",
        "too_short": "太少",
    }
    detail = known.get(fault["type"])
    return f"{detail} ({fault['msg']})" if detail else str(fault["msg"])
