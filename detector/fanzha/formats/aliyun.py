"""Alibaba Cloud's recognisers: 智能语音交互 (NLS), 百炼 (DashScope: Paraformer, Fun-ASR), 通义听悟 (Tingwu).

All in milliseconds. A channel of a stereo recording is a party of its own; their sentences are merged by time.
"""

from __future__ import annotations

from collections.abc import Iterator

from fanzha.conversation import Conversation
from fanzha.errors import InputError
from fanzha.formats.head import Head
from fanzha.formats.reader import Options, Reader
from fanzha.formats.records import Object, documents, first, holders, holds, members, string
from fanzha.formats.source import Source
from fanzha.formats.speech import Segment, conversation_of, join_words


def _has_sentences(value: Object) -> bool:
    return any("Text" in one and "BeginTime" in one for one in members(value, "Sentences")[:3])


def _is_event(value: Object) -> bool:
    """Whether this is a sentence of the live interface; drafts (TranscriptionResultChanged) are none."""
    header, payload = value.get("header"), value.get("payload")
    is_live = isinstance(header, dict) and isinstance(payload, dict) and "result" in payload
    return is_live and isinstance(header, dict) and header.get("name") in ("SentenceEnd", "RecognitionCompleted")


def _sniff_nls(head: Head) -> int:
    return 90 if holds(head, "Sentences", _has_sentences) or holds(head, '"SentenceEnd"', _is_event) else 0


def _read_nls(source: Source, options: Options) -> Iterator[Conversation]:
    live: list[Segment] = []
    for document in documents(source):
        for event in holders(document, _is_event):
            said = event["payload"]
            live.append(Segment(string(said.get("result")), said.get("begin_time"), said.get("time")))
        task = string(document.get("TaskId")) if isinstance(document, dict) else ""
        for holder in holders(document, _has_sentences):
            segments = [
                Segment(
                    string(one.get("Text")), one.get("BeginTime"), one.get("EndTime"),
                    one.get("SpeakerId"), one.get("ChannelId"),
                )
                for one in members(holder, "Sentences")
            ]  # fmt: skip
            yield conversation_of(segments, options, task or None, milliseconds=True, source=source)
    if live:
        yield conversation_of(live, options, milliseconds=True, source=source)


def _has_transcripts(value: Object) -> bool:
    return any("sentences" in one or "channel_id" in one for one in members(value, "transcripts")[:3])


def _sniff_dashscope(head: Head) -> int:
    if holds(head, '"transcripts"', _has_transcripts):
        return 90
    return 60 if holds(head, '"transcription_url"', lambda one: "transcription_url" in one) else 0


def _read_dashscope(source: Source, options: Options) -> Iterator[Conversation]:
    for document in documents(source):
        found = False
        for holder in holders(document, _has_transcripts):
            found = True
            segments = [segment for one in members(holder, "transcripts") for segment in _channel(one)]
            yield conversation_of(segments, options, milliseconds=True, source=source)
        if not found and next(holders(document, lambda one: "transcription_url" in one), None):
            raise InputError("这是任务查询的结果, 文字在 transcription_url 所指的 JSON 里; 请下载那个文件")


def _channel(transcript: Object) -> Iterator[Segment]:
    channel = transcript.get("channel_id")
    sentences = members(transcript, "sentences")
    if not sentences:
        yield Segment(string(transcript.get("text")), channel=channel)
    for one in sentences:
        text = string(one.get("text")) or join_words(
            string(word.get("text")) + string(word.get("punctuation")) for word in members(one, "words")
        )
        yield Segment(text, one.get("begin_time"), one.get("end_time"), one.get("speaker_id"), channel)


def _has_paragraphs(value: Object) -> bool:
    return any("Words" in one for one in members(value, "Paragraphs")[:3])


def _sniff_tingwu(head: Head) -> int:
    return 90 if holds(head, "Paragraphs", _has_paragraphs) else 0


def _read_tingwu(source: Source, options: Options) -> Iterator[Conversation]:
    for document in documents(source):
        task = string(document.get("TaskId")) if isinstance(document, dict) else ""
        for holder in holders(document, _has_paragraphs):
            segments = [_paragraph(one) for one in members(holder, "Paragraphs")]
            yield conversation_of(segments, options, task or None, milliseconds=True, source=source)


def _paragraph(one: Object) -> Segment:
    """A paragraph is what one speaker says in a stretch; its text stands in its words only."""
    words = members(one, "Words")
    start, end = (words[0].get("Start"), words[-1].get("End")) if words else (None, None)
    text = join_words(string(word.get("Text")) for word in words)
    return Segment(text, start, end, first(one, "SpeakerName", "SpeakerId"), one.get("ChannelId"))


READERS = (
    Reader("aliyun-nls", "阿里云智能语音交互 录音文件识别", (".json",), _sniff_nls, _read_nls),
    Reader("aliyun-dashscope", "阿里云百炼 Paraformer、Fun-ASR", (".json",), _sniff_dashscope, _read_dashscope),
    Reader("aliyun-tingwu", "通义听悟", (".json",), _sniff_tingwu, _read_tingwu),
)
