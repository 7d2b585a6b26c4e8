"""What a message is, from how the tools name it: 转账卡片, [图片], <Media omitted>, 49/2000 → Kind.

In: names of types, codes of WeChat, and messages that are only a mark of something else. Out: Kinds, and for a mark
the text that goes with it. A mark inside a sentence (看这个[图片]) leaves the message a text.
"""

from __future__ import annotations

import re

from fanzha.conversation import Kind

# Words that name a type, the more particular first: 语音通话 is a call, 视频号 a link.
_NAMES = (
    ("撤回|撤銷|收回|recall|revoke|withdrawn", Kind.RECALL),
    ("系统|系統|system|拍一拍|notice|service", Kind.SYSTEM),
    ("转账|轉帳|轉賬|transfer", Kind.TRANSFER),
    ("红包|紅包|hongbao|red_?packet|redbag|redpacket|luckymoney", Kind.RED_PACKET),
    ("通话|通話|电话|電話|voip|call|meeting|会议", Kind.CALL),
    ("名片|联系人|聯絡人|contact|share_user|(?<![a-z])(?:personal_?|v)?card(?![a-z])", Kind.CARD),
    ("聊天记录|聊天記錄|合并转发|forward|chatrecord", Kind.OTHER),
    (
        "视频号|小程序|链接|連結|网页|图文|公众号|分享|音乐|直播|link|share|weapp|mini_?program|news|music|article|url",
        Kind.LINK,
    ),
    ("语音|語音|voice|audio|ptt|录音|record", Kind.VOICE),
    ("视频|影片|視頻|video|media", Kind.VIDEO),
    ("图片|圖片|照片|图像|表情|贴纸|貼圖|image|photo|picture|sticker|emoji|emotion|face|gif|img", Kind.IMAGE),
    ("文件|檔案|file|document", Kind.FILE),
    ("位置|location|other|其他|未知|unknown|poll|vote|投票|地图|todo|calendar", Kind.OTHER),
)
_NAMED = tuple((re.compile(words, re.IGNORECASE), kind) for words, kind in _NAMES)

_WECHAT = {
    1: Kind.TEXT,
    3: Kind.IMAGE,
    34: Kind.VOICE,
    37: Kind.OTHER,  # wants to be friends
    42: Kind.CARD,
    43: Kind.VIDEO,
    44: Kind.VIDEO,
    47: Kind.IMAGE,
    48: Kind.OTHER,  # a place
    50: Kind.CALL,
    52: Kind.CALL,
    53: Kind.CALL,
    62: Kind.VIDEO,
    64: Kind.SYSTEM,
    66: Kind.CARD,
    10000: Kind.SYSTEM,
    10002: Kind.SYSTEM,
}
_PLAIN = 1
_APP = 49  # an "app message": the subtype tells what it is
_WECHAT_APP = {
    1: Kind.TEXT,
    2: Kind.IMAGE,
    3: Kind.LINK,
    4: Kind.LINK,
    5: Kind.LINK,
    6: Kind.FILE,
    8: Kind.IMAGE,
    15: Kind.IMAGE,
    19: Kind.OTHER,  # forwarded messages of others
    33: Kind.LINK,
    36: Kind.LINK,
    51: Kind.LINK,
    53: Kind.TEXT,
    57: Kind.TEXT,  # an answer that quotes
    62: Kind.SYSTEM,
    63: Kind.LINK,
    68: Kind.LINK,
    74: Kind.FILE,
    76: Kind.LINK,
    87: Kind.TEXT,  # a group's notice
    92: Kind.LINK,
    2000: Kind.TRANSFER,
    2001: Kind.RED_PACKET,
    2003: Kind.RED_PACKET,
}

# What stands in brackets for something that is no text; a mark may carry more: [转账|发送 ￥5], [文件]报告.pdf.
_MARK_WORDS = {
    Kind.IMAGE: "图片 圖片 照片 相片 写真 图像 圖像 image photo picture 表情 动画表情 動畫表情 表情包 大表情 商城表情 "
    "sticker stickers 贴纸 貼圖 スタンプ gif 动图 闪照",
    Kind.VOICE: "语音 語音 voice audio 录音 ボイスメッセージ",
    Kind.VIDEO: "视频 視頻 影片 動画 短视频 小视频 video",
    Kind.FILE: "文件 檔案 ファイル file 群文件",
    Kind.LINK: "链接 連結 link 网页 分享 分享链接 音乐 音乐分享 小程序 视频号 公众号 公众号文章 图文 直播 卡片 "
    "分享卡片 卡片式链接",
    Kind.CARD: "名片 个人名片 联系人 聯絡人 聯絡資訊 contact 推荐好友 群名片 連絡先",
    Kind.TRANSFER: "转账 轉帳 微信转账 QQ转账 发起转账 收款 已收款 待收款 已退还",
    Kind.RED_PACKET: "红包 紅包 微信红包 QQ红包",
    Kind.CALL: "语音通话 语音电话 視訊通話 視頻通話 视频通话 视频电话 通话 通話 音视频通话 語音通話 call",
    Kind.OTHER: "位置 位置信息 location 聊天记录 聊天記錄 合并转发 转发消息 拍一拍 戳一戳 未知消息 不支持的消息 "
    "相簿 アルバム album 礼物 禮物 投票 其他消息",
}
_MARK_KINDS = {word.lower(): kind for kind, words in _MARK_WORDS.items() for word in words.split()}
_MARK = re.compile(
    r"!?[\[【<](?P<word>[^\s\[\]【】<>|:：]{1,12}?)(?: ?(?:消息|訊息|卡片|message))?"
    r"(?:\s?[|:：\s]\s?[^\]】>]{0,400})?[\]】>](?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_FULL = frozenset([Kind.TRANSFER, Kind.RED_PACKET, Kind.CALL, Kind.CARD, Kind.FILE, Kind.LINK])
_ADDRESS = re.compile(r"\(?\s*(?:https?://\S{1,2000}|[\w./\\:%-]{1,400}\.\w{2,5})\s*\)?")
# Notices that a message was taken back; a name in front is in quotes or short. A sentence about it is no notice.
_TAKEN_BACK = (
    r"(?:撤回了?(?:一[条條则則]|成员|成員|你|您)?(?:的?一[条條则則])?(?:消息|訊息)|已?收回了?一?[则則]?(?:訊息|消息)|"
    r"(?:が)?メッセージの送信を取り消しました|(?:unsent|recalled) a message|"
    r"[此该這这][条條则則]?(?:消息|訊息)(?:已被?|被)(?:删除|刪除)|"
    r"已?(?:删除|刪除)了?[此这這][条條则則]?(?:消息|訊息))"
)
_WHO = (
    '(?:["“「][^\n]{1,20}["”」]|[你您]|对方|對方|群主|管理员|管理員|[此该这這][条條则則]?(?:消息|訊息)|'
    "[^\\s，。,的]{1,16}?)"
)
_NOTICE = re.compile(
    rf"{_WHO}?\s?{_TAKEN_BACK}(?: ?重新编辑)?[。.]?"
    r"|(?:you deleted this message|this message was deleted)\.?|[\[【(（](?:消息)?已?撤回(?:消息)?[\]】)）]",
    re.IGNORECASE,
)
_RECALLED = re.compile(f"{_TAKEN_BACK}|message was deleted|deleted this message", re.IGNORECASE)
_NOTICE_CHARS = 120


def kind_of_name(name: object, default: Kind = Kind.TEXT) -> Kind:
    """Map the name that a tool gives a type: 转账卡片 → transfer; `default` where nothing is known of it."""
    text = name if isinstance(name, str) else ""
    return next((kind for words, kind in _NAMED if words.search(text)), default)


def kind_of_wechat(kind: object, subtype: object = None) -> Kind:
    """Map WeChat's numbers, also those of version 4, which hold the subtype in their upper half."""
    code, sub = _number(kind), _number(subtype)
    if code is None:
        return kind_of_name(kind)
    if code > 0xFFFFFFFF:
        code, sub = code & 0xFFFFFFFF, code >> 32
    if code == _APP:
        return _WECHAT_APP.get(sub or 0, Kind.OTHER if sub else Kind.LINK)
    return _WECHAT.get(code, Kind.OTHER)


def is_plain(kind: object) -> bool:
    """Whether WeChat's number of a type means a plain text, whose content is never XML."""
    return _number(kind) == _PLAIN or kind == "文本"


def read_mark(text: str) -> Kind:
    """Return what a message is that consists of a mark, else text.

    "[图片]" → image; "[转账] ￥5000" → transfer; "[链接|标题](https://…)" → link; "[图片]你看" → text.
    """
    stripped = text.strip()
    if _is_notice(stripped):
        return Kind.RECALL
    match = _MARK.fullmatch(stripped)
    kind = None if match is None else _MARK_KINDS.get(match["word"].lower())
    if match is None or kind is None:
        return Kind.TEXT
    rest = match["rest"].strip()
    return kind if kind in _FULL or not rest or _ADDRESS.fullmatch(rest) else Kind.TEXT


def read_system_line(text: str) -> Kind:
    """Return whether a line that nobody said tells of a message taken back, or is any other system line."""
    return Kind.RECALL if len(text) <= _NOTICE_CHARS and _RECALLED.search(text) else Kind.SYSTEM


def _is_notice(text: str) -> bool:
    return len(text) <= _NOTICE_CHARS and _NOTICE.fullmatch(text) is not None


def _number(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit() and len(value) < 20:
        return int(value)
    return None
