"""What every chat reader makes of its file: messages, and from them a Conversation with parties and seconds.

In: Message records of one chat in the order of the file. Out: a Conversation in the order of time. It decides whose
phone it was (the person whom we protect) from what the format says, from who the counterpart is, from the names
people give themselves in exports (我, Me), or from `self_name`; if none of these tells, parties stay unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from fanzha.conversation import Conversation, Kind, Party, Turn
from fanzha.errors import InputError

# How exports call the owner of the phone, in the languages that the tools speak.
_OWNER_NAMES = frozenset(["我", "自己", "本人", "me", "you", "您", "自分"])
_SHOWN_NAMES = 8  # names told to a user who asked for one that is not there


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `time` in seconds from any moment that is the same for the whole chat.

    `sender` is the stable id (wxid, QQ number), `name` what is shown; `mine` tells whether the owner of the phone sent
    it, None where the format does not say. System lines have neither sender nor name.
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
    """The messages of one chat; `counterpart` is the name or id of the other side, where it is no group."""

    messages: list[Message] = field(default_factory=list)
    id: str | None = None
    counterpart: str | None = None
    is_group: bool | None = None
    owner: str | None = None  # name or id of the owner of the phone, where the format says so


def to_conversations(chats: Iterable[Chat], self_name: str | None = None) -> list[Conversation]:
    """Return a Conversation for each chat that holds a message.

    Raises InputError if there is none, or if `self_name` is needed and nobody is called so.
    """
    filled = [filled for chat in chats if (filled := replace(chat, messages=_said(chat.messages))).messages]
    if not filled:
        raise InputError("里面没有一条消息")
    wanted = self_name.strip() if self_name else None
    if wanted and all(_owner_of(chat, wanted) is None for chat in filled):
        names = sorted({message.label for chat in filled for message in chat.messages if message.label})
        raise InputError(f"没有叫 {wanted!r} 的说话人; 文中有: {'、'.join(names[:_SHOWN_NAMES]) or '没有'}", where="--self")
    return [_to_conversation(chat, wanted) for chat in filled]


def _said(messages: Iterable[Message]) -> list[Message]:
    return [message for message in messages if message.text.strip()]


def _to_conversation(chat: Chat, self_name: str | None) -> Conversation:
    messages = in_order(chat.messages)
    owns = _owner_of(chat, self_name)
    first = next((message.time for message in messages if message.time is not None), None)
    return Conversation.from_turns([_to_turn(message, owns, first) for message in messages], id=chat.id)


def _to_turn(message: Message, owns: Owns | None, first: float | None) -> Turn:
    start = None if message.time is None or first is None else round(message.time - first, 3)
    if message.kind is Kind.SYSTEM:
        return Turn(message.text, None, Party.UNKNOWN, Kind.SYSTEM, start)
    party = Party.UNKNOWN
    if owns is not None and message.label is not None:
        party = Party.SELF if owns(message) else Party.OTHER
    return Turn(message.text, message.label, party, message.kind, start)


def _owner_of(chat: Chat, self_name: str | None) -> Owns | None:
    """Tell which messages the owner of the phone sent; None where nothing tells. The user's own word comes first."""
    spoken = [message for message in chat.messages if message.kind is not Kind.SYSTEM and message.label]
    if self_name and any(message.is_from(self_name) for message in spoken):
        return lambda message: message.is_from(self_name)
    if any(message.mine is not None for message in spoken):
        return lambda message: message.mine is True
    owner, counterpart = chat.owner, chat.counterpart
    if owner:
        return lambda message: message.is_from(owner)
    if any(_is_owner_name(message) for message in spoken):
        return _is_owner_name
    two = len({message.label for message in spoken}) <= 2
    if counterpart and two and not chat.is_group and any(message.is_from(counterpart) for message in spoken):
        return lambda message: not message.is_from(counterpart)
    return None


def _is_owner_name(message: Message) -> bool:
    return (message.label or "").lower() in _OWNER_NAMES


def in_order(messages: Sequence[Message]) -> list[Message]:
    """Order by time, those of the same second as the file has them; a file that runs backwards is turned round."""
    times = [message.time for message in messages if message.time is not None]
    if len(times) < len(messages):
        return list(messages)
    if times and times[0] > times[-1] and all(later <= earlier for earlier, later in zip(times, times[1:], strict=False)):
        return list(reversed(messages))
    return sorted(messages, key=lambda message: message.time or 0.0)


def with_names(messages: Iterable[Message]) -> list[Message]:
    """Give each sender one name: the last that he was shown under, also where a row left it out."""
    kept = list(messages)
    names = {message.sender: message.name for message in kept if message.sender and message.name}
    return [replace(message, name=names.get(message.sender, message.name)) for message in kept]
