"""Every shape in calls.py reads to the same call, told by its content alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from calls import CALL, ENDS, OTHERS, SPOKEN, STARTS, TEXTS, as_json, clock, iflytek, lines, ms, segments

from fanzha.conversation import Conversation
from fanzha.errors import InputError
from fanzha.formats.registry import companion_of, main_file, read_bytes, read_file

SHAPES = [(name, shape) for name, shapes in SPOKEN.items() for shape in shapes]
SHAPES_OF_ONE = [(name, shape) for name, shapes in OTHERS.items() for shape in shapes]


def only(data: bytes) -> Conversation:
    (conversation,) = read_bytes(data).conversations
    return conversation


def texts(conversation: Conversation) -> list[str]:
    return [turn.text for turn in conversation.turns]


@pytest.mark.parametrize(("name", "data"), SHAPES, ids=[name for name, _ in SHAPES])
def test_a_call_reads_to_its_turns_times_and_speakers(name: str, data: bytes) -> None:
    reading = read_bytes(data)
    (conversation,) = reading.conversations
    assert reading.format == name
    assert texts(conversation) == TEXTS
    assert [turn.start for turn in conversation.turns] == STARTS
    assert [turn.end for turn in conversation.turns] == ENDS
    first, second = conversation.turns[0].speaker, conversation.turns[1].speaker
    assert first != second
    assert [turn.speaker for turn in conversation.turns] == [first, second, first, second]


@pytest.mark.parametrize(("name", "data"), SHAPES_OF_ONE, ids=[name for name, _ in SHAPES_OF_ONE])
def test_a_call_without_speakers_has_none(name: str, data: bytes) -> None:
    reading = read_bytes(data)
    (conversation,) = reading.conversations
    assert reading.format == name
    assert texts(conversation) == TEXTS
    assert [(turn.start, turn.end, turn.speaker) for turn in conversation.turns] == [
        (start, end, None) for start, end in zip(STARTS, ENDS, strict=True)
    ]


@pytest.mark.parametrize("name", ["srt", "vtt", "stm", "table-csv", "turns"])
def test_known_labels_give_the_parties(name: str) -> None:
    assert [turn.party.value for turn in only(SPOKEN[name][0]).turns] == ["other", "self", "other", "self"]


# ── milliseconds or seconds ──


def test_the_same_keys_are_told_apart_by_how_fast_somebody_speaks() -> None:
    in_ms = [{"start": ms(start), "end": ms(end), "text": text} for _, start, end, text in CALL]
    assert only(as_json({"segments": in_ms})) == only(as_json({"segments": segments()}))


def test_whole_seconds_of_a_long_call_stay_seconds() -> None:
    long = [{"start": 1200 + n * 5, "end": 1204 + n * 5, "text": "您好请问是张先生吗"} for n in range(3)]
    assert only(as_json({"segments": long})).turns[0].start == 1200


def test_a_second_of_silence_with_one_word_is_no_evidence_of_milliseconds() -> None:
    assert only(as_json({"segments": [{"start": 0, "end": 30, "text": "嗯"}]})).turns[0].end == 30


# ── what recognisers leave out or put in ──


def test_a_segment_without_text_or_speaker_is_no_fault() -> None:
    rows = [{"start": 0, "end": 1, "text": ""}, {"start": 1, "end": 2, "text": "您好", "speaker": None}, {"text": "哪位", "start": None}]
    assert texts(only(as_json({"segments": [{"start": 0.0, "end": 0.5, "text": "喂", "speaker": "A"}, *rows]}))) == ["喂", "您好", "哪位"]


def test_a_character_cut_in_two_by_whisper_cpp_is_whole_again() -> None:
    text = "您好请把验证码告诉我".encode()
    rows = [
        b'{"offsets": {"from": 0, "to": 1000}, "text": "' + text[:10] + b'"}',
        b'{"offsets": {"from": 1000, "to": 2000}, "text": "' + text[10:] + b'"}',
    ]
    reading = read_bytes(b'{"transcription": [' + b",".join(rows) + b"]}")
    (conversation,) = reading.conversations
    assert texts(conversation) == ["您好请把", "验证码告诉我"]
    assert reading.replaced == 0


def test_marks_of_a_change_of_speaker_are_no_words() -> None:
    data = as_json({"transcription": [{"offsets": {"from": 0, "to": 900}, "text": " 您好 [SPEAKER_TURN]"}]})
    assert texts(only(data)) == ["您好"]


def test_several_recordings_of_a_file_are_several_conversations() -> None:
    data = as_json([{"key": name, "text": "您好", "timestamp": [[0, 500]]} for name in ("a", "b")])
    assert [one.id for one in read_bytes(data).conversations] == ["a", "b"]


def test_a_task_query_without_text_says_where_the_text_is() -> None:
    data = as_json({"output": {"results": [{"transcription_url": "https://a.example/b.json"}]}})
    with pytest.raises(InputError, match="transcription_url"):
        list(read_bytes(data).conversations)


def test_the_raw_lattice_of_iflytek_is_read_where_the_smoothed_one_is_missing() -> None:
    assert texts(only(iflytek().replace(b"lattice2", b"lattice9").replace(b'lattice\\', b'lattice2\\'))) == TEXTS


def test_drafts_of_a_live_recogniser_are_left_out() -> None:
    def message(kind: str, text: str) -> dict[str, str]:
        words = [{"cw": [{"w": char, "wp": "n"}]} for char in text]
        return {"action": "result", "data": json.dumps({"cn": {"st": {"bg": "0", "ed": "900", "type": kind, "rt": [{"ws": words}]}}})}

    assert texts(only(lines([message("1", "您"), message("0", "您好")]))) == ["您好"]


def test_a_long_text_before_the_segments_does_not_hide_them() -> None:
    """Whisper writes the whole text first: of a call of an hour it is longer than the head."""
    reading = read_bytes(as_json({"text": "好" * 40_000, "segments": segments()}))
    assert reading.format == "whisper-json"
    assert texts(next(reading.conversations)) == TEXTS


def test_what_python_prints_of_a_result_is_read() -> None:
    printed = repr([{"key": "c1", "sentence_info": [{"text": "您好", "start": 0, "end": 900, "spk": 0}]}])
    reading = read_bytes(printed.encode())
    assert (reading.format, texts(next(reading.conversations))) == ("funasr-json", ["您好"])
    with pytest.raises(InputError, match="JSON"):
        list(read_bytes(printed[:-3].encode()).conversations)


def test_labels_in_the_texts_of_segments_are_speakers() -> None:
    rows = [{"start": start, "end": end, "text": f"{label}：{text}"} for label, start, end, text in CALL]
    conversation = only(as_json({"segments": rows}))
    assert [(turn.speaker, turn.text) for turn in conversation.turns] == [(label, text) for label, *_, text in CALL]


def test_sentences_of_the_live_interface_are_one_call() -> None:
    events = [
        {"header": {"name": name}, "payload": {"result": text, "begin_time": ms(start), "time": ms(end)}}
        for _, start, end, text in CALL
        for name in ("TranscriptionResultChanged", "SentenceEnd")
    ]
    assert texts(only(lines(events))) == TEXTS


def test_labels_of_audacity_have_times_and_speakers() -> None:
    data = "\n".join(f"{start}\t{end}\t[[{label}]]{text}" for label, start, end, text in CALL)
    conversation = only(data.encode())
    assert [(turn.speaker, turn.end, turn.text) for turn in conversation.turns] == [(label, end, text) for label, _, end, text in CALL]


# ── subtitles ──


def test_a_speaker_behind_the_index_is_read() -> None:
    cues = [f"{n}  spk{n % 2}\n{clock(n)} --> {clock(n + 1)}\n第{n}句\n" for n in range(3)]
    conversation = only("\n".join(cues).encode())
    assert [(turn.speaker, turn.text) for turn in conversation.turns] == [("spk0", "第0句"), ("spk1", "第1句"), ("spk0", "第2句")]


def test_a_cue_of_two_speakers_is_two_turns() -> None:
    data = f"1\n{clock(0)} --> {clock(2)}\n客服: 您好\n客户: 哪位\n\n2\n{clock(2)} --> {clock(3)}\n客服: 理赔的\n"
    assert [turn.speaker for turn in only(data.encode()).turns] == ["客服", "客户", "客服"]


def test_a_number_that_was_said_is_not_taken_for_an_index() -> None:
    data = f"1\n{clock(0)} --> {clock(2)}\n验证码是\n\n2\n{clock(2)} --> {clock(3)}\n135790\n"
    assert texts(only(data.encode())) == ["验证码是", "135790"]


def test_entities_and_tags_of_a_cue_are_resolved() -> None:
    data = "WEBVTT\n\n00:01.000 --> 00:02.000\n<c.red>转 &lt;5000&gt; &amp; 备注</c>\n"
    assert texts(only(data.encode())) == ["转 <5000> & 备注"]


# ── research formats ──


def ctm() -> str:
    words = [
        (f"c1 {(label == '客户' and 'B') or 'A'} {start + 0.2 * n:.2f} 0.2 {char} 0.9")
        for label, start, _, text in CALL
        for n, char in enumerate(text.strip("。？"))
        if char != "，"
    ]
    return "\n".join(words)


def test_words_of_a_ctm_make_turns() -> None:
    conversation = only(ctm().encode())
    assert texts(conversation) == [text.replace("，", "").strip("。？") for text in TEXTS]
    assert [turn.speaker for turn in conversation.turns] == ["A", "B", "A", "B"]


def test_an_rttm_beside_tells_who_speaks(tmp_path: Path) -> None:
    rttm = "\n".join(f"SPEAKER c1 1 {start} {end - start} <NA> <NA> {label} <NA> <NA>" for label, start, end, _ in CALL)
    (tmp_path / "c1.rttm").write_text(rttm)
    (tmp_path / "c1.ctm").write_text(ctm().replace(" B ", " A "))
    (tmp_path / "d1.json").write_bytes(as_json({"segments": segments()}))
    (tmp_path / "d1.rttm").write_text(rttm)
    for name in ("c1.ctm", "d1.json"):
        (conversation,) = read_file(tmp_path / name).conversations
        assert [turn.speaker for turn in conversation.turns] == [label for label, *_ in CALL]
    assert companion_of(tmp_path / "c1.rttm") == tmp_path / "c1.ctm"


def test_an_rttm_alone_says_what_it_belongs_to() -> None:
    with pytest.raises(InputError, match="没有文字"):
        list(read_bytes(b"SPEAKER c1 1 0.0 3.2 <NA> <NA> A <NA> <NA>\n").conversations)


def test_a_kaldi_folder_is_one_export(tmp_path: Path) -> None:
    spoken = [(f"u{n}", said) for n, said in enumerate(CALL)]
    (tmp_path / "text").write_text("\n".join(f"{name} {' '.join(said[3])}" for name, said in reversed(spoken)))
    (tmp_path / "segments").write_text("\n".join(f"{name} call {said[1]} {said[2]}" for name, said in spoken))
    (tmp_path / "utt2spk").write_text("\n".join(f"{name} {said[0]}" for name, said in spoken))
    assert main_file(tmp_path) == tmp_path / "text"
    assert companion_of(tmp_path / "utt2spk") == tmp_path / "text"
    (conversation,) = read_file(tmp_path).conversations
    assert (conversation.id, texts(conversation)) == ("call", TEXTS)
    assert [(turn.speaker, turn.start) for turn in conversation.turns] == [(label, start) for label, start, *_ in CALL]


def test_the_times_in_kaldi_ids_are_hundredths() -> None:
    data = "\n".join(f"A-c1-{round(start * 100):07}-{round(end * 100):07} {' '.join(text)}" for _, start, end, text in CALL)
    conversation = only(data.encode())
    assert (conversation.id, [turn.start for turn in conversation.turns]) == ("c1", STARTS)
