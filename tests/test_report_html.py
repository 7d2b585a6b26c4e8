"""The HTML report: any text is inert, evidence stands where it was said, and what recurs is found."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from conftest import ROOT, Run, signal
from fanzha import Conversation, Detector
from fanzha.render import html
from fanzha.render.html import HtmlReport, page
from fanzha.render.templates import visible
from fanzha.result import Result
from tiny_pack import BENIGN, SCAM, TINY

HOSTILE = (
    "<script>alert(1)</script></style></template><!-- \"'><img src=x onerror=alert(1)> javascript:alert(1) {{ 7*7 }}"
)
MADE = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


@pytest.fixture(scope="module")
def tiny(write_rules: Callable[..., Path]) -> Detector:
    return Detector(write_rules(TINY), bundled=False)


@pytest.fixture
def result(tiny: Detector) -> Callable[..., Result]:
    """Score turns written as "客服: …" lines, or given as pairs, and make a result of them."""

    def make(turns: object, *, path: str = "a.txt", **more: object) -> Result:
        pairs = [line.split(": ", 1) for line in turns.strip().split("\n")] if isinstance(turns, str) else turns
        conversation = Conversation.from_turns(pairs)  # type: ignore[arg-type]
        return Result(path=path, conversation=conversation, verdict=tiny.score(conversation), **more)  # type: ignore[arg-type]

    return make


class Reader(HTMLParser):
    """Reads a page as a browser does: elements with their attributes, and text outside style and script."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._inside: str = ""
        self.feed(document)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside not in ("style", "script"):
            self.text += data

    def of_class(self, name: str) -> list[dict[str, str | None]]:
        return [attrs for _, attrs in self.elements if name in (attrs.get("class") or "").split()]


def test_nothing_that_somebody_wrote_becomes_an_element(result: Callable[..., Result]) -> None:
    tame = Reader(page([result(SCAM), Result(path="b", problem="坏")], made=MADE))
    turns = [(f"客服{HOSTILE}", f"您的快递丢了{HOSTILE}"), (HOSTILE, HOSTILE), ("客服", "请您转账一下过来")]
    wild = [
        result(turns, path=f"{HOSTILE}.txt", id=HOSTILE, format=HOSTILE, encoding=HOSTILE, notes=(HOSTILE,)),
        Result(path=HOSTILE, problem=HOSTILE),
    ]
    read = Reader(page(wild, made=MADE))
    # The hostile page has a line more for its notes, and the mark of what it hides; otherwise the same elements.
    assert {tag for tag, _ in read.elements} == {tag for tag, _ in tame.elements}
    assert {key for _, attrs in read.elements for key in attrs} <= {key for _, attrs in tame.elements for key in attrs}
    assert read.text.count("<img src=x onerror=alert(1)>") >= 6
    assert "{{ 7*7 }}" in read.text


def test_no_address_of_a_conversation_can_be_clicked(result: Callable[..., Result]) -> None:
    read = Reader(page([result(SCAM.replace("啊", "http://pay.example.invalid/x javascript:alert(1)"))]))
    assert "http://pay.example.invalid/x" in read.text
    links = [attrs["href"] or "" for tag, attrs in read.elements if tag == "a"]
    assert links
    assert all(re.fullmatch(r"#[a-z0-9-]+", link) for link in links)


def test_the_policy_allows_the_page_own_style_and_script_and_nothing_else(result: Callable[..., Result]) -> None:
    document = page([result(SCAM)])
    policy = next(attrs["content"] or "" for _, attrs in Reader(document).elements if attrs.get("http-equiv"))
    for kind in ("style", "script"):
        (body,) = re.findall(rf"<{kind}>(.*?)</{kind}>", document, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}';" in policy
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert " style=" not in document
    assert not re.search(r"\son[a-z]+=", document.split("<script>")[0])


def test_what_hides_or_turns_text_around_is_made_visible(result: Callable[..., Result]) -> None:
    read = Reader(page([result([("客服", "您的快递丢了\u202egnp.exe\x1b[2J\x00"), ("客服", "请您转账一下过来")])]))
    assert "丢了⟨U+202E⟩gnp.exe⟨U+001B⟩[2J⟨U+0000⟩" in read.text


@pytest.mark.parametrize("plain", ["一\n二\t三", "👨‍👩‍👧 𠮷 é", "مرحبا"])
def test_ordinary_text_is_shown_as_it_is(plain: str) -> None:
    assert visible(plain) == plain


def test_the_name_of_a_file_that_is_no_text_can_be_written(result: Callable[..., Result]) -> None:
    assert "a\ufffd.txt" in Reader(page([result(SCAM, path="a\udcff.txt")])).text


def marked(document: str) -> list[str]:
    """The text of each mark, in order."""
    return re.findall(r'<a class="mark[^>]*>(.*?)</a>', document)


def test_evidence_is_marked_in_code_points_of_the_original(result: Callable[..., Result]) -> None:
    assert marked(page([result([("客服", "😀𠮷👨‍👩‍👧您的快递丢了😀"), ("客服", "𠮷转账一下过来")])])) == [
        "快递丢了",
        "转账一下过来",
    ]


def test_each_mark_leads_to_a_note_that_is_there(result: Callable[..., Result]) -> None:
    read = Reader(page([result(SCAM), result(SCAM, path="b.txt")]))
    ids = [attrs["id"] for _, attrs in read.elements if "id" in attrs]
    marks = read.of_class("mark")
    assert len(marks) == 4
    assert len(ids) == len(set(ids))
    assert all(target in ids for one in marks for target in (one["aria-controls"] or "").split())


def test_a_note_tells_why_stage_stance_and_points(result: Callable[..., Result]) -> None:
    text = re.sub(r"\s+", " ", Reader(page([result(SCAM)])).text)
    assert "要转账 为什么要钱 阶段要钱 语气陈述 分值+3.00" in text


def test_a_discounted_mark_looks_other_and_earns_nothing(result: Callable[..., Result]) -> None:
    read = Reader(page([result(SCAM + "客服: 不要转账过来")]))
    assert len(read.of_class("off")) == 2  # the mark and its note
    assert "不计分" in read.text


def test_rows_stand_by_risk_and_only_risky_ones_have_their_text(result: Callable[..., Result]) -> None:
    document = page(
        [result(BENIGN, path="x/b.txt"), Result(path="x/c.txt", problem="空文件"), result(SCAM, path="x/a.txt")]
    )
    rows = re.findall(r'<tr data-number="(\d)" data-level="(\w+)"', document)
    assert rows == [("3", "high"), ("1", "none"), ("2", "unread")]
    assert re.findall(r'data-case="(\d)"', document) == ["3"]
    assert "你好" not in document


def test_the_summary_counts_conversations_levels_and_scripts(result: Callable[..., Result]) -> None:
    text = Reader(
        page([result(SCAM), result(SCAM, path="b"), result(BENIGN, path="c"), Result(path="d", problem="空")])
    ).text
    assert "3 段对话: 2 段报警, 1 个文件读不了" in text
    assert re.search(r"小骗局\s*2 报警", text)


def test_the_folder_that_all_files_share_is_told_once(result: Callable[..., Result]) -> None:
    read = Reader(page([result(BENIGN, path="calls/2026/a.txt"), result(BENIGN, path="calls/2026/sub/b.txt")]))
    assert read.text.count("calls/2026/") == 1


def test_without_the_turns_the_evidence_is_listed(tiny: Detector) -> None:
    conversation = Conversation.from_turns([("客服", "您的快递丢了"), ("客服", "请您转账一下过来")])
    text = Reader(page([Result(path="a", verdict=tiny.score(conversation))])).text
    assert "没有保存对话原文" in text
    assert "第 2 轮 客服「转账一下过来」" in text


def test_of_a_long_conversation_only_the_neighbourhood_of_evidence_is_shown(result: Callable[..., Result]) -> None:
    turns = [("我", f"闲话{number}") for number in range(1000)]
    turns[500:500] = [("客服", "您的快递丢了"), ("客服", "请您转账一下过来")]
    text = Reader(page([result(turns)])).text
    assert "第 1–497 轮没有证据, 略去" in text
    assert "闲话499" in text
    assert "闲话700" not in text


def test_of_a_long_turn_only_the_neighbourhood_of_evidence_is_shown(result: Callable[..., Result]) -> None:
    text = Reader(
        page([result([("客服", "一" * 5000 + "您的快递丢了" + "二" * 5000), ("客服", "请您转账一下过来")])])
    ).text
    assert "您的快递丢了" in text
    assert len(text) < 5000
    assert "略去 4602 字" in text


def test_the_riskiest_are_kept_and_the_cap_is_told(
    result: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(html, "MOST_CASES", 2)
    monkeypatch.setattr(html, "MOST_ROWS", 3)
    results = [result(SCAM, path=f"{number}.txt") for number in range(5)]
    assert results[3].verdict is not None
    results[3] = replace(results[3], verdict=results[3].verdict.model_copy(update={"log_odds": 9.0}))
    document = page([*results, result(BENIGN, path="last.txt")])
    assert re.findall(r'data-case="(\d)"', document) == ["4", "1"]
    assert "这里附评分最高的 2 段" in document
    assert "另有 3 段没有列出" in document
    assert "5 段报警" in document


def test_rows_beyond_the_first_page_wait_in_a_template(
    result: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(html, "PAGE_SIZE", 2)
    document = page([result(BENIGN, path=f"{number}.txt") for number in range(5)])
    shown, waiting = document.split('<template id="rest">')
    assert (shown.count("<tr data-number"), waiting.count("<tr data-number")) == (2, 3)


def test_a_report_on_nothing_says_so() -> None:
    assert "0 段对话: 没有报警" in Reader(page([])).text


def test_nothing_is_written_before_the_report_is_closed_and_then_once(result: Callable[..., Result]) -> None:
    out = io.StringIO()
    report = HtmlReport(out, made=MADE)
    report.write(result(SCAM))
    assert out.getvalue() == ""
    report.close()
    report.close()
    assert out.getvalue() == page([result(SCAM)], made=MADE)


def test_without_jinja_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'fanzha\[report\]'"):
        HtmlReport(io.StringIO())


def test_a_rise_that_the_script_shown_does_not_explain_is_told(make_detector: Callable[..., Detector]) -> None:
    """The timeline shows the script that led at the time; the evidence is that of the one that leads at the end."""
    about = {"title": "剧本", "summary": "概要", "fact": "事实"}
    signals = [signal("hook.lost", "快递丢", weight=3.0), signal("hook.broken", "包裹破", weight=6.0)]
    scripts = [{"id": one["id"], "uses": {"hook": [one["id"]]}, **about} for one in signals]
    conversation = Conversation.from_turns([("客服", "您好"), ("客服", "快递丢"), ("客服", "包裹破")])
    verdict = make_detector(signals, scripts=scripts).score(conversation)
    text = Reader(page([Result(path="a", conversation=conversation, verdict=verdict)])).text
    assert text.count("当时的分来自别的骗局也有的说法: 标题 hook.lost") == 1


@pytest.mark.parametrize(("track", "title"), [("fraud", "对方接下来可能会"), ("gray", "接下来往往是")])
def test_what_comes_next_is_headed_by_who_does_it(result: Callable[..., Result], track: str, title: str) -> None:
    one = result(SCAM)
    assert one.verdict is not None
    told = replace(one, verdict=one.verdict.model_copy(update={"track": track}))
    assert title in Reader(page([told])).text


def test_the_example_of_the_documentation_writes_a_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "report.md").read_text("utf-8"), re.DOTALL)
    monkeypatch.chdir(tmp_path)
    exec(compile(example, "report.md", "exec"), {})  # noqa: S102 - our own example
    read = Reader((tmp_path / "报告.html").read_text("utf-8"))
    assert "1 段对话: 1 段报警" in read.text
    assert read.of_class("mark")


def test_the_command_of_the_documentation_writes_a_report(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "录音文字"
    folder.mkdir()
    (folder / "一.txt").write_text(SCAM, encoding="utf-8")
    assert run("scan", folder, "-o", tmp_path / "报告.html")[0] == 0
    assert marked((tmp_path / "报告.html").read_text("utf-8")) == ["快递丢了", "转账一下过来"]


@pytest.mark.parametrize(("text", "shown"), [("[转账] ￥5000", "[转账] ￥5000"), ("￥5000", "转账 ￥5000")])
def test_the_kind_of_a_message_is_told_once(result: Callable[..., Result], text: str, shown: str) -> None:
    turns = [
        *({"speaker": "客服", "text": said} for said in ("快递丢了", "转账过来")),
        {"text": text, "kind": "transfer"},
    ]
    document = page([result(turns)])
    assert shown in Reader(document).text
    assert Reader(document).text.count("转账 [转账]") == 0


def test_a_scan_without_jinja_says_what_to_install(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.txt").write_text(SCAM, encoding="utf-8")
    monkeypatch.setitem(sys.modules, "jinja2", None)
    code, _, error = run("scan", tmp_path / "a.txt", "-o", tmp_path / "r.html")
    assert code == 2
    assert "fanzha[report]" in error


def test_a_conversation_that_was_taken_in_is_not_held(result: Callable[..., Result]) -> None:
    one = result(SCAM)
    report = HtmlReport(io.StringIO())
    before = sys.getrefcount(one), sys.getrefcount(one.conversation), sys.getrefcount(one.verdict)
    report.write(one)
    assert (sys.getrefcount(one), sys.getrefcount(one.conversation), sys.getrefcount(one.verdict)) == before
    report.close()
