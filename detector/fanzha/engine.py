"""The path of a message, on one screen: turn → two views → hits → stance → sides → points.

In: a Ruleset, the State of the conversation so far, and the next turn. Out: what changed. It reads no file, clock,
environment or log, and keeps no text but the unfinished end of the last turn.
"""

from __future__ import annotations

from collections.abc import Callable

from fanzha.amounts import find_amounts
from fanzha.conversation import Kind, Party, Turn
from fanzha.hearing import read_again
from fanzha.judge import Counted
from fanzha.limits import MAX_TURN_CHARS
from fanzha.match import Hit, find_hits
from fanzha.ruleset import DAMAGED, SOUND, Ruleset
from fanzha.scan import Scan, scan
from fanzha.stance import StanceReader
from fanzha.state import Found, Heard, State
from fanzha.text import fold, written

_HOW_SHARE = {SOUND: 0.9, DAMAGED: 0.9}  # a sound-alike or a damaged word earns a share of the points
# What a victim reports while it goes on: nearly in full if nobody else is known to be there or he asks whether it is
# genuine; told to a known other (his bank calls, and he explains) it is that other who must be judged by his own words.
_ACCOUNT_SHARE, _ACCOUNT_TO_OTHER_SHARE = 0.9, 0.2
Glance = tuple[Scan | None, list[Hit]]
_UNREAD = frozenset({Kind.SYSTEM})  # what was said and taken back was said: some exports keep it


def advance(state: State, turn: Turn, glance: Glance | None = None) -> None:
    """Take one turn into the state; `glance` is what a first look at its text found already."""
    rules = state.rules
    text = turn.text
    if len(text) > MAX_TURN_CHARS:
        text = text[:MAX_TURN_CHARS]
        state.skip(f"turn {state.turns}: 超过 {MAX_TURN_CHARS} 字的部分没有读")
    heard = state.hear(turn, fold(text if turn.kind not in _UNREAD else ""))
    scanned, hits = glance or look(rules, heard.text, heard.breaks)
    if hits or state.warm or heard.view.disguised:
        heard, scanned, hits = read_again(rules, heard, scanned, hits)
    found: list[Found] = []
    if scanned is not None:
        if scanned.has_cues:
            state.memory.listen(rules.cues, heard.view.text, turn.speaker, state.turns)
        found = read_hits(scanned, hits, StanceReader(scanned, state.memory, turn.speaker, state.turns), heard)
        for note in scanned.skipped:
            state.skip(f"turn {state.turns}: {note}")
    if found or state.warm:
        amounts = scanned.amounts() if scanned is not None and not heard.tail else find_amounts(heard.view.text)
        found += state.weigh_amounts(heard, amounts)
        state.record(heard, found, amounts)
        for label, side in state.sides_for(turn, bool(found)):
            counted = [
                hit for one in found if (hit := count(rules, one, state.seen_by(label, turn), state.began(label)))
            ]
            if counted:
                state.complete(side.add(counted, state.turns), heard, found)
    state.close_turn(heard)


def look(rules: Ruleset, text: str, breaks: Callable[[], list[int]] = list) -> Glance:
    """The words of a folded text and its hits, before stance; `breaks` gives further ends of clauses."""
    scanned = scan(rules, text, breaks)
    return scanned, find_hits(scanned) if scanned is not None else []


def glance_at(rules: Ruleset, text: str) -> Glance | None:
    """A first look at a text that stands alone; None where it must be folded with care, or is too long."""
    try:
        folded = written(text)
        return look(rules, folded) if folded is not None and len(folded) == len(text) <= MAX_TURN_CHARS else None
    except UnicodeEncodeError:  # a lone surrogate: to_turn mends it
        return None


def read_hits(scanned: Scan, hits: list[Hit], reader: StanceReader, heard: Heard) -> list[Found]:
    """The hits with their stances; what ends in the tail of the turn before was found there."""
    signals = scanned.rules.signals
    party = heard.turn.party
    return [Found(hit, reader.read(hit, signals[hit.signal], party)) for hit in hits if hit.end > heard.tail]


def count(rules: Ruleset, found: Found, party: Party, began: Party) -> Counted | None:
    """A hit as one side sees it, or None where it earns nothing: wrong party, or a stance that does not count."""
    rule = rules.signals[found.hit.signal]
    speaks = rule.by in ("any", party.value) or (party is Party.UNKNOWN and not rule.known_party)
    if not speaks and not (found.reading.account and rule.by == "other"):
        return None
    share = rule.stances.get(found.reading.stance.value, 0.0) * _HOW_SHARE.get(found.hit.how, 1.0) * found.hit.share
    if found.reading.account:
        alone = party is Party.UNKNOWN or found.reading.doubt
        share *= _ACCOUNT_SHARE if alone else _ACCOUNT_TO_OTHER_SHARE
    if began is Party.SELF:
        share *= rule.when_self_began
    return Counted(rule.index, share) if share > 0 else None
