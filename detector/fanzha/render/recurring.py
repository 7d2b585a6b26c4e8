"""Accounts, links, ids and sums gathered over many conversations: what turns up again belongs to the same people.

In: the entities of verdicts, one conversation after another. Out: Traces, the most telling first. A trace is compared
by what it means, not by how it was written: "138 0013-8000" is 13800138000, 尾号九零二二 is 尾号9022, and of a link
only its host counts. What many honest conversations share says nothing and is left out: numbers of banks (95xxx),
masked ones, one-time codes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from fanzha.render.text import yuan
from fanzha.verdict import FoundEntity, Verdict

TELLING = ("account", "im_id", "phone", "url", "id_card", "app")  # apps last: honest ones are named most often
_SPOKEN = str.maketrans("零〇一二三四五六七八九幺", "001234567891")
_FILLING = re.compile(r"[\s\-.·,:是为的]+")
_TAIL = re.compile(r"(?:尾号|尾数|末四位|后四位)(?:数字)?")
_MASKED = re.compile(r"[*×●■]|x{3,}")
_PUBLIC_PHONE = re.compile(r"95[0-9]{3,6}")
_SCHEME = re.compile(r"^(?:h..ps?:/*)?(?:www\.)?", re.IGNORECASE)
_MOST_NAMED = 200  # conversations kept by name of each trace; all are counted
MOST_DISTINCT = 200_000  # traces in memory


@dataclass(slots=True)
class Trace:
    """One account, link, id or sum, and the conversations in which it stands."""

    kind: str
    shown: str
    yuan: float | None = None
    conversations: list[int] = field(default_factory=list)
    """Numbers of the conversations, in order; at most the first 200."""
    count: int = 0
    alerts: int = 0
    doubts: int = 0
    """Conversations of level medium."""

    @property
    def risky(self) -> int:
        """Conversations at medium and above."""
        return self.alerts + self.doubts

    @property
    def recurs(self) -> bool:
        """Whether it stands in more than one conversation, and not only in harmless ones."""
        return self.count > 1 and self.risky > 0


    @property
    def gang(self) -> bool:
        """Whether it ties scams together, and is no app and no number that everybody names, such as the firm's own."""
        return self.kind != "app" and self.risky > 1 and 2 * self.risky >= self.count


class Gathered:
    """All traces of a run. Memory grows with the number of different ones, up to a limit.

    Beyond it harmless ones that were met once are forgotten, and then no new ones are taken in.
    """

    def __init__(self) -> None:
        self._traces: dict[tuple[str, str], Trace] = {}
        self.complete = True
        """Whether none was left out."""
        self._forgets = True  # whether forgetting harmless ones still makes room

    def add(self, number: int, verdict: Verdict) -> None:
        """Note the entities of conversation `number`; each counts once a conversation."""
        for key, one in {_key(one): one for one in reversed(verdict.entities)}.items():
            if key is None:
                continue
            trace = self._traces.get(key)
            if trace is None:
                if len(self._traces) >= MOST_DISTINCT and not self._make_room():
                    continue
                trace = self._traces[key] = Trace(one.kind, _shown(key, one), one.yuan)
            trace.count += 1
            trace.alerts += verdict.alert
            trace.doubts += verdict.level == "medium"
            if len(trace.conversations) < _MOST_NAMED:
                trace.conversations.append(number)

    def _make_room(self) -> bool:
        """Forget what was met once, harmlessly; that is worth its time only if much of it goes."""
        if self._forgets:
            kept = {key: one for key, one in self._traces.items() if one.risky or one.count > 1}
            self._forgets = len(kept) < 0.9 * MOST_DISTINCT
            self._traces = kept
        self.complete = False
        return len(self._traces) < MOST_DISTINCT

    def recurring(self) -> list[Trace]:
        """Traces of people that stand in several conversations, at least one of them risky; the worst first."""
        return sorted((one for one in self._telling() if one.recurs), key=_order)

    def single(self) -> list[Trace]:
        """Traces of people that stand in one risky conversation only."""
        return sorted((one for one in self._telling() if one.risky and not one.recurs), key=_order)

    def sums(self) -> list[Trace]:
        """Sums named in risky conversations; the most frequent first, the larger first among equals."""
        money = (one for one in self._traces.values() if one.kind == "money" and one.risky)
        return sorted(money, key=lambda one: (-one.risky, -(one.yuan or 0.0)))

    def _telling(self) -> Iterator[Trace]:
        return (one for one in self._traces.values() if one.kind in TELLING)


def _order(one: Trace) -> tuple[bool, int, int, int, str]:
    return not one.gang, -one.alerts, -one.count, TELLING.index(one.kind), one.shown


def _key(one: FoundEntity) -> tuple[str, str] | None:
    """Return what makes two entities the same, or None where being the same would mean nothing."""
    if one.kind == "money":
        return None if one.yuan is None else ("money", repr(one.yuan))
    if one.kind not in TELLING:
        return None
    text = unicodedata.normalize("NFKC", one.text).lower()
    if _MASKED.search(text):
        return None
    if one.kind == "url":
        host = re.split(r"[/?#:]", _SCHEME.sub("", re.sub("[点。·]", ".", text)), maxsplit=1)[0]
        return ("url", host) if "." in host else None
    if one.kind in ("app", "im_id"):
        return (one.kind, text.strip())
    plain = _TAIL.sub("尾号", _FILLING.sub("", text)).translate(_SPOKEN)
    if one.kind == "phone":
        plain = re.sub(r"^(?:\+|00)?86(?=1)", "", plain)
        return None if _PUBLIC_PHONE.fullmatch(plain) else ("phone", plain)
    return (one.kind, plain) if plain else None


def _shown(key: tuple[str, str], one: FoundEntity) -> str:
    return yuan(one.yuan) if one.yuan is not None else key[1]
