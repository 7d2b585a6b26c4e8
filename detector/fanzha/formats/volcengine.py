"""Volcengine's recognition of recordings (豆包大模型录音识别 and the older one): `utterances` in milliseconds.

`result` is an object, in the older interface a list of them. The speaker stands in `additions`, a channel there is one
party of a stereo recording.
"""

from __future__ import annotations

from collections.abc import Iterator

from fanzha.conversation import Conversation
from fanzha.formats.head import Head
from fanzha.formats.reader import Options, Reader
from fanzha.formats.records import Object, documents, first, holders, holds, members, string
from fanzha.formats.source import Source
from fanzha.formats.speech import Segment, conversation_of, join_words


def _has_utterances(value: Object) -> bool:
    return any("start_time" in one or "text" in one for one in members(value, "utterances")[:3])


def _sniff(head: Head) -> int:
    return 85 if holds(head, "utterances", _has_utterances) else 0


def _read(source: Source, options: Options) -> Iterator[Conversation]:
    for document in documents(source):
        utterances = [one for holder in holders(document, _has_utterances) for one in members(holder, "utterances")]
        final = [one for one in utterances if one.get("definite") is not False]
        name = string(first(document, "task_id", "id", "reqid")) if isinstance(document, dict) else ""
        yield conversation_of(
            [_segment(one) for one in final or utterances], options, name or None, milliseconds=True, source=source,
            one_of_many=source.head.has_json_lines,
        )  # fmt: skip


def _segment(one: Object) -> Segment:
    additions = one.get("additions")
    told = {**additions, **one} if isinstance(additions, dict) else one
    text = string(one.get("text")) or join_words(string(word.get("text")) for word in members(one, "words"))
    speaker = first(told, "speaker", "speaker_id", "spk")
    return Segment(text, one.get("start_time"), one.get("end_time"), speaker, first(told, "channel_id", "channel"))


READERS = (Reader("volcengine-asr", "火山引擎 录音文件识别", (".json",), _sniff, _read),)
