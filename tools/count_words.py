"""Count how common the words of the rules are in everyday text: writes detector/fanzha/tables/common.txt.

    python tools/count_words.py DATA…      # labelled JSONL, as for fanzha measure; only benign records are read

The compiler starts every join from the rarest of its words (pack.literals), so that ordinary text is left alone after
one pass. Out: UTF-8, one header line, then `word<TAB>messages of ten thousand that hold it`, by word; words below
LEAST are left out and count as rare. A table that is old or lacks words costs time, never a hit.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from pathlib import Path

from fanzha import Detector
from fanzha.measure.records import Fault, find_sets, parse_record, read_lines
from fanzha.pack.bundled import bundled_rules
from fanzha.pack.compile import compile_parts
from fanzha.pack.load import load_pack
from fanzha.text import fold

TABLE = Path(__file__).resolve().parent.parent / "detector" / "fanzha" / "tables" / "common.txt"
HEADER = (
    "# How many of ten thousand everyday messages hold a word of the rules, mean over sets; by tools/count_words.py"
)
LEAST = 5  # of ten thousand
LONGEST = 300  # code points of a turn that counts as a message
MESSAGES = 6000  # of one set at most


def main() -> None:
    """Read the sets, write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", nargs="+", type=Path)
    rules = Detector().rules
    literals = compile_parts(load_pack([bundled_rules()])).literals
    shares: defaultdict[str, float] = defaultdict(float)
    sets = 0
    for path in find_sets(parser.parse_args().data):
        held: Counter[str] = Counter()
        messages = 0
        for raw in read_lines(path):
            record = parse_record(raw)
            if isinstance(record, Fault) or record.label != "benign" or messages >= MESSAGES:
                continue
            for turn in record.conversation.turns:
                if 0 < len(turn.text) <= LONGEST:
                    messages += 1
                    found = rules.automaton.find_matches_as_indexes(fold(turn.text).text, overlapping=True)
                    held.update({literals[match[0]] for match in found})
        if messages >= 500:
            sets += 1
            for word, count in held.items():
                shares[word] += count / messages
    common = {word: round(share / sets * 10_000) for word, share in shares.items()}
    lines = [f"{word}\t{count}" for word, count in sorted(common.items()) if count >= LEAST]
    TABLE.write_text("\n".join([HEADER, *lines, ""]), "utf-8")
    print(f"{len(lines)} words of {len(literals)}, from {sets} sets")


if __name__ == "__main__":
    main()
