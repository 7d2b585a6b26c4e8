"""FunASR in its four shapes: AutoModel.generate(), the command, the OpenAI-like server, the websocket runtime.

AutoModel has `sentence_info` in milliseconds, the sentence under `text` or (split by pauses) `sentence`. The command
writes Whisper's keys in milliseconds, the server the same keys in seconds. The runtime sends one message a sentence,
with spaces between characters and drafts (2pass-online) before the final text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from fanzha.conversation import Conversation
from fanzha.formats.head import Head
from fanzha.formats.reader import Options, Reader
from fanzha.formats.records import Object, documents, first, holders, holds, members, string
from fanzha.formats.source import Source
from fanzha.formats.speech import Segment, close_up, conversation_of
from fanzha.formats.whisper import has_segments, read_segments

_LISTS = ("sentence_info", "stamp_sents", "sentences")
_DRAFTS = ("2pass-online", "online")


def _is_result(value: Object) -> bool:
    if any(
        "start" in one and first(one, "text", "sentence", "text_seg") for key in _LISTS for one in members(value, key)
    ):
        return True
    return isinstance(value.get("text"), str) and (("timestamp" in value and "key" in value) or "wav_name" in value)


def _sniff(head: Head) -> int:
    for mark in ('"sentence_info"', '"stamp_sents"', '"sentences"', '"wav_name"', '"timestamp"'):
        if holds(head, mark, _is_result) is not None:
            return 85
    document = head.documents[0] if head.documents else None
    if (
        isinstance(document, list)
        and document
        and isinstance(document[0], dict)
        and {"key", "text"} == set(document[0])
    ):
        return 60
    found = holds(head, '"segments"', has_segments)
    if found is None:
        return 0
    speakers = [string(one.get("speaker")) for one in members(found, "segments")]
    is_command = "model" in found and ("duration_s" in found or "file" in found)
    return 85 if is_command or any(speaker.startswith("SPK") for speaker in speakers) else 0


def _read(source: Source, options: Options) -> Iterator[Conversation]:
    if any(has_segments(one) for document in source.head.documents for one in holders(document, has_segments)):
        yield from read_segments(source, options)
        return
    messages = [one for document in documents(source) for one in holders(document, _is_any_result)]
    final = any(one.get("mode") not in _DRAFTS for one in messages)
    recordings: dict[str, list[Object]] = {}
    for one in messages:
        if not (final and one.get("mode") in _DRAFTS):
            recordings.setdefault(string(first(one, "key", "wav_name")), []).append(one)
    for name, results in recordings.items():
        segments = (segment for one in results for segment in _segments(one))
        yield conversation_of(
            segments, options, name or None, milliseconds=True, source=source, one_of_many=len(recordings) > 1
        )


def _is_any_result(value: Object) -> bool:
    return _is_result(value) or (isinstance(value.get("text"), str) and "key" in value)


def _segments(result: Object) -> Iterator[Segment]:
    rows = [row for key in _LISTS for row in members(result, key)]
    pieces = [_piece(row) for row in rows]
    text = string(result.get("text"))
    if pieces and (not text or len(pieces) > 1 or "text_seg" not in rows[0]):
        for row, piece in zip(rows, pieces, strict=True):
            yield Segment(piece, row.get("start"), row.get("end"), first(row, "spk", "speaker"))
        return
    spans = rows or _stamps(result.get("timestamp"))
    start = spans[0].get("start") if spans else None
    yield Segment(close_up(text), start, spans[-1].get("end") if spans else None, first(result, "spk", "speaker"))


def _piece(row: Object) -> str:
    text = close_up(string(first(row, "text", "sentence", "text_seg")))
    return text + string(row.get("punc")) if "text_seg" in row else text


def _stamps(value: Any) -> list[Object]:
    """Return [[0, 200], …] of a list, or of a list written as a string, as objects with start and end."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return []
    pairs = value if isinstance(value, list) else []
    return [{"start": pair[0], "end": pair[1]} for pair in pairs if isinstance(pair, list) and len(pair) >= 2]


READERS = (
    Reader("funasr-json", "FunASR 的 JSON (AutoModel、命令行、服务、websocket)", (".json", ".jsonl"), _sniff, _read),
)
