"""fanzha rules fit: learn weights and levels from hit logs and write them as one generated file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fanzha.cli.failures import UsageError
from fanzha.cli.options import Rules
from fanzha.cli.writing import writing


def fit(
    logs: Annotated[
        list[Path], typer.Argument(metavar="记录...", help="fanzha measure --jsonl 写的命中记录, 不含原文")
    ],
    rules: Rules = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="文件", help="写到这个文件, 如 rules/weights.yaml", show_default=False),
    ] = None,
) -> None:
    """Fit and write; without -o the file is printed."""
    from fanzha.cli.terminal import tell
    from fanzha.detector import Detector
    from fanzha.errors import InputError
    from fanzha.measure.ledger import read_ledgers
    from fanzha.pack.load import bundled_rules, load_pack

    try:
        from fanzha.measure.fit import fit as learn
        from fanzha.measure.weights import weights_file
    except ModuleNotFoundError:
        raise UsageError("拟合要用 scipy; 请先 pip install 'fanzha[fit]'") from None

    with writing(output) as file:
        detector = Detector(rules or [])
        pack = load_pack([bundled_rules(), *(rules or [])])
        earned = list(read_ledgers(logs, detector.rules.authored))
        if not any(one.scam for one in earned) or all(one.scam for one in earned):
            raise InputError("要有诈骗也有正常的记录才能拟合", where=", ".join(map(str, logs)))
        written = {name: model.weight for name, model in pack.signals.items()}
        learnt = learn(detector.rules, written, earned, scale=pack.fit.scale if pack.fit else 1.0)
        text = weights_file(learnt, sorted({one.set for one in earned}))
        if file is None:
            typer.echo(text, nl=False)
            return
        file.write(text)
    tell(f"{len(earned)} 段对话, {len(learnt.weights)} 条权重, 门槛 {dict(learnt.levels)}; 已写 {output}")
