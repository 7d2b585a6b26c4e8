"""Ledgers in hit logs: what each conversation earned under the rules, without its text and without weights.

In: rows of `fanzha measure --jsonl`. Out: Earned, one a conversation, checked to be of the rules that are loaded. A
total can be computed from it for any weights, exactly as the judge would; that is what the fit learns from.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fanzha.errors import InputError
from fanzha.judge import Ledger
from fanzha.ruleset import Ruleset


@dataclass(frozen=True, slots=True)
class Earned:
    """A labelled conversation and its ledger by names; `scam` is its label."""

    set: str
    id: str
    scam: bool
    shares: Mapping[str, float]
    pairs: tuple[tuple[str, int], ...]  # (script, 0-based number of the decisive pair)
    ordered: tuple[str, ...]


def ledger_row(rules: Ruleset, ledger: Ledger | None) -> dict[str, Any]:
    """A ledger as it stands in a log: `rules` names the rules that it was earned under."""
    if ledger is None:
        return {"rules": rules.authored}
    return {
        "rules": rules.authored,
        "shares": {rules.signals[index].id: round(share, 4) for index, share in ledger.shares.items()},
        "pairs": [f"{rules.scripts[script].id}.pair{number + 1}" for script, number in ledger.pairs],
        "order": [rules.scripts[script].id for script in ledger.ordered],
    }


def read_ledgers(paths: Iterable[Path], authored: str) -> Iterator[Earned]:
    """The labelled conversations of hit logs. Raises InputError where a log is none, or is of other rules."""
    for path in paths:
        try:
            with path.open(encoding="utf-8") as file:
                for number, line in enumerate(file, 1):
                    if line.strip():
                        row = _row(line, f"{path}:{number}", authored)
                        if row is not None:
                            yield row
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"读不了: {type(error).__name__}", where=str(path)) from None


def _row(line: str, where: str, authored: str) -> Earned | None:
    try:
        row = json.loads(line)
        earned = dict(row["earned"])
        label, name, set_name = str(row["label"]), str(row["id"]), str(row["set"])
    except (ValueError, KeyError, TypeError):
        raise InputError("不是 fanzha measure --jsonl 写的命中记录", where=where) from None
    if earned.get("rules") != authored:
        raise InputError("这份记录是用别的规则量的; 请用现在的规则重新 fanzha measure --jsonl", where=where)
    if label not in ("scam", "benign"):
        return None
    pairs = [pair.rpartition(".pair") for pair in earned.get("pairs", ())]
    return Earned(
        set_name,
        name,
        label == "scam",
        {str(signal): float(share) for signal, share in earned.get("shares", {}).items()},
        tuple((script, int(number) - 1) for script, _, number in pairs),
        tuple(earned.get("order", ())),
    )
