"""What WeChat keeps as XML → what the message is and says.

In: the content of a message that is no plain text (`<msg><appmsg>…`), and its type. Out: a kind and a text such as
"[转账] ￥5000.00 备注". What a quoting answer quotes, and what a forwarded record holds, are other people's words and
are left out. Document types and entities are refused, so nothing is fetched and nothing can grow.
"""

from __future__ import annotations

import re

from fanzha.conversation import KIND_NAMES, Kind
from fanzha.errors import InputError
from fanzha.formats.chats.elements import Element, read_elements
from fanzha.formats.chats.kinds import is_plain, kind_of_wechat, read_system_line

_MAX_CHARS = 1_000_000  # of the XML of one message
_MAX_URL = 2_000
_TRANSFER_STEPS = {"3": "已收款", "4": "已退还", "8": "待收款", "9": "已退还"}
_XML = re.compile(r"\s{0,20}(?:[\w@.-]{1,64}:\n\s{0,20})?<(?:\?xml|msg|sysmsg|voip\w{0,20})[\s>]", re.IGNORECASE)
_OPENING = ("[", "【", "![", "<")  # of a text that already says what it is
_TAG = re.compile(r"</?[\w:]{1,60}(?:\s[^<>]{0,2000})?/?>")
_QUOTE, _RECORD, _PAT, _NOTICE = 57, 19, 62, 87
_MINI_PROGRAMS = (33, 36)


def mark_of(kind: Kind, *details: str | None) -> str:
    """Return a text for a message that has none: 图片 → "[图片]", a transfer → "[转账] ￥5000"."""
    said = (detail.strip() for detail in details if detail)
    return " ".join([f"[{KIND_NAMES.get(kind, '其他消息')}]", *said]).strip()


def looks_like_xml(text: str) -> bool:
    """Whether the content is XML, also behind the sender's id that group messages begin with."""
    return _XML.match(text) is not None


def read_content(content: str, kind: object = None, subtype: object = None) -> tuple[Kind, str]:
    """Return the kind and the text of a message's content, XML or not; `kind` and `subtype` are WeChat's numbers.

    What WeChat calls a text is one, whatever it looks like: nobody shall write himself out of what is read.
    """
    found = Kind.TEXT if kind is None else kind_of_wechat(kind, subtype)
    if looks_like_xml(content) and (kind is None or not is_plain(kind)):
        return _read_xml(content, kind, subtype)
    return titled(found, content)


def titled(kind: Kind, text: str) -> tuple[Kind, str]:
    """Return a kind and a text that says so: (call, "00:10") → "[通话] 00:10"; system lines lose their tags."""
    text = text.strip("\r\n")
    if kind is Kind.SYSTEM:
        text = _TAG.sub("", text)
        return read_system_line(text), text
    if kind is Kind.TEXT or text.lstrip().startswith(_OPENING) or (kind is Kind.RECALL and text.strip()):
        return kind, text
    return kind, mark_of(kind, "" if text.strip() == KIND_NAMES.get(kind) else text)


def _read_xml(content: str, kind: object, subtype: object) -> tuple[Kind, str]:
    found = Kind.OTHER if kind is None else kind_of_wechat(kind, subtype)
    try:
        root = read_elements(content[content.index("<") :][:_MAX_CHARS], keep_broken=True)
    except InputError:  # no XML at all, or one with a document type
        return (Kind.TEXT, content) if kind is None or found is Kind.TEXT else (found, mark_of(found))
    if root.name == "sysmsg" or found in (Kind.SYSTEM, Kind.RECALL):
        return _read_system(root)
    app = root.find("appmsg")
    if app is not None:
        return _read_app(app, _sub_number(app.text_of("type"), subtype))
    return _read_other(root, found)


def _read_system(root: Element) -> tuple[Kind, str]:
    notice = root.find("revokemsg")
    if notice is not None:
        return Kind.RECALL, notice.text_of("replacemsg") or notice.all_text() or mark_of(Kind.RECALL)
    return Kind.SYSTEM, root.text_of("template", "content", "plain") or root.all_text() or "[系统消息]"


def _read_app(app: Element, number: int) -> tuple[Kind, str]:
    title, about = app.child_text("title"), app.child_text("des")
    kind = kind_of_wechat(49, number)
    if number == _QUOTE:
        return Kind.TEXT, title or "[引用]"
    if kind is Kind.TRANSFER:
        step = _TRANSFER_STEPS.get(app.text_of("paysubtype"), "")
        return kind, mark_of(kind, step, app.text_of("feedesc"), app.text_of("pay_memo"))
    if kind is Kind.RED_PACKET:
        return kind, mark_of(kind, app.text_of("sendertitle", "receivertitle") or title)
    if number == _RECORD:
        return Kind.OTHER, f"[聊天记录] {title}".strip()
    if number in _MINI_PROGRAMS:
        return kind, " ".join(part for part in ("[小程序]", app.text_of("sourcedisplayname"), title) if part)
    if number == _NOTICE:
        return kind, app.text_of("textannouncement") or title
    if number == _PAT:
        return kind, title or "[拍一拍]"
    if kind is Kind.LINK:
        return kind, "\n".join(part for part in (mark_of(kind, title), about, app.child_text("url")[:_MAX_URL]) if part)
    if kind is Kind.TEXT:
        return kind, title
    return kind, mark_of(kind, title)


def _read_other(root: Element, found: Kind) -> tuple[Kind, str]:
    voip = root if root.name.lower().startswith("voip") else root.find("VoIPBubbleMsg", "voipmsg", "voiplocalinfo")
    if voip is not None:
        return Kind.CALL, mark_of(Kind.CALL, voip.text_of("msg", "display_content"))
    place = root.find("location")
    if place is not None:
        return Kind.OTHER, " ".join(["[位置]", *filter(None, (place.attribute("poiname"), place.attribute("label")))])
    for name, kind in (("img", Kind.IMAGE), ("voicemsg", Kind.VOICE), ("videomsg", Kind.VIDEO), ("emoji", Kind.IMAGE)):
        if root.find(name) is not None:
            return kind, mark_of(kind)
    if root.attribute("ticket") or root.attribute("fromusername"):  # somebody asks to be a friend
        return Kind.OTHER, f"[好友申请] {root.attribute('fromnickname')}: {root.attribute('content')}"
    if root.attribute("nickname"):
        return Kind.CARD, mark_of(Kind.CARD, root.attribute("nickname"))
    if found is Kind.TEXT:
        return found, root.all_text()
    return found, mark_of(found)


def _sub_number(written: str, subtype: object) -> int:
    for value in (written, subtype):
        if isinstance(value, int) or (isinstance(value, str) and value.strip().isdecimal() and len(value) < 12):
            return int(value)
    return 0
