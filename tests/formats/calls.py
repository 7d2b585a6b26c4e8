"""One little call in the shape of every recogniser and table, and what it must read to."""

from __future__ import annotations

import io
import json
from typing import Any

Said = tuple[str, float, float, str]
CALL: tuple[Said, ...] = (
    ("客服", 0.0, 3.2, "您好，这里是平台理赔中心。"),
    ("客户", 3.5, 5.0, "什么事？"),
    ("客服", 5.5, 9.75, "您的包裹丢了，请把验证码念给我。"),
    ("客户", 10.0, 11.0, "好的。"),
)
TEXTS = [text for *_, text in CALL]
STARTS = [start for _, start, *_ in CALL]
ENDS = [end for _, _, end, _ in CALL]


def number(label: str) -> int:
    return 0 if label == "客服" else 1


def ms(seconds: float) -> int:
    return round(seconds * 1000)


def as_json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def lines(values: list[Any]) -> bytes:
    return "\n".join(json.dumps(value, ensure_ascii=False) for value in values).encode()


def clock(seconds: float, comma: str = ",") -> str:
    whole, part = divmod(ms(seconds), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}{comma}{part:03}"


def segments(**more: Any) -> list[dict[str, Any]]:
    return [{"start": start, "end": end, "text": text} | more for _, start, end, text in CALL]


def iflytek(role: bool = True) -> bytes:
    def sentence(said: Said) -> dict[str, str]:
        label, start, end, text = said
        words = [{"cw": [{"w": char, "wp": "p" if char in "，。？" else "n"}]} for char in text]
        words.append({"cw": [{"w": "", "wp": "g"}]})
        st = {"bg": str(ms(start)), "ed": str(ms(end)), "rl": str(number(label) + 1) if role else "0", "rt": [{"ws": words}]}
        return {"json_1best": json.dumps({"st": st}, ensure_ascii=False)}

    order = json.dumps({"lattice": [sentence(said) for said in CALL], "lattice2": []}, ensure_ascii=False)
    return as_json({"code": "000000", "content": {"orderInfo": {"orderId": "D1"}, "orderResult": order}})


def xlsx(rows: list[list[Any]]) -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def parquet(columns: dict[str, list[Any]]) -> bytes:
    import pyarrow
    from pyarrow.parquet import write_table

    out = io.BytesIO()
    write_table(pyarrow.table(columns), out)
    return out.getvalue()


ROWS = [["c1", label, start, end, text] for label, start, end, text in CALL]
TITLES = ["通话ID", "角色", "开始时间", "结束时间", "文本"]
TABLE = "\n".join(",".join(map(str, row)) for row in [TITLES, *ROWS])

# format → shapes of it. Every one must read to CALL: its texts, starts and ends, and whether two speak.
SPOKEN: dict[str, list[bytes]] = {
    "whisperx-json": [
        as_json({"segments": [one | {"speaker": f"SPEAKER_0{number(said[0])}"} for one, said in zip(segments(), CALL, strict=True)]}),
        as_json({"segments": [
            {"start": start, "end": end, "text": text, "words": [
                {"word": "，"}, {"word": "好", "start": start, "speaker": f"SPEAKER_0{number(label)}"}]}
            for label, start, end, text in CALL]}),
    ],
    "whisper-cpp": [
        as_json({"model": {}, "transcription": [
            {"offsets": {"from": ms(start), "to": ms(end)}, "text": f" {text}", "speaker": str(number(label))}
            for label, start, end, text in CALL]}),
    ],
    "funasr-json": [
        as_json([{"key": "c1", "text": "".join(TEXTS), "sentence_info": [
            {"text": text, "start": ms(start), "end": ms(end), "spk": number(label)} for label, start, end, text in CALL]}]),
        as_json([{"key": "c1", "text": "", "sentence_info": [
            {"sentence": f"<|zh|><|NEUTRAL|>{text}", "start": ms(start), "end": ms(end), "spk": number(label)}
            for label, start, end, text in CALL]}]),
        as_json({"segments": [
            {"start": ms(start), "end": ms(end), "text": text, "speaker": number(label)} for label, start, end, text in CALL],
            "file": "c1.wav", "model": "sensevoice", "duration_s": 1.0}),
        as_json({"task": "transcribe", "duration": 11.0, "segments": [
            {"start": start, "end": end, "text": text, "speaker": f"SPK{number(label)}"} for label, start, end, text in CALL]}),
    ],
    "aliyun-nls": [
        as_json({"TaskId": "t", "Result": {"Sentences": [
            {"BeginTime": ms(start), "EndTime": ms(end), "Text": text, "ChannelId": number(label)}
            for label, start, end, text in sorted(CALL)]}}),
        as_json({"data": {"Result": json.dumps({"Sentences": [
            {"BeginTime": ms(start), "EndTime": ms(end), "Text": text, "SpeakerId": str(number(label)), "ChannelId": 0}
            for label, start, end, text in CALL]})}}),
    ],
    "aliyun-dashscope": [
        as_json({"transcripts": [{"channel_id": channel, "text": "", "sentences": [
            {"begin_time": ms(start), "end_time": ms(end), "text": text}
            for label, start, end, text in CALL if number(label) == channel]} for channel in (0, 1)]}),
        as_json({"transcripts": [{"channel_id": 0, "sentences": [
            {"begin_time": ms(start), "end_time": ms(end), "text": text, "speaker_id": number(label)}
            for label, start, end, text in CALL]}]}),
    ],
    "aliyun-tingwu": [
        as_json({"TaskId": "t", "Transcription": {"Paragraphs": [
            {"SpeakerId": str(number(label)), "Words": [
                {"Start": ms(start), "End": ms(start) + 1, "Text": text[:2]}, {"Start": ms(end) - 1, "End": ms(end), "Text": text[2:]}]}
            for label, start, end, text in CALL]}}),
    ],
    "tencent-asr": [
        as_json({"Response": {"Data": {"TaskId": 1, "Result": "", "ResultDetail": [
            {"FinalSentence": text, "StartMs": ms(start), "EndMs": ms(end), "SpeakerId": number(label), "Words": None}
            for label, start, end, text in CALL]}}}),
        as_json({"Response": {"Data": {"TaskId": 1, "ResultDetail": None, "Result": "\n".join(
            f"[0:{start:.3f},0:{end:.3f},{number(label)}]  {text}" for label, start, end, text in CALL)}}}),
    ],
    "tencent-asr-txt": [
        "\n".join(f"[0:{start:.3f},0:{end:.3f},{number(label)}]  {text}" for label, start, end, text in CALL).encode(),
    ],
    "iflytek-lfasr": [
        iflytek(),
        as_json({"ok": 0, "data": json.dumps([
            {"bg": str(ms(start)), "ed": str(ms(end)), "onebest": text, "speaker": str(number(label) + 1)}
            for label, start, end, text in CALL])}),
    ],
    "volcengine-asr": [
        as_json({"result": {"text": "", "utterances": [
            {"text": text, "start_time": ms(start), "end_time": ms(end), "additions": {"speaker": str(number(label))}}
            for label, start, end, text in CALL]}}),
        as_json({"result": [{"utterances": [
            {"text": text, "start_time": ms(start), "end_time": ms(end), "additions": {"channel_id": str(number(label))}}
            for label, start, end, text in CALL]}]}),
    ],
    "srt": [
        "\n".join(f"{n}\n{clock(start)} --> {clock(end)}\n{label}: {text}\n" for n, (label, start, end, text) in enumerate(CALL, 1)).encode(),
        "\r\n".join(f"{clock(start, '.')} --> {clock(end, '.')}\r\n【{label}】{text}" for label, start, end, text in CALL).encode("utf-8-sig"),
        "\n".join(f"{n}\n{clock(start)} --> {clock(end)}\n<i>[SPEAKER_0{number(label)}]: {text}</i>\n" for n, (label, start, end, text) in enumerate(CALL, 1)).encode("gb18030"),
    ],
    "vtt": [
        ("WEBVTT - 通话\nKind: captions\n\nNOTE 说明\n客服: 不是话\n\nSTYLE\n::cue {}\n\n" + "\n".join(
            f"id-{n}\n{clock(start, '.')} --> {clock(end, '.')} align:start\n<v.loud {label}>{text}</v>\n"
            for n, (label, start, end, text) in enumerate(CALL, 1))).encode(),
        ("WEBVTT\n\n" + "\n".join(f"{clock(start, '.')[3:]} --> {clock(end, '.')[3:]}\n{label}：{text}\n" for label, start, end, text in CALL)).encode(),
    ],
    "ass": [
        ("[Script Info]\nTitle: 通话\n\n[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n" + "\n".join(
            f"Dialogue: 0,{clock(start, '.')[1:-1]},{clock(end, '.')[1:-1]},Default,{label},0,0,0,,{{\\an8}}{text}" for label, start, end, text in CALL)).encode(),
    ],
    "stm": [
        (";; 注释\n" + "\n".join(f"c1 {number(label)} {label} {start:.2f} {end:.2f} <o,f0,male> {text}" for label, start, end, text in CALL)).encode(),
    ],
    "table-csv": [TABLE.encode("gb18030"), TABLE.encode("utf-8-sig"), TABLE.replace(",", "\t").encode("utf-16")],
    "table-xlsx": [xlsx([TITLES, *ROWS]), xlsx([["通话记录"], [], TITLES, *ROWS])],
    "table-parquet": [parquet({"call_id": ["c1"] * 4, "speaker": [one[0] for one in CALL], "start": STARTS, "end": ENDS, "text": TEXTS})],
    "table-jsonl": [lines([{"call_id": "c1", "role": label, "start": start, "end": end, "content": text} for label, start, end, text in CALL])],
    "table-json": [as_json({"code": 0, "data": [
        {"callId": "c1", "role": label, "beginTime": ms(start), "endTime": ms(end), "content": text} for label, start, end, text in CALL]})],
    "turns": [as_json({"id": "c1", "turns": [{"speaker": label, "start": start, "end": end, "text": text} for label, start, end, text in CALL]})],
}  # fmt: skip

# Shapes of one speaker, or without times.
OTHERS: dict[str, list[bytes]] = {
    "whisper-json": [
        as_json({"text": "".join(TEXTS), "segments": segments(tokens=[1], temperature=0.0), "language": "zh"}),
        as_json({"text": "", "chunks": [{"timestamp": [start, end], "text": text} for _, start, end, text in CALL]}),
        as_json(segments()),
        json.dumps({"segments": segments(avg_logprob=float("nan"))}).encode(),
        as_json({"payload": {"result": {"segments": segments()}}}),
    ],
    "whisper-tsv": ["\n".join(["start\tend\ttext", *(f"{ms(start)}\t{ms(end)}\t{text}" for _, start, end, text in CALL)]).encode()],
    "whisper-cpp": [as_json({"transcription": [{"offsets": {"from": ms(start), "to": ms(end)}, "text": text} for _, start, end, text in CALL]})],
    "funasr-json": [
        lines([{"mode": mode, "wav_name": "c1", "text": text, "timestamp": f"[[{ms(start)},{ms(end)}]]", "stamp_sents": [
            {"text_seg": " ".join(text[:-1]), "punc": text[-1], "start": ms(start), "end": ms(end)}]}
            for _, start, end, text in CALL for mode in ("2pass-online", "2pass-offline")]),
    ],
    "iflytek-lfasr": [iflytek(role=False)],
}  # fmt: skip
