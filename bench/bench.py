"""The budgets of the design, as ratios measured side by side in this very run: `make bench`.

Every row compares two ways on the same texts, interleaved, and takes the best of several rounds, so that a busy machine
slows both. Texts are made here from the samples and from plain sentences; nothing is read from elsewhere. Absolute
microseconds are printed for orientation only.
"""

from __future__ import annotations

import logging
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fanzha import Conversation, Detector
from fanzha.engine import is_quiet
from fanzha.formats.plain import read_plain
from fanzha.pack.compile import compile_pack
from fanzha.pack.load import bundled_rules, load_pack
from fanzha.ruleset import Ruleset
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[1]
ROUNDS = 7
PLAIN = (
    "今天下班路上买了点水果, 晚上回家做饭, 你要不要一起来吃, 顺便把上次借的书带给我看看",
    "明天上午十点的会改到下午三点, 会议室还是原来那间, 麻烦把上周的报告打印两份带过来",
    "快递已经放在小区门口的柜子里了, 取件码是八零三二, 有空去拿一下, 里面是给孩子买的鞋",
    "周末天气不错, 我们打算带老人去公园走走, 中午在附近找个地方吃饭, 下午早点回来休息",
    "这家店的面条味道很好, 汤也鲜, 就是排队的人太多了, 下次我们早一点去, 省得等那么久",
    "您好, 您的订单已经发货, 预计后天送到, 如果不方便签收可以在订单里改一下收货的时间",
    "老师说这次考试题目有点难, 不过大家都尽力了, 成绩周五公布, 家长会定在下周三的晚上",
    "我刚到车站, 车晚点了二十分钟, 你先别出门, 等我上车了再给你打电话, 大概六点能到家",
)


def best(work: Callable[[], object], other: Callable[[], object]) -> tuple[float, float]:
    """Seconds of both, interleaved, the best of several rounds each."""
    ours, theirs = [], []
    for _ in range(ROUNDS):
        for times, call in ((ours, work), (theirs, other)):
            start = time.perf_counter()
            call()
            times.append(time.perf_counter() - start)
    return min(ours), min(theirs)


def short_messages() -> list[str]:
    """About 200 benign messages of about 50 characters, each different."""
    halves = [part for text in PLAIN for part in (text[:21], text[21:])]
    return [f"{a}{b}{i}" for i, (a, b) in enumerate((a, b) for a in halves for b in halves if a != b)][:200]


def scam_call() -> Conversation:
    return read_plain(ROOT / "samples" / "01_seed_parcel_loan.txt")


def feed_ratio(detector: Detector) -> tuple[float, float]:
    """Seconds of a turn near number 1,000 against one near number 10, the same texts in both."""
    turns = [(turn.speaker, turn.text) for turn in scam_call().turns]
    late, early = [], []
    for _ in range(3):
        session = detector.session()
        for number in range(1_040):
            start = time.perf_counter()
            session.feed(turns[number % len(turns)])
            spent = time.perf_counter() - start
            if 49 <= number < 98:
                early.append(spent)
            elif 980 <= number < 1_029:
                late.append(spent)
    return statistics.median(late), statistics.median(early)


def cold_start() -> tuple[float, bool]:
    """Seconds of import, load and first score in a new process, and whether jieba was imported."""
    program = (
        "import sys, time; t = time.perf_counter(); import fanzha; "
        "fanzha.Detector().score('您好, 快递放门口了'); print(time.perf_counter() - t, 'jieba' in sys.modules)"
    )
    runs = []
    for _ in range(3):
        seconds, jieba = subprocess.run(
            [sys.executable, "-c", program], check=True, capture_output=True, text=True
        ).stdout.split()
        runs.append((float(seconds), jieba == "True"))
    return min(runs)


def shifted(block: Any, by: int) -> Any:
    """A block of a rule in other words: every Han character becomes a neighbour, {term} becomes its copy."""
    if isinstance(block, str):
        renamed = re.sub(r"\{([^{}]+)\}", rf"{{\1_{by}}}", block)
        return re.sub("[\u4e00-\u9f00]", lambda match: chr(ord(match[0]) + by), renamed)
    if isinstance(block, dict):
        return {key: shifted(value, by) if key not in ("within", "by") else value for key, value in block.items()}
    return [shifted(item, by) for item in block] if isinstance(block, list) else block


def times_ten() -> Ruleset:
    """The bundled rules with nine copies of every term and signal in other words."""
    pack = load_pack([bundled_rules()])
    terms, signals = dict(pack.terms), dict(pack.signals)
    for by in range(1, 10):
        for name, term in terms.items():
            words = [shifted(word, by) for word in term.words]
            pack.terms[f"{name}_{by}"] = term.model_copy(update={"words": words, "sound": False})
        for name, signal in signals.items():
            if isinstance(signal.match, dict) and "amounts" in signal.match:
                continue
            update = {"id": f"{name}.copy{by}", "match": shifted(signal.match, by), "unless": shifted(signal.unless, by)}
            pack.signals[update["id"]] = signal.model_copy(update=update)
            pack.places["signals", update["id"]] = pack.places["signals", name]
    return compile_pack(pack)


def main() -> None:
    logging.getLogger("jieba").setLevel(logging.ERROR)
    import jieba  # noqa: PLC0415 - the reference, not a part of what is measured

    jieba.lcut("您好")
    detector = Detector()
    messages = short_messages()
    call = scam_call()
    text = "\n".join(turn.text for turn in call.turns)
    session_texts = [turn.text for turn in call.turns]

    table = Table(title="预算 / budgets (ratios within this run)")
    for column in ("what", "ours", "reference", "ratio", "budget", ""):
        table.add_column(column, justify="left" if column == "what" else "right")

    def row(what: str, ours: float, reference: float, budget: float, shown: str, *, unit: float = 1e6) -> None:
        ratio = ours / reference
        table.add_row(
            what,
            f"{ours * unit:,.1f}",
            f"{reference * unit:,.1f}",
            f"1/{1 / ratio:.1f}" if ratio < 1 else f"{ratio:.2f}",
            shown,
            "✓" if ratio <= budget else "✗",
        )

    ours, lcut = best(
        lambda: [detector.score(message) for message in messages], lambda: [jieba.lcut(message) for message in messages]
    )
    count = len(messages)
    row("benign short message, µs (jieba.lcut of it)", ours / count, lcut / count, 1 / 20, "≤ 1/20")
    ours, lcut = best(lambda: detector.score(call), lambda: [jieba.lcut(part) for part in session_texts])
    row(f"scam call of {len(call.turns)} turns, µs (jieba.lcut of it)", ours, lcut, 1, "≤ 1")
    late, early = feed_ratio(detector)
    row("Session.feed, µs: turn ~1,000 (turn ~75)", late, early, 1.3, "≤ 1.3")
    large = times_ten()
    ours, once = best(
        lambda: [is_quiet(large, message) for message in messages],
        lambda: [is_quiet(detector.rules, message) for message in messages],
    )
    row("rules × 10 on benign text, µs (rules × 1)", ours / count, once / count, 2, "≤ 2")
    seconds, jieba_imported = cold_start()
    row("import + load + first score, s (0.4 s)", seconds, 0.4, 1, "≤ 0.4 s", unit=1)

    Console(width=120).print(table)
    print(f"jieba imported at start: {'yes ✗' if jieba_imported else 'no ✓'}; text of the call: {len(text)} characters")


if __name__ == "__main__":
    main()
