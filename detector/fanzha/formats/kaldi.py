"""Files of speech research: NIST's STM, CTM and RTTM, and the data folder of Kaldi.

In: STM lines (file, channel, speaker, start, end, text), CTM lines (file, channel, start, length, word), or a Kaldi
`text` with `segments` and `utt2spk` beside it. Out: a conversation a recording. A CTM has words only: they make a turn
until the other channel speaks in between or nobody for a while. Of one channel, an RTTM beside it tells who speaks.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fanzha.conversation import Conversation
from fanzha.errors import InputError
from fanzha.formats.clock import number
from fanzha.formats.head import Head
from fanzha.formats.reader import Options, Reader
from fanzha.formats.source import Source
from fanzha.formats.speech import Segment, Span, close_up, conversation_of, join_words, spans_beside, speaker_at

_COMMENT = ";;"
_PAUSE, _HANDOVER = 1.5, 0.3  # seconds of silence that end a turn, by oneself and where another speaks in between
_UTTERANCE = re.compile(r"(?P<who>.+)-(?P<start>\d{5,9})-(?P<end>\d{5,9})")
_ID = re.compile(r"[\x21-\x7e]{1,80}")
_FEWEST_WORDS = 3  # in a file of another name; a line of an advertisement may look like one
_SHORTEST_ID = 4  # in a file of another name
_FASTEST_IN_MS = 0.015  # characters a unit: slower can only be counted in milliseconds, not in hundredths
_NOBODY = frozenset(["inter_segment_gap", "excluded_region"])  # stretches of an STM that are not scored
_MARKS = frozenset(["<eps>", "<unk>", "<sil>", "<noise>", "[noise]", "sil"])


@dataclass(frozen=True, slots=True)
class _Word:
    start: float
    end: float
    channel: str
    text: str


def _filled(head: Head) -> list[list[str]]:
    return [line.split() for line in head.lines[:40] if line.strip() and not line.startswith(_COMMENT)]


def _all_numbers(cells: Sequence[str]) -> bool:
    return all(number(cell) is not None for cell in cells)


def _sniff_stm(head: Head) -> int:
    rows = _filled(head)
    fits = rows and all(len(row) >= 5 and _all_numbers(row[3:5]) and not _all_numbers(row[2:3]) for row in rows)
    return 85 if fits else 0


def _read_stm(source: Source, options: Options) -> Iterator[Conversation]:
    source.check_whole()
    recordings: dict[str, list[Segment]] = defaultdict(list)
    for line in source.lines():
        cells = line.split(maxsplit=5)
        if line.startswith(_COMMENT) or len(cells) < 6 or not _all_numbers(cells[3:5]):
            continue
        text = cells[5].strip()
        if text.startswith("<") and ">" in text:  # <o,f0,male>
            text = text.split(">", 1)[1]
        if cells[2] not in _NOBODY and "ignore_time_segment" not in text.lower():
            recordings[cells[0]].append(Segment(close_up(text), float(cells[3]), float(cells[4]), cells[2]))
    yield from _conversations(recordings, options)


def _sniff_ctm(head: Head) -> int:
    rows = _filled(head)
    fits = all(5 <= len(row) <= 8 and _all_numbers(row[2:4]) and not _all_numbers(row[4:5]) for row in rows)
    return 85 if fits and (len(rows) >= _FEWEST_WORDS or (rows and head.suffix == ".ctm")) else 0


def _read_ctm(source: Source, options: Options) -> Iterator[Conversation]:
    source.check_whole()
    recordings: dict[str, list[_Word]] = defaultdict(list)
    for line in source.lines():
        cells = line.split()
        start, length = (number(cells[2]), number(cells[3])) if len(cells) >= 5 else (None, None)
        if start is not None and length is not None and cells[4].lower() not in _MARKS and cells[0] != _COMMENT:
            recordings[cells[0]].append(_Word(start, start + length, cells[1], cells[4]))
    spans = spans_beside(source)
    turns: dict[str, list[Segment]] = {}
    for name, words in recordings.items():
        words.sort(key=lambda word: word.start)
        one_channel = len({word.channel for word in words}) == 1
        turns[name] = list(_by_spans(words, spans) if one_channel and spans else _by_pauses(words))
    yield from _conversations(turns, options)


def _by_spans(words: Sequence[_Word], spans: Sequence[Span]) -> Iterator[Segment]:
    """Yield turns of one channel, where an RTTM says who speaks when."""
    told = [(speaker_at(spans, word.start, word.end), word) for word in words]
    begin = 0
    for index in range(1, len(told) + 1):
        ends = index == len(told) or told[index][0] != told[begin][0]
        if ends or told[index][1].start - told[index - 1][1].end > _PAUSE:
            yield _joined([word for _, word in told[begin:index]], told[begin][0])
            begin = index


def _by_pauses(words: Sequence[_Word]) -> Iterator[Segment]:
    """Yield the turns of each channel."""
    channels = sorted({word.channel for word in words})
    for channel in channels:
        own = [word for word in words if word.channel == channel]
        others = [word.start for word in words if word.channel != channel]
        speaker = channel if len(channels) > 1 else None
        begin = position = 0
        for index in range(1, len(own) + 1):
            if index < len(own):
                silence, until = own[index - 1].end, own[index].start
                while position < len(others) and others[position] < silence:
                    position += 1
                handed = until - silence > _HANDOVER and position < len(others) and others[position] < until
                if not handed and until - silence <= _PAUSE:
                    continue
            yield _joined(own[begin:index], speaker)
            begin = index


def _joined(words: Sequence[_Word], speaker: str | None) -> Segment:
    return Segment(join_words(word.text for word in words), words[0].start, words[-1].end, speaker)


def _sniff_rttm(head: Head) -> int:
    rows = _filled(head)
    return 90 if rows and all(row[0] in ("SPEAKER", "SPKR-INFO", "NON-SPEECH") for row in rows) else 0


def _read_rttm(source: Source, options: Options) -> Iterator[Conversation]:
    raise InputError("RTTM 只有谁在何时说话, 没有文字; 请读同名的 CTM、SRT 或 Whisper 文件, RTTM 放在它旁边会一起用上")
    yield


def _sniff_text(head: Head) -> int:
    """A Kaldi `text`: an id and words, nearly all of one character, in every line."""
    rows = _filled(head)
    words = [word for row in rows for word in row[1:]]
    if not words or not all(_ID.fullmatch(row[0]) and not row[0].endswith((":", "]", ",")) for row in rows):
        return 0
    if head.name == "text" or all(_UTTERANCE.fullmatch(row[0]) for row in rows):
        return 80
    single = sum(len(word) == 1 for word in words)
    spaced = len(rows) > 1 and len(words) >= 4 * len(rows) and single * 5 >= len(words) * 4
    return 60 if spaced and all(len(row[0]) >= _SHORTEST_ID for row in rows) else 0


def _read_text(source: Source, options: Options) -> Iterator[Conversation]:
    source.check_whole()
    said = dict(line.strip().split(maxsplit=1) for line in source.lines() if len(line.split(maxsplit=1)) == 2)
    times = _table(source, "segments")
    speakers = _table(source, "utt2spk")
    unit = _unit(said)
    recordings: dict[str, list[Segment]] = defaultdict(list)
    for utterance, text in said.items():
        speaker = speakers.get(utterance, [""])[0] or None
        record, start, end = "", None, None
        marked = _UTTERANCE.fullmatch(utterance)
        if marked is not None:
            first, _, rest = marked["who"].partition("-")
            speaker, record = speaker or first, rest
            start, end = round(int(marked["start"]) * unit, 3), round(int(marked["end"]) * unit, 3)
        cells = times.get(utterance, [])
        if len(cells) >= 3 and _all_numbers(cells[1:3]):
            record, start, end = cells[0], float(cells[1]), float(cells[2])
        recordings[record].append(Segment(close_up(text), start, end, speaker))
    yield from _conversations(recordings, options)


def _table(source: Source, name: str) -> dict[str, list[str]]:
    """Return the rows of a file of the data folder by their first cell."""
    beside = source.sibling(name)
    rows = [] if beside is None else [line.split() for line in beside.lines()]
    return {row[0]: row[1:] for row in rows if len(row) > 1}


def _unit(said: dict[str, str]) -> float:
    """Seconds of a unit in utterance ids: hundredths as a rule, milliseconds where nobody speaks so slowly."""
    marks = [(found, text) for name, text in said.items() if (found := _UTTERANCE.fullmatch(name))]
    length = sum(int(found["end"]) - int(found["start"]) for found, _ in marks)
    spoken = sum(len(text.replace(" ", "")) for _, text in marks)
    return 0.001 if length > 0 and spoken / length < _FASTEST_IN_MS else 0.01


def _conversations(recordings: dict[str, list[Segment]], options: Options) -> Iterator[Conversation]:
    for name, segments in recordings.items():
        yield conversation_of(segments, options, name or None, milliseconds=False, one_of_many=len(recordings) > 1)


_COMPANIONS = "segments utt2spk spk2utt wav.scp utt2dur utt2num_frames feats.scp cmvn.scp spk2gender reco2dur"
READERS = (
    Reader("stm", "NIST STM", (".stm",), _sniff_stm, _read_stm),
    Reader("ctm", "NIST CTM, 可与同名 RTTM 一起", (".ctm",), _sniff_ctm, _read_ctm),
    Reader("rttm", "NIST RTTM (没有文字, 只作旁证)", (".rttm",), _sniff_rttm, _read_rttm),
    Reader(
        "kaldi-text",
        "Kaldi 数据目录",
        (),
        _sniff_text,
        _read_text,
        folder="text",
        companions=tuple(_COMPANIONS.split()),
    ),
)
