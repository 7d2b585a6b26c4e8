"""A random run: conversations made of samples, words of the rules and hostile characters, disturbed in every way.

    python bench/fuzz.py 600       # seconds; 600 by default

Stops at the first traceback or wrong offset and prints the seed that makes it again; at the end prints how many
conversations were scored and the slowest one in µs a character. Not part of the tests: it runs as long as it is told.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from random import Random

from fanzha import Conversation, Detector, Turn, Verdict
from fanzha.formats.plain import read_plain
from fanzha.measure.noise import KINDS, Disturber, Noise

ROOT = Path(__file__).parents[1]
HOSTILE = "您我的钱万一二3 ，。！？…\n“”😀𠮷💰亻昔口贝嗯那个\u200b\u200d\u3000\ud800Ａa1.zfb★❤"
_LEAST = 200  # characters from which the time of a conversation says something


def main(seconds: float) -> None:
    """Score for so many seconds."""
    detector = Detector()
    talks = [read_plain(path).turns for path in sorted((ROOT / "samples").glob("*.txt"))]
    words = detector.rules.segmenter.words
    stop = time.monotonic() + seconds
    count, slowest, slowest_seed = 0, 0.0, 0
    while time.monotonic() < stop:
        turns = conversation(Random(count), talks, words)
        began = time.process_time()
        try:
            verdict = detector.score(Conversation(turns))
            check(verdict, turns)
        except Exception:
            print(f"seed {count}")
            raise
        length = max(sum(len(turn.text) for turn in turns), _LEAST)
        if (time.process_time() - began) / length * 1e6 > slowest:
            began = time.process_time()
            detector.score(Conversation(turns))  # again: the first time may have compiled patterns
            cost = (time.process_time() - began) / length * 1e6
            slowest, slowest_seed = max((slowest, slowest_seed), (cost, count))
        count += 1
    print(f"{count} conversations, slowest {slowest:.0f} µs a character (seed {slowest_seed})")


def conversation(random: Random, talks: list[tuple[Turn, ...]], words: tuple[str, ...]) -> tuple[Turn, ...]:
    """A part of a sample, with words and hostile characters put in, and up to three noises over it."""
    talk = random.choice(talks)
    first = random.randrange(len(talk))
    turns = []
    for turn in talk[first : first + random.randint(1, 12)]:
        text = turn.text
        for _ in range(random.randrange(4)):
            place = random.randrange(len(text) + 1)
            put = random.choice(words) if random.random() < 0.5 else "".join(random.choices(HOSTILE, k=6))
            text = text[:place] + put * random.choice((1, 1, 1, 30)) + text[place:]
        turns.append(Turn(text.translate(dict.fromkeys(range(0xD800, 0xE000), "\ufffd")), turn.speaker, turn.party))
    noises = [Noise(random.choice(sorted(KINDS)), random.random()) for _ in range(random.randrange(4))]
    return Disturber(noises, random.sample(words, 300)).disturb(turns, "fuzz")


def check(verdict: Verdict, turns: tuple[Turn, ...]) -> None:
    """Raise AssertionError where evidence is not what stands in the original."""
    for one in verdict.evidence:
        if one.text != turns[one.turn].text[one.start : one.end] or not one.text:
            raise AssertionError(f"evidence of {one.signal} in turn {one.turn} does not cut the text")
        before = one.before
        if before is not None and before.text != turns[before.turn].text[before.start : before.end]:
            raise AssertionError(f"the part before {one.signal} in turn {one.turn} does not cut the text")
    for entity in verdict.entities:
        if entity.text != turns[entity.turn].text[entity.start : entity.end]:
            raise AssertionError(f"an entity in turn {entity.turn} does not cut the text")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 600)
