"""Subtitles: SRT, WebVTT with its voices, ASS with its names.

In: cues, also of files that are a little broken: indexes missing, no empty line between cues, points for commas, hours
left out. Out: a turn a cue, or a turn a speaker where a cue has two. Who speaks is a voice (<v 坐席>) or a label before
the text, told over all cues as in plain text. webvtt-py refuses a file for one damaged cue and pysubs2 drops voices, so
the cues are read here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from html import unescape
from itertools import islice

from fanzha.conversation import Conversation
from fanzha.formats.clock import clock_seconds
from fanzha.formats.head import Head
from fanzha.formats.labels import read_label, speakers
from fanzha.formats.reader import Options, Reader
from fanzha.formats.source import Source
from fanzha.formats.speech import Segment, conversation_of
from fanzha.limits import MAX_TURNS

_CLOCK = r"(?:\d{1,3}:)?\d{1,3}:\d{1,2}(?:[.,]\d{1,6})?"
_TIMING = re.compile(rf"\s{{0,8}}({_CLOCK})\s{{0,8}}-{{1,2}}>\s{{0,8}}({_CLOCK})")
_INDEX = re.compile(r"\s*\d{1,6}(?:\s+(?P<voice>spk\d{1,3}))?\s*", re.IGNORECASE)  # FunClip puts the speaker behind it
_BLOCK = re.compile(r"(?:NOTE|STYLE|REGION)(?:\s|$)")
_VOICE = re.compile(r"<v(?:\.[^\s<>]{0,40})?\s+([^<>]{1,60})>")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}>|<\d{1,3}:[\d:.]{1,16}>|</>|\{\\[^{}]{0,200}\}")
_ASS_BREAK = re.compile(r"\\[Nn]")
_ASS_FIELDS = "Layer Start End Style Name MarginL MarginR MarginV Effect Text".split()


@dataclass(slots=True)
class _Cue:
    start: float | None
    end: float | None
    lines: list[str]
    voice: str | None = None


def _sniff_srt(head: Head) -> int:
    return 80 if not head.text.startswith("WEBVTT") and _has_timing(head) else 0


def _sniff_vtt(head: Head) -> int:
    if head.text.startswith("WEBVTT"):
        return 95
    return 60 if head.suffix == ".vtt" and _has_timing(head) else 0


def _has_timing(head: Head) -> bool:
    """Whether a line is a timing and nothing else, among the first lines."""
    return any(_TIMING.match(line) and "]" not in line for line in head.lines[:60] if not line.lstrip().startswith("["))


def _sniff_ass(head: Head) -> int:
    return 90 if "[Script Info]" in head.text[:400] or "\nDialogue: " in head.text else 0


def _read(source: Source, options: Options) -> Iterator[Conversation]:
    yield conversation_of(
        _labelled(list(islice(_cues(source.lines()), MAX_TURNS + 1)), options),
        options,
        milliseconds=False,
        source=source,
    )


def _cues(lines: Iterable[str]) -> Iterator[_Cue]:
    """Yield cues; what stands before the first timing, indexes and notes are left out."""
    cue: _Cue | None = None
    before, after_blank, skipping = "", True, False
    for raw in lines:
        line = raw.strip("\r\n")
        timing = _TIMING.match(line)
        if timing is not None:
            if cue is not None:
                _drop_index(cue)
                yield cue
            index = _INDEX.fullmatch(before)
            cue = _Cue(clock_seconds(timing[1]), clock_seconds(timing[2]), [], index["voice"] if index else None)
            skipping = False
        elif after_blank and _BLOCK.match(line):
            skipping = True
        elif not line.strip():
            skipping = False
            if cue is not None:
                cue.lines.append("")
        elif cue is not None and not skipping:
            cue.lines.append(line)
        before, after_blank = line, not line.strip()
    if cue is not None:
        yield cue


def _drop_index(cue: _Cue) -> None:
    """Take the index or name of the next cue off the end of this one: a number, or any line behind an empty one."""
    if cue.lines and cue.lines[-1] and (_INDEX.fullmatch(cue.lines[-1]) or cue.lines[-2:-1] == [""]):
        cue.lines.pop()


def _labelled(cues: list[_Cue], options: Options) -> Iterator[Segment]:
    """Yield segments with the voice or label of each line of a cue."""
    spoken = [(cue, *piece) for cue in cues for piece in _pieces(cue)]
    labels = [None if voice else read_label(text, options.self_name) for _, voice, text in spoken]
    names = speakers(labels, len(spoken))
    last: Segment | None = None
    said: list[str] = []
    for (cue, voice, text), label in zip(spoken, labels, strict=True):
        named = label if label is not None and label.name in names else None
        speaker = voice or (named.name if named else None)
        words = named.text if named else text
        same_cue = last is not None and (last.start, last.end) == (cue.start, cue.end)
        if last is not None and same_cue and speaker in (None, last.speaker):
            said.append(words)
            continue
        if last is not None:
            yield replace(last, text="\n".join(said))
        last, said = Segment("", cue.start, cue.end, speaker), [words]
    if last is not None:
        yield replace(last, text="\n".join(said))


def _pieces(cue: _Cue) -> Iterator[tuple[str | None, str]]:
    """Yield (voice, line) of a cue without tags and entities."""
    voice = cue.voice
    for line in cue.lines:
        parts = _VOICE.split(line)
        for index, part in enumerate(parts):
            if index % 2:
                voice = unescape(part).strip()
            elif text := unescape(_TAG.sub("", part)).strip():
                yield voice, text


def _read_ass(source: Source, options: Options) -> Iterator[Conversation]:
    yield conversation_of(_labelled_ass(_dialogue(source.lines()), options), options, milliseconds=False, source=source)


def _dialogue(lines: Iterable[str]) -> Iterator[tuple[str, _Cue]]:
    """Yield (name, cue) of the dialogue lines, whose fields a Format line names."""
    fields = _ASS_FIELDS
    for line in lines:
        kind, _, rest = line.partition(":")
        if kind == "Format" and "Text" in rest:
            fields = [field.strip() for field in rest.split(",")]
        elif kind == "Dialogue":
            cells = dict(zip(fields, rest.strip().split(",", len(fields) - 1), strict=False))
            text = _ASS_BREAK.sub("\n", cells.get("Text", ""))
            cue = _Cue(clock_seconds(cells.get("Start", "")), clock_seconds(cells.get("End", "")), text.split("\n"))
            yield cells.get("Name", "").strip(), cue


def _labelled_ass(dialogue: Iterable[tuple[str, _Cue]], options: Options) -> Iterator[Segment]:
    rows = list(islice(dialogue, MAX_TURNS + 1))
    if not any(name for name, _ in rows):
        yield from _labelled([cue for _, cue in rows], options)
        return
    for name, cue in rows:
        yield Segment("\n".join(text for _, text in _pieces(cue)), cue.start, cue.end, name)


READERS = (
    Reader("srt", "SRT 字幕", (".srt",), _sniff_srt, _read),
    Reader("vtt", "WebVTT 字幕, 带说话人标签", (".vtt",), _sniff_vtt, _read),
    Reader("ass", "ASS/SSA 字幕", (".ass", ".ssa"), _sniff_ass, _read_ass),
)
