"""What stands in a turn, read a second time.

In: a turn as State heard it, with its scan and its hits. Out: the same, or the turn with its mended view and what
stands in that. Only a turn in which something was found, or that follows one, is read twice: ordinary text pays nothing
for it. Nothing that the first reading found is lost.
"""

from __future__ import annotations

from dataclasses import replace

from fanzha.match import Hit, find_hits
from fanzha.mend import DISGUISE, HEARD, UNSURE, Mended
from fanzha.ruleset import DISGUISED, EXACT, SOUND, Ruleset
from fanzha.scan import Scan, scan
from fanzha.state import Heard

# How a hit stands on mended words, and what it is worth beside the discount of all sound-alikes.
_GRADES = {DISGUISE: (DISGUISED, 1.0), HEARD: (SOUND, 1.0), UNSURE: (SOUND, 0.55)}


def read_again(
    rules: Ruleset, heard: Heard, scanned: Scan | None, hits: list[Hit]
) -> tuple[Heard, Scan | None, list[Hit]]:
    """The turn with its mended view, what stands in that and the hits of both readings, by position."""
    mended = rules.mender.mend(heard.view, _known(rules, heard.view.text))
    if mended is None:
        return heard, scanned, hits
    tail = heard.tail
    again = replace(heard, view=mended, text=heard.text[:tail] + mended.text)
    rescanned = scan(rules, again.text, again.breaks)
    if rescanned is None:
        return heard, scanned, hits
    found = [_marked(hit, mended, tail) for hit in find_hits(rescanned)]
    full = {hit.signal for hit in found if hit.how == EXACT}
    found += [_moved(hit, mended, tail) for hit in hits if hit.signal not in full]
    found.sort(key=lambda hit: (hit.start, hit.end, hit.signal))
    return again, rescanned, found


def _known(rules: Ruleset, text: str) -> list[tuple[int, int]]:
    """Where words of the rules stand in a view."""
    return [(start, end) for _, start, end in rules.automaton.find_matches_as_indexes(text, overlapping=True)]


def _marked(hit: Hit, mended: Mended, tail: int) -> Hit:
    """The hit, which says so if it stands on mended words."""
    grade = mended.grade(hit.start - tail, hit.end - tail) if hit.how == EXACT else None
    if grade is None:
        return hit
    how, share = _GRADES[grade]
    return replace(hit, how=how, share=share)


def _moved(hit: Hit, mended: Mended, tail: int) -> Hit:
    """A hit of the first reading, in offsets of the second."""
    start, end = (place if place < tail else tail + mended.above(place - tail) for place in (hit.start, hit.end))
    start = min(start, tail + len(mended.text) - 1)
    return replace(hit, start=start, end=max(end, start + 1))
