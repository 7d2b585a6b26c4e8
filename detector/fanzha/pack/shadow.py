"""Patterns that can add nothing, and terms that are nearly the same: what only a look over all of them can tell.

In: a loaded Pack. Out: warnings. A pattern is *shadowed* where a wider one of the same signal hits whatever it hits:
the same elements in the same order, with at least its words and its gaps, or fewer of them. Terms *look alike* where
most of their words are the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from fanzha.errors import Diagnostic
from fanzha.pack.literals import words_of
from fanzha.pack.load import Pack
from fanzha.pack.pattern import Entity, PatternError, Step, Words, parse
from fanzha.pack.source import DocumentPath

_ALIKE = 0.75  # Jaccard index of the words of two terms
_FEW = 4  # terms of fewer words may share most of them

Sequences = list[tuple[Step, ...]]


def shadowed_patterns(pack: Pack) -> Iterator[Diagnostic]:
    """Patterns of a signal that a wider pattern of it makes superfluous."""
    terms = {name: words_of(term) for name, term in pack.terms.items()}
    for name, model in pack.signals.items():
        place = pack.places["signals", name]
        for listed, path in _lists(model.match, ("match",)):
            read = {number: (text, _sequences(text, terms)) for number, text in enumerate(listed) if _is_text(text)}
            for number, (text, own) in read.items():
                wider = (
                    other for at, (other, theirs) in read.items() if at != number and _covers(theirs, own, at < number)
                )
                if (found := next(wider, None)) is not None:
                    yield place.fault(f"{text!r} 多余: {found!r} 已经包括它", *path, number, severity="warning")


def look_alike_terms(pack: Pack) -> Iterator[Diagnostic]:
    """Pairs of terms that share most of their words."""
    words = {name: frozenset(term.words) for name, term in pack.terms.items()}
    for one, other in combinations(words, 2):
        both = len(words[one] & words[other])
        if both >= _FEW and both / len(words[one] | words[other]) >= _ALIKE:
            place = pack.places["terms", other]
            yield place.fault(f"词表 {{{other}}} 与 {{{one}}} 大半相同, 合成一个为好", severity="warning")


def _lists(block: Any, path: DocumentPath) -> Iterator[tuple[list[Any], DocumentPath]]:
    """Every list of alternatives in a block, `any` and plain ones."""
    if isinstance(block, list):
        yield block, path
    elif isinstance(block, Mapping):
        for key in ("any", "of"):
            if isinstance(block.get(key), list):
                yield block[key], (*path, key)
        for key in ("all", "then"):
            for number, child in enumerate(block.get(key) or ()):
                yield from _lists(child, (*path, key, number))


def _is_text(block: Any) -> bool:
    return isinstance(block, str)


def _sequences(pattern: str, terms: Mapping[str, Words]) -> Sequences:
    try:
        return parse(pattern, terms)
    except PatternError:
        return []


def _covers(wider: Sequences, own: Sequences, first: bool) -> bool:
    """Whether each sequence of `own` is covered; of two that cover each other, only the later is superfluous."""
    if not wider or not own:
        return False
    if not all(any(_covers_one(theirs, mine) for theirs in wider) for mine in own):
        return False
    return first or not all(any(_covers_one(mine, theirs) for mine in own) for theirs in wider)


def _covers_one(wide: Sequence[Step], narrow: Sequence[Step]) -> bool:
    """Whether the wide sequence stands, step for step, as a run in the narrow one."""
    return any(_covers_run(wide, narrow[start : start + len(wide)]) for start in range(len(narrow) - len(wide) + 1))


def _covers_run(wide: Sequence[Step], run: Sequence[Step]) -> bool:
    gaps = all(mine.gap <= theirs.gap for theirs, mine in zip(wide[1:], run[1:], strict=True))
    return gaps and all(_holds(theirs.element, mine.element) for theirs, mine in zip(wide, run, strict=True))


def _holds(wide: Words | Entity, narrow: Words | Entity) -> bool:
    if isinstance(wide, Words) and isinstance(narrow, Words):
        return narrow.words <= wide.words and narrow.sound <= wide.sound
    return wide == narrow
