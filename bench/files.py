"""A folder of mixed files, the same for the same seed: what a batch run is measured on.

In: a folder, how many files, a seed. Out: transcripts in the formats of many tools, a few of them broken. The texts are
the project's own: the samples, and ordinary talk made of the plain sentences of bench.py. `python bench/files.py FOLDER
[COUNT]` writes them.
"""

from __future__ import annotations

import csv
import io
import json
import random
import sys
from collections.abc import Callable
from pathlib import Path

from bench import PLAIN, ROOT

from fanzha.formats.plain import read_plain

SEED = 20
Turns = list[tuple[str, str]]
_CLAUSES = tuple(clause for sentence in PLAIN for clause in sentence.split("，"))


def make_files(folder: Path, count: int, seed: int = SEED) -> None:
    """Write `count` files below the folder, a hundred in a folder of their own."""
    chance = random.Random(seed)
    samples = [
        [(turn.speaker or "对方", turn.text) for turn in read_plain(path).turns]
        for path in sorted((ROOT / "samples").glob("*.txt"))
    ]
    names, weights = zip(*((kind, kind[2]) for kind in KINDS), strict=True)
    for number in range(count):
        (_, suffix, _, write) = chance.choices(names, weights)[0]
        place = folder / f"{number // 100:03}"
        place.mkdir(parents=True, exist_ok=True)
        turns = list(chance.choice(samples)) if chance.random() < 0.15 else talk(chance)
        (place / f"{number:05}{suffix}").write_bytes(write(turns, chance))


def talk(chance: random.Random) -> Turns:
    """An ordinary conversation of 6 to 40 turns; no two are the same."""
    speakers = chance.choice((("客服", "客户"), ("李明", "王芳"), ("说话人1", "说话人2"), ("对方", "我")))
    return [
        (speakers[number % 2], "，".join(chance.sample(_CLAUSES, chance.randint(1, 5))))
        for number in range(chance.randint(6, 40))
    ]


def _labelled(turns: Turns, _: random.Random) -> bytes:
    return "".join(f"{speaker}: {text}\n" for speaker, text in turns).encode()


def _labelled_gbk(turns: Turns, chance: random.Random) -> bytes:
    return _labelled(turns, chance).decode().encode("gb18030")


def _clock(seconds: float, comma: str = ",") -> str:
    whole = int(seconds)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}{comma}{int(seconds * 1000) % 1000:03}"


def _stamped(turns: Turns, _: random.Random) -> bytes:
    return "".join(
        f"[{_clock(5.0 * n, '.')[:8]}] {speaker}: {text}\n" for n, (speaker, text) in enumerate(turns)
    ).encode()


def _srt(turns: Turns, _: random.Random) -> bytes:
    return "".join(
        f"{n}\r\n{_clock(4.0 * n)} --> {_clock(4.0 * n + 3.5)}\r\n{speaker}：{text}\r\n\r\n"
        for n, (speaker, text) in enumerate(turns, 1)
    ).encode("utf-8-sig")


def _vtt(turns: Turns, _: random.Random) -> bytes:
    return ("WEBVTT\n\n" + "".join(
        f"{_clock(4.0 * n, '.')} --> {_clock(4.0 * n + 3.5, '.')}\n<v {speaker}>{text}\n\n"
        for n, (speaker, text) in enumerate(turns)
    )).encode()  # fmt: skip


def _whisper(turns: Turns, _: random.Random) -> bytes:
    segments = [
        {"id": n, "start": 4.0 * n, "end": 4.0 * n + 3.5, "text": text, "tokens": [50364, 1, 2], "temperature": 0.0}
        for n, (_, text) in enumerate(turns)
    ]
    whole = {"text": "".join(text for _, text in turns), "segments": segments, "language": "zh"}
    return json.dumps(whole, ensure_ascii=False, indent=2).encode()


def _funasr(turns: Turns, _: random.Random) -> bytes:
    labels = list(dict.fromkeys(speaker for speaker, _ in turns))
    sentences = [
        {"text": text, "start": 4000 * n, "end": 4000 * n + 3500, "timestamp": [], "spk": labels.index(speaker)}
        for n, (speaker, text) in enumerate(turns)
    ]
    document = [{"key": "call", "text": "".join(text for _, text in turns), "sentence_info": sentences}]
    return json.dumps(document, ensure_ascii=False).encode()


def _table(turns: Turns, _: random.Random) -> bytes:
    out = io.StringIO(newline="")
    rows = csv.writer(out)
    rows.writerow(["时间", "说话人", "内容"])
    rows.writerows([f"2026-03-01 09:{n // 60 % 60:02}:{n % 60:02}", *turn] for n, turn in enumerate(turns))
    return out.getvalue().encode("utf-8-sig")


def _jsonl(turns: Turns, _: random.Random) -> bytes:
    rows = ({"speaker": speaker, "text": text} for speaker, text in turns)
    return json.dumps({"id": "c1", "turns": list(rows)}, ensure_ascii=False).encode() + b"\n"


def _many(turns: Turns, chance: random.Random) -> bytes:
    return b"".join(
        _jsonl(talk(chance) if n else turns, chance).replace(b'"c1"', f'"c{n}"'.encode()) for n in range(20)
    )


def _binary(_: Turns, chance: random.Random) -> bytes:
    return chance.randbytes(2_000)


def _cut(turns: Turns, chance: random.Random) -> bytes:
    whole = _whisper(turns, chance)
    return whole[: len(whole) // 2]


KINDS: tuple[tuple[str, str, int, Callable[[Turns, random.Random], bytes]], ...] = (
    ("labelled", ".txt", 300, _labelled),
    ("labelled, GBK", ".txt", 80, _labelled_gbk),
    ("stamped", ".txt", 120, _stamped),
    ("SRT", ".srt", 120, _srt),
    ("VTT", ".vtt", 60, _vtt),
    ("Whisper", ".json", 120, _whisper),
    ("FunASR", ".json", 80, _funasr),
    ("table", ".csv", 60, _table),
    ("JSONL", ".jsonl", 50, _jsonl),
    ("JSONL of twenty", ".jsonl", 4, _many),
    ("binary", ".txt", 3, _binary),
    ("cut JSON", ".json", 3, _cut),
)

if __name__ == "__main__":
    make_files(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 20_000)
