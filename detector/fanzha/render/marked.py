"""Evidence put in its place: a text as runs, each with the marks that lie over it.

In: the length of a text, or the text, and spans in code points of the original. Out: runs in order, which together
are the text, or for a very long text the neighbourhood of its spans. It escapes nothing: whoever shows a run does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

Span = tuple[int, int, int]  # start, end, and the mark it carries: a number (or a truth) that the caller knows


def runs(length: int, spans: Sequence[Span]) -> Iterator[tuple[int, int, tuple[int, ...]]]:
    """Yield (start, end, marks over it), cut wherever a span begins or ends; marks in rising order.

    Overlapping spans share the run where they overlap: (0, 3, 7), (2, 4, 8) over four code points gives
    (0, 2, (7,)), (2, 3, (7, 8)), (3, 4, (8,)).
    """
    edges = sorted({0, length, *(min(at, length) for span in spans for at in span[:2])})
    for low, high in pairwise(edges):
        yield low, high, tuple(sorted({mark for start, end, mark in spans if start <= low and high <= end}))


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of a text; or, where `left_out` is not 0, that many code points which are not shown."""

    text: str
    marks: tuple[int, ...] = ()
    left_out: int = 0


def pieces(text: str, spans: Sequence[Span], *, most: int, around: int) -> Iterator[Piece]:
    """Yield the text in pieces; of a text longer than `most` only what is at most `around` from a span, or its start.

    All figures are code points. Nothing inside a span is ever left out.
    """
    for low, high, marks in runs(len(text), spans):
        if marks or len(text) <= most:
            yield Piece(text[low:high], marks)
        else:
            yield from _shortened(text[low:high], around, last=high == len(text))


def _shortened(text: str, around: int, *, last: bool) -> Iterator[Piece]:
    """Keep the two ends of a stretch without marks: the ends that lie beside a mark, and the start of the text."""
    tail = 0 if last else around
    left_out = len(text) - around - tail
    if left_out <= around:  # saying so would hardly be shorter
        yield Piece(text)
        return
    yield Piece(text[:around])
    yield Piece("", left_out=left_out)
    if tail:
        yield Piece(text[-tail:])
