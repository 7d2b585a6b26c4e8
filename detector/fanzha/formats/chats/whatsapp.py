"""WhatsApp's own export of a chat as TXT, from iOS and Android, in the phone's language.

In: `[2026/1/1 上午9:00:00] 名: 文` or `2026/1/1 09:00 - 名: 文`; other lines belong to the message before.
The order of day and month is told by the whole file. Out: one conversation. In a private chat the file's name says
who the other side is (与陈警官的 WhatsApp 聊天.txt); else `--self`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath

from fanzha.conversation import Conversation, Kind
from fanzha.errors import InputError
from fanzha.formats.chats.blocks import Block, split_blocks
from fanzha.formats.chats.dates import CLOCK, has_half, read_clock, read_dates
from fanzha.formats.chats.kinds import read_mark, read_system_line
from fanzha.formats.chats.message import Chat, Message, to_conversations
from fanzha.formats.head import Head
from fanzha.formats.reader import Options, Reader
from fanzha.formats.source import Source

# Marks of direction, and spaces that do not break, which iOS puts around dates and before attachments.
_UNSEEN = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_SPACES = re.compile("[\u00a0\u2007\u2009\u202f]")
_DATE = r"(?P<d1>\d{1,4})[-/.年]\s?(?P<d2>\d{1,2})[-/.月]\s?(?P<d3>\d{1,4})(?:日|\.)?"
_STAMP = rf"{_DATE}(?:,|،)?\s{{1,2}}(?:(?:um|à|at|klo)\s)?(?P<clock>{CLOCK})"
_HEAD = re.compile(
    rf"(?:\[{_STAMP}\]\s?(?P<rest>.*))".replace("?P<", "?P<ios_") + rf"|(?:{_STAMP}\s[-–]\s(?P<rest>.*))", re.IGNORECASE
)
_NAMED = re.compile(r"(?P<name>[^:]{1,100}|[^:]{1,60}:[^:]{1,30}):(?:\s(?P<text>.*))?")
# What stands in a system line before a colon, so that it is no name: X 将群组名称更改为“a: b”.
_MARKS = "\"“「'"
_NO_NAME = re.compile(
    "端到端加密|端對端加密|end-to-end|[更变變]更?[改换]?[为為]|创建了|建立了|加入了|离开了|安全代码|安全碼|"
    "changed (?:the|this|their|your)|created group|added you|joined using|security code"
)
# iOS writes what WhatsApp itself says as if the other side had said it. The whole sentences, so that nobody
# can put more behind them that would not be read.
_ENCRYPTED = re.compile(
    r"Messages and calls are end-to-end encrypted\.(?: No one outside of this chat, not even WhatsApp, can read or "
    r"listen to them\.| Only people in this chat can read, listen to, or share them\.)?(?: (?:Tap to l|L)earn more\.?)?"
    "|消息和通话已进行端到端加密。(?:此对话之外的任何人，甚至包括 WhatsApp 都无法读取或收听。|"
    "只有此对话中的用户可以读取、收听或分享。)?(?:点击了解(?:更多|详情)。?)?"
    "|訊息和通話(?:經|已受)端對端加密。(?:對話外的任何人，包括 WhatsApp，都無法讀取或聆聽。)?(?:點按以瞭解更多。?)?"
)
_EDITED = re.compile(r"\s?<[^<>\n]{0,24}(?:edited|编辑|編輯|編集)[^<>\n]{0,12}>$")
_LEFT_OUT = re.compile(  # what an export without media says in the place of one
    "<?(?:"
    r"(?:image|photo|picture|video|gif|sticker|audio|voice message|document|contact card|media|file) omitted|"
    "(?:图像|圖像|图片|圖片|照片|影片|视频|視訊|贴图|貼圖|音频|音訊|语音|语音消息|語音訊息|文档|文件|名片|联系人名片|聯絡人|GIF|"
    r"影音内容|影音內容|多媒体|媒体|多媒體檔案)\s?(?:已省略|已略去|已忽略|忽略)|"
    r"(?:已)?(?:省略|略去|忽略)(?:影音内容|影音內容|多媒体文件|多媒體檔案|媒体)|"
    "(?:画像|動画|音声|スタンプ|メディア|写真)(?:は含まれていません|は省略されました)|"
    "Médias omis|Multimedia omitido|Medien ausgeschlossen|Mídia oculta|Media omessi|미디어 파일을 제외했습니다|"
    "(?:Bild|Video|Audio|Sticker|Dokument) weggelassen|(?:image|vidéo|audio|document) absente?|"
    "(?:imagen|imagem|immagine|v[ií]deo|[aá]udio|sticker|figurinha|document[oe]) (?:omitid|ocultad|omess)[oa]"
    ")>?",
    re.IGNORECASE,
)
_LEFT_OUT_KINDS = (
    (re.compile("影片|视频|視訊|video|動画", re.IGNORECASE), Kind.VIDEO),
    (re.compile("audio|voice|音频|音訊|语音|語音|音声", re.IGNORECASE), Kind.VOICE),
    (re.compile("document|file|文档|^<?文件", re.IGNORECASE), Kind.FILE),
    (re.compile("contact|名片|聯絡人", re.IGNORECASE), Kind.CARD),
)
_ATTACHED = re.compile(
    r"<(?:attached|附件|已附加|添付ファイル|adjunto)[:：]\s?(?P<ios>[^<>\n]{1,200})>"
    r"|(?P<name>[^<>\n]{1,200}?\.\w{2,5})\s?[(（]"
    r"(?:file attached|(?:文件|檔案)?(?:已)?附[加件](?:文件)?|ファイルが添付されています|archivo adjunto)[)）]",
    re.IGNORECASE,
)
_SUFFIXES = {
    Kind.IMAGE: (".jpg", ".jpeg", ".png", ".gif", ".webp", ".heic"),
    Kind.VIDEO: (".mp4", ".mov", ".3gp", ".avi"),
    Kind.VOICE: (".opus", ".ogg", ".m4a", ".mp3", ".aac", ".amr"),
    Kind.CARD: (".vcf",),
}
_CALL = re.compile(
    r"(?:missed |未接(?:的)?|已取消的|取消的)?(?:群组|群組|group )?"
    r"(?:voice call|video call|语音通话|視訊通話|视频通话|語音通話)(?:[.。,，]\s?.{0,40})?",
    re.IGNORECASE,
)
_FILE_NAME = re.compile(
    r"(?:WhatsApp Chat (?:with|-) |与|與)(?P<name>.+?)(?:的 ?WhatsApp ?(?:聊天|对话|對話).*)?", re.IGNORECASE
)


def _read(source: Source, options: Options) -> Iterator[Conversation]:
    blocks = list(split_blocks(_plain(source.text()), _HEAD))
    if not blocks:
        raise InputError("没有一行以日期和时间开头")
    days = read_dates(
        [[int(_part(block, f"d{number}")) for number in (1, 2, 3)] for block in blocks],
        american=any(has_half(_part(block, "clock")) for block in blocks[:200]),
    )
    messages = [_message(block, day) for block, day in zip(blocks, days, strict=True)]
    yield from to_conversations([Chat(messages, counterpart=_counterpart(source.name))], options)


def _plain(text: str) -> str:
    return _SPACES.sub(" ", _UNSEEN.sub("", text))


def _part(block: Block, name: str) -> str:
    return block.head[name] or block.head[f"ios_{name}"] or ""


def _message(block: Block, day: float | None) -> Message:
    clock = read_clock(_part(block, "clock"))
    time = None if day is None or clock is None else day + clock
    rest = _part(block, "rest")
    named = _NAMED.fullmatch(rest)
    if named is None or _is_told(named["name"]) or _ENCRYPTED.fullmatch(named["text"] or ""):
        text = "\n".join(filter(None, (rest, block.body)))
        return Message(text, read_system_line(text), time=time)
    text = _EDITED.sub("", "\n".join(filter(None, (named["text"] or "", block.body))))
    return Message(text, _kind(text), named["name"].strip().removeprefix("~").strip() or None, time=time)


def _is_told(before: str) -> bool:
    """Whether the colon stands inside what a system line quotes; a name with such words has no quotation mark."""
    return any(mark in before for mark in _MARKS) and _NO_NAME.search(before) is not None


def _kind(text: str) -> Kind:
    stripped = text.strip()
    if _LEFT_OUT.fullmatch(stripped):
        return next((kind for words, kind in _LEFT_OUT_KINDS if words.search(stripped)), Kind.IMAGE)
    attached = _ATTACHED.match(stripped)
    if attached is not None and not stripped[attached.end() :].strip():
        name = (attached["ios"] or attached["name"]).strip().lower()
        return next((kind for kind, ends in _SUFFIXES.items() if name.endswith(ends)), Kind.FILE)
    return Kind.CALL if _CALL.fullmatch(stripped) else read_mark(text)


def _counterpart(name: str | None) -> str | None:
    match = _FILE_NAME.fullmatch(PurePath(name or "").stem)
    return match["name"].strip() if match else None


def _sniff(head: Head) -> int:
    lines = [line for line in map(_plain, head.lines[:60]) if line.strip()]
    matches = [match for line in lines if (match := _HEAD.fullmatch(line.rstrip()))]
    if not matches or not _HEAD.fullmatch(lines[0].rstrip()):
        return 0
    named = sum(_NAMED.fullmatch(match["rest"] or match["ios_rest"] or "") is not None for match in matches)
    return 85 if named or "WhatsApp" in head.text else 0


READERS = (Reader("whatsapp-txt", "WhatsApp 导出的 TXT", (".txt",), _sniff, _read),)
