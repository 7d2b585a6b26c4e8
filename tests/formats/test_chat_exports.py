"""Every export of a chat in tests/formats/chats says the same little dialogue, and more, each in its own shape."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT
from fanzha.conversation import Conversation, Kind, Party
from fanzha.errors import InputError, LimitError
from fanzha.formats.registry import companion_of, main_file, read_bytes, read_file, readers

FILES = ROOT / "tests" / "formats" / "chats"
DIALOGUE = [
    ("您好，我是平台售后，您的会员今晚自动续费。", Party.OTHER),
    ("我没有开过会员呀。", Party.SELF),
    ("那请您加一下这个账号办理取消，\n先把屏幕共享打开。", Party.OTHER),
    ("好的，稍等。", Party.SELF),
]
# file → format, and --self where the format cannot tell
WHOSE = {
    "chatlab/private.json": ("chatlab-json", None),
    "chatlab/private.jsonl": ("chatlab-jsonl", None),
    "chatlog/chatlog.csv": ("wechat-chatlog-csv", None),
    "chatlog/chatlog.json": ("wechat-chatlog-json", None),
    "chatlog/chatlog.txt": ("wechat-chatlog-txt", None),
    "dingtalk/message.jsonl": ("dingtalk-jsonl", "小周"),
    "feishu/message.jsonl": ("feishu-jsonl", "ou_zhou"),
    "imessage/chat.txt": ("imessage-txt", None),
    "line/en.txt": ("line-txt", None),
    "line/ja.txt": ("line-txt", None),
    "line/pc.txt": ("line-txt", "小周"),
    "line/zh_tw.txt": ("line-txt", None),
    "memotrace/export.txt": ("wechat-memotrace-txt", None),
    "memotrace/v1_group.csv": ("wechat-memotrace-csv", None),
    "memotrace/v1_private.csv": ("wechat-memotrace-csv", None),
    "memotrace/v2.csv": ("wechat-memotrace-csv", None),
    "onebot/events.jsonl": ("onebot-jsonl", None),
    "pywxdump/wxid_lin0001_0_5000.csv": ("wechat-pywxdump-csv", None),
    "pywxdump/wxid_lin0001_0_9.json": ("wechat-pywxdump-json", None),
    "qq/friend.mht": ("qq-mht", None),
    "qq/friend.txt": ("qq-txt", None),
    "qq/group.txt": ("qq-txt", "小周"),
    "qq/several.txt": ("qq-txt", None),
    "qq_exporter/chunked/manifest.json": ("qq-exporter-json", None),
    "qq_exporter/v4.json": ("qq-exporter-json", None),
    "qq_exporter/v5.json": ("qq-exporter-json", None),
    "qq_exporter/v5.txt": ("qq-exporter-txt", None),
    "sms/sms.xml": ("sms-xml", None),
    "telegram/account.json": ("telegram-json", None),
    "telegram/messages.html": ("telegram-html", None),
    "telegram/result.json": ("telegram-json", None),
    "wecom/msgs.jsonl": ("wecom-jsonl", None),
    "weflow/weflow.json": ("wechat-weflow-json", None),
    "whatsapp/de.txt": ("whatsapp-txt", "Zhou"),
    "whatsapp/en_us.txt": ("whatsapp-txt", "Zhou"),
    "whatsapp/ios.txt": ("whatsapp-txt", "小周"),
    "whatsapp/与林老师的 WhatsApp 聊天.txt": ("whatsapp-txt", None),
}
PARTS = {"pywxdump/users.json", "qq_exporter/chunked/chunks/c000001.jsonl", "qq_exporter/chunked/chunks/c000002.jsonl"}
OTHERS = {"memotrace/v1_all.csv"}
ALL = sorted(path.relative_to(FILES).as_posix() for path in FILES.rglob("*") if path.is_file())


def conversations(name: str, self_name: str | None = None) -> list[Conversation]:
    return list(read_file(FILES / name, self_name=self_name).conversations)


def kinds(conversation: Conversation) -> list[tuple[Kind, Party, str]]:
    return [(turn.kind, turn.party, turn.text) for turn in conversation.turns if turn.kind is not Kind.TEXT]


def test_every_file_is_tested() -> None:
    assert set(ALL) == set(WHOSE) | PARTS | OTHERS


@pytest.mark.parametrize("name", sorted(WHOSE))
def test_an_export_reads_to_what_was_said_and_by_whom(name: str) -> None:
    form, self_name = WHOSE[name]
    reading = read_file(FILES / name, self_name=self_name)
    first = next(reading.conversations)
    said = [(turn.text, turn.party) for turn in first.turns if turn.kind is Kind.TEXT]
    assert reading.format == form
    assert said[:4] == DIALOGUE
    assert reading.notes == ()


@pytest.mark.parametrize("name", sorted(set(ALL) - {"pywxdump/users.json"}))
def test_exactly_one_format_is_surest(name: str) -> None:
    from fanzha.formats.source import Source

    head = Source(FILES / name).head
    sure = sorted(((reader.sniff(head), reader.name) for reader in readers()), reverse=True)
    assert sure[0][0] > sure[1][0]


@pytest.mark.parametrize("name", sorted(WHOSE))
def test_turns_are_counted_from_the_first_in_seconds(name: str) -> None:
    first = next(iter(conversations(name, WHOSE[name][1])))
    starts = [turn.start for turn in first.turns]
    assert starts[0] == 0
    assert None not in starts
    assert starts == sorted(start for start in starts if start is not None)


@pytest.mark.parametrize("name", sorted(set(WHOSE) - {"chatlog/chatlog.txt"}))
def test_moments_are_those_of_the_file(name: str) -> None:
    first = next(iter(conversations(name, WHOSE[name][1])))
    said = next(turn for turn in first.turns if turn.kind is Kind.TEXT)
    assert (said.time or "").startswith("2026-03-01T10:00:00")


def test_a_chat_without_years_has_seconds_but_no_moment() -> None:
    turns = conversations("chatlog/chatlog.txt")[0].turns
    assert [turn.start for turn in turns[:2]] == [0, 35]
    assert {turn.time for turn in turns} == {None}


@pytest.mark.parametrize("name", sorted(name for name in WHOSE if not name.startswith(("whatsapp/", "line/"))))
def test_windows_line_ends_and_a_mark_change_nothing(name: str) -> None:
    data = (FILES / name).read_bytes()
    if name.endswith("manifest.json"):
        return
    text = data.decode("utf-8-sig").replace("\r\n", "\n").replace("\n", "\r\n")
    reading = read_bytes(text.encode("utf-8-sig"), name=Path(name).name, self_name=WHOSE[name][1])
    said = [turn.text.replace("\r\n", "\n") for turn in next(reading.conversations).turns if turn.kind is Kind.TEXT]
    assert said[:4] == [text for text, _ in DIALOGUE]
    assert reading.format == WHOSE[name][0]


@pytest.mark.parametrize("name", ["qq/friend.txt", "memotrace/export.txt", "memotrace/v2.csv", "chatlog/chatlog.txt"])
def test_gbk_is_read_as_well(name: str) -> None:
    text = (FILES / name).read_bytes().decode("utf-8-sig")
    reading = read_bytes(text.encode("gb18030"), name=Path(name).name)
    said = [turn.text for turn in next(reading.conversations).turns if turn.kind is Kind.TEXT]
    assert said[:4] == [text for text, _ in DIALOGUE]
    assert reading.replaced == 0


def test_wechat_xml_becomes_kinds_with_what_rules_need() -> None:
    assert kinds(conversations("memotrace/v1_group.csv")[0]) == [
        (Kind.SYSTEM, Party.UNKNOWN, "你已添加了林老师，现在可以开始聊天了。"),
        (Kind.TRANSFER, Party.SELF, "[转账] ￥800.00 保证金"),
        (Kind.RED_PACKET, Party.OTHER, "[红包] 大吉大利"),
        (Kind.LINK, Party.OTHER, "[链接] 订单取消通道\n点击办理\nhttps://example.invalid/cancel?a=1&b=2"),
        (Kind.FILE, Party.OTHER, "[文件] 取消协议.pdf"),
        (Kind.IMAGE, Party.OTHER, "[图片]"),
        (Kind.VOICE, Party.SELF, "[语音]"),
        (Kind.CALL, Party.OTHER, "[通话] 通话时长 03:12"),
        (Kind.CARD, Party.OTHER, "[名片] 取消专员"),
        (Kind.RECALL, Party.UNKNOWN, '"林老师" 撤回了一条消息'),
    ]


@pytest.mark.parametrize(
    "name", sorted(name for name in WHOSE if "是这样的吗" in (FILES / name).read_text("utf-8-sig"))
)
def test_what_is_quoted_is_not_what_was_said(name: str) -> None:
    texts = [turn.text for turn in conversations(name, WHOSE[name][1])[0].turns]
    assert any("是这样的吗？" in text for text in texts)
    assert not any("把验证码发给我" in text for text in texts)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("chatlab/private.json", Kind.TRANSFER),
        ("chatlog/chatlog.csv", Kind.TRANSFER),
        ("chatlog/chatlog.json", Kind.TRANSFER),
        ("chatlog/chatlog.txt", Kind.TRANSFER),
        ("memotrace/export.txt", Kind.TRANSFER),
        ("memotrace/v1_private.csv", Kind.TRANSFER),
        ("memotrace/v2.csv", Kind.TRANSFER),
        ("pywxdump/wxid_lin0001_0_5000.csv", Kind.TRANSFER),
        ("weflow/weflow.json", Kind.TRANSFER),
        ("weflow/weflow.json", Kind.RED_PACKET),
        ("wecom/msgs.jsonl", Kind.RED_PACKET),
        ("wecom/msgs.jsonl", Kind.LINK),
        ("telegram/result.json", Kind.CALL),
        ("telegram/result.json", Kind.CARD),
        ("telegram/result.json", Kind.FILE),
        ("telegram/messages.html", Kind.CALL),
        ("telegram/messages.html", Kind.FILE),
        ("qq/friend.mht", Kind.IMAGE),
        ("onebot/events.jsonl", Kind.LINK),
        ("onebot/events.jsonl", Kind.RECALL),
        ("qq_exporter/v5.json", Kind.RECALL),
        ("qq_exporter/v5.txt", Kind.IMAGE),
        ("qq/friend.txt", Kind.IMAGE),
        ("line/zh_tw.txt", Kind.CALL),
        ("line/zh_tw.txt", Kind.RECALL),
        ("imessage/chat.txt", Kind.IMAGE),
        ("whatsapp/与林老师的 WhatsApp 聊天.txt", Kind.CALL),
        ("whatsapp/与林老师的 WhatsApp 聊天.txt", Kind.RECALL),
        ("whatsapp/de.txt", Kind.VOICE),
        ("feishu/message.jsonl", Kind.FILE),
        ("dingtalk/message.jsonl", Kind.VOICE),
        ("sms/sms.xml", Kind.IMAGE),
    ],
)
def test_what_is_no_text_keeps_its_kind(name: str, kind: Kind) -> None:
    assert kind in {turn.kind for turn in conversations(name, WHOSE[name][1])[0].turns}


@pytest.mark.parametrize(
    "name", ["chatlog/chatlog.csv", "pywxdump/wxid_lin0001_0_9.json", "qq/group.txt", "telegram/result.json"]
)
def test_a_system_line_is_said_by_nobody(name: str) -> None:
    turns = conversations(name)[0].turns
    lines = [turn for turn in turns if turn.kind is Kind.SYSTEM or turn.text.endswith("撤回了一条消息")]
    assert lines
    assert {(turn.speaker, turn.party) for turn in lines} == {(None, Party.UNKNOWN)}


def test_one_file_may_hold_many_chats() -> None:
    assert [one.id for one in conversations("memotrace/v1_all.csv")] == ["3", "4"]
    assert [one.id for one in conversations("qq/several.txt")] == ["林老师", "会员取消群"]
    assert [one.id for one in conversations("telegram/account.json")] == ["777", "555"]
    assert [one.id for one in conversations("onebot/events.jsonl")] == ["10012345", "66001"]
    assert [len(one.turns) for one in conversations("sms/sms.xml")] == [6, 1]


def test_the_owner_of_an_account_is_known_in_its_groups() -> None:
    group = conversations("telegram/account.json")[1]
    assert [(turn.speaker, turn.party) for turn in group.turns] == [
        ("林老师", Party.OTHER),
        ("路人", Party.OTHER),
        ("小周", Party.SELF),
    ]


def test_in_a_group_nobody_is_taken_for_the_owner() -> None:
    assert {turn.party for turn in conversations("qq/group.txt")[0].turns} == {Party.UNKNOWN}


def test_self_may_be_named_by_his_number() -> None:
    turns = conversations("qq/group.txt", "10012345")[0].turns
    assert [turn.party for turn in turns[:2]] == [Party.SELF, Party.OTHER]


def test_the_word_of_the_user_goes_before_the_format() -> None:
    turns = conversations("weflow/weflow.json", "林老师")[0].turns
    assert [turn.party for turn in turns[:2]] == [Party.SELF, Party.OTHER]


def test_a_name_nobody_has_is_an_error_where_the_format_is_silent() -> None:
    with pytest.raises(InputError, match="林老师"):
        conversations("dingtalk/message.jsonl", "不在场的人")


def test_a_name_nobody_has_does_no_harm_where_the_format_knows() -> None:
    assert conversations("weflow/weflow.json", "不在场的人") == conversations("weflow/weflow.json")


def test_names_of_wxids_come_from_the_file_beside(tmp_path: Path) -> None:
    alone = tmp_path / "wxid_lin0001_0_5000.csv"
    alone.write_bytes((FILES / "pywxdump/wxid_lin0001_0_5000.csv").read_bytes())
    assert next(read_file(alone).conversations).turns[0].speaker == "wxid_lin0001"
    assert conversations("pywxdump/wxid_lin0001_0_5000.csv")[0].turns[0].speaker == "林老师"


def test_names_that_cannot_be_read_are_noted(tmp_path: Path) -> None:
    export = tmp_path / "wxid_lin0001_0_5000.csv"
    export.write_bytes((FILES / "pywxdump/wxid_lin0001_0_5000.csv").read_bytes())
    (tmp_path / "users.json").write_text("{坏的", "utf-8")
    reading = read_file(export)
    assert list(reading.conversations)
    assert "users.json" in reading.notes[0]


def test_a_chunk_by_itself_knows_its_manifest() -> None:
    assert conversations("qq_exporter/chunked/chunks/c000001.jsonl")[0].turns[1].party is Party.SELF


def test_parts_of_an_export_belong_to_its_main_file() -> None:
    chunk = FILES / "qq_exporter/chunked/chunks/c000002.jsonl"
    assert companion_of(chunk) == FILES / "qq_exporter/chunked/manifest.json"
    assert companion_of(FILES / "pywxdump/users.json") == FILES / "pywxdump/wxid_lin0001_0_5000.csv"
    assert companion_of(FILES / "pywxdump/wxid_lin0001_0_9.json") is None
    assert main_file(FILES / "qq_exporter/chunked") == FILES / "qq_exporter/chunked/manifest.json"


def test_a_manifest_of_something_else_is_no_export(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"name": "an app"}', "utf-8")
    (tmp_path / "users.json").write_text("{}", "utf-8")
    assert main_file(tmp_path) == tmp_path
    assert companion_of(tmp_path / "users.json") is None


def test_a_manifest_opens_nothing_outside_its_folder(tmp_path: Path) -> None:
    (tmp_path / "secret.jsonl").write_text('{"content": {"text": "不许读"}, "sender": {"uid": "u"}}\n', "utf-8")
    inside = tmp_path / "export"
    inside.mkdir()
    for name in ("../secret.jsonl", str(tmp_path / "secret.jsonl"), "..\\\\secret.jsonl"):
        manifest = f'{{"chatInfo": {{}}, "chunked": {{"chunks": [{{"relativePath": "{name}"}}]}}}}'
        (inside / "manifest.json").write_text(manifest, "utf-8")
        with pytest.raises(InputError, match="分块"):
            list(read_file(inside / "manifest.json", format="qq-exporter-json").conversations)


def test_a_log_cut_in_its_last_line_is_read_with_a_note() -> None:
    data = (FILES / "onebot/events.jsonl").read_bytes()
    reading = read_bytes(data[:-40], name="events.jsonl")
    assert [turn.text for turn in next(reading.conversations).turns][:2] == [text for text, _ in DIALOGUE[:2]]
    assert reading.notes


def test_messages_saved_until_a_backup_broke_off_are_read_with_a_note() -> None:
    data = (FILES / "sms/sms.xml").read_bytes()
    reading = read_bytes(data[: len(data) * 3 // 5], name="sms.xml")
    assert next(reading.conversations).turns[0].text == DIALOGUE[0][0]
    assert "XML" in reading.notes[0]


@pytest.mark.parametrize(
    "name", ["weflow/weflow.json", "telegram/account.json", "qq_exporter/v5.json", "chatlab/private.json"]
)
def test_a_document_cut_off_is_an_error_with_its_place(name: str) -> None:
    data = (FILES / name).read_bytes()
    with pytest.raises(InputError, match="行"):
        list(read_bytes(data[:-30], name=Path(name).name).conversations)


def test_a_document_with_entities_is_refused() -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE smses [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><smses><sms address="1" body="&b;"/></smses>'
    with pytest.raises(InputError, match="DOCTYPE"):
        list(read_bytes(bomb.encode(), name="sms.xml").conversations)


@pytest.mark.parametrize(
    "text",
    [
        "客服: 您好\n客户: 你好\n客服: 请问贵姓\n",
        "[00:00:01] 说话人1: 您好\n[00:00:05] 说话人2: 你好\n",
        "2026-01-01 09:00:00 客服：您好\n2026-01-01 09:00:05 客户：你好\n",
        "2026-01-01 09:00:00 客服 您好\n2026-01-01 09:00:05 客户 你好\n",
        "说话人 1 00:00:01\n您好，请问是王先生吗\n\n说话人 2 00:00:05\n我是\n",
        "张三 10:00\n你好\n李四 10:01\n你好\n",
        "[图片]\n转账 500\n<省略影音内容>\n",
        "2026/1/1 去了趟银行，存了五千 - 手续费: 5元\n",
        "09:30 开会\n10:00 散会\n",
        "<b>这是网页</b>\n",
        "时间,地点,人物\n九点,银行,老王\n",
    ],
)
def test_a_plain_transcript_is_no_export(text: str) -> None:
    form = read_bytes(text.encode(), name="a.txt").format
    assert form == "plain" or form.startswith("table")


@pytest.mark.parametrize(
    "text", ["<!DOCTYPE html><p>客服: 您好</p>", "<?xml version='1.0'?><dialog>客服: 您好</dialog>"]
)
def test_a_page_of_something_else_is_not_read_as_speech(text: str) -> None:
    with pytest.raises(InputError, match="网页或 XML"):
        read_bytes(text.encode(), name="a.html")
    assert read_bytes(text.encode(), name="a.html", format="plain").format == "plain"


# What a reader cannot do without; every other key may be missing from all records.
NEEDED = {
    "chatlab/private.json": {"messages", "content", "meta"},
    "chatlab/private.jsonl": {"_type", "content", "meta"},
    "chatlog/chatlog.json": {"content"},
    "dingtalk/message.jsonl": {"content", "text"},
    "feishu/message.jsonl": {"event", "message", "content"},
    "onebot/events.jsonl": {"message", "data", "text", "type"},
    "pywxdump/wxid_lin0001_0_9.json": {"msg", "talker", "type_name", "is_sender"},
    "qq_exporter/v4.json": {"messages", "content", "text", "sender", "chatInfo"},
    "qq_exporter/v5.json": {"messages", "content", "text", "sender", "type", "chatInfo"},
    "telegram/account.json": {"chats", "list", "messages", "text"},
    "telegram/result.json": {"messages", "text", "type"},
    "wecom/msgs.jsonl": {"content", "from", "text", "tolist", "msgtype"},
    "weflow/weflow.json": {"messages", "content"},
}


def all_keys(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*map(all_keys, value.values()))
    return set().union(*map(all_keys, value)) if isinstance(value, list) else set()


def without(value: Any, key: str) -> Any:
    if isinstance(value, dict):
        return {name: without(inner, key) for name, inner in value.items() if name != key}
    return [without(inner, key) for inner in value] if isinstance(value, list) else value


@pytest.mark.parametrize("name", sorted(NEEDED))
def test_a_key_that_a_version_leaves_out_is_not_missed(name: str) -> None:
    text = (FILES / name).read_text("utf-8")
    documents = [json.loads(text)] if name.endswith(".json") else [json.loads(line) for line in text.splitlines()]
    form, self_name = WHOSE[name]
    for key in sorted(all_keys(documents) - NEEDED[name]):
        data = "\n".join(json.dumps(without(document, key), ensure_ascii=False) for document in documents)
        if self_name is not None and self_name not in data:
            continue
        reading = read_bytes(data.encode(), name=Path(name).name, self_name=self_name)
        said = [(turn.text, turn.party) for turn in next(reading.conversations).turns if turn.kind is Kind.TEXT]
        assert (reading.format, said[:4]) == (form, DIALOGUE), key


def test_a_cell_may_hold_a_long_record() -> None:
    record = (
        "<msg><appmsg><title>群聊的聊天记录</title><type>19</type><recorditem>"
        + "字" * 200_000
        + "</recorditem></appmsg></msg>"
    )
    head = "localId,TalkerId,Type,SubType,IsSender,CreateTime,Status,StrContent,StrTime\n"
    turns = next(read_bytes(f'{head}1,2,49,19,0,1770890820,,"{record}",\n'.encode(), name="a.csv").conversations).turns
    assert turns[0].text == "[聊天记录] 群聊的聊天记录"


def test_the_line_that_excel_writes_first_is_no_header() -> None:
    text = (FILES / "pywxdump/wxid_lin0001_0_5000.csv").read_text("utf-8")
    reading = read_bytes(f"sep=,\n{text}".encode(), name="a.csv")
    assert (reading.format, len(next(reading.conversations).turns)) == ("wechat-pywxdump-csv", 8)


@pytest.mark.parametrize(
    "name", ["onebot/events.jsonl", "chatlab/private.jsonl", "pywxdump/wxid_lin0001_0_5000.csv", "sms/sms.xml"]
)
def test_a_file_too_large_to_hold_is_an_error(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fanzha.formats.source.MAX_DOCUMENT_BYTES", 500)
    with pytest.raises(LimitError, match="太大"):
        list(read_file(FILES / name).conversations)


def test_chunks_have_a_limit_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fanzha.formats.chats.qq_exporter.MAX_MESSAGES", 7)
    with pytest.raises(LimitError, match="超过"):
        conversations("qq_exporter/chunked/manifest.json")
