"""Tencent Cloud's recording recognition (DescribeTaskStatus, or the callback).

`ResultDetail` has sentences in milliseconds; with ResTextFormat 0 it is null, and the lines of `Result` are read:
"[0:0.020,0:2.380,0]  文". Every field may be null.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fanzha.conversation import Conversation
from fanzha.formats.clock import clock_seconds
from fanzha.formats.head import Head
from fanzha.formats.reader import Options, Reader
from fanzha.formats.records import Object, documents, first, holders, holds, members, string
from fanzha.formats.source import Source
from fanzha.formats.speech import Segment, conversation_of, join_words

_LINE = re.compile(r"\s*\[(?P<start>[\d:.]{1,16}),(?P<end>[\d:.]{1,16})(?:,(?P<speaker>-?\d{1,4}))?\]\s*(?P<text>.*)")
_DETAILS = ("ResultDetail", "resultDetail", "result_detail")


def _is_result(value: Object) -> bool:
    if any("FinalSentence" in one or "StartMs" in one for key in _DETAILS for one in members(value, key)[:3]):
        return True
    text = first(value, "Result", "text")
    return isinstance(text, str) and _LINE.match(text) is not None


def _sniff(head: Head) -> int:
    return 90 if holds(head, "esult", _is_result) or holds(head, '"text":"[', _is_result) else 0


def _sniff_lines(head: Head) -> int:
    filled = [line for line in head.lines if line.strip()]
    return 80 if filled and all(_LINE.match(line) for line in filled[:20]) else 0


def _read(source: Source, options: Options) -> Iterator[Conversation]:
    for document in documents(source):
        for holder in holders(document, _is_result):
            task = string(first(holder, "TaskId", "taskId", "requestId")) or None
            details = [one for key in _DETAILS for one in members(holder, key)]
            if details:
                yield conversation_of(
                    [_sentence(one) for one in details], options, task, milliseconds=True, source=source
                )
            else:
                lines = string(first(holder, "Result", "text")).splitlines()
                yield conversation_of(_segments(lines), options, task, milliseconds=False, source=source)


def _read_lines(source: Source, options: Options) -> Iterator[Conversation]:
    yield conversation_of(_segments(source.lines()), options, milliseconds=False, source=source)


def _sentence(one: Object) -> Segment:
    text = string(first(one, "FinalSentence", "WrittenText")) or join_words(
        string(word.get("Word")) for word in members(one, "Words")
    )
    return Segment(text, one.get("StartMs"), one.get("EndMs"), one.get("SpeakerId"))


def _segments(lines: Iterator[str] | list[str]) -> Iterator[Segment]:
    """Yield a segment a line; a line without stamp continues the one before."""
    last: Segment | None = None
    for line in lines:
        found = _LINE.match(line)
        if found is None:
            if last is not None and line.strip():
                last = Segment(f"{last.text}\n{line.strip()}", last.start, last.end, last.speaker)
            continue
        if last is not None:
            yield last
        last = Segment(found["text"], clock_seconds(found["start"]), clock_seconds(found["end"]), found["speaker"])
    if last is not None:
        yield last


READERS = (
    Reader("tencent-asr", "腾讯云 录音文件识别", (".json",), _sniff, _read),
    Reader("tencent-asr-txt", "腾讯云 录音文件识别, 文字结果", (".txt",), _sniff_lines, _read_lines),
)
