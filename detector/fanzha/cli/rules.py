"""fanzha rules: lint, test, fmt, list and show, for those who write rules."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fanzha.cli.chinese import Command, Group
from fanzha.cli.failures import FOUND, USAGE, UsageError
from fanzha.cli.options import Rules

if TYPE_CHECKING:
    from fanzha.pack.load import Pack
    from fanzha.pack.model import SignalModel
    from fanzha.render.text import Paragraph

rules_app = typer.Typer(cls=Group, help="规则包: 检查、测试、排版、列表、查看。", no_args_is_help=True)
OnlyThese = Annotated[bool, typer.Option("--only", help="只看 --rules 的目录, 不带自带规则")]


@rules_app.command(cls=Command, help="检查规则: 写法、引用、没人用的词表和信号、重复的词和模式。有错误时退出码 2。")
def lint(rules: Rules = None, only: OnlyThese = False) -> None:
    """Tell every fault and doubt of the rules."""
    from rich.text import Text

    from fanzha.cli.terminal import console
    from fanzha.pack.lint import lint as check

    pack = _pack(rules, only=only)
    found = check(pack)
    out = console()
    for fault in found:
        out.print(Text(str(fault), "red" if fault.severity == "error" else "yellow"), soft_wrap=True)
    errors = sum(fault.severity == "error" for fault in found)
    out.print(
        Text(
            f"{len(pack.terms)} 个词表, {len(pack.signals)} 个信号, {len(pack.scripts)} 个剧本: "
            f"{errors} 个错误, {len(found) - errors} 个警告"
        )
    )
    if errors:
        raise typer.Exit(USAGE)


@rules_app.command(cls=Command, name="test", help="运行规则里的例子 (hits 与 misses)。有不符的退出码 1。")
def run_examples(rules: Rules = None, only: OnlyThese = False) -> None:
    """Run the examples inside the rules."""
    from rich.text import Text

    from fanzha.cli.terminal import console
    from fanzha.detector import Detector
    from fanzha.pack.examples import count_examples, failing_examples

    pack = _pack(rules, only=only)
    detector = Detector(rules or [], bundled=not only)
    out = console()
    failed = 0
    for fault in failing_examples(pack, detector):
        failed += 1
        out.print(Text(str(fault), "red"), soft_wrap=True)
    out.print(Text(f"{count_examples(pack)} 个例子, {failed} 个不符"))
    if failed:
        raise typer.Exit(FOUND)


@rules_app.command(cls=Command, name="list", help="列出信号: 编号、阶段、谁说的、权重、标题。")
def list_signals(
    rules: Rules = None,
    stage: Annotated[
        str | None,
        typer.Option("--stage", metavar="阶段", help="只列这个阶段, 如 channel", show_default=False),
    ] = None,
    only: OnlyThese = False,
) -> None:
    """List signals by stage."""
    from rich.text import Text

    from fanzha.cli.terminal import console
    from fanzha.judge import PLAY
    from fanzha.render.table import plain_table
    from fanzha.render.text import STAGE_NAMES

    pack = _loaded(rules, only=only)
    if stage is not None and stage not in PLAY:
        raise UsageError(f"没有阶段 {stage}; 可取 {', '.join(PLAY)}")
    table = plain_table("编号", "阶段", "谁说", "权重", "标题", right=["权重"])
    chosen = [model for model in pack.signals.values() if stage in (None, model.stage)]
    for model in sorted(chosen, key=lambda one: (PLAY.index(one.stage), one.id)):
        place = f"{model.stage} {STAGE_NAMES.get(model.stage, '')}"
        table.add_row(model.id, place, model.by, f"{model.weight:.2f}", Text(model.title))
    out = console()
    out.print(table)
    out.print(Text(f"\n{len(chosen)} 个信号"))


@rules_app.command(cls=Command, help="看一个信号的全部: 模式、理由、例子各命中什么、哪些剧本用到它。")
def show(
    name: Annotated[str, typer.Argument(metavar="编号", help="信号的编号, 如 ask.code")],
    rules: Rules = None,
    only: OnlyThese = False,
) -> None:
    """Show all of one signal."""
    from fanzha.cli.terminal import console
    from fanzha.render.text import write

    pack = _loaded(rules, only=only)
    model = pack.signals.get(name)
    if model is None:
        near = get_close_matches(name, pack.signals, 3) or [one for one in pack.signals if name in one][:5]
        hint = f"; 是不是 {'、'.join(near)}" if near else "; 用 fanzha rules list 看全部"
        raise UsageError(f"没有信号 {name}{hint}")
    write(console(), _described(pack, model, rules, only=only))


@rules_app.command(
    cls=Command,
    help="统一规则文件的写法: 键的顺序、缩进、长列表换行; 注释、引号照旧。不给 --rules 时是自带规则。",
)
def fmt(
    rules: Rules = None,
    check: Annotated[bool, typer.Option("--check", help="只检查, 不改文件; 要改的退出码 1")] = False,
) -> None:
    """Write rule files in the one way."""
    from rich.text import Text

    from fanzha.cli.terminal import console
    from fanzha.errors import Diagnostic, InputError, PackError
    from fanzha.pack.fmt import FormatError, format_rules
    from fanzha.pack.load import bundled_rules

    files = sorted(
        path
        for folder in rules or [bundled_rules()]
        for pattern in ("*.yaml", "*.yml")
        for path in folder.rglob(pattern)
    )
    if not files:
        raise InputError("目录里没有 .yaml 规则文件", where=", ".join(map(str, rules or [])))
    out = console()
    changed = 0
    faults = []
    for path in files:
        try:
            text = path.read_text("utf-8")
            formatted = format_rules(text)
        except ModuleNotFoundError:
            raise UsageError("排版要用 ruamel.yaml; 请先 pip install 'fanzha[author]'") from None
        except UnicodeDecodeError:
            faults.append(Diagnostic(str(path), 1, 1, "不是 UTF-8; 请另存为 UTF-8"))
            continue
        except FormatError as error:
            faults.append(Diagnostic(str(path), error.line, error.column, str(error)))
            continue
        if formatted == text:
            continue
        changed += 1
        out.print(Text(f"{'要改' if check else '已改'} {path}"), soft_wrap=True)
        if not check:
            path.write_text(formatted, "utf-8", newline="\n")
    todo = "要改; 运行 fanzha rules fmt" if check and changed else "有改动"
    out.print(Text(f"{len(files)} 个文件, {changed} 个{todo}"))
    if faults:
        raise PackError(tuple(faults))
    if check and changed:
        raise typer.Exit(FOUND)


# ── what show says ────────────────────────────────────────


def _described(pack: Pack, model: SignalModel, rules: list[Path] | None, *, only: bool) -> Iterator[Paragraph]:
    from rich.text import Text

    from fanzha.pack.compile import ASK_STANCES, CLAIM_STANCES
    from fanzha.render.text import STAGE_NAMES, Paragraph

    place = pack.places["signals", model.id]
    line = place.document.positions.get(place.path, (1, 1))[0]
    yield Paragraph(Text(f"{model.id}  {model.title}", "bold"))
    yield Paragraph(Text(f"{place.document.file}:{line}", "dim"))
    usual: dict[str, float] = ASK_STANCES if model.ask else CLAIM_STANCES
    stances: dict[str, float] = {**usual, **{str(name): share for name, share in model.stances.items()}}
    facts = {
        "阶段": f"{model.stage} {STAGE_NAMES.get(model.stage, '')}",
        "谁说": model.by + (" (须知道是谁)" if model.known_party else ""),
        "权重": f"{model.weight:g}"
        + (f", 我方先找对方时 × {model.when_self_began:g}" if model.when_self_began < 1 else ""),
        "语气": ", ".join(f"{name} {share:g}" for name, share in stances.items() if share),
        "为什么": model.why,
        "易误伤": model.falsepositives,
        "备注": model.note,
        "剧本": ", ".join(_users(pack, model.id)) or "(没有剧本用到)",
    }
    for name, value in facts.items():
        if value:
            yield Paragraph(Text(f"{name}: {value}"), 2)
    yield from _matching(pack, model)
    yield from _examples(model, rules, only=only)


def _users(pack: Pack, signal: str) -> list[str]:
    from fnmatch import fnmatchcase

    return [
        f"{script.id} ({stage})"
        for script in pack.scripts.values()
        for stage, names in script.uses.items()
        if any(fnmatchcase(signal, name) for name in names)
    ]


def _matching(pack: Pack, model: SignalModel) -> Iterator[Paragraph]:
    """Return the patterns, with how many plain sequences and words each stands for."""
    from rich.text import Text

    from fanzha.pack.lint import patterns_of
    from fanzha.pack.pattern import PatternError, Words, parse
    from fanzha.render.text import Paragraph
    from fanzha.text import fold

    terms = {name: Words(frozenset(fold(word).text for word in term.words)) for name, term in pack.terms.items()}
    yield Paragraph(Text())
    yield Paragraph(Text("模式 (展开后的词数)", "bold"))
    for text, path in patterns_of(model):
        try:
            sequences = parse(text, terms)
        except PatternError as error:
            count = str(error)
        else:
            elements = {step.element for sequence in sequences for step in sequence}
            count = str(sum(len(one.words) for one in elements if isinstance(one, Words)))
        kind = "除非 " if path[0] == "unless" else "非 " if "not" in path else ""
        yield Paragraph(Text(f"{kind}{text}").append(f"  ({count})", "dim"), 2)
    if isinstance(model.match, dict) and not any(path[0] == "match" for _, path in patterns_of(model)):
        yield Paragraph(Text(str(model.match)), 2)


def _examples(model: SignalModel, rules: list[Path] | None, *, only: bool) -> Iterator[Paragraph]:
    """Each example with everything that the whole rule set finds in it."""
    from rich.text import Text

    from fanzha.detector import Detector
    from fanzha.pack.examples import ExampleError, read_example
    from fanzha.render.text import STANCE_NAMES, Paragraph

    detector = Detector(rules or [], bundled=not only)
    for title, bodies in (("应命中", model.hits), ("不应命中", model.misses)):
        yield Paragraph(Text())
        yield Paragraph(Text(title, "bold"))
        for body in bodies:
            try:
                example = read_example(body, model)
            except ExampleError as error:
                yield Paragraph(Text(str(error), "red"), 2)
                continue
            for turn in example.conversation.turns:
                yield Paragraph(Text(f"{turn.speaker or '?'}: {turn.text}"), 2)
            for one in detector.score(example.conversation).evidence:
                note = STANCE_NAMES[one.stance] + ("" if one.counted else ", 不计分")
                style = "bold" if one.signal == model.id else "dim"
                yield Paragraph(Text(f"{one.signal} 「{one.text}」 ({note})", style), 6)


def _pack(rules: list[Path] | None, *, only: bool) -> Pack:
    """Return the merged pack with its faults, bundled rules first."""
    from fanzha.pack.load import bundled_rules, load_pack

    if only and not rules:
        raise UsageError("--only 要和 --rules 一起用")
    return load_pack([*([] if only else [bundled_rules()]), *(rules or [])])


def _loaded(rules: list[Path] | None, *, only: bool) -> Pack:
    """Return the same, without faults. Raises PackError."""
    from fanzha.pack.load import raise_errors

    pack = _pack(rules, only=only)
    raise_errors(pack.diagnostics)
    return pack
