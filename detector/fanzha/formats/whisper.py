"""Whisper and its relatives: JSON of openai-whisper, faster-whisper, WhisperX, whisper.cpp, transformers; TSV.

All but whisper.cpp have `segments` (or `chunks`) in seconds; a tool that writes the same keys in milliseconds is read
as well. whisper.cpp cuts text between tokens, and so sometimes inside a character, whose bytes then stand in two
segments: they are put together again.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from fanzha.conversation import Conversation
from fanzha.formats.clock import number
from fanzha.formats.head import Head
from fanzha.formats.reader import Options, Reader
from fanzha.formats.records import Object, documents, first, holders, holds, members, string
from fanzha.formats.source import Source
from fanzha.formats.speech import Segment, conversation_of, join_words

_TURN_MARK = "[SPEAKER_TURN]"  # whisper.cpp -tdrz
_LOST_BYTES = re.compile("[\udc80-\udcff]+")
_TSV = ("start", "end", "text")


def has_segments(value: Object) -> bool:
    """Whether an object has segments with a text and a time."""
    return any(_is_segment(member) for key in ("segments", "chunks") for member in members(value, key)[:3])


def _is_segment(value: Any) -> bool:
    return isinstance(value, dict) and ("start" in value or "timestamp" in value) and ("text" in value)


def _is_bare(head: Head) -> bool:
    """Whether segments stand in an array at the top."""
    document = head.documents[0] if head.documents else None
    return isinstance(document, list) and bool(document) and _is_segment(document[0]) and "end" in document[0]


def _sniff(head: Head) -> int:
    found = holds(head, '"segments"', has_segments) or holds(head, '"chunks"', has_segments)
    if found is None:
        return 40 if _is_bare(head) else 0
    return 70


def _sniff_speakers(head: Head) -> int:
    found = holds(head, '"segments"', has_segments)
    if found is None:
        return 0
    spoken = any(
        "speaker" in one or any("speaker" in word for word in members(one, "words"))
        for one in members(found, "segments")
    )
    return 75 if spoken or "word_segments" in found else 0


def read_segments(source: Source, options: Options) -> Iterator[Conversation]:
    """Yield a conversation for every object with segments."""
    for document in documents(source):
        if isinstance(document, list) and document and _is_segment(document[0]):
            document = {"segments": document}
        for holder in holders(document, has_segments):
            name = first(holder, "key", "id", "file", "audio", "wav_name")
            segments = (_segment(one) for key in ("segments", "chunks") for one in members(holder, key))
            yield conversation_of(
                segments, options, string(name) or None, source=source, one_of_many=source.head.has_json_lines
            )


def _segment(one: Object) -> Segment:
    words = members(one, "words")
    text = string(one.get("text")) or join_words(string(first(word, "word", "text")) for word in words)
    speakers = Counter(string(word["speaker"]) for word in words if word.get("speaker") is not None)
    speaker = one.get("speaker")
    if speaker is None and speakers:
        speaker = speakers.most_common(1)[0][0]
    stamp = one.get("timestamp")
    start, end = stamp if isinstance(stamp, list) and len(stamp) == 2 else (one.get("start"), one.get("end"))
    return Segment(text, start, end, speaker)


def _is_transcription(value: Object) -> bool:
    return any(
        "text" in one and ("offsets" in one or "timestamps" in one) for one in members(value, "transcription")[:3]
    )


def _sniff_cpp(head: Head) -> int:
    return 90 if holds(head, '"transcription"', _is_transcription) else 0


def _read_cpp(source: Source, options: Options) -> Iterator[Conversation]:
    for document in _with_lost_bytes(source):
        for holder in holders(document, _is_transcription):
            segments = list(_mended(members(holder, "transcription")))
            source.replaced = sum(one.text.count("\ufffd") for one in segments)
            yield conversation_of(segments, options, milliseconds=True, source=source)


def _with_lost_bytes(source: Source) -> Iterator[Any]:
    """Yield the documents with bytes that are no UTF-8 kept as surrogates."""
    _ = source.text()  # which counts what is no UTF-8
    if not source.replaced or source.encoding != "utf-8":
        yield from documents(source)
        return
    try:
        yield json.loads(source.data().decode("utf-8", "surrogateescape"), strict=False)
    except (ValueError, RecursionError):
        yield from documents(source)


def _mended(rows: list[Object]) -> Iterator[Segment]:
    """Yield the segments, characters that were cut in two whole again at the end of the first."""
    texts = [string(row.get("text")).replace(_TURN_MARK, "") for row in rows]
    for index in range(len(texts) - 1):
        end = _LOST_BYTES.search(texts[index][-3:])
        begin = _LOST_BYTES.match(texts[index + 1])
        if end is None or begin is None or end.end() != len(texts[index][-3:]):
            continue
        texts[index] = texts[index][: -len(end[0])] + end[0] + begin[0]
        texts[index + 1] = texts[index + 1][begin.end() :]
    for row, text in zip(rows, texts, strict=True):
        whole = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace") if _LOST_BYTES.search(text) else text
        offsets = row.get("offsets")
        start, end_at = (offsets.get("from"), offsets.get("to")) if isinstance(offsets, dict) else (None, None)
        yield Segment(whole, start, end_at, row.get("speaker"))


def _sniff_tsv(head: Head) -> int:
    return 90 if head.delimiter == "\t" and tuple(cell.lower() for cell in head.header[:3]) == _TSV else 0


def _read_tsv(source: Source, options: Options) -> Iterator[Conversation]:
    yield conversation_of(_tsv_rows(source), options, source=source)


def _tsv_rows(source: Source) -> Iterator[Segment]:
    """Yield rows; the writer replaces tabs in a text and quotes nothing."""
    lines = source.lines()
    names = [name.strip().lower() for name in next(lines, "").split("\t")]
    for line in lines:
        cells = dict(zip(names, line.rstrip("\n").split("\t"), strict=False))
        start, end = cells.get("start", ""), cells.get("end", "")
        yield Segment(cells.get("text", ""), _number(start), _number(end), cells.get("speaker"))


def _sniff_audacity(head: Head) -> int:
    """Labels of Audacity, which WhisperX writes as .aud: start, end and text between tabs, without a heading."""
    rows = [line.split("\t") for line in head.lines[:20] if line.strip()]
    timed = all(len(row) >= 3 and number(row[0]) is not None and number(row[1]) is not None for row in rows)
    return 85 if rows and timed else 0


def _read_audacity(source: Source, options: Options) -> Iterator[Conversation]:
    rows = (line.rstrip("\n").split("\t", 2) for line in source.lines() if line.count("\t") >= 2)
    segments = (Segment(text, start, end) for start, end, text in rows)
    yield conversation_of(segments, options, milliseconds=False, source=source)


def _number(text: str) -> int | str:
    return int(text) if text.strip().isdecimal() and len(text) < 16 else text


READERS = (
    Reader(
        "whisper-json",
        "Whisper、faster-whisper、stable-ts、transformers 的 JSON",
        (".json", ".jsonl"),
        _sniff,
        read_segments,
    ),
    Reader("whisperx-json", "WhisperX 的 JSON, 带说话人", (".json",), _sniff_speakers, read_segments),
    Reader("whisper-cpp", "whisper.cpp 的 JSON (-oj)", (".json",), _sniff_cpp, _read_cpp),
    Reader("audacity-labels", "Audacity 标签 (WhisperX .aud)", (".aud",), _sniff_audacity, _read_audacity),
    Reader("whisper-tsv", "Whisper 的 TSV (毫秒)", (".tsv",), _sniff_tsv, _read_tsv),
)
