"""The library's door: load rules once, score as often as you like, from as many threads as you like.

In: rule folders at construction; texts, turns or conversations to score. Out: Verdicts. Immutable after loading; it
sets up no logging, reads no environment and keeps nothing of what it scored.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, overload

from fanzha.conversation import Conversation, Turn
from fanzha.engine import glance_at
from fanzha.errors import InputError
from fanzha.pack.bundled import bundled_rules
from fanzha.pack.cache import from_bytes, load_ruleset, to_bytes
from fanzha.ruleset import Ruleset
from fanzha.session import Session
from fanzha.verdict import Verdict

Scorable = str | Conversation | Iterable[Turn | Mapping[str, Any] | Sequence[str | None]]


class Detector:
    """Scores conversations by rules.

    `rules` is a folder, or several, that add to the bundled rules or replace what has the same id;
    `bundled=False` leaves the bundled ones out. Compiled rules are kept in the user's cache folder, named by their
    content; `cache=False` reads and writes none. Raises PackError with every fault, located, at once.
    """

    __slots__ = ("_folders", "_rules", "_silence")

    def __init__(
        self, rules: str | Path | Sequence[str | Path] | None = None, *, bundled: bool = True, cache: bool = True
    ) -> None:
        folders = [rules] if isinstance(rules, str | Path) else list(rules or [])
        paths = [bundled_rules()] if bundled else []
        self._folders = (*paths, *map(Path, folders))
        self._rules = load_ruleset(self._folders, use_cache=cache)
        self._silence = self.score((Turn(""),))  # what most messages get, made once

    @classmethod
    def from_bytes(cls, data: bytes) -> Detector:
        """A Detector with the rules that `to_bytes` gave, in another process or on another machine of this version.

        It needs no rule folder; `folders` is empty. Raises ValueError where the data is damaged or of another version.
        """
        detector = cls.__new__(cls)
        detector._folders = ()
        detector._rules = from_bytes(data)
        detector._silence = detector.score((Turn(""),))
        return detector

    def to_bytes(self) -> bytes:
        """The compiled rules as data that executes nothing, some megabytes. Raises PackError as the constructor."""
        return to_bytes(self._folders)

    @property
    def rules(self) -> Ruleset:
        """The compiled rules, immutable."""
        return self._rules

    @property
    def folders(self) -> tuple[Path, ...]:
        """The rule folders it was made of, in the order in which they were laid over each other."""
        return self._folders

    @property
    def pack(self) -> str:
        """The id of the rules and the engine, as every verdict carries it."""
        return self._rules.id

    def score(self, what: Scorable, *, self_name: str | None = None) -> Verdict:
        """The verdict on a text (one turn by an unknown speaker), a Conversation, or turns.

        Raises InputError where something cannot be read, naming the turn.
        """
        if isinstance(what, str):
            glance = glance_at(self._rules, what)
            if glance is not None and not glance[1]:
                return self._silence
            session = Session(self._rules, self_name=self_name)
            session.feed(what, _glance=glance)
            return session.verdict()
        session = Session(self._rules, self_name=self_name)
        for turn in _turns(what):
            session.feed(turn)
        return session.verdict()

    @overload
    def score_many(
        self, items: Iterable[Scorable], *, self_name: str | None = None, keep_errors: Literal[False] = False
    ) -> Iterator[Verdict]: ...

    @overload
    def score_many(
        self, items: Iterable[Scorable], *, self_name: str | None = None, keep_errors: bool
    ) -> Iterator[Verdict | InputError]: ...

    def score_many(
        self, items: Iterable[Scorable], *, self_name: str | None = None, keep_errors: bool = False
    ) -> Iterator[Verdict | InputError]:
        """The verdict on each item, in order, as it is asked for; nothing is read ahead.

        An item that cannot be read raises InputError naming it (items[3].turns[0]), or stands in the results as that
        error if `keep_errors`. One process: for several see fanzha.batch, or give each process a Detector of its own.
        """
        for number, item in enumerate(items):
            try:
                yield self.score(item, self_name=self_name)
            except InputError as error:
                located = error.within(f"items[{number}]")
                if not keep_errors:
                    raise located from None
                yield located

    def session(self, *, self_name: str | None = None) -> Session:
        """A session for a conversation that is still going on."""
        return Session(self._rules, self_name=self_name)


def _turns(what: Conversation | Iterable[Any]) -> Iterable[Any]:
    if isinstance(what, Conversation):
        return what.turns
    if isinstance(what, Iterable) and not isinstance(what, bytes | Mapping):
        return what
    raise InputError("应为字符串、Conversation 或轮次的列表 [(speaker, text), …]")
