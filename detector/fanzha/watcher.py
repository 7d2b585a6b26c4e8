"""Many conversations at once, as a bot or a gateway sees them: says what is new, keeps little, forgets in time.

In: messages, each with the key of its conversation. Out: a Notice when a conversation reaches a higher level for the
first time, else None. It holds at most `max_conversations` sessions (each below 64 kB beyond its evidence), drops those
in which nothing was said for `expire_after` seconds, and keeps no text but what a Session keeps. Safe to share between
threads.

The key decides whose words are read together: the chat partner in a private chat, group and sender in a group, so that
what two people say does not add up to one play.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fanzha.conversation import Turn
from fanzha.detector import Detector
from fanzha.errors import InputError, LimitError
from fanzha.session import Session
from fanzha.verdict import LEVELS, Level, Verdict


@dataclass(frozen=True, slots=True)
class Notice:
    """A conversation has reached a level for the first time. `turn` counts from 0 since it was last forgotten."""

    key: Hashable
    level: Level
    previous: Level
    turn: int
    verdict: Verdict


@dataclass(slots=True)
class _Followed:
    session: Session
    seen: float
    told: int = 0  # rank of the highest level that a notice was given of
    told_at: float | None = None
    turns: int = 0


class Watcher:
    """Follows conversations and tells when one becomes worse.

    `least` is the lowest level worth a notice. Within `cooldown` seconds of a notice the same conversation gives no
    other, unless it becomes critical; what was held back is told with its next message after that. `clock` gives
    seconds that never go back. Raises ValueError for a level that there is not or a number below its least.
    """

    __slots__ = ("_clock", "_cooldown", "_detector", "_expire_after", "_followed", "_least", "_lock", "_max")

    def __init__(
        self,
        detector: Detector,
        *,
        least: Level = "high",
        cooldown: float = 0.0,
        max_conversations: int = 10_000,
        expire_after: float = 6 * 3600.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if least not in LEVELS[1:]:
            raise ValueError(f"least 取 {' | '.join(LEVELS[1:])}")
        if cooldown < 0 or expire_after <= 0 or max_conversations < 1:
            raise ValueError("cooldown 不小于 0, expire_after 大于 0, max_conversations 至少 1")
        self._detector = detector
        self._least = LEVELS.index(least)
        self._cooldown = cooldown
        self._max = max_conversations
        self._expire_after = expire_after
        self._clock = clock
        self._followed: OrderedDict[Hashable, _Followed] = OrderedDict()  # the longest silent first
        self._lock = threading.Lock()

    def see(self, key: Hashable, turn: str | Turn | Mapping[str, Any] | Sequence[str | None]) -> Notice | None:
        """Take the next message of a conversation; a Notice if it is worse than ever told before.

        Raises InputError for a message that cannot be read; the conversation then stays as it was.
        """
        with self._lock:
            now = self._clock()
            self._expire(now)
            followed = self._followed.get(key)
            if followed is None:
                followed = self._followed[key] = _Followed(self._detector.session(), now)
                if len(self._followed) > self._max:
                    self._followed.popitem(last=False)
            self._followed.move_to_end(key)
            followed.seen = now
            try:
                change = followed.session.feed(turn)
            except LimitError:  # longer than a session may be: it goes on in a new one
                followed.session, followed.turns = self._detector.session(), 0
                change = followed.session.feed(turn)
            except InputError:
                if not followed.turns:
                    del self._followed[key]
                raise
            followed.turns += 1
            return self._notice(key, followed, LEVELS.index(change.level), now)

    def _notice(self, key: Hashable, followed: _Followed, rank: int, now: float) -> Notice | None:
        if rank < self._least or rank <= followed.told:
            return None
        cooling = followed.told_at is not None and now - followed.told_at < self._cooldown
        if cooling and rank < len(LEVELS) - 1:
            return None
        notice = Notice(
            key, LEVELS[rank], LEVELS[followed.told], followed.turns - 1, followed.session.verdict()
        )
        followed.told, followed.told_at = rank, now
        return notice

    def verdict(self, key: Hashable) -> Verdict | None:
        """The verdict on a conversation so far; None if it is not followed."""
        with self._lock:
            followed = self._followed.get(key)
            return followed.session.verdict() if followed is not None else None

    def forget(self, key: Hashable) -> bool:
        """Forget a conversation; whether it was followed."""
        with self._lock:
            return self._followed.pop(key, None) is not None

    def __len__(self) -> int:
        """How many conversations are followed now."""
        with self._lock:
            self._expire(self._clock())
            return len(self._followed)

    def _expire(self, now: float) -> None:
        while self._followed:
            key, followed = next(iter(self._followed.items()))
            if now - followed.seen < self._expire_after:
                return
            del self._followed[key]
