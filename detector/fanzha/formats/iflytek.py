"""iFlytek's recording recognition (录音文件转写): JSON in a string in JSON in a string in JSON.

`lattice` is the smoothed text, `lattice2` the raw one, read where the first is missing. A sentence is
`st.rt[].ws[].cw[0].w`, its times `bg` and `ed` strings in milliseconds, its speaker `rl` ("0": not separated). The
older interface gives a list of {bg, ed, onebest, speaker}; the live one {action, data: "{cn: {st …}}"} a line.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fanzha.conversation import Conversation
from fanzha.formats.head import Head
from fanzha.formats.reader import Options, Reader
from fanzha.formats.records import Object, documents, first, holders, members, string
from fanzha.formats.source import Source
from fanzha.formats.speech import Segment, conversation_of, join_words

_BREAK = "g"  # `wp` of a mark between paragraphs, which has no text


def _has_lattice(value: Object) -> bool:
    return any("json_1best" in one for key in ("lattice", "lattice2") for one in members(value, key)[:3])


def _is_sentence(value: Object) -> bool:
    return ("rt" in value and "bg" in value) or "onebest" in value


def _sniff(head: Head) -> int:
    for mark, sure in (("json_1best", 95), ("onebest", 80)):
        if mark in head.text and head.documents:
            return sure
    return 80 if '\\"rt\\"' in head.text and '\\"st\\"' in head.text and head.documents else 0


def _read(source: Source, options: Options) -> Iterator[Conversation]:
    live: list[Segment] = []
    for document in documents(source):
        found = False
        for holder in holders(document, _has_lattice):
            found = True
            rows = members(holder, "lattice") or members(holder, "lattice2")
            segments = (segment for row in rows for segment in _sentences(row))
            yield conversation_of(segments, options, _order(document), milliseconds=True, source=source)
        if not found:
            live += _sentences(document)
    if live:
        yield conversation_of(live, options, milliseconds=True, source=source)


def _order(document: Any) -> str | None:
    order = next(holders(document, lambda one: "orderId" in one), None)
    return string(order["orderId"]) or None if order else None


def _sentences(value: Any) -> Iterator[Segment]:
    """Yield the sentences in a value; a draft of the live interface (`type` "1") is none."""
    for one in holders(value, _is_sentence):
        speaker = first(one, "rl", "speaker")
        speaker = None if string(speaker) == "0" else speaker
        if "onebest" in one:
            yield Segment(string(one["onebest"]), one.get("bg"), one.get("ed"), speaker)
        elif string(one.get("type")) != "1":
            yield Segment(join_words(_words(one)), one.get("bg"), one.get("ed"), speaker)


def _words(sentence: Object) -> Iterator[str]:
    for part in members(sentence, "rt"):
        for word in members(part, "ws"):
            choices = members(word, "cw")
            if choices and choices[0].get("wp") != _BREAK:
                yield string(choices[0].get("w"))


READERS = (Reader("iflytek-lfasr", "讯飞 录音文件转写", (".json", ".jsonl"), _sniff, _read),)
