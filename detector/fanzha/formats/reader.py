"""What a format is: a name, how it is told, how it is read. And what every reader makes its conversations with.

In: turns as a file has them. Out: a Conversation with parties, within the limits. Third parties make a Reader the same
way and register it under the entry-point group `fanzha.formats`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from fanzha.conversation import Conversation, Kind, Party, Turn
from fanzha.errors import InputError, LimitError
from fanzha.formats.head import Head
from fanzha.formats.source import Source
from fanzha.limits import MAX_TURNS


@dataclass(frozen=True, slots=True)
class Options:
    """What the user says about a file. The last five are columns (names, or numbers from 1) of a table."""

    self_name: str | None = None
    text: str | None = None
    speaker: str | None = None
    id: str | None = None
    time: str | None = None
    party: str | None = None

    @property
    def names_columns(self) -> bool:
        """Whether a column is named, so that only a table can be meant."""
        return any((self.text, self.speaker, self.id, self.time, self.party))


@dataclass(frozen=True, slots=True)
class Reader:
    """A format. `sniff` returns how sure it is, 0 to 100; `read` yields the conversations of a file.

    Both raise InputError only. `folder` is the file to begin with where a whole folder is such an export; `companions`
    are patterns of paths in its folder that belong to it and are no conversations by themselves.
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    sniff: Callable[[Head], int]
    read: Callable[[Source, Options], Iterator[Conversation]]
    folder: str | None = None
    companions: tuple[str, ...] = ()


def gather(
    turns: Iterable[Turn],
    options: Options,
    id: str | None = None,  # noqa: A002 - the name of Conversation's field
    *,
    one_of_many: bool = False,
) -> Conversation:
    """Make a conversation of turns; empty ones are left out.

    A party that the reader has set stays, a known label gets its party. `--self` goes before both where somebody has
    that name. Raises InputError where nobody has it and the file itself does not say who is who (not if the
    conversation is `one_of_many`), LimitError at MAX_TURNS.
    """
    kept: list[Turn] = []
    for turn in turns:
        if turn.kind is Kind.TEXT and not turn.text.strip():
            continue
        if len(kept) >= MAX_TURNS:
            raise LimitError(f"一段对话超过 {MAX_TURNS} 轮; 请分成几段", where=f"turns[{MAX_TURNS}]")
        kept.append(turn)
    if options.self_name is not None and kept:
        kept = _with_self(kept, options.self_name.strip(), one_of_many)
    return Conversation.from_turns(kept, id=id)


def _with_self(turns: list[Turn], self_name: str, one_of_many: bool) -> list[Turn]:
    names = dict.fromkeys(turn.speaker.strip() for turn in turns if turn.speaker)
    if self_name in names:
        return [_sided(turn, self_name) for turn in turns]
    if not one_of_many and not any(turn.party is Party.SELF for turn in turns):
        known = "、".join(list(names)[:8]) or "没有任何说话人"
        raise InputError(f"没有叫 {self_name!r} 的说话人; 文中有: {known}", where="--self")
    return turns


def _sided(turn: Turn, self_name: str) -> Turn:
    if not turn.speaker or turn.kind is Kind.SYSTEM:
        return turn
    return replace(turn, party=Party.SELF if turn.speaker.strip() == self_name else Party.OTHER)
