"""iMessage chats as imessage-exporter writes them in TXT.

In: `Jan 01, 2026  9:00:00 AM (Read by …)`, the sender, the text, an empty line. Out: one conversation; Me is the owner.
Reactions (Tapbacks) are left out, and so are the copies of answers that stand indented below what they answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fanzha.conversation import Conversation, Kind
from fanzha.errors import InputError
from fanzha.formats.chats.blocks import split_lines
from fanzha.formats.chats.dates import read_clock, read_english_date
from fanzha.formats.chats.kinds import read_mark, read_system_line
from fanzha.formats.chats.message import Chat, Message, to_conversations
from fanzha.formats.head import Head
from fanzha.formats.reader import Options, Reader
from fanzha.formats.source import Source

_STAMP = r"(?P<date>[A-Z][a-z]{2} \d{1,2}, \d{4}) {1,2}(?P<clock>\d{1,2}:\d{2}:\d{2}[ \u202f]?[AaPp][Mm])"
_HEAD = re.compile(rf"{_STAMP}(?: \((?:Read|Delivered)[^()]{{0,120}}\))?(?P<notice> [^(].*)?")
_LEFT_OUT = re.compile(r"This message responded to an earlier message\.|Sent with .{1,40}|Edited .{1,60}")
_REACTIONS = re.compile(r"Tapbacks:|Stickers?:")
_ATTACHMENT = re.compile(r"(?:/|~/|[A-Za-z]:\\|attachments?/)[^\n]{1,300}\.(?P<suffix>\w{2,5})", re.IGNORECASE)
_SUFFIXES = {
    **dict.fromkeys("jpg jpeg png gif heic webp tiff".split(), Kind.IMAGE),
    **dict.fromkeys("mov mp4 m4v".split(), Kind.VIDEO),
    **dict.fromkeys("caf amr m4a mp3".split(), Kind.VOICE),
    "vcf": Kind.CARD,
}


def _read(source: Source, options: Options) -> Iterator[Conversation]:
    messages = [_message(head, body) for head, body in _blocks(source.text())]
    if not messages:
        raise InputError("没有一条消息的抬头 (如 Jan 01, 2026  9:00:00 AM)")
    yield from to_conversations([Chat(messages)], options)


def _blocks(text: str) -> Iterator[tuple[re.Match[str], list[str]]]:
    head: re.Match[str] | None = None
    body: list[str] = []
    for line in split_lines(text):
        match = _HEAD.fullmatch(line.rstrip())
        if match is None:
            body.append(line)
            continue
        if head is not None:
            yield head, body
        head, body = match, []
    if head is not None:
        yield head, body


def _message(head: re.Match[str], body: list[str]) -> Message:
    day, clock = read_english_date(head["date"]), read_clock(head["clock"])
    time = None if day is None or clock is None else day + clock
    notice = (head["notice"] or "").strip()
    if notice:
        return Message(notice, read_system_line(notice), time=time)
    name, lines = (body[0].strip() if body else ""), list(_own_lines(body[1:]))
    text = "\n".join(lines).strip("\n").rstrip()
    attachment = _ATTACHMENT.fullmatch(text.strip())
    kind = read_mark(text) if attachment is None else _SUFFIXES.get(attachment["suffix"].lower(), Kind.FILE)
    return Message(text, kind, name or None, time=time)


def _own_lines(lines: list[str]) -> Iterator[str]:
    skipping = indented = False
    for line in lines:
        if re.match(rf"\s{{4,}}{_STAMP}", line):
            indented = True
        if _REACTIONS.fullmatch(line.strip()):
            skipping = True
        elif not line.strip():
            skipping = False
        if not (skipping or (indented and line.startswith("    ")) or _LEFT_OUT.fullmatch(line.strip())):
            yield line


def _sniff(head: Head) -> int:
    lines = [line.rstrip() for line in head.lines[:60]]
    first = next((index for index, line in enumerate(lines) if line), None)
    return 90 if first is not None and _HEAD.fullmatch(lines[first]) else 0


READERS = (Reader("imessage-txt", "iMessage: imessage-exporter TXT", (".txt",), _sniff, _read),)
