"""What is scored: a conversation of turns, and who speaks in each.

In: (speaker, text) pairs, mappings or Turn objects. Out: a frozen Conversation. It knows no rule, and it
never guesses a party: a label that is not known stays `unknown`, and the judge infers or says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import Any

from fanzha.errors import InputError


class Party(StrEnum):
    """Who speaks: `self` is the person whom we protect."""

    SELF = "self"
    OTHER = "other"
    UNKNOWN = "unknown"


class Kind(StrEnum):
    """What a turn is; all but `text` come from chat tools (a transfer has its note or amount as text)."""

    TEXT = "text"
    IMAGE = "image"
    VOICE = "voice"
    VIDEO = "video"
    FILE = "file"
    LINK = "link"
    CARD = "card"
    TRANSFER = "transfer"
    RED_PACKET = "red_packet"
    CALL = "call"
    RECALL = "recall"
    SYSTEM = "system"
    OTHER = "other"


# What a person calls them; text needs no name.
KIND_NAMES = {
    Kind.IMAGE: "图片",
    Kind.VOICE: "语音",
    Kind.VIDEO: "视频",
    Kind.FILE: "文件",
    Kind.LINK: "链接",
    Kind.CARD: "名片",
    Kind.TRANSFER: "转账",
    Kind.RED_PACKET: "红包",
    Kind.CALL: "通话",
    Kind.RECALL: "撤回",
    Kind.SYSTEM: "系统消息",
    Kind.OTHER: "其他消息",
}

# Labels whose side is known wherever they are used. 坐席/agent is the one who serves, 客户/customer the one
# whom we protect, also when the agent is genuine: the party tells whose money is at stake, not who is honest.
_OTHER_LABELS = frozenset(
    (
        "客服 客服人员 人工客服 在线客服 坐席 座席 客服专员 理赔专员 专员 工作人员 对方 来电 来电人 "
        "来电方 来电者 主叫 呼入方 骗子 嫌疑人 陌生人 陌生号码 快递员 卖家 商家 店家 店铺 caller agent "
        "operator other them left sender seller scammer system_caller customer_service"
    ).split()
)
_SELF_LABELS = frozenset(
    (
        "我 本人 自己 客户 用户 顾客 买家 被叫 接听人 接听方 接听者 受害人 受害者 事主 当事人 机主 客人 "
        "callee customer client user self me right victim buyer receiver"
    ).split()
)
# A role inside a longer label: 退款处理中心, 理赔员老陈, 客户经理小王 | 客户张女士, 受害人A.
# Who calls is the other side in a recording of the victim, but the customer in the record of a service desk.
CALLER_LABELS = frozenset(["来电", "来电人", "来电方", "来电者", "主叫", "呼入方", "caller"])
DESK_LABELS = frozenset(["客服", "坐席", "座席", "agent", "operator", "人工客服", "在线客服", "客服人员"])
_OTHER_ROLE = re.compile(
    "客服|坐席|座席|专员|理赔|售后|中心|经理|平台|官方|商家|卖家|店铺|快递|物流|机器|语音|话务|骑手|配送|派件|站长|酒店|航司|银行|保险|运营|风控|管家|顾问|民警|警官|警察"
)
_SELF_ROLE = re.compile("客户|用户|顾客|买家|受害|事主|机主|旅客|乘客|车主|持卡人|投保人|报案人|投诉人|咨询人|来访人")
_DECORATION = re.compile(r"^[\s\[【(（<《]+|[\s\]】)）>》:：]+$|(?<=\D)\s*0*\d{1,3}$")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_WRONG_CHOICE = "party 取 self|other|unknown, kind 见 fanzha.Kind"


@dataclass(frozen=True, slots=True)
class Turn:
    """One utterance or message; offsets are code points.

    `start` and `end` are seconds from the beginning, or None. `time` is the moment where a file tells one, in ISO
    8601 with an offset: "2026-01-01T09:00:00+08:00".
    """

    text: str
    speaker: str | None = None
    party: Party = Party.UNKNOWN
    kind: Kind = Kind.TEXT
    start: float | None = None
    end: float | None = None
    time: str | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """Turns in the order in which they were said."""

    turns: tuple[Turn, ...]
    id: str | None = None

    @classmethod
    def from_turns(
        cls,
        turns: Iterable[Turn | Mapping[str, Any] | Sequence[str | None]],
        *,
        self_name: str | None = None,
        id: str | None = None,  # noqa: A002 - the public name of the thing
    ) -> Conversation:
        """Build from Turn objects, (speaker, text) pairs or mappings with the names of Turn's fields.

        `self_name` is the label of the person whom we protect; every other label then is the other side.
        Raises InputError naming the turn (0-based) and the field that cannot be read.
        """
        return cls(tuple(to_turn(item, index, self_name) for index, item in enumerate(turns)), id)

    @classmethod
    def from_text(cls, text: str) -> Conversation:
        """One turn by an unknown speaker."""
        return cls((to_turn(Turn(text), 0, None),))


def to_turn(item: Turn | Mapping[str, Any] | Sequence[str | None], index: int, self_name: str | None) -> Turn:
    """Read one turn in any accepted shape; lone surrogates, which no JSON can carry, become U+FFFD."""
    where = f"turns[{index}]"
    if isinstance(item, Turn):
        turn = item
    elif isinstance(item, Mapping):
        turn = _from_mapping(item, where)
    elif isinstance(item, Sequence) and not isinstance(item, str) and len(item) == 2:
        turn = Turn(text="" if item[1] is None else item[1], speaker=item[0])
    else:
        raise InputError("应为 (speaker, text)、{'speaker', 'text'} 或 Turn", where=where)
    if not isinstance(turn.text, str):
        raise InputError("text 应为字符串", where=where)
    if turn.speaker is not None and not isinstance(turn.speaker, str):
        raise InputError("speaker 应为字符串或留空", where=where)
    if not isinstance(turn.party, Party) or not isinstance(turn.kind, Kind):
        raise InputError(_WRONG_CHOICE, where=where)
    if _LONE_SURROGATE.search(turn.text):
        turn = replace(turn, text=_LONE_SURROGATE.sub("\ufffd", turn.text))
    if turn.speaker is not None and _LONE_SURROGATE.search(turn.speaker):
        turn = replace(turn, speaker=_LONE_SURROGATE.sub("\ufffd", turn.speaker))
    if turn.party is Party.UNKNOWN and turn.speaker is not None:
        turn = replace(turn, party=party_of(turn.speaker, self_name))
    return turn


def party_of(speaker: str, self_name: str | None = None) -> Party:
    """Map a speaker's label to a party: "【坐席】" → other, "客户01" → self, "李明" → unknown."""
    label = speaker.strip()
    if self_name is not None:
        return Party.SELF if label == self_name.strip() else Party.OTHER
    return _party_of_label(label)


@lru_cache(maxsize=4096)  # a file repeats a few labels on every line
def _party_of_label(label: str) -> Party:
    for candidate in (label, _strip(label)):
        folded = candidate.lower()
        if folded in _SELF_LABELS:
            return Party.SELF
        if folded in _OTHER_LABELS:
            return Party.OTHER
    if _OTHER_ROLE.search(label):
        return Party.OTHER
    return Party.SELF if _SELF_ROLE.search(label) else Party.UNKNOWN


def _strip(label: str) -> str:
    for _ in range(3):
        label = _DECORATION.sub("", label)
    return label


def _from_mapping(item: Mapping[str, Any], where: str) -> Turn:
    if "text" not in item:
        raise InputError("缺少 text", where=where)
    try:
        return Turn(
            text=item["text"],
            speaker=item.get("speaker"),
            party=Party(item.get("party") or Party.UNKNOWN),
            kind=Kind(item.get("kind") or Kind.TEXT),
            start=item.get("start"),
            end=item.get("end"),
            time=moment if isinstance(moment := item.get("time"), str) else None,
        )
    except ValueError:  # its message repeats the value, which may be what somebody said
        raise InputError(_WRONG_CHOICE, where=where) from None
