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

from rich.console import Console
from rich.table import Table

from fanzha import Conversation, Detector
from fanzha.engine import glance_at
from fanzha.formats.plain import read_plain
from fanzha.pack.compile import compile_pack
from fanzha.pack.load import bundled_rules, load_pack
from fanzha.ruleset import Ruleset

ROOT = Path(__file__).parents[1]
ROUNDS = 7
REPEATS = 50
# Ordinary messages of about 50 characters: chat, work, school, parcels, banks, reviews. None plays a script.
PLAIN = (
    "今天下班路上买了点水果，晚上回家做饭，你要是有空就过来吃，顺便把上次那本小说带给我看看，记得多穿一件衣服",
    "明天上午十点的会改到下午三点，还是原来那间会议室，麻烦把上周的报告打印两份带过来，顺便订一下午饭的盒饭",
    "快递放在小区门口的柜子里了，取件码八零三二，有空去拿一下，里面是给孩子买的运动鞋，小心台阶上有点滑",
    "周末天气不错，我们打算带老人去公园走走，中午在附近找个地方吃饭，下午早点回来休息，晚上就在家煮点面吃",
    "这家店的面条味道很好，汤也鲜，就是排队的人有点多，下次我们早一点去，省得等那么久，位子也能挑个靠窗的",
    "您好，您的订单已经发货，预计后天送到，如果不方便签收，可以在订单里改一下收货时间，祝您生活愉快下次再见",
    "老师说这次考试题目有点难，不过大家都尽力了，成绩周五公布，家长会定在下周三的晚上，作业本周末再检查一遍",
    "我刚到车站，车晚点了二十分钟，你先别出门，等上了车再给你打电话，大概六点能到家，路上慢慢走不着急",
    "这款耳机音质不错，戴着也舒服，就是电池不太耐用，听了一下午就没电了，包装倒是很精致，送人也挺拿得出手的",
    "昨晚的球赛你看了吗，最后十分钟连进两个球，解说都喊破嗓子了，我家邻居还以为出什么事了，今天嗓子都还是哑的",
    "妈，我这周不回去了，单位要加班，你们别等我吃饭，下周六一定回，给你们带点南方的水果，爸的药别忘了按时吃",
    "物业通知：本周四上午九点到十一点检修水管，三号楼和五号楼停水，请提前备好生活用水，给大家添麻烦了请谅解",
    "尊敬的客户，您尾号3321的信用卡本期账单1286.50元，到期还款日11月25日，请按时还款，如已还清请忽略本短信",
    "师傅您好，我在南门等您，穿红色外套，旁边有一家便利店，麻烦到了按一下喇叭，谢谢，行李有点多麻烦搭把手",
    "这个项目的需求文档我看完了，第三部分写得不够细，接口字段也缺说明，周一我们过一遍吧，赶在月底以前把它定下来",
    "宝宝昨天开始会爬了，从客厅一直爬到厨房，奶奶高兴坏了，拍了好多视频，晚上发给你们看，一会儿就会满屋子跑了",
    "请问你们店里还有没有去年那款深蓝色的围巾，我想再买一条送人，没有的话浅灰色的也可以，颜色深一点浅一点都行",
    "高铁票我已经买好了，周五晚上七点二十的，两个小时就到，你不用来接，我自己坐地铁回去，给我留一碗热汤就好了",
    "医生说没什么大碍，就是有点上火，开了三天的药，让多喝水少吃辣，过几天再去复查一下，饭后半小时再吃别空腹",
    "这学期选修课我选了摄影和日语，摄影老师特别有意思，第一节课就带我们到湖边拍了一下午，期末要交一组黑白照片",
    "楼下新开了一家健身房，办年卡打六折，我去看了一圈，器材挺新的，你要不要一起去试试，第一次去还送一节私教课",
    "验证码482913，您正在登录，五分钟内有效，请勿向任何人泄露，如非本人操作请忽略本短信，谢谢您的理解与配合",
    "帮我看一下冰箱里还有没有鸡蛋，没有的话下班顺路买一板，再带两根葱，晚上我做蛋炒饭，剩下的饭放冰箱里就好",
    "小区团购的橙子到了，一箱十斤，在车库门口分，晚上七点以前来拿，过时就先放在门卫那里，雨大的话我帮你捎上来",
)


def best(work: Callable[[], object], other: Callable[[], object]) -> tuple[float, float]:
    """Seconds of both, interleaved, the best of several rounds each."""
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(ROUNDS):
        for times, call in ((ours, work), (theirs, other)):
            start = time.perf_counter()
            call()
            times.append(time.perf_counter() - start)
    return min(ours), min(theirs)


def repeated(call: Callable[[str], object], message: str) -> Callable[[], object]:
    """The call, REPEATS times: one alone is too short to time."""
    return lambda: [call(message) for _ in range(REPEATS)]


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
            update = {
                "id": f"{name}.copy{by}",
                "match": shifted(signal.match, by),
                "unless": shifted(signal.unless, by),
            }
            pack.signals[update["id"]] = signal.model_copy(update=update)
            pack.places["signals", update["id"]] = pack.places["signals", name]
    return compile_pack(pack)


def main() -> None:
    logging.getLogger("jieba").setLevel(logging.ERROR)
    import jieba

    jieba.lcut("您好")
    detector = Detector()
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

    each = [best(repeated(detector.score, message), repeated(jieba.lcut, message)) for message in PLAIN]
    for name, middle in (("median", statistics.median), ("mean", statistics.mean)):
        ours, lcut = (middle(times) / REPEATS for times in zip(*each, strict=True))
        row(f"benign short message, {name}, µs (jieba.lcut of it)", ours, lcut, 1 / 20, "≤ 1/20")
    ours, lcut = best(lambda: detector.score(call), lambda: [jieba.lcut(part) for part in session_texts])
    row(f"scam call of {len(call.turns)} turns, µs (jieba.lcut of it)", ours, lcut, 1, "≤ 1")
    late, early = feed_ratio(detector)
    row("Session.feed, µs: turn ~1,000 (turn ~75)", late, early, 1.3, "≤ 1.3")
    large = times_ten()
    ours, once = best(
        lambda: [glance_at(large, message) for message in PLAIN * REPEATS],
        lambda: [glance_at(detector.rules, message) for message in PLAIN * REPEATS],
    )
    count = len(PLAIN) * REPEATS
    row("rules × 10 on benign text, µs (rules × 1)", ours / count, once / count, 2, "≤ 2")
    seconds, jieba_imported = cold_start()
    row("import + load + first score, s (0.4 s)", seconds, 0.4, 1, "≤ 0.4 s", unit=1)

    Console(width=120).print(table)
    print(f"jieba imported at start: {'yes ✗' if jieba_imported else 'no ✓'}; text of the call: {len(text)} characters")


if __name__ == "__main__":
    main()
