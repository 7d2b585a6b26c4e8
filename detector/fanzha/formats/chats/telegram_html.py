"""Telegram Desktop's export as web pages (messages.html, messages2.html …).

In: `<div class="message default" id="message1">` with a date in a title, `from_name`, `text` and `media_…`; a `joined`
message has the sender of the one before. Out: one conversation; the page's head says who the other side is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from fanzha.conversation import Conversation, Kind
from fanzha.errors import LimitError
from fanzha.formats.chats.appmsg import mark_of
from fanzha.formats.chats.dates import read_moment
from fanzha.formats.chats.kinds import kind_of_name
from fanzha.formats.chats.markup import EMPTY, Tag, read_markup
from fanzha.formats.chats.message import Chat, Message, to_conversations
from fanzha.formats.head import Head
from fanzha.formats.reader import Options, Reader
from fanzha.formats.source import Source

_DATE = re.compile(r"(\d{2})\.(\d{2})\.(\d{4}) (\d{1,2}:\d{2}:\d{2})(?: (?:UTC|GMT)?([+-]\d{2}:?\d{2}))?")
_MEDIA = re.compile(
    r"(?:media_|)(photo|video|voice_message|audio_file|file|contact|call|location|poll|sticker|animated)\w*"
)
_MAX_DEPTH = 200
_KINDS = {"photo": Kind.IMAGE, "sticker": Kind.IMAGE, "animated": Kind.IMAGE, "audio_file": Kind.VOICE}
_TITLED = (Kind.FILE, Kind.CARD, Kind.OTHER)
# Parts of a message by the class that they stand in, and where they are not its own.
_PARTS = ("from_name", "text", "title", "status", "body")
_OTHERS = frozenset(["reply_to", "forwarded"])


@dataclass(slots=True)
class _Post:
    """A message of the page as its parts are met."""

    system: bool
    joined: bool
    day_mark: bool
    date: str = ""
    kind: Kind | None = None
    parts: dict[str, list[str]] = field(default_factory=dict)
    links: list[str] = field(default_factory=list)

    def said(self, part: str) -> str:
        return "\n".join(line.strip() for line in "".join(self.parts.get(part, [])).split("\n")).strip()


def _read(source: Source, options: Options) -> Iterator[Conversation]:
    title, posts = _posts(source.text())
    messages: list[Message] = []
    name, time = "", None
    for post in posts:
        time = _moment(post.date) or time  # what Telegram itself says has none
        if post.system:
            if not post.day_mark:
                messages.append(Message(post.said("body"), Kind.SYSTEM, time=time))
            continue
        name = name if post.joined else post.said("from_name")
        messages.append(_message(post, name, time))
    yield from to_conversations([Chat(messages, title or None, title or None)], options)


def _message(post: _Post, name: str, time: float | None) -> Message:
    text = " ".join([post.said("text"), *(f"({link})" for link in post.links if link not in post.said("text"))]).strip()
    kind = post.kind or Kind.TEXT
    if kind is not Kind.TEXT and not (text and kind in (Kind.IMAGE, Kind.VIDEO, Kind.VOICE)):
        title, status = post.said("title"), post.said("status")
        details = (
            (title, status if kind is Kind.CARD else "") if kind in _TITLED else (status if kind is Kind.CALL else "",)
        )
        text = " ".join(part for part in (mark_of(kind, *details), text) if part)
    else:
        kind = Kind.TEXT
    return Message(text, kind, name or None, time=time)


def _posts(text: str) -> tuple[str, list[_Post]]:
    """Return the page's title and its messages."""
    posts: list[_Post] = []
    title: list[str] = []
    open_tags: list[tuple[str, frozenset[str]]] = []
    for item in read_markup(text):
        if isinstance(item, str):
            inside = [classes for _, classes in open_tags]
            _take(item, inside, posts, title)
        elif item.closes:
            _close(item.name, open_tags)
        elif item.name not in EMPTY:
            if len(open_tags) >= _MAX_DEPTH:
                raise LimitError(f"网页嵌套超过 {_MAX_DEPTH} 层")
            open_tags.append((item.name, item.classes))
            _begin(item, posts)
    return " ".join("".join(title).split()), posts


def _begin(tag: Tag, posts: list[_Post]) -> None:
    classes = tag.classes
    if "message" in classes and classes & {"default", "service"}:
        day_mark = tag.attributes.get("id", "").startswith("message-")
        posts.append(_Post("service" in classes, "joined" in classes, day_mark))
    elif posts:
        post = posts[-1]
        if "date" in classes and not post.date:
            post.date = tag.attributes.get("title", "")
        if tag.name == "a" and (address := tag.attributes.get("href", "")).startswith(("http://", "https://")):
            post.links.append(address)
        media = next((match[1] for one in sorted(classes) if (match := _MEDIA.fullmatch(one))), None)
        if media and post.kind is None:
            post.kind = _KINDS.get(media) or kind_of_name(media, Kind.OTHER)


def _take(text: str, inside: list[frozenset[str]], posts: list[_Post], title: list[str]) -> None:
    if any("page_header" in classes for classes in inside):
        title.append(text)
        return
    if not posts or not any("message" in classes for classes in inside):
        return
    part = next((part for classes in reversed(inside) for part in _PARTS if part in classes), None)
    foreign = any(classes & _OTHERS for classes in inside)
    if part is not None and not (foreign and (part == "from_name" or any("reply_to" in one for one in inside))):
        posts[-1].parts.setdefault(part, []).append(text)


def _close(name: str, open_tags: list[tuple[str, frozenset[str]]]) -> None:
    """Close the innermost tag of this name and what was left open in it."""
    for index in reversed(range(len(open_tags))):
        if open_tags[index][0] == name:
            del open_tags[index:]
            return


def _moment(date: str) -> float | None:
    match = _DATE.match(date)
    return read_moment(f"{match[3]}-{match[2]}-{match[1]} {match[4]}{match[5] or ''}") if match else None


def _sniff(head: Head) -> int:
    text = head.text
    return 90 if text.lstrip()[:1] == "<" and "page_wrap" in text and 'class="message ' in text else 0


READERS = (Reader("telegram-html", "Telegram Desktop 网页 messages.html", (".html", ".htm"), _sniff, _read),)
