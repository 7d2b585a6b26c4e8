"""What is wrong or doubtful in a rule pack.

In: a loaded Pack. Out: diagnostics by place, each once: every fault of loading and compiling, which makes the
pack unusable, and warnings that only a look over the whole pack can give.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from fanzha.errors import Diagnostic, PackError
from fanzha.pack.catalogue import members
from fanzha.pack.compile import compile_pack
from fanzha.pack.load import Pack, Place
from fanzha.pack.model import SignalModel
from fanzha.pack.shadow import look_alike_terms, shadowed_patterns
from fanzha.pack.source import DocumentPath
from fanzha.stance import REQUIRED_CUES
from fanzha.text import fold

_TERM = re.compile(r"\{([^{}\s]+)\}")
_CHOICE = re.compile(r"\[([^\[\]]+)\]")


def lint(pack: Pack) -> list[Diagnostic]:
    """Errors and warnings of the pack, by file and line."""
    found = dict.fromkeys(pack.diagnostics)
    if pack.pack is not None:
        try:
            compile_pack(pack)
        except PackError as error:
            found.update(dict.fromkeys(error.diagnostics))
    for check in (
        _unused_terms,
        _unused_signals,
        _groups,
        _openings,
        _opening_caps,
        _cues,
        _repeated_words,
        _repeated_patterns,
        _repeated_titles,
        shadowed_patterns,
        look_alike_terms,
    ):
        found.update(dict.fromkeys(check(pack)))
    return sorted(found, key=lambda fault: (fault.file, fault.line, fault.column, fault.message))


def patterns_of(model: SignalModel) -> Iterator[tuple[str, DocumentPath]]:
    """Every pattern string of a signal, with its path inside the signal."""
    yield from _patterns(model.match, ("match",))
    yield from _patterns(model.unless, ("unless",))


def _patterns(block: Any, path: DocumentPath) -> Iterator[tuple[str, DocumentPath]]:
    if isinstance(block, str):
        yield block, path
    elif isinstance(block, list):
        for index, item in enumerate(block):
            yield from _patterns(item, (*path, index))
    elif isinstance(block, Mapping):
        for key in ("any", "all", "then", "not", "of"):
            if key in block:
                yield from _patterns(block[key], (*path, key))


def _warn(place: Place, message: str, *inside: str | int) -> Diagnostic:
    return place.fault(message, *inside, severity="warning")


def _unused_terms(pack: Pack) -> Iterator[Diagnostic]:
    used = {name for model in pack.signals.values() for text, _ in patterns_of(model) for name in _TERM.findall(text)}
    for name in pack.terms:
        if name not in used:
            yield _warn(pack.places["terms", name], f"没有信号用到词表 {{{name}}}; 删去, 或是哪里名字写错了")


def _unused_signals(pack: Pack) -> Iterator[Diagnostic]:
    wanted = {name for script in pack.scripts.values() for names in script.uses.values() for name in names}
    wanted |= {part for name, group in pack.groups.items() if f"group:{name}" in wanted for part in group.signals}
    for name in pack.signals:
        if not any(fnmatchcase(name, pattern) for pattern in wanted):
            yield _warn(pack.places["signals", name], f"没有剧本用到信号 {name}, 它不会得分; 请列进某个剧本的 uses")


_OPENING = frozenset({"identity", "hook", "trust"})


def _openings(pack: Pack) -> Iterator[Diagnostic]:
    """Pairs of nothing but openings, which would let an opening alert by itself."""
    for name, script in pack.scripts.items():
        stage_of = members(pack, script)
        for number, pair in enumerate(script.decisive):
            sides = (pair.first, pair.then)
            stages = {stage_of[one] for side in sides for one in _meant(pack, side, stage_of)}
            if stages and stages <= _OPENING and pair.stage is None:
                text = "这一对只由开场构成 (真客服也会这样开场); 写 stage: hook, 使它的分受由头的封顶"
                yield _warn(pack.places["scripts", name], text, "decisive", number)


def _opening_caps(pack: Pack) -> Iterator[Diagnostic]:
    """Scripts whose opening stages together may reach the alert, whatever nobody has asked for yet."""
    if pack.pack is None or "high" not in pack.pack.levels:
        return
    threshold = pack.pack.levels["high"] / 100
    room = math.log(threshold / (1 - threshold)) - pack.pack.base if 0 < threshold < 1 else math.inf
    for name, script in pack.scripts.items():
        stage_of = members(pack, script)
        opening = 0.0
        for stage in _OPENING:
            most = sum(pack.signals[signal].weight for signal, at in stage_of.items() if at == stage)
            opening += min(most, script.caps.get(stage, most))  # type: ignore[call-overload]
        if script.track == "fraud" and opening >= room:
            text = f"identity、hook、trust 的封顶合计 {opening:g}, 不问不要就能报警; 合计要低于 {room:.2f}"
            yield _warn(pack.places["scripts", name], text, "caps")


def _meant(pack: Pack, names: list[str] | str, stage_of: Mapping[str, str]) -> Iterator[str]:
    """The signals of a script that one side of a pair names."""
    for name in [names] if isinstance(names, str) else names:
        if name.startswith("stage:"):
            yield from (signal for signal, stage in stage_of.items() if stage == name.removeprefix("stage:"))
        else:
            group = pack.groups.get(name.removeprefix("group:"))
            parts = group.signals if group is not None and name.startswith("group:") else [name]
            yield from (signal for part in parts for signal in stage_of if fnmatchcase(signal, part))


def _groups(pack: Pack) -> Iterator[Diagnostic]:
    wanted = {
        name.removeprefix("group:")
        for script in pack.scripts.values()
        for names in (*script.uses.values(), *(side for pair in script.decisive for side in (pair.first, pair.then)))
        for name in ([names] if isinstance(names, str) else names)
    }
    for name, group in pack.groups.items():
        place = pack.places["groups", name]
        if name not in wanted:
            yield _warn(place, f"没有剧本用到分组 group:{name}")
        for part in group.signals:
            if not any(fnmatchcase(signal, part) for signal in pack.signals):
                yield _warn(place, f"分组里的 {part} 不是任何信号")


def _cues(pack: Pack) -> Iterator[Diagnostic]:
    for name in pack.cues:
        if name not in REQUIRED_CUES:
            known = ", ".join(sorted(REQUIRED_CUES))
            yield _warn(pack.places["guards", name], f"引擎不认识语气线索 {name}, 它不起作用; 可用: {known}")
    if pack.cues:
        first = pack.places["guards", next(iter(pack.cues))]
        for name in sorted(REQUIRED_CUES - pack.cues.keys()):
            yield first.document.at(("guards",), f"缺少语气线索 {name}, 这一类语气会读不出来", "warning")


def _repeated_words(pack: Pack) -> Iterator[Diagnostic]:
    """Words that are the same once folded: 屏幕共享 twice, or ＱＱ beside qq, 驗證碼 beside 验证码."""
    for name, term in pack.terms.items():
        yield from _repeated(pack.places["terms", name], term.words, ("words",))
    for name, model in pack.signals.items():
        place = pack.places["signals", name]
        for text, path in patterns_of(model):
            for choice in _CHOICE.findall(text):
                words = [word.strip() for word in choice.split("|") if not word.strip().startswith("{")]
                for earlier, later in _look_alikes(words):
                    yield _warn(place, f"{text!r} 里 {_both(earlier, later)}", *path)


def _repeated(place: Place, words: list[str], path: DocumentPath) -> Iterator[Diagnostic]:
    for index, word in enumerate(words):
        earlier = next((other for other in words[:index] if fold(other).text == fold(word).text), None)
        if earlier is not None:
            yield _warn(place, _both(earlier, word), *path, index)


def _look_alikes(words: list[str]) -> Iterator[tuple[str, str]]:
    seen: dict[str, str] = {}
    for word in words:
        view = fold(word).text
        if view in seen:
            yield seen[view], word
        seen.setdefault(view, word)


def _both(earlier: str, later: str) -> str:
    return f"{later} 写了两次" if earlier == later else f"{later} 与 {earlier} 统一写法后是同一个词, 留一个即可"


def _repeated_patterns(pack: Pack) -> Iterator[Diagnostic]:
    seen: dict[str, str] = {}
    for name, model in pack.signals.items():
        place = pack.places["signals", name]
        for text, path in patterns_of(model):
            if path[0] != "match" or not {"not", "of", "all", "then"}.isdisjoint(path):  # parts of something
                continue
            key = " ".join(fold(text).text.split())
            if key in seen:
                other = "同一个信号" if seen[key] == name else f"信号 {seen[key]} "
                yield _warn(place, f"模式 {text!r} 在{other}里已有", *path)
            seen.setdefault(key, name)


def _repeated_titles(pack: Pack) -> Iterator[Diagnostic]:
    seen: dict[str, str] = {}
    for name, model in pack.signals.items():
        if model.title in seen:
            place = pack.places["signals", name]
            yield _warn(place, f"标题与信号 {seen[model.title]} 相同, 报告里分不清", "title")
        seen.setdefault(model.title, name)
