"""Text messages saved by SMS Backup & Restore on Android.

In: `<smses>` of `<sms address date type body>` and `<mms>` with parts, also `<calls>`. Out: one conversation for each
number; type 2 was sent by the owner of the phone. Drafts are left out. A broken file is read as far as it goes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fanzha.conversation import Conversation, Kind
from fanzha.formats.chats.appmsg import mark_of
from fanzha.formats.chats.dates import read_moment
from fanzha.formats.chats.elements import Element, each_element
from fanzha.formats.chats.message import Chat, Message, to_conversations
from fanzha.formats.head import Head
from fanzha.formats.reader import Options, Reader
from fanzha.formats.source import Source

_ELEMENTS = frozenset(["sms", "mms", "call"])
_RECEIVED, _DRAFT = "1", "3"
_MMS_FROM = "137"  # what an address of a picture message is
_NO_NAME = frozenset(["", "(Unknown)", "null", "(未知)", "未知"])
_CALLS = {"1": "来电", "2": "去电", "3": "未接来电", "4": "语音信箱", "5": "拒接", "6": "已拦截"}
_ROOT = re.compile(r"<(?:smses|allsms|calls)[\s>]|<sms\s[^>]{0,400}\baddress=")


def _read(source: Source, options: Options) -> Iterator[Conversation]:
    chats: dict[str, Chat] = {}

    def take(element: Element) -> None:
        address = element.attribute("address") or element.attribute("number") or "未知号码"
        if element.attribute("msg_box" if element.name == "mms" else "type") == _DRAFT and element.name != "call":
            return
        chat = chats.setdefault(_same_number(address), Chat(id=address, is_group="~" in address))
        chat.messages.append(_message(element, address))

    fault = each_element(source.text(), _ELEMENTS, take)
    if fault is not None:
        source.note(f"{fault}; 之前的短信已读")
    yield from to_conversations(chats.values(), options)


def _message(element: Element, address: str) -> Message:
    time = read_moment(element.attribute("date"))
    name = element.attribute("contact_name")
    other = address if name in _NO_NAME else name
    if element.name == "call":
        kind = element.attribute("type")
        text = mark_of(Kind.CALL, _CALLS.get(kind, ""), f"{element.attribute('duration') or 0} 秒")
        return Message(text, Kind.CALL, other, address, False, time) if kind != "2" else _mine(text, Kind.CALL, time)
    if element.name == "sms":
        text, kind = element.attribute("body"), Kind.TEXT
        received = element.attribute("type") in (_RECEIVED, "")
    else:
        kind, text = _parts(element)
        received = element.attribute("msg_box") in (_RECEIVED, "")
        if "~" in address:
            other = _sender(element) or other
    return Message(text, kind, other, address, False, time) if received else _mine(text, kind, time)


def _mine(text: str, kind: Kind, time: float | None) -> Message:
    return Message(text, kind, "我", None, True, time)


def _parts(element: Element) -> tuple[Kind, str]:
    texts: list[str] = []
    kind = Kind.TEXT
    for part in _all(element, "part"):
        content = part.attribute("ct")
        if content == "text/plain":
            texts.append(part.attribute("text"))
        elif content.startswith("image/"):
            kind = Kind.IMAGE
        elif content.startswith("video/"):
            kind = Kind.VIDEO
        elif content.startswith("audio/"):
            kind = Kind.VOICE
    subject = element.attribute("sub")
    said = "\n".join(text for text in (subject if subject != "null" else "", *texts) if text and text != "null")
    return (Kind.TEXT, said) if said or kind is Kind.TEXT else (kind, mark_of(kind))


def _sender(element: Element) -> str:
    return next((one.attribute("address") for one in _all(element, "addr") if one.attribute("type") == _MMS_FROM), "")


def _all(element: Element, name: str) -> Iterator[Element]:
    for child in element.children:
        if child.name == name:
            yield child
        yield from _all(child, name)


def _same_number(address: str) -> str:
    """One key for +86 138-0000-0000 and 13800000000."""
    digits = re.sub(r"[\s()-]", "", address)
    return re.sub(r"^(?:\+|00)86(?=\d{11}$)", "", digits)


def _sniff(head: Head) -> int:
    return 95 if head.text.lstrip().startswith("<") and _ROOT.search(head.text) else 0


READERS = (Reader("sms-xml", "短信: SMS Backup & Restore XML", (".xml",), _sniff, _read),)
