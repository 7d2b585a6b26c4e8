"""Live calls: what each turn changed, told once; and the calls that are kept between requests, bounded in every way.

In: turns. Out: JSON documents of changes and states (schemas.LiveChange, schemas.CallState). It knows no transport.
A call keeps its Session, which is bounded, and the last changes as bytes; no text but that of the evidence.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict, deque
from collections.abc import Callable
from time import monotonic
from typing import Any

import orjson

from fanzha import InputError, Party, Turn, Verdict
from fanzha.conversation import Kind
from fanzha_api.edition import Edition
from fanzha_api.errors import busy, out_of_step, too_many, unknown_call, unreadable
from fanzha_api.schemas import TurnIn
from fanzha_api.settings import Settings

MOST_RECENT = 64  # changes kept for watchers that come back
MOST_WATCHERS = 8  # of one call
_ABOUT_PLAY = {
    "script", "script_title", "track", "fact", "describes_title", "stages", "next", "advice", "first_alert_turn",
}  # fmt: skip


class Call:
    """One conversation that is going on, under the rules that it began with."""

    def __init__(self, edition: Edition, settings: Settings, self_name: str | None = None) -> None:
        self.edition = edition
        self.turns = 0
        self._settings = settings
        self._session = edition.detector.session(self_name=self_name)
        self._evidence = 0  # pieces told so far
        self._score, self._level = -1, "none"

    def hear(self, turn: TurnIn) -> dict[str, Any]:
        """Take the next turn; what it changed. Raises Refusal beyond the limits."""
        if self.turns >= self._settings.max_turns:
            raise too_many("turns", self._settings.max_turns, "句")
        if len(turn.text) > self._settings.max_turn_chars:
            raise too_many("text", self._settings.max_turn_chars, "个字")
        try:
            change = self._session.feed(to_turn(turn))
        except InputError as error:
            raise unreadable(error) from None
        self.turns += 1
        document: dict[str, Any] = {
            "type": "change",
            "turns": self.turns,
            "turn": change.turn,
            "score": change.score,
            "level": change.level,
            "previous_level": self._level,
            "alert": change.alert,
            "raised_alert": change.raised_alert,
            "news": bool(change.signals) or (change.score != self._score and change.turn > 0),
            "signals": change.signals,
        }
        if document["news"]:
            verdict = self._session.verdict()
            document.update(_about(verdict))
            document["evidence"] = [one.model_dump() for one in verdict.evidence[self._evidence :]]
            self._evidence = len(verdict.evidence)
        self._score, self._level = change.score, change.level
        return document

    def verdict(self) -> Verdict:
        """The verdict on everything heard."""
        return self._session.verdict()

    def state(self) -> dict[str, Any]:
        """Where the call stands."""
        verdict = self.verdict()
        return {
            "turns": self.turns,
            "score": verdict.score,
            "level": verdict.level,
            "alert": verdict.alert,
            **_about(verdict),
        }


def _about(verdict: Verdict) -> dict[str, Any]:
    return verdict.model_dump(include=_ABOUT_PLAY)


def to_turn(turn: TurnIn) -> Turn:
    """The turn of the library."""
    return Turn(turn.text, turn.speaker, turn.party or Party.UNKNOWN, turn.kind or Kind.TEXT, turn.start)


class HeldCall:
    """A call between requests: whose it is, when it was last spoken in, and who watches."""

    def __init__(self, call: Call, owner: str, now: float) -> None:
        self.call = call
        self.owner = owner
        self.used = now
        self.ended = False
        self.busy = False  # a long catch-up is at work; two at once would mix up the order
        self.recent: deque[tuple[int, bytes]] = deque(maxlen=MOST_RECENT)  # turns heard so far, change
        self.watchers: set[asyncio.Event] = set()

    def tell(self, change: dict[str, Any]) -> None:
        """Keep a change for the watchers and wake them."""
        self.recent.append((change["turns"], orjson.dumps(change)))
        for watcher in self.watchers:
            watcher.set()

    def since(self, turns: int) -> list[tuple[int, bytes]] | None:
        """The changes after the given number of turns; None where not all of them are kept any more."""
        missed = [one for one in self.recent if one[0] > turns]
        return missed if len(missed) == self.call.turns - turns else None

    def let_go(self) -> None:
        """End it for its watchers."""
        self.ended = True
        for watcher in self.watchers:
            watcher.set()


class Calls:
    """All live calls of an app: how many are open, and those that are held by id."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = monotonic) -> None:
        self._settings = settings
        self._clock = clock
        self._held: OrderedDict[str, HeldCall] = OrderedDict()  # the one longest silent comes first
        self._sockets = 0

    @property
    def open(self) -> int:
        """How many calls are open, over WebSocket or held by id."""
        return self._sockets + len(self._held)

    def connect(self) -> None:
        """Count a WebSocket. Raises Refusal where there are too many calls."""
        self._make_room()
        self._sockets += 1

    def disconnect(self) -> None:
        """Count it no longer."""
        self._sockets -= 1

    def hold(self, call: Call, owner: str) -> str:
        """Keep a call; its id cannot be guessed. Raises Refusal where there are too many."""
        self._make_room()
        name = secrets.token_urlsafe(18)
        self._held[name] = HeldCall(call, owner, self._clock())
        return name

    def find(self, name: str, owner: str, turns_sent: int | None = None) -> HeldCall:
        """The call of this id, if it is the owner's; `turns_sent` must be what it has heard. Raises Refusal."""
        self._sweep()
        held = self._held.get(name)
        if held is None or held.owner != owner:
            raise unknown_call()
        if turns_sent is not None:
            if held.busy or turns_sent != held.call.turns:
                raise out_of_step(held.call.turns)
            held.used = self._clock()
            self._held.move_to_end(name)
        return held

    def drop(self, name: str, owner: str) -> None:
        """End a call. Raises Refusal where there is none."""
        self.find(name, owner).let_go()
        self._held.pop(name, None)

    def let_go(self) -> None:
        """Release every watcher, for the service stops."""
        for held in self._held.values():
            held.let_go()

    def _make_room(self) -> None:
        self._sweep()
        if self.open >= self._settings.max_calls:
            raise busy("实时通话")

    def _sweep(self) -> None:
        """Drop what has been silent for too long; they stand in order, so only those are looked at."""
        oldest = self._clock() - self._settings.call_idle_seconds
        while self._held:
            held = next(iter(self._held.values()))
            if held.used > oldest:
                return
            held.let_go()
            self._held.popitem(last=False)
