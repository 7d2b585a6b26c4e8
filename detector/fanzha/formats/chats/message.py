"""What every chat reader makes of its file: messages, and from them conversations with parties and moments.

In: Message records of one chat in the order of the file. Out: Conversations in the order of time. It decides whose
phone it was (the person whom we protect) from what the format says, from who the counterpart is, or from the names that
exports give the owner (我, Me); `--self` goes before all of them. If nothing tells, parties stay unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from fanzha.conversation import Conversation, Kind, Party, Turn
from fanzha.errors import InputError
from fanzha.formats.clock import epoch_moment
from fanzha.formats.reader import Options, gather
from fanzha.limits import MAX_TURNS

# How exports call the owner of the phone, in the languages that the tools speak.
_OWNER_NAMES = frozenset(["我", "自己", "本人", "me", "you", "您", "自分"])


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `time` in seconds since 1970, or since any moment that is the same for the whole chat.

    `sender` is the stable id (wxid, QQ number), `name` what is shown; `mine` tells whether the owner of the phone sent
    it, None where the format does not say. System lines need neither.
    """

    text: str
    kind: Kind = Kind.TEXT
    name: str | None = None
    sender: str | None = None
    mine: bool | None = None
    time: float | None = None

    @property
    def label(self) -> str | None:
        """What the speaker is called: his name, else his id."""
        return self.name or self.sender or None

    def is_from(self, who: str) -> bool:
        """Whether `who` is the sender's name or id."""
        return who in (self.name, self.sender)


Owns = Callable[[Message], bool]


@dataclass(slots=True)
class Chat:
    """The messages of one chat.

    `counterpart` is the name or id of the other side where it is no group, `owner` that of the phone's owner, both
    where the format says so. `dated`: the times are real moments, not only a clock.
    """

    messages: list[Message] = field(default_factory=list)
    id: str | None = None
    counterpart: str | None = None
    is_group: bool | None = None
    owner: str | None = None
    dated: bool = True


def to_conversations(chats: Iterable[Chat], options: Options) -> Iterator[Conversation]:
    """Yield a Conversation for each chat that holds a message; a very long one in parts of MAX_TURNS.

    Raises InputError if there is none, or if nobody is called as `--self` says and the format does not tell either.
    """
    filled = [replace(chat, messages=_with_names(kept)) for chat in chats if (kept := _said(chat.messages))]
    if not filled:
        raise InputError("里面没有一条消息")
    wanted = (options.self_name or "").strip() or None
    some_known = any(_owner_of(chat, wanted) is not None for chat in filled)
    for chat in filled:
        yield from _parts(chat, options, wanted, one_of_many=some_known)


def _said(messages: Iterable[Message]) -> list[Message]:
    return [message for message in messages if message.text.strip()]


def _parts(chat: Chat, options: Options, wanted: str | None, *, one_of_many: bool) -> Iterator[Conversation]:
    messages = in_order(chat.messages)
    owns = _owner_of(chat, wanted)
    for begin in range(0, len(messages), MAX_TURNS):
        part = messages[begin : begin + MAX_TURNS]
        first = next((message.time for message in part if message.time is not None), None)
        turns = (_to_turn(message, owns, first, chat.dated) for message in part)
        # gather asks for a name; a stable id was understood here
        asked = replace(options, self_name=None) if owns is not None else options
        yield gather(turns, asked, chat.id, one_of_many=one_of_many)


def _to_turn(message: Message, owns: Owns | None, first: float | None, dated: bool) -> Turn:
    start = None if message.time is None or first is None else round(message.time - first, 3)
    time = epoch_moment(message.time) if dated and message.time is not None else None
    if message.kind is Kind.SYSTEM:
        return Turn(message.text, None, Party.UNKNOWN, Kind.SYSTEM, start, time=time)
    party = Party.UNKNOWN
    if owns is not None and message.label is not None:
        party = Party.SELF if owns(message) else Party.OTHER
    return Turn(message.text, message.label, party, message.kind, start, time=time)


def _owner_of(chat: Chat, self_name: str | None) -> Owns | None:
    """Tell which messages the owner of the phone sent; None where nothing tells. The user's own word comes first."""
    spoken = [message for message in chat.messages if message.kind is not Kind.SYSTEM and message.label]
    if self_name and any(message.is_from(self_name) for message in spoken):
        return lambda message: message.is_from(self_name)
    if any(message.mine is not None for message in spoken):
        return lambda message: message.mine is True
    owner, counterpart = chat.owner, chat.counterpart
    if owner and (all(message.sender for message in spoken) or any(message.is_from(owner) for message in spoken)):
        return lambda message: message.is_from(owner)
    if any(_is_owner_name(message) for message in spoken):
        return _is_owner_name
    two = len({message.label for message in spoken}) <= 2
    if counterpart and two and not chat.is_group and any(message.is_from(counterpart) for message in spoken):
        return lambda message: not message.is_from(counterpart)
    return None


def _is_owner_name(message: Message) -> bool:
    return (message.label or "").lower() in _OWNER_NAMES


def _with_names(messages: list[Message]) -> list[Message]:
    """Give each sender the last name he was shown under, so that a change of it makes no second speaker."""
    names = {message.sender: message.name for message in messages if message.sender and message.name}
    return [
        message
        if message.sender not in names or names[message.sender] == message.name
        else replace(message, name=names[message.sender])
        for message in messages
    ]


def in_order(messages: Sequence[Message]) -> list[Message]:
    """Order by time, those of the same second as the file has them; a file that runs backwards is turned round."""
    times = [message.time for message in messages if message.time is not None]
    if len(times) < len(messages):
        return list(messages)
    if times and times[0] > times[-1] and all(later <= earlier for earlier, later in pairwise(times)):
        return list(reversed(messages))
    return sorted(messages, key=lambda message: message.time or 0.0)
