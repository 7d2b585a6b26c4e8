"""`df.fanzha.score("text")` for polars; `import fanzha.adapters.polars` registers the namespace.

In: a DataFrame of texts, or of the messages of conversations. Out: a DataFrame with the columns of verdicts.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from fanzha.adapters.columns import TYPES, columns_of, score, score_sorted
from fanzha.detector import Detector
from fanzha.errors import InputError

_TYPES = {str: pl.String, int: pl.Int64, float: pl.Float64, bool: pl.Boolean}
SCHEMA = {name: _TYPES[kind] for name, kind in TYPES.items()}


@pl.api.register_dataframe_namespace("fanzha")
class FanzhaNamespace:
    """Scores the rows of a DataFrame."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self._frame = frame

    def score(
        self,
        text: str,
        *,
        conversation: str | None = None,
        speaker: str | None = None,
        party: str | None = None,
        time: str | None = None,
        self_name: str | None = None,
        rules: str | Path | Sequence[str | Path] | None = None,
        detector: Detector | None = None,
        prefix: str = "",
    ) -> pl.DataFrame:
        """Score each row alone and add the columns of its verdict; or, with `conversation`, each conversation.

        The names are those of columns. Rows of a conversation are taken in the order of `time`, else as they stand; the
        result then has one row a conversation, in the order in which they first appear. `prefix` goes before the names
        of the new columns. Raises InputError for a column that is not there or would be there twice.
        """
        given = {"text": text, "speaker": speaker, "party": party, "conversation": conversation, "time": time}
        self._check([name for name in given.values() if name is not None], conversation, prefix)
        scorer = detector or Detector(rules)
        if conversation is None:
            if speaker is None and party is None:
                outcomes = (score(scorer, value, self_name=self_name) for value in self._texts(text))
            else:
                rows = ((None, message) for _, message in self._messages(self._frame, given))
                outcomes = (outcome for _, outcome in score_sorted(scorer, rows, self_name=self_name))
            found = pl.DataFrame([columns_of(outcome) for outcome in outcomes], schema=SCHEMA)
            return self._frame.hstack(_prefixed(found, prefix))
        frame = self._frame.with_row_index(_PLACE).with_columns(pl.col(_PLACE).first().over(conversation).alias(_FIRST))
        rows = self._messages(frame.sort([_FIRST, *([time] if time else []), _PLACE]), given)
        names, verdicts = [], []
        for name, outcome in score_sorted(scorer, rows, self_name=self_name):
            names.append(name)
            verdicts.append(columns_of(outcome))
        ids = pl.Series(conversation, names, dtype=self._frame.schema[conversation])
        return pl.DataFrame([ids]).hstack(_prefixed(pl.DataFrame(verdicts, schema=SCHEMA), prefix))

    def _texts(self, text: str) -> list[Any]:
        return self._frame.get_column(text).cast(pl.String).to_list()

    def _messages(self, frame: pl.DataFrame, given: dict[str, str | None]) -> Any:
        named = {name: given[name] for name in ("text", "speaker", "party") if given[name]}
        chosen = frame.select(**{name: pl.col(str(column)).cast(pl.String) for name, column in named.items()})
        ids = frame.get_column(given["conversation"]) if given["conversation"] else [None] * frame.height
        return zip(ids, chosen.iter_rows(named=True), strict=True)

    def _check(self, named: list[str], conversation: str | None, prefix: str) -> None:
        missing = [name for name in named if name not in self._frame.columns]
        if missing:
            raise InputError(f"没有这一列; 有: {'、'.join(self._frame.columns)}", where=missing[0])
        kept = self._frame.columns if conversation is None else [conversation]
        twice = [name for name in SCHEMA if f"{prefix}{name}" in kept]
        if twice:
            raise InputError("已有这一列; 用 prefix= 给新列加前缀, 如 prefix='fanzha_'", where=prefix + twice[0])


_PLACE, _FIRST = "__fanzha_place", "__fanzha_first"


def _prefixed(frame: pl.DataFrame, prefix: str) -> pl.DataFrame:
    return frame.rename({name: f"{prefix}{name}" for name in frame.columns}) if prefix else frame
