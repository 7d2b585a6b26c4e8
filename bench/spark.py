"""`fanzha spark` on ten thousand conversations, against the library: `make bench-spark`.

It prints processor time for a message and a conversation, and whether every verdict is the library's own.
`python bench/spark.py [COUNT]`.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyarrow as pa
from bench import ROOT
from files import SEED, Turns, talk
from pyarrow import parquet as pq

from batch import FANZHA, Processor
from fanzha import Detector
from fanzha.formats.plain import read_plain

COUNT = 10_000
CORES = 2
_DAY = 100_000_000  # messages
_SECONDS_OF_A_DAY = 86_400


def conversations(count: int) -> list[Turns]:
    """Samples, and ordinary talk: the mix of the files of bench/files.py."""
    chance = random.Random(SEED)
    samples = [
        [(turn.speaker or "对方", turn.text) for turn in read_plain(path).turns]
        for path in sorted((ROOT / "samples").glob("*.txt"))
    ]
    return [chance.choice(samples) if chance.random() < 0.15 else talk(chance) for _ in range(count)]


def write_messages(calls: list[Turns], path: Path) -> int:
    """A row a message, those of a conversation neither together nor in order; returns how many there are."""
    rows = [
        {"call": f"c{number}", "place": place, "speaker": speaker, "text": text}
        for number, turns in enumerate(calls)
        for place, (speaker, text) in enumerate(turns)
    ]
    random.Random(SEED).shuffle(rows)
    pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=len(rows) // 8 + 1)
    return len(rows)


def main() -> None:
    calls = conversations(int(sys.argv[1]) if len(sys.argv) > 1 else COUNT)
    with tempfile.TemporaryDirectory() as temporary:
        source, target = Path(temporary) / "messages.parquet", Path(temporary) / "verdicts"
        messages = write_messages(calls, source)
        columns = ["--id", "call", "--speaker", "speaker", "--time", "place"]
        command = [*FANZHA, "spark", str(source), str(target), *columns, "--master", f"local[{CORES}]"]
        start = time.perf_counter()
        cpu = Processor(subprocess.Popen(command)).seconds
        wall = time.perf_counter() - start
        found = {row["call"]: row["verdict"] for row in pq.read_table(target, columns=["call", "verdict"]).to_pylist()}
    detector = Detector()
    start = time.process_time()
    wanted = {f"c{number}": detector.score(turns).model_dump_json() for number, turns in enumerate(calls)}
    alone = time.process_time() - start
    different = sum(found.get(name) != verdict for name, verdict in wanted.items())
    print(f"{len(calls):,} conversations, {messages:,} messages")
    print(f"verdicts that differ from the library's: {different}")
    for name, seconds in (("library, one process", alone), (f"fanzha spark, {CORES} cores", cpu)):
        print(f"{name}: {seconds:.1f} s processor, {1e6 * seconds / messages:.0f} µs a message")
    print(f"wall of fanzha spark: {wall:.1f} s")
    cores = _DAY * cpu / messages / _SECONDS_OF_A_DAY
    print(f"a core: {messages / cpu:,.0f} messages/s; {_DAY:,} messages a day: {cores:.1f} cores at full load")


if __name__ == "__main__":
    main()
