"""What a message is, from the names, numbers and marks that the tools write."""

from __future__ import annotations

import pytest

from fanzha.conversation import Kind
from fanzha.formats.chats.appmsg import read_content, titled
from fanzha.formats.chats.kinds import kind_of_name, kind_of_wechat, read_mark, read_system_line

APP = "<msg><appmsg><title>{title}</title><type>{type}</type>{more}</appmsg></msg>"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("文本消息", Kind.TEXT),
        ("引用消息", Kind.TEXT),
        ("转账卡片", Kind.TRANSFER),
        ("红包卡片", Kind.RED_PACKET),
        ("语音消息", Kind.VOICE),
        ("语音通话", Kind.CALL),
        ("音视频通话", Kind.CALL),
        ("视频", Kind.VIDEO),
        ("视频号", Kind.LINK),
        ("动画表情", Kind.IMAGE),
        ("小程序", Kind.LINK),
        ("名片消息", Kind.CARD),
        ("合并转发的聊天记录", Kind.OTHER),
        ("系统消息", Kind.SYSTEM),
        (None, Kind.TEXT),
        (17, Kind.TEXT),
    ],
)
def test_names_of_types(name: object, kind: Kind) -> None:
    assert kind_of_name(name) is kind


@pytest.mark.parametrize(
    ("number", "sub", "kind"),
    [
        (1, 0, Kind.TEXT),
        ("49", "2000", Kind.TRANSFER),
        (49, 57, Kind.TEXT),
        (2000 << 32 | 49, None, Kind.TRANSFER),  # WeChat 4
        (10000, None, Kind.SYSTEM),
        (999, None, Kind.OTHER),
        ("转账", None, Kind.TRANSFER),
    ],
)
def test_numbers_of_wechat(number: object, sub: object, kind: Kind) -> None:
    assert kind_of_wechat(number, sub) is kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("[图片]", Kind.IMAGE),
        ("![图片](http://127.0.0.1/x)", Kind.IMAGE),
        ("[图片: a.jpg]", Kind.IMAGE),
        ("[转账] ￥5000.00", Kind.TRANSFER),
        ("[转账|发送 ￥5.00](谢谢)", Kind.TRANSFER),
        ("【转账】\n金额：￥5.00", Kind.TRANSFER),
        ("[链接|标题](https://example.invalid/)", Kind.LINK),
        ("[文件]报告.pdf", Kind.FILE),
        ("[语音消息]", Kind.VOICE),
        ("[名片] 王经理", Kind.CARD),
        ("你撤回了一条消息", Kind.RECALL),
        ('"王经理" 撤回了一条消息', Kind.RECALL),
        ("[图片]你看这张截图", Kind.TEXT),
        ("看这个[图片]", Kind.TEXT),
        ("[微笑]", Kind.TEXT),
        ("【某银行】您的账户已被冻结", Kind.TEXT),
        ("您的账户已被删除", Kind.TEXT),
        ("他撤回了一条消息，我没看清写的什么", Kind.TEXT),
    ],
)
def test_marks(text: str, kind: Kind) -> None:
    assert read_mark(text) is kind


def test_system_lines() -> None:
    assert read_system_line("王经理撤回了一条消息") is Kind.RECALL
    assert read_system_line("你已添加了王经理") is Kind.SYSTEM


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        (APP.format(title="微信转账", type=2000, more="<wcpayinfo><paysubtype>3</paysubtype><feedesc>￥9.00</feedesc></wcpayinfo>"), (Kind.TRANSFER, "[转账] 已收款 ￥9.00")),
        (APP.format(title="好的", type=57, more="<refermsg><content>请转账</content></refermsg>"), (Kind.TEXT, "好的")),
        (APP.format(title="群聊的聊天记录", type=19, more="<des>甲: 请转账</des><recorditem>请转账</recorditem>"), (Kind.OTHER, "[聊天记录] 群聊的聊天记录")),
        (APP.format(title="领补贴", type=33, more="<sourcedisplayname>便民服务</sourcedisplayname>"), (Kind.LINK, "[小程序] 便民服务 领补贴")),
        (APP.format(title="a.pdf", type=6, more=""), (Kind.FILE, "[文件] a.pdf")),
        ('<msg><location poiname="大厦" label="某路1号"/></msg>', (Kind.OTHER, "[位置] 大厦 某路1号")),
        ('wxid_abc:\n<msg><img aeskey="k"/></msg>', (Kind.IMAGE, "[图片]")),
        ('<msg fromusername="w" fromnickname="王经理" content="我是客服" ticket="t"/>', (Kind.OTHER, "[好友申请] 王经理: 我是客服")),
        ('<sysmsg type="pat"><pat><template>"王经理" 拍了拍我</template></pat></sysmsg>', (Kind.SYSTEM, '"王经理" 拍了拍我')),
    ],
)  # fmt: skip
def test_wechat_xml(xml: str, expected: tuple[Kind, str]) -> None:
    assert read_content(xml) == expected


def test_xml_cut_off_keeps_what_stood_before() -> None:
    whole = APP.format(title="订单取消通道", type=5, more="<url>https://example.invalid/</url>")
    assert read_content(whole[:-40], 49, 5)[0] is Kind.LINK


def test_xml_with_a_document_type_is_only_its_kind() -> None:
    assert read_content('<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "y">]><msg>&x;</msg>', 49, 5) == (
        Kind.LINK,
        "[链接]",
    )


def test_a_message_without_text_says_what_it_is() -> None:
    assert read_content("", 3) == (Kind.IMAGE, "[图片]")
    assert read_content("通话时长 00:10", 50) == (Kind.CALL, "[通话] 通话时长 00:10")
    assert titled(Kind.SYSTEM, "甲领取了你的<a href='x'>红包</a>") == (Kind.SYSTEM, "甲领取了你的红包")
