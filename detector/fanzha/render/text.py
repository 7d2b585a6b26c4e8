"""A Verdict for a person at a terminal: one clear sentence first, then why, then what to do.

In: a Verdict, and for `conversation` the turns that it is about. Out: Paragraphs, which `write` lays out:
wrapped and in colour on a terminal; one line each, uncoloured, with 【…】 around evidence, in a pipe.
Everything that came from a conversation goes through `clean`, and through rich's Text, never through its
markup: attackers write it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from fanzha.conversation import Conversation, Turn
from fanzha.render.clean import clean
from fanzha.render.marked import runs
from fanzha.verdict import Evidence, Level, Line, Verdict

LEVEL_NAMES: dict[Level, str] = {"none": "无", "low": "低", "medium": "中", "high": "高", "critical": "极高"}
LEVEL_STYLES: dict[Level, str] = {
    "none": "green",
    "low": "cyan",
    "medium": "yellow",
    "high": "bold red",
    "critical": "bold white on red",
}
STAGE_NAMES = {
    "identity": "冒充身份",
    "hook": "由头",
    "trust": "取信",
    "channel": "换渠道",
    "harvest": "套信息",
    "false_proof": "假凭据",
    "extract": "要钱",
    "pressure": "施压",
    "goods": "货物",
    "deal": "交易",
    "delivery": "交付",
    "cash_out": "回款",
}
STANCE_NAMES = {
    "asserted": "陈述",
    "asked": "询问",
    "negated": "否认",
    "warned": "提醒",
    "quoted": "引述",
    "refused": "拒绝",
    "told": "讲述",
}
HOW_NAMES = {"exact": "", "sound": "同音字", "damaged": "缺字", "disguised": "伪装"}
PARTY_NAMES = {"self": "我方", "other": "对方", "unknown": ""}
ENTITY_NAMES = {
    "money": "金额",
    "code": "验证码",
    "url": "链接",
    "account": "账号",
    "app": "软件",
    "im_id": "聊天号",
    "phone": "电话",
    "id_card": "证件号",
}
_COUNTED, _DISCOUNTED = "bold red underline", "yellow underline"
_HEAD, _FAINT = "bold", "dim"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One logical line and how far it is indented."""

    text: Text
    indent: int = 0


def write(console: Console, paragraphs: Iterable[Paragraph]) -> None:
    """Print wrapped with a hanging indent on a terminal.

    Whole lines in a pipe, so that grep finds what stands in them.
    """
    for paragraph in paragraphs:
        if console.is_terminal:
            console.print(Padding(paragraph.text, (0, 0, 0, paragraph.indent)), highlight=False)
        else:
            console.print(Text(" " * paragraph.indent) + paragraph.text, soft_wrap=True, highlight=False)


def sentence(verdict: Verdict) -> str:
    """Say what it is and what to do now, in one sentence."""
    title = verdict.script_title or "诈骗"
    if verdict.track == "gray" and verdict.level != "low":
        sure = "这是" if verdict.alert else "这像"
        return f"{sure}黑灰产的买卖 (「{title}」): 不要参与, 不要转发; 手里的账号、银行卡不租不卖。"
    if verdict.alert:
        return f"这很像「{title}」骗局: 请马上停下, 不要照对方说的做。"
    if verdict.level == "medium":
        return f"要当心: 像「{title}」骗局的开头, 先在官方 App 或用官方电话核实, 再决定要不要继续。"
    if verdict.describes_title:
        return f"没有发现正在行骗; 这段文字说的是「{verdict.describes_title}」骗局。"
    if verdict.level == "low":
        return "有一点可疑, 还不足以判断; 对方再让您加好友、下载软件、给密码或转钱时, 请先停下核实。"
    return "没有发现骗局的迹象。(没有发现不等于安全, 涉及转账和验证码时仍请核实)"


def next_title(verdict: Verdict) -> str:
    """Head the list of what comes next: what the other side does, or how the trade goes on."""
    return "接下来往往是" if verdict.track == "gray" else "对方接下来可能会"


def report(verdict: Verdict) -> Iterator[Paragraph]:
    """Everything that `fanzha score` says."""
    yield from opening(verdict)
    if verdict.evidence:
        yield from _lines(verdict)
        yield from _evidence(verdict)
    yield from closing(verdict)


def opening(verdict: Verdict) -> Iterator[Paragraph]:
    """Give the sentence, the fact that breaks the script, the score."""
    yield Paragraph(Text(sentence(verdict), LEVEL_STYLES[verdict.level]))
    if verdict.fact and verdict.level != "low":
        yield Paragraph(Text(f"请记住: {verdict.fact}"))
    yield Paragraph(Text())
    score = Text(f"评分 {verdict.score}/100  等级 ")
    score.append(LEVEL_NAMES[verdict.level], LEVEL_STYLES[verdict.level])
    if verdict.first_alert_turn is not None:
        score.append(f"  第 {verdict.first_alert_turn + 1} 轮起报警")
    if verdict.counterpart:
        score.append(f"  像骗子的一方: {clean(verdict.counterpart)}")
    yield Paragraph(score)
    if verdict.describes_title and (verdict.alert or verdict.level == "medium"):
        yield Paragraph(Text(f"文中另有转述或提醒, 说的是「{verdict.describes_title}」"))


def closing(verdict: Verdict) -> Iterator[Paragraph]:
    """Tell what comes next, what to do, and what could not be judged."""
    yield from _list(next_title(verdict), verdict.next)
    yield from _list("现在该做", verdict.advice)
    yield from _list("说不准的", verdict.undecided)
    yield from _list("没有读完的", verdict.skipped)


def explanation(conversation: Conversation, verdict: Verdict, *, marks: bool) -> Iterator[Paragraph]:
    """Everything that `fanzha explain` says.

    `marks` puts 【…】 around evidence, for where there is no colour.
    """
    yield from opening(verdict)
    yield from turns(conversation, verdict, marks=marks)
    if verdict.evidence:
        yield from _lines(verdict)
    yield from _stages(verdict)
    yield from _entities(verdict)
    yield from closing(verdict)


# ── the conversation with its evidence marked ────────────────────────────────────────


def turns(conversation: Conversation, verdict: Verdict, *, marks: bool) -> Iterator[Paragraph]:
    """Each turn with the score after it, and under it what was found in it."""
    yield from _heading("对话" + (" (【】内是计分的证据, 〔〕内是不计分的)" if marks and verdict.evidence else ""))
    found: dict[int, list[Evidence]] = {}
    spans: dict[int, list[tuple[int, int, bool]]] = {}
    for one in own_evidence(verdict):
        found.setdefault(one.turn, []).append(one)
        spans.setdefault(one.turn, []).append((one.start, one.end, one.counted))
        if one.before is not None:
            spans.setdefault(one.before.turn, []).append((one.before.start, one.before.end, one.counted))
    for number, turn in enumerate(conversation.turns):
        yield Paragraph(_turn_head(number, turn, verdict))
        for line in mark(turn.text, spans.get(number, []), marks=marks).split("\n", allow_blank=True):
            yield Paragraph(line, 4)
        for one in found.get(number, []):
            yield Paragraph(Text(f"^ {_says(one)}", _FAINT if one.counted else "yellow"), 6)


def mark(text: str, spans: Sequence[tuple[int, int, bool]], *, marks: bool) -> Text:
    """Return the cleaned text with spans (start, end, counted; code points of the original) in colour or in brackets.

    Where spans overlap, counted evidence covers the other.
    """
    shown = Text()
    for counted, same in groupby(runs(len(text), spans), lambda run: any(run[2]) if run[2] else None):
        piece = clean("".join(text[start:end] for start, end, _ in same), keep_lines=True)
        if counted is None:
            shown.append(piece)
        elif marks:
            shown.append(f"【{piece}】" if counted else f"〔{piece}〕")
        else:
            shown.append(piece, _COUNTED if counted else _DISCOUNTED)
    return shown


def _turn_head(number: int, turn: Turn, verdict: Verdict) -> Text:
    name = clean(turn.speaker) if turn.speaker else "(没有标明说话人)"
    party = PARTY_NAMES[turn.party.value]
    head = Text(f"第 {number + 1} 轮 {name}", _HEAD)
    if party and party != name:
        head.append(f" ({party})", _FAINT)
    if number < len(verdict.timeline):
        head.append(f"  {verdict.timeline[number]} 分", _FAINT)
    if number == verdict.first_alert_turn:
        head.append("  <- 从这里起报警", LEVEL_STYLES["high"])
    return head


def yuan(amount: float) -> str:
    """Say a sum: 15000 → "15,000 元", 0.5 → "0.50 元"."""
    return f"{amount:,.0f} 元" if amount == int(amount) else f"{amount:,.2f} 元"


def decimals(lines: Sequence[Line]) -> int:
    """Return how many decimals the points need, so that what is printed sums."""
    return 2 if all(round(line.points * 1000) % 10 == 0 for line in lines) else 3


# ── sections ────────────────────────────────────────


def _lines(verdict: Verdict) -> Iterator[Paragraph]:
    """List the entries of the score."""
    yield from _heading("得分明细 (对数几率, 各行相加即合计)")
    digits = decimals(verdict.lines)
    for line in verdict.lines:
        where = f"  (第 {line.turn + 1} 轮)" if line.turn is not None else ""
        stage = f"[{STAGE_NAMES.get(line.stage, line.stage)}] " if line.stage and line.kind == "signal" else ""
        text = Text(f"{line.points:+{digits + 4}.{digits}f}  ", "red" if line.points > 0 else "green")
        yield Paragraph(text.append(f"{stage}{line.title}{where}", "default"), 2)
    yield Paragraph(Text(f"{verdict.log_odds:+{digits + 4}.{digits}f}  合计, 换算为 {verdict.score} 分", _HEAD), 2)


def _evidence(verdict: Verdict) -> Iterator[Paragraph]:
    yield from _heading("证据")
    for one in own_evidence(verdict):
        head = Text(f"第 {one.turn + 1} 轮 ")
        if one.speaker:
            head.append(f"{clean(one.speaker)}: ")
        text = (one.before.text if one.before else "") + one.text
        head.append(f"「{clean(text)}」", _COUNTED if one.counted else _DISCOUNTED)
        head.append(f" {_says(one)}")
        yield Paragraph(head, 2)
        if one.counted:
            yield Paragraph(Text(one.why, _FAINT), 6)
    others = len({one.signal for one in verdict.evidence} - {one.signal for one in own_evidence(verdict)})
    if others:
        yield Paragraph(Text(f"另有 {others} 种说法也见于别的骗局, 不在这个剧本里, 没有算分", _FAINT), 2)


def own_evidence(verdict: Verdict) -> list[Evidence]:
    """The evidence of the script shown; what speaks for other scripts gives no points."""
    return [one for one in verdict.evidence if one.in_script]


def _says(one: Evidence) -> str:
    """Title and, in brackets, what is special about this piece of evidence."""
    stance = STANCE_NAMES[one.stance]
    notes = [
        STAGE_NAMES.get(one.stage, one.stage),
        HOW_NAMES[one.how],
        "转述对方此刻的要求" if one.account else "",
        stance if one.stance != "asserted" else "",
        "" if one.counted else "不计分",
    ]
    return f"{one.title} ({', '.join(filter(None, notes))})"


def _stages(verdict: Verdict) -> Iterator[Paragraph]:
    if not verdict.stages:
        return
    yield from _heading(f"剧本「{verdict.script_title}」走到哪一步" if verdict.script_title else "走到哪一步")
    for stage in verdict.stages:
        yield Paragraph(Text(f"[已出现] {stage.title} (第 {stage.turn + 1} 轮)"), 2)
    for title in verdict.missing:
        yield Paragraph(Text(f"[未出现] {title}", _FAINT), 2)


def _entities(verdict: Verdict) -> Iterator[Paragraph]:
    if not verdict.entities:
        return
    yield from _heading("提到的金额、链接、账号")
    for one in verdict.entities:
        value = f" = {yuan(one.yuan)}" if one.yuan is not None else ""
        yield Paragraph(
            Text(f"第 {one.turn + 1} 轮 {ENTITY_NAMES.get(one.kind, one.kind)}: {clean(one.text)}{value}"), 2
        )


def _list(title: str, items: Sequence[str]) -> Iterator[Paragraph]:
    if items:
        yield from _heading(title)
        yield from (Paragraph(Text(f"- {item}"), 2) for item in items)


def _heading(title: str) -> Iterator[Paragraph]:
    yield Paragraph(Text())
    yield Paragraph(Text(title, _HEAD))
