"""Plain text transcripts: `说话人: 文` lines, with or without time stamps, or text without any speaker.

In: a text. Out: a Conversation; no character of what was said is lost. A line without a label continues the
turn before. What counts as a label is decided over the whole text, because 金额: 62 and 李明: 好的 look
alike:

- labels of known parties (客服, 我 …), 说话人1, SPEAKER_00, and labels after a time stamp, always;
- other labels if they come back, or if nearly every line has one, and they are no field names (金额, 单号 …).

A text without labels becomes one turn a paragraph, or a line where there are no empty lines, by an unknown
speaker.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from fanzha.conversation import Conversation, Party, Turn, party_of
from fanzha.errors import InputError
from fanzha.formats.encodings import EMPTY
from fanzha.formats.head import Head
from fanzha.formats.reader import Options, Reader, gather
from fanzha.formats.source import Source

_LINE_END = re.compile(r"\r\n|\r|\n")
_CLOCK = r"(?P<{0}h>\d{{1,3}}):(?P<{0}m>\d{{2}})(?::(?P<{0}s>\d{{2}}))?(?:[.,]\d{{1,6}})?"
# Every repeat is bounded: a line may be a megabyte long, and of spaces.
_STAMP = re.compile(
    r"[\[(（【<]?\s{0,3}(?:"
    r"(?P<date>\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?)[ T]{0,3}" + _CLOCK.format("d") + r"(?:Z|[+-]\d{2}:?\d{2})?"
    r"|(?P<date_only>\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?)"
    r"|" + _CLOCK.format("t") + r"(?:\s{0,3}(?:-->|[-–—~至到])\s{0,3}\d{1,3}:\d{2}(?::\d{2})?(?:[.,]\d{1,6})?)?"
    r"|(?P<seconds>\d{1,6}(?:\.\d{1,6})?)\s{0,3}(?:s|秒)(?:\s{0,3}[-–—~]\s{0,3}\d{1,6}(?:\.\d{1,6})?\s{0,3}(?:s|秒)?)?"
    r")(?:\s{0,3}(?P<close>[\])）】>]))?(?P<gap>[\s,，|]{0,8}-?\s{0,3})"
)
_LABEL = re.compile(
    r"(?P<label>[^\s:：\[【][^:：\n]{0,23}?|[\[【][^:：\n\]】]{1,20}[\]】])\s{0,3}[:：](?!//)\s?(?P<text>.*)",
    re.DOTALL,
)
_BRACKETED = re.compile(r"[\[【](?P<label>[^\[\]【】:：]{1,12})[\]】]\s{0,3}(?P<text>.*)", re.DOTALL)
_NUMBERED = re.compile(r"[\[【(（]?(?:说话人|发言人|讲话人|speaker|spk)[ _]?\d{1,3}[\]】)）]?", re.IGNORECASE)
_NO_NAME = re.compile(r"[，。！？；、,.!?;…=“”\"']|^[\d\s:：./-]+$|^(?:https?|ftp)$", re.IGNORECASE)
# Words that show that a role word is no speaker: 尊敬的客户: …, 客服电话: …, 商家地址: …
_NO_SPEAKER = re.compile(
    "尊敬|亲爱|各位|您好|你好|通知|提醒|提示|公告|电话|热线|地址|账户|账号|留言|链接|号码|微信|回复|金额|方式|时间|编号|单号|"
    "网址|公众号|说法|问题|结果|原因|流程|步骤|要求|规定|状态"
)
_MAX_NAME = 16  # code points of a label that no list knows
_FIELDS = frozenset(
    [
        "金额",
        "价格",
        "单价",
        "总价",
        "时间",
        "日期",
        "地址",
        "电话",
        "手机",
        "手机号",
        "联系电话",
        "姓名",
        "收货人",
        "收款人",
        "付款人",
        "收款方",
        "付款方",
        "户名",
        "账号",
        "账户",
        "卡号",
        "开户行",
        "银行",
        "订单",
        "订单号",
        "单号",
        "运单号",
        "快递单号",
        "编号",
        "商品",
        "商品名称",
        "数量",
        "规格",
        "备注",
        "说明",
        "注意",
        "注",
        "提示",
        "温馨提示",
        "提醒",
        "重要提醒",
        "步骤",
        "方法",
        "网址",
        "链接",
        "验证码",
        "密码",
        "会议号",
        "工号",
        "主题",
        "标题",
        "内容",
        "附件",
        "来源",
        "状态",
        "交易状态",
        "交易时间",
        "收款方式",
        "付款方式",
        "支付方式",
        "退款金额",
        "退款方式",
        "总结",
        "原因",
        "结果",
        "问题",
        "答案",
        "回复",
        "例如",
        "比如",
        "如下",
        "即",
        "ps",
        "qq",
        "微信",
        "vx",
    ]
)


@dataclass(slots=True)
class _Line:
    text: str
    rest: str = ""  # behind the time stamp
    label: str | None = None
    body: str = ""  # behind the label
    start: float | None = None
    stamped: bool = False
    sure: bool = False  # a label whatever the rest of the text says


def read_plain(path: Path, *, self_name: str | None = None) -> Conversation:
    """Read a transcript. Raises InputError where it is missing, empty or no text."""
    return parse_plain(Source(path).text(), self_name=self_name, id=path.name)


def parse_plain(text: str, *, self_name: str | None = None, id: str | None = None) -> Conversation:  # noqa: A002
    """Return turns of a transcript; `self_name` is the label of the person whom we protect.

    Raises InputError if there is nothing in it, or nobody is called `self_name`.
    """
    lines = [_read_line(line, self_name) for line in _LINE_END.split(text.lstrip("\ufeff"))]
    conversation = gather(_turns(lines, _labels(lines)), Options(self_name), id)
    if not conversation.turns:
        raise InputError(EMPTY)
    return conversation


def _sniff(head: Head) -> int:
    """Any text that is not meant to be JSON may be a transcript; every other format is surer of its own."""
    return 0 if head.documents or not head.text else 10


def _read(source: Source, options: Options) -> Iterator[Conversation]:
    yield parse_plain(source.text(), self_name=options.self_name, id=source.name)


def _read_line(text: str, self_name: str | None) -> _Line:
    text = text.strip()
    line = _Line(text, rest=text)
    stamp = _STAMP.match(text)
    if stamp is not None and _is_stamp(stamp, text):
        line.stamped = True
        line.start = _seconds(stamp)
        line.rest = text[stamp.end() :].strip()
    match = _LABEL.fullmatch(line.rest)
    if match is not None and not _is_no_label(match["label"]):
        line.label, line.body = match["label"].strip(), match["text"].strip()
        line.sure = _is_known(line.label, self_name) or (line.stamped and line.label.lower() not in _FIELDS)
        return line
    match = _BRACKETED.fullmatch(line.rest)
    if match is not None and match["text"] and _is_known(match["label"], self_name):
        line.label, line.body, line.sure = match["label"].strip(), match["text"].strip(), True
    return line


def _is_stamp(stamp: re.Match[str], text: str) -> bool:
    """Tell stamps from numbers that begin a sentence (3秒就好): a bracket, a gap or the end follows."""
    if stamp["close"] and text[:1] in "[(（【<":
        return True
    return stamp["date_only"] is None and (bool(stamp["gap"]) or stamp.end() == len(text))


def _is_no_label(label: str) -> bool:
    if _NUMBERED.fullmatch(label):
        return False
    return len(label) > _MAX_NAME or bool(_NO_NAME.search(label) or _NO_SPEAKER.search(label))


def _is_known(label: str, self_name: str | None) -> bool:
    if self_name is not None and label.strip() == self_name.strip():
        return True
    return party_of(label) is not Party.UNKNOWN or _NUMBERED.fullmatch(label.strip()) is not None


def _labels(lines: list[_Line]) -> frozenset[str]:
    """Which labels are speakers, seen over the whole text."""
    filled = sum(1 for line in lines if line.text.strip())
    counts = Counter(line.label for line in lines if line.label)
    sure = {line.label for line in lines if line.label and line.sure}
    likely = {label for label, count in counts.items() if count >= 2 and label.lower() not in _FIELDS}
    accepted = sure | likely
    labelled = sum(counts[label] for label in accepted if label)
    others = {label for label in counts if label not in accepted and label.lower() not in _FIELDS}
    everywhere = filled >= 2 and sum(counts[label] for label in others) + labelled == filled
    if everywhere or (labelled >= 2 and labelled * 2 >= filled):
        accepted |= others
    return frozenset(label for label in accepted if label)


def _turns(lines: list[_Line], labels: frozenset[str]) -> Iterator[Turn]:
    stamped = sum(line.stamped for line in lines)
    if not labels and (stamped < 2 or stamped * 2 < len(lines)):
        yield from (Turn(text) for text in _paragraphs(lines))
        return
    first = next((line.start for line in lines if line.start is not None), 0.0)
    speaker: str | None = None
    start: float | None = None
    pieces: list[str] = []
    for line in lines:
        labelled = line.label in labels
        if labelled or line.stamped:
            if any(pieces):
                yield Turn("\n".join(pieces).strip("\n"), speaker, start=start)
            speaker = line.label if labelled else None
            start = None if line.start is None else _from_beginning(line.start, first)
            pieces = [line.body if labelled else line.rest]
        elif line.rest:
            pieces.append(line.rest)
    if any(pieces):
        yield Turn("\n".join(pieces).strip("\n"), speaker, start=start)


def _paragraphs(lines: list[_Line]) -> list[str]:
    texts = [line.text.strip() for line in lines]
    while texts and not texts[-1]:
        texts.pop()
    if "" not in texts:
        return texts
    return [text for text in re.split("\n{2,}", "\n".join(texts).strip("\n")) if text]


def _seconds(stamp: re.Match[str]) -> float | None:
    """Seconds of a stamp: since 1970 for a date, else as written.

    None for 09:30, which may be a clock or a length.
    """
    if stamp["seconds"]:
        return float(stamp["seconds"])
    if stamp["date"]:
        year, month, day = map(int, re.findall(r"\d+", stamp["date"]))
        try:
            moment = datetime(year, month, day, int(stamp["dh"]), int(stamp["dm"]), int(stamp["ds"] or 0))
        except ValueError:
            return None
        return (moment - datetime(1970, 1, 1)).total_seconds()
    if stamp["ts"]:
        return int(stamp["th"]) * 3600 + int(stamp["tm"]) * 60 + float(stamp["ts"])
    return None


def _from_beginning(start: float, first: float) -> float:
    """Count from the first stamp if it is a clock of the day counts from the first stamp.

    A recording's own clock starts at 0 by itself.
    """
    return start - first if first >= _A_DATE else start


_A_DATE = 10_000_000.0  # seconds: no recording is so long, every date is later
READERS = (Reader("plain", "纯文本: 说话人: 文, 可带时间", (".txt", ".text", ".log", ".md"), _sniff, _read),)
