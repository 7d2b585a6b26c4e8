"""Which errors to look at first, the same every time whatever the order of the data.

In: Outcomes that are errors. Out: some of them. Ties are drawn by a hash of the id, so that they come from everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from heapq import nsmallest
from zlib import crc32

from fanzha.measure.outcome import Outcome


def worst(outcomes: Iterable[Outcome], most: int) -> list[Outcome]:
    """Return the errors farthest from right: misses with the lowest score, false alarms with the highest."""
    return nsmallest(most, outcomes, key=lambda one: (-one.score if one.false_alarm else one.score, *_draw(one)))


def sample(outcomes: Iterable[Outcome], most: int) -> list[Outcome]:
    """Return errors drawn by hash alone."""
    return nsmallest(most, outcomes, key=_draw)


def _draw(one: Outcome) -> tuple[int, str, str]:
    return crc32(one.id.encode("utf-8", "replace")), one.id, one.set
