"""Which column of a table is what: by the names people give them in Chinese and English, or as the user says.

In: the cells of the first row and the user's choice. Out: Columns, or None where no column holds the text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from fanzha.errors import InputError
from fanzha.formats.reader import Options

_SEPARATORS = re.compile(r"[\s_\-.()（）\[\]【】:：/]+")
# By how sure a name is: the first that a table has is the one.
_NAMES: dict[str, tuple[str, ...]] = {
    role: tuple(names.split())
    for role, names in {
        "text": """
            文本 对话内容 通话内容 聊天内容 消息内容 短信内容 转写文本 转写内容 转写结果 识别文本 识别结果
            识别内容 语音文本 话术内容 asr文本 asr结果 asrtext 原文 对话文本 通话文本 录音文本 语音转文字
            内容 文字 正文 消息 短信 话术 对话 句子 text content message msg body utterance sentence
            transcript transcription dialogue dialog conversationtext query sms comment word
            conversation
        """,
        "speaker": """
            说话人 发言人 说话者 发言者 讲话人 说话角色 发言角色 角色 发送人 发送者 发件人 发送方 昵称 姓名
            名字 声道 通道 speaker speakerid role sender sendername from fromuser author nickname name user
            username channel spk who
        """,
        "id": """
            通话id 会话id 对话id 录音id 通话编号 会话编号 对话编号 录音编号 通话流水号 会话流水号 录音文件
            录音文件名 录音名称 话单号 工单号 案件编号 流水号 文件名 callid sessionid conversationid
            dialogid dialogueid chatid roomid threadid caseid recordid conversation session call filename
            file uuid 编号 id key
        """,
        "start": """
            开始时间 起始时间 开始 starttime begintime start begin offset
        """,
        "time": """
            发送时间 消息时间 发言时间 通话时间 时间戳 时间 日期时间 timestamp datetime createtime createdat sentat
            sendtime msgtime time date 日期
        """,
        "end": """
            结束时间 终止时间 结束 endtime stoptime end stop
        """,
        "party": """
            收发 方向 收发方向 是否本人 party direction issender issend isself isme isfromme
        """,
        "kind": """
            消息类型 msgtype messagetype kind typename
        """,
    }.items()
}
_RANKS = {role: {name: rank for rank, name in reversed(list(enumerate(names)))} for role, names in _NAMES.items()}
_ROW_IDS = frozenset(["编号", "id", "key", "uuid"])  # these may number rows as well as conversations


@dataclass(frozen=True, slots=True)
class Columns:
    """Positions from 0. `id_of_row`: the id column may number rows rather than conversations."""

    text: int
    speaker: int | None = None
    id: int | None = None
    start: int | None = None
    time: int | None = None
    end: int | None = None
    party: int | None = None
    kind: int | None = None
    id_of_row: bool = False


def find_columns(header: Sequence[str], options: Options) -> Columns | None:
    """Return the columns of a table with this first row.

    Raises InputError where the user names a column that is not there.
    """
    folded = [_fold(name) for name in header]
    found: dict[str, int | None] = {}
    for role in _NAMES:
        chosen = getattr(options, role, None)
        found[role] = _guess(folded, role, found) if chosen is None else _chosen(header, folded, role, chosen, options)
    text = found["text"]
    if text is None:
        return None
    place = found["id"]
    ambiguous = options.id is None and place is not None and folded[place] in _ROW_IDS
    told = {role: position for role, position in found.items() if role != "text"}
    return Columns(text, **told, id_of_row=ambiguous)


def has_header(header: Sequence[str], options: Options) -> bool:
    """Whether the first row names columns: not where the user counts them and no cell of it is a known name."""
    chosen = [name for name in (options.text, options.speaker, options.id, options.time, options.party) if name]
    if not chosen or not all(name.isdecimal() for name in chosen):
        return True
    folded = {_fold(name) for name in header}
    return any(folded & set(names) for names in _NAMES.values())


def _fold(name: str) -> str:
    return _SEPARATORS.sub("", name.strip().strip("\ufeff")).lower()


def _guess(folded: Sequence[str], role: str, taken: dict[str, int | None]) -> int | None:
    used, ranks = set(taken.values()), _RANKS[role]
    known = [(ranks[cell], place) for place, cell in enumerate(folded) if cell in ranks and place not in used]
    return min(known)[1] if known else None


def _chosen(header: Sequence[str], folded: Sequence[str], role: str, name: str, options: Options) -> int:
    if name.isdecimal() and not has_header(header, options):
        return _position(header, name, role)
    if name in header:
        return list(header).index(name)
    if _fold(name) in folded:
        return list(folded).index(_fold(name))
    return _position(header, name, role)


def _position(header: Sequence[str], name: str, role: str) -> int:
    if name.isdecimal() and 1 <= int(name) <= len(header):
        return int(name) - 1
    known = "、".join(cell for cell in header[:20] if cell) or "没有列名"
    raise InputError(f"没有叫 {name!r} 的列; 有: {known}", where=f"--{role}")
