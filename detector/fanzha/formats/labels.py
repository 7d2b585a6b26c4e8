"""Who speaks in a line of text, in all the ways in which people write it.

In: a line without its time stamp. Out: a label and what follows, and whether that is a speaker whatever the rest of the
text says: 客服: 您好, 【坐席】您好, [SPEAKER_00]: …, **客服：** …, (speaker 1) …, 客服|您好.
金额: 62 and 李明: 好的 look alike, so that a label nobody knows is told over the whole text (`speakers`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from fanzha.conversation import Party, party_of

# Every repeat is bounded: a line may be a megabyte long, and of spaces.
_COLON = re.compile(
    r"(?P<item>[-*•>#]{1,3}\s{1,3}|\d{1,3}[.、)]\s{0,3})?\*{0,2}"
    r"(?P<label>[^\s:：\[【*][^:：\n]{0,23}?|[\[【][^:：\n\]】]{1,20}[\]】])"
    r"\s{0,3}\*{0,2}\s{0,3}[:：](?!//)\*{0,2}\s?(?P<text>.*)",
    re.DOTALL,
)
_BRACKETED = re.compile(
    r"[\[【(（<『「〔]{1,2}(?P<label>[^\[\]【】()（）<>『』「」〔〕:：]{1,16})[\]】)）>』」〕]{1,2}\s{0,3}[:：]?\s{0,3}(?P<text>.*)",
    re.DOTALL,
)
_COLUMN = re.compile(r"(?P<label>[^\s:：|｜]{1,12}(?: \d{1,3})?)\s{0,3}[\t|｜]\s{0,3}(?P<text>.*)", re.DOTALL)
_NUMBERED = re.compile(
    r"[\[【(（]?(?:说话人|发言人|讲话人|speaker|spk)[ _-]?(?:\d{1,3}|[A-Z]|\?)[\]】)）]?", re.IGNORECASE
)
_NO_NAME = re.compile(
    r"[，。！？；、,.!?;…=“”\"\']|^[\s:：./-]+$|^[\d\s]{1,4}$|^\d{1,4}[\s:：./-][\d\s:：./-]*$|^(?:https?|ftp)$",
    re.IGNORECASE,
)
# Words that show that a role word is no speaker: 尊敬的客户: …, 客服电话: …, 商家地址: …
_NO_SPEAKER = re.compile(
    "尊敬|亲爱|各位|您好|你好|通知|提醒|提示|公告|电话|热线|地址|账户|账号|留言|链接|号码|微信|回复|金额|方式|时间|编号|单号|"
    "网址|公众号|说法|问题|结果|原因|流程|步骤|要求|规定|状态|"
    "时长|主题|文件|日期|关键词|参会|参与人|技能组|类型|录音"
)
# A text message begins with its sender: 【平安银行】, which is no label, and part of what is judged.
_SIGNATURE = re.compile("银行|快递|物流|速运|保险|酒店|航空|航司|平台|官方|中心|店|公司|商城|移动|联通|电信")
_BETWEEN = " \t|｜/"
_INSIDE = re.compile(r"(?:(?<=[\s。！？!?；;，,|｜/])|^)(?P<label>[^\s:：。！？!?；;，,|｜/]{1,8})[:：](?!//)")
_LEAST_INSIDE = 3  # labels in one line that make it a dialogue
_MAX_NAME = 16  # code points of a label that no list knows
_FIELDS = frozenset(
    """
    金额 价格 单价 总价 时间 日期 地址 电话 手机 手机号 联系电话 姓名 收货人 收款人 付款人 收款方 付款方 户名
    账号 账户 卡号 开户行 银行 订单 订单号 单号 运单号 快递单号 编号 商品 商品名称 数量 规格 备注 说明 注意 注
    提示 温馨提示 提醒 重要提醒 步骤 方法 网址 链接 验证码 密码 会议号 工号 主题 标题 内容 附件 来源 状态
    交易状态 交易时间 收款方式 付款方式 支付方式 退款金额 退款方式 总结 原因 结果 问题 答案 回复 例如 比如
    如下 即 ps qq 微信 vx
    """.split()
)


@dataclass(frozen=True, slots=True)
class Label:
    """A label and what is said behind it.

    `sure`: a speaker whatever the rest of the text says; `likely`: one if it comes back; else only where brackets
    carry a few names in turn.
    """

    name: str
    text: str
    sure: bool
    likely: bool = True


def read_label(line: str, self_name: str | None = None) -> Label | None:
    """Return the label at the beginning of a line, or None."""
    found = _COLON.fullmatch(line)
    if found is not None and not is_no_name(found["label"]):
        name = found["label"].strip()
        known = is_known(name, self_name)
        if known or not (found["item"] or "")[:1].isdigit():
            return Label(name, found["text"].strip(), known, likely=name.lower() not in _FIELDS)
    found = _BRACKETED.fullmatch(line)
    if found is not None and found["text"]:
        name = found["label"].strip()
        if is_known(name, self_name) and not _SIGNATURE.search(name):
            return Label(name, found["text"].strip(), sure=True)
        if line[0] in "[【" and not is_no_name(name):
            return Label(name, found["text"].strip(), sure=False, likely=False)
    found = _COLUMN.fullmatch(line)
    if found is not None and is_known(found["label"], self_name) and not is_no_name(found["label"]):
        return Label(found["label"], found["text"].strip(), sure=True)
    return None


def apart(line: str) -> list[str]:
    """Return the turns of a line that holds a whole dialogue: 客服: 您好 客户: 哪位 客服: …; else the line alone.

    There must be three known labels and more, by two speakers and more, each behind a mark or a space.
    """
    places = [found for found in _INSIDE.finditer(line) if is_known(found["label"]) and not is_no_name(found["label"])]
    if (
        len(places) < _LEAST_INSIDE
        or len({found["label"] for found in places}) == 1
        or line[: places[0].start()].strip()
    ):
        return [line]
    ends = [found.start() for found in places[1:]] + [len(line)]
    return [line[found.start() : end].strip(_BETWEEN) for found, end in zip(places, ends, strict=True)]


def is_no_name(label: str) -> bool:
    """Whether a label cannot be somebody's name: too long, with marks of a sentence, a notice, a field."""
    if _NUMBERED.fullmatch(label):
        return False
    return len(label) > _MAX_NAME or bool(_NO_NAME.search(label) or _NO_SPEAKER.search(label))


def is_known(label: str, self_name: str | None = None) -> bool:
    """Whether a label is a speaker wherever it stands: a role with a side, a recogniser's number, `self_name`."""
    if self_name is not None and label.strip() == self_name.strip():
        return True
    return party_of(label) is not Party.UNKNOWN or _NUMBERED.fullmatch(label.strip()) is not None


def is_field(label: str) -> bool:
    """Whether a label is a field of a form or receipt, such as 金额 or 单号."""
    return label.lower() in _FIELDS


def speakers(labels: Sequence[Label | None], filled: int) -> frozenset[str]:
    """Return which labels of a text are speakers.

    The sure ones, those that come back, and all if nearly every one of the `filled` lines has one.
    """
    counts = Counter(label.name for label in labels if label is not None and label.likely)
    sure = {label.name for label in labels if label is not None and label.sure}
    accepted = sure | {name for name, count in counts.items() if count >= 2}
    labelled = sum(counts[name] for name in accepted)
    others = set(counts) - accepted
    everywhere = filled >= 2 and sum(counts[name] for name in others) + labelled == filled
    if everywhere or (labelled >= 2 and labelled * 2 >= filled):
        accepted |= others
    return frozenset(accepted or _in_brackets(labels, filled))


def _in_brackets(labels: Sequence[Label | None], filled: int) -> set[str]:
    """Return names in brackets without colon where a few of them take turns over nearly all of the text."""
    counts = Counter(
        label.name for label in labels if label is not None and not label.likely and not is_field(label.name)
    )
    takes_turns = 2 <= len(counts) <= 6 and min(counts.values()) >= 2
    return set(counts) if takes_turns and counts.total() * 5 >= filled * 4 else set()
