"""Recognised speech: segments with times and speakers, as every recogniser gives them, become turns.

In: segments with whatever a tool wrote as start, end and speaker. Out: a Conversation in seconds. Milliseconds are told
from seconds by how fast somebody would have to speak; a speaker's number becomes 说话人N, a channel's 声道N.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import PurePath
from typing import Any

from fanzha.conversation import Conversation, Turn
from fanzha.formats.clock import in_milliseconds, number, to_seconds
from fanzha.formats.labels import read_label, speakers
from fanzha.formats.reader import Options, gather
from fanzha.formats.source import Source
from fanzha.limits import MAX_TURNS

_RICH = re.compile(r"<\|[^|<>]{0,40}\|>")  # <|zh|><|HAPPY|> of SenseVoice, <|0.00|> of Whisper
_GAP_BY_HAN = re.compile(r"(?<=[^\x00-\x7f])[ \t]+|[ \t]+(?=[^\x00-\x7f])")
_NUMBER = re.compile(r"-?\d{1,6}(?:\.0)?")
_UNKNOWN = frozenset(["", "?", "-", "none", "null", "unknown", "<na>", "n/a"])


@dataclass(frozen=True, slots=True)
class Segment:
    """What somebody said without a pause; times and speaker as the tool wrote them."""

    text: str
    start: Any = None
    end: Any = None
    speaker: Any = None
    channel: Any = None


@dataclass(frozen=True, slots=True)
class Span:
    """Seconds in which somebody speaks, of an RTTM file."""

    start: float
    end: float
    speaker: str
    channel: str


def conversation_of(
    segments: Iterable[Segment],
    options: Options,
    id: str | None = None,  # noqa: A002 - the name of Conversation's field
    *,
    milliseconds: bool | None = None,
    source: Source | None = None,
    one_of_many: bool = False,
) -> Conversation:
    """Make a conversation of segments, in the order of their times if all have one.

    `milliseconds` None: told by the numbers. Where no segment has a speaker, labels in the texts tell them
    ([SPEAKER_00]: 您好), or an RTTM file beside the source.
    """
    told = list(islice(_filled(segments), MAX_TURNS + 1))  # one too many is told by gather
    if all(speaker_label(one.speaker) is None for one in told):
        told = _with_labels(told, options.self_name)
    if milliseconds is None:
        milliseconds = in_milliseconds((one.start, one.end, one.text) for one in told)
    channels = {str(one.channel) for one in told if one.channel is not None}
    labelled = [_turn(one, milliseconds, many_channels=len(channels) > 1) for one in told]
    if all(turn.start is not None for turn in labelled):
        labelled.sort(key=lambda turn: turn.start or 0.0)
    if source is not None and not any(turn.speaker for turn in labelled):
        spans = spans_beside(source)
        labelled = [replace(turn, speaker=speaker_at(spans, turn.start, turn.end)) for turn in labelled]
    return gather(labelled, options, id, one_of_many=one_of_many)


def _filled(segments: Iterable[Segment]) -> Iterator[Segment]:
    """Yield the segments in which something is said, without the tags that recognisers put into it."""
    for one in segments:
        if text := _RICH.sub("", one.text).strip():
            yield replace(one, text=text)


def _with_labels(told: list[Segment], self_name: str | None) -> list[Segment]:
    labels = [read_label(one.text, self_name) for one in told]
    names = speakers(labels, len(told))
    return [
        one if label is None or label.name not in names else replace(one, text=label.text, speaker=label.name)
        for one, label in zip(told, labels, strict=True)
    ]


def _turn(one: Segment, milliseconds: bool, many_channels: bool) -> Turn:
    speaker = speaker_label(one.speaker)
    if many_channels:
        channel = speaker_label(one.channel, "声道")
        speaker = channel if speaker is None or channel is None else f"{channel} {speaker}"
    start = to_seconds(one.start, milliseconds=milliseconds)
    end = to_seconds(one.end, milliseconds=milliseconds)
    return Turn(one.text, speaker, start=start, end=end)


def speaker_label(value: Any, numbered: str = "说话人") -> str | None:
    """Return how a speaker is called: 0 and "0" are 说话人0, "SPEAKER_00" stays, None, -1 and "?" are nobody."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    label = str(value).strip()
    if label.lower() in _UNKNOWN or label.startswith("-1"):
        return None
    return f"{numbered}{int(float(label))}" if _NUMBER.fullmatch(label) else label


def close_up(text: str) -> str:
    """Take out the spaces between Chinese characters: 您 好 app 下 载 → 您好app下载."""
    return _GAP_BY_HAN.sub("", text.strip())


def join_words(words: Iterable[str]) -> str:
    """Join words of a recogniser: Chinese without spaces, two Latin words with one."""
    text = ""
    for word in words:
        apart = text[-1:].isascii() and text[-1:].isalnum() and word[:1].isascii() and word[:1].isalnum()
        text += f" {word}" if apart else word
    return text


def spans_beside(source: Source) -> tuple[Span, ...]:
    """Return the spans of an RTTM file of the same name in the same folder, if there is one."""
    if source.name is None:
        return ()
    beside = source.sibling(f"{PurePath(source.name).stem}.rttm")
    return () if beside is None else tuple(read_spans(beside))


def read_spans(source: Source) -> Iterator[Span]:
    """Yield the spans of an RTTM file; lines of another kind are passed over."""
    for line in source.lines():
        cells = line.split()
        if len(cells) < 8 or cells[0] != "SPEAKER":
            continue
        start, length = number(cells[3]), number(cells[4])
        if start is not None and length is not None:
            yield Span(start, start + length, cells[7], cells[2])


def speaker_at(spans: Sequence[Span], start: float | None, end: float | None) -> str | None:
    """Return who speaks for most of the time from start to end."""
    if start is None:
        return None
    stop = start if end is None else end
    shares = ((min(stop, span.end) - max(start, span.start), span.speaker) for span in spans)
    most, speaker = max(shares, key=lambda share: share[0], default=(-1.0, ""))
    return speaker if most >= 0 else None
