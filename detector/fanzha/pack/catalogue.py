"""The catalogue of a rule pack: every script and signal as a page that people read.

In: a loaded Pack without faults. Out: Markdown. It is generated (`fanzha rules catalogue`), never written by hand.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from fanzha.pack.load import Pack
from fanzha.pack.model import DecisiveModel, ScriptModel, SignalModel

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#])")
_PARTIES = {"other": "对方", "self": "我方", "any": "任一方"}
_TRACKS = {"fraud": "骗局", "gray": "供给骗局的黑灰产"}
Members = Mapping[str, Mapping[str, str]]  # script → signal → stage


def catalogue(pack: Pack) -> str:
    """The whole page."""
    users = {script.id: members(pack, script) for script in pack.scripts.values()}
    return "\n".join(_page(pack, users)) + "\n"


def _page(pack: Pack, members: Members) -> Iterator[str]:
    yield "# 规则目录"
    yield ""
    yield "由 `fanzha rules catalogue -o docs/rules.md` 从 `rules/` 生成, 不要手改。"
    yield "写法见 [rules/README.md](../rules/README.md)。"
    yield ""
    yield f"{len(pack.scripts)} 个剧本, {len(pack.signals)} 个信号。"
    for track, title in _TRACKS.items():
        scripts = [script for script in pack.scripts.values() if script.track == track]
        if scripts:
            yield ""
            yield f"## {title}"
            for script in scripts:
                yield from _script(pack, script, members[script.id])
    yield ""
    yield "## 信号"
    stages = pack.pack.stages if pack.pack is not None else {}
    by_stage: defaultdict[str, list[SignalModel]] = defaultdict(list)
    for signal in pack.signals.values():
        by_stage[signal.stage].append(signal)
    for stage, name in stages.items():
        if by_stage[stage]:
            yield ""
            yield f"### {_safe(name)} ({stage})"
            for signal in sorted(by_stage[stage], key=lambda one: one.id):
                yield from _signal(signal, members)


def _script(pack: Pack, script: ScriptModel, members: Mapping[str, str]) -> Iterator[str]:
    stages = pack.pack.stages if pack.pack is not None else {}
    yield ""
    yield f"### {_safe(script.title)} (`{script.id}`)"
    yield ""
    yield f"{_safe(script.summary)}。"
    yield ""
    yield f"**要点**: {_safe(script.fact)}"
    yield ""
    yield "| 阶段 | 信号 |"
    yield "|---|---|"
    for stage in script.uses:
        names = [_safe(pack.signals[name].title) for name, at in members.items() if at == stage]
        yield f"| {_safe(stages.get(stage, stage))} | {' · '.join(names)} |"
    if script.decisive:
        yield ""
        yield "定性: " + " · ".join(_pair(pair) for pair in script.decisive)
    if script.next:
        yield ""
        last = list(script.next.items())
        steps = (f"{_safe(stages.get(stage, stage))} → {_safe('; '.join(what))}" for stage, what in last)
        yield "接下来: " + " · ".join(steps)


def _pair(pair: DecisiveModel) -> str:
    return f"{_safe(pair.title)} (+{pair.points:g})"


def _signal(signal: SignalModel, members: Members) -> Iterator[str]:
    users = [script for script, own in members.items() if signal.id in own]
    yield ""
    yield f"**`{signal.id}` {_safe(signal.title)}** — {_PARTIES[signal.by]}说, 权重 {signal.weight:g}  "
    yield f"为什么: {_safe(signal.why)}  "
    yield f"易误伤: {_safe(signal.falsepositives)}  "
    yield f"例: {_safe(_example(signal.hits[0]))} · 不算: {_safe(_example(signal.misses[0]))}  "
    yield "剧本: " + (", ".join(f"`{name}`" for name in users) or "(无)")


def _example(body: Any) -> str:
    """One example on one line."""
    if isinstance(body, Mapping):
        return str(body["say"]) if "say" in body else ": ".join(map(str, next(iter(body.items()))))
    if isinstance(body, list):
        return " / ".join(_example(line) for line in body)
    return str(body)


def members(pack: Pack, script: ScriptModel) -> dict[str, str]:
    """Signal → stage, as the compiler reads `uses`: globs and groups give the signals of that stage only."""
    stage_of: dict[str, str] = {}
    for stage, names in script.uses.items():
        for name in names:
            group = pack.groups.get(name.removeprefix("group:")) if name.startswith("group:") else None
            for part in group.signals if group is not None else [name]:
                for signal in pack.signals.values():
                    exact = group is None and signal.id == part
                    if exact or (fnmatchcase(signal.id, part) and signal.stage == stage):
                        stage_of.setdefault(signal.id, stage)
    return stage_of


def _safe(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
