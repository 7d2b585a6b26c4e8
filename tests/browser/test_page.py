"""The page's first view in a real browser: paste, file, sample; the verdict first, then why."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

import pytest
from playwright.sync_api import Page, Request, Route, expect

from browser.conftest import NARROW, Shoot
from conftest import Sample
from fanzha import Detector, Verdict

SCAM = "客服：您的快递丢了，我们三倍理赔，加一下理赔专员的微信\n我：好的\n客服：打开屏幕共享，我教您操作，把验证码念给我"
CALM = "老李：晚上吃饺子吗\n老王：吃，我带醋"
CANARY = "金丝雀口令七三一九"


@pytest.fixture
def at(page: Page, site: str) -> Page:
    page.goto(site)
    return page


def check(page: Page, text: str) -> None:
    """Paste a text and wait for what is said of it."""
    page.fill("#check-text", text)
    page.click("#check-go")
    page.wait_for_selector("#verdict-title")


def marked(page: Page, turn: int) -> str:
    """What is marked of a turn."""
    return "".join(page.locator(f"#check-result [data-turn='{turn}'] .mark").all_inner_texts())


# ── what comes in ──


def test_pasted_words_of_a_scam_say_what_to_do_and_whom_to_call(at: Page, shoot: Shoot) -> None:
    check(at, SCAM)
    title = at.locator("#verdict-title")
    expect(title).to_contain_text("骗局")
    for words in ("停下", "不要转账", "挂断", "96110"):
        expect(title).to_contain_text(words)
    expect(title).to_be_focused()
    assert at.locator(".calls a").evaluate_all("all => all.map(a => a.getAttribute('href'))") == ["tel:96110", "tel:110"]
    expect(at.locator("#spoken")).to_contain_text("不要转账")
    shoot(at, "page-alert")


def test_everyday_words_are_no_alarm(at: Page, shoot: Shoot) -> None:
    check(at, CALM)
    expect(at.locator("#verdict-title")).to_contain_text("没有发现骗局的迹象")
    assert at.locator(".calls").count() == 0
    shoot(at, "page-calm")


def test_speakers_stand_left_and_right(at: Page) -> None:
    check(at, SCAM)
    other, own = (at.locator(f"#check-result [data-turn='{turn}']").bounding_box() for turn in (0, 1))
    assert other is not None
    assert own is not None
    assert other["x"] < own["x"]
    assert own["x"] + own["width"] > other["x"] + 50


def test_a_file_is_read_in_its_own_encoding(at: Page) -> None:
    at.set_input_files("#check-file", {"name": "录音.txt", "mimeType": "text/plain", "buffer": SCAM.encode("gb18030")})
    expect(at.locator("#verdict-title")).to_contain_text("不要转账")
    expect(at.locator("#check-result .said").first).to_have_text(SCAM.splitlines()[0].partition("：")[2])


def test_a_file_can_be_dropped_anywhere(at: Page) -> None:
    data = at.evaluate_handle("text => { const data = new DataTransfer(); data.items.add(new File([text], 'a.txt')); return data; }", SCAM)
    at.dispatch_event("body", "drop", {"dataTransfer": data})
    expect(at.locator("#verdict-title")).to_contain_text("不要转账")


def test_of_several_conversations_in_a_file_the_worst_is_shown(at: Page) -> None:
    said = (["晚上吃饺子吗", "吃"], ["您的快递丢了，我们三倍理赔，加一下理赔专员的微信，打开屏幕共享", "好"])
    rows = [{"messages": [{"role": "assistant", "content": first}, {"role": "user", "content": then}]} for first, then in said]
    lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    at.set_input_files("#check-file", {"name": "two.jsonl", "mimeType": "application/json", "buffer": lines.encode()})
    which = at.locator("#which")
    expect(which.locator("option")).to_have_count(2)
    expect(which).to_have_value("1")
    which.select_option("0")
    expect(at.locator("#verdict-title")).to_contain_text("没有发现骗局的迹象")


def test_a_sample_gets_the_verdict_of_the_library(at: Page, detector: Detector, samples: tuple[Sample, ...]) -> None:
    name = "03_courier_reserve"
    verdict = detector.score(next(one.conversation for one in samples if one.name == f"{name}.txt"))
    at.select_option("#check-samples select", name)
    expect(at.locator(".facts .score")).to_have_text(str(verdict.score))
    assert verdict.first_alert_turn is not None
    expect(at.locator(".first-alert")).to_have_attribute("data-turn", str(verdict.first_alert_turn))
    reached = at.locator(".stepper .done .step-turn").all_inner_texts()
    assert sorted(reached) == sorted(f"第 {stage.turn + 1} 句" for stage in verdict.stages)
    expect(at.locator(".comes-next li")).to_have_count(len(verdict.next))
    expect(at.locator(".do-now li")).to_have_count(len(verdict.advice))
    expect(at.locator(".chart .alert text")).to_contain_text(f"第 {verdict.first_alert_turn + 1} 句")


def test_one_can_go_back_and_change_the_text(at: Page) -> None:
    check(at, SCAM)
    at.click("text=看另一段")
    expect(at.locator("#check-text")).to_have_value(SCAM)
    expect(at.locator("#check-title")).to_be_focused()


def test_who_is_me_can_be_said(at: Page) -> None:
    check(at, "小王：您的快递丢了，我们三倍理赔\n小李：啊\n小王：加一下理赔专员的微信\n小李：哦")
    with at.expect_request("**/score") as asked:
        at.select_option("#me", "小李")
    assert asked.value.post_data_json["self_name"] == "小李"
    assert all("party" not in turn for turn in asked.value.post_data_json["turns"])
    expect(at.locator("#check-result [data-turn='1']")).to_have_class(re.compile("self"))
    expect(at.locator("#me")).to_be_focused()


# ── why ──


def expected_marks(verdict: Verdict, turn: int, text: str) -> str:
    """What evidence of the script lies on, cut in UTF-16 as a browser does."""
    units = text.encode("utf-16-le")
    covered = sorted(
        {at for one in verdict.evidence if one.turn == turn and one.in_script for at in range(one.start_utf16, one.end_utf16)}
    )
    return b"".join(units[2 * at : 2 * at + 2] for at in covered).decode("utf-16-le")


def test_marks_stand_on_the_evidence_also_behind_emoji_and_rare_characters(at: Page, detector: Detector) -> None:
    said = [("客服", "😀😀𠮷您的快递丢了，我们𠮷👨‍👩‍👧三倍理赔，加一下理赔专员的微信😀"), ("我", "好的😀"), ("客服", "𠮷打开屏幕共享，我教您")]
    verdict = detector.score(said)
    check(at, "\n".join(f"{who}：{text}" for who, text in said))
    for turn, (_, text) in enumerate(said):
        assert at.locator(f"#check-result [data-turn='{turn}'] .said").inner_text() == text
        assert marked(at, turn) == expected_marks(verdict, turn, text)
    assert "快递丢了" in marked(at, 0)


def test_an_entity_behind_emoji_is_named_whole(at: Page) -> None:
    check(at, "客服：😀𠮷您把多打的18600元转回来，加一下理赔专员的微信\n我：好")
    expect(at.locator(".entities")).to_contain_text("18600元")
    expect(at.locator(".entities")).to_contain_text("18,600 元")


def test_a_mark_opens_why_by_keyboard_and_closes_again(at: Page, detector: Detector) -> None:
    check(at, SCAM)
    mark = at.locator("#check-result .mark").first
    mark.focus()
    at.keyboard.press("Enter")
    expect(mark).to_have_attribute("aria-expanded", "true")
    panel = at.locator(f"#{mark.get_attribute('aria-controls')}")
    one = next(one for one in detector.score([("客服", SCAM.splitlines()[0].partition("：")[2])]).evidence if one.in_script)
    expect(panel).to_contain_text(re.sub("[,;:?!].*", "", one.why))
    expect(panel).to_contain_text("可能误伤")
    expect(panel.locator(".points").first).to_have_text(re.compile(r"[+−]\d|没有加分"))
    at.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(mark).to_be_focused()


def test_the_lines_shown_add_up_to_the_total_shown(at: Page) -> None:
    check(at, SCAM)

    def number(text: str) -> Decimal:
        return Decimal(text.replace("−", "-"))

    lines = [number(text) for text in at.locator(".waterfall tbody .points").all_inner_texts()]
    assert len(lines) > 3
    assert sum(lines) == number(at.locator(".waterfall tfoot .points").inner_text())


def test_what_was_seen_and_not_counted_is_shown(at: Page, detector: Detector, samples: tuple[Sample, ...]) -> None:
    name, one = next(
        (sample.name, one)
        for sample in samples
        if sample.label == "benign"
        for one in detector.score(sample.conversation).evidence
        if one.in_script and not one.counted and one.stance == "warned"
    )
    at.select_option("#check-samples select", name.removesuffix(".txt"))
    against = at.locator(".against")
    expect(against).to_contain_text("提醒")
    expect(against).to_contain_text(f"第 {one.turn + 1} 句")
    expect(at.locator(f"#check-result [data-turn='{one.turn}'] .mark.discounted").first).to_be_visible()


@pytest.mark.parametrize("language", ["curl", "Python"])
def test_the_copied_command_runs_and_says_the_same(at: Page, language: str) -> None:
    nasty = SCAM + '\n我：\'"`$(touch pwned)\\\nJSON\n客服：{"turns": null} 😀𠮷'
    check(at, nasty)
    at.context.grant_permissions(["clipboard-read", "clipboard-write"])
    at.click(f"summary:has-text('{language}')")
    at.click(f"details:has(summary:has-text('{language}')) .copy")
    expect(at.locator("#spoken")).to_have_text("已复制")
    copied = at.evaluate("navigator.clipboard.readText()")
    command = ["bash", "-c", copied] if language == "curl" else [sys.executable, "-c", copied]
    environment = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=30, env=environment, check=False)
    score = at.locator(".facts .score").inner_text()
    if language == "curl":
        assert str(json.loads(done.stdout)["score"]) == score, done.stderr
    else:
        assert done.stdout.split()[1] == score, done.stderr


# ── what others wrote ──


HOSTILE = "<img src=x onerror=window.pwned=1><script>window.pwned=1</script>"


def test_hostile_text_stays_words(at: Page) -> None:
    name = f"{HOSTILE[:60]}.txt".replace("/", "")
    text = f"客服：{HOSTILE}您的快递丢了，我们三倍理赔，加一下理赔专员的微信\u202e!\n<b onclick=pwned=1>：{HOSTILE}\n客服：javascript:window.pwned=1"
    at.set_input_files("#check-file", {"name": name, "mimeType": "text/plain", "buffer": text.encode()})
    at.wait_for_selector("#verdict-title")
    for mark in at.locator("#check-result .mark").all():
        mark.click()
    at.click("#language")
    said = at.locator("#check-result .said").first
    assert HOSTILE in said.inner_text()
    assert "\u202e" not in said.inner_text()
    assert at.evaluate("window.pwned") is None
    assert at.locator("#check-result").locator("img, script, iframe, b[onclick]").count() == 0


def test_no_text_reaches_an_address_or_any_store(at: Page) -> None:
    asked: list[str] = []
    at.on("request", lambda request: asked.append(request.url))
    check(at, f"{SCAM}\n我：{CANARY}")
    at.set_input_files("#check-file", {"name": f"{CANARY}.txt", "mimeType": "text/plain", "buffer": SCAM.encode()})
    expect(at.locator(".source")).to_contain_text(".txt")
    assert len(asked) >= 4
    assert CANARY not in unquote(" ".join([*asked, at.url]))
    assert at.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]
    assert at.evaluate("indexedDB.databases().then(all => all.length)") == 0


# ── what goes wrong ──


def test_nothing_to_check_is_said_at_the_place(at: Page) -> None:
    at.click("#check-go")
    expect(at.locator("#check-problem")).to_contain_text("还没有文字")
    expect(at.locator("#check-text")).to_be_focused()


def test_a_file_that_is_no_text_is_told_with_a_remedy(at: Page) -> None:
    at.set_input_files("#check-file", {"name": "a.bin", "mimeType": "application/octet-stream", "buffer": bytes(range(256)) * 20})
    problem = at.locator("#check-problem")
    expect(problem).to_be_visible()
    expect(problem).to_have_attribute("role", "alert")
    assert len(problem.inner_text()) > 10


def test_a_service_that_is_gone_is_told(at: Page) -> None:
    at.route("**/read", lambda route: route.abort())
    at.fill("#check-text", SCAM)
    at.click("#check-go")
    expect(at.locator("#check-problem")).to_contain_text("连不上服务")


def test_a_busy_service_is_told_with_the_time_to_wait(at: Page) -> None:
    at.route("**/score", lambda route: route.fulfill(status=503, headers={"Retry-After": "7"}, body="busy"))
    at.fill("#check-text", SCAM)
    at.click("#check-go")
    expect(at.locator("#check-problem")).to_contain_text("7 秒后再试")


def test_a_key_is_asked_for_once_and_kept_in_no_store(at: Page) -> None:
    keys: list[str | None] = []

    def guard(route: Route, request: Request) -> None:
        keys.append(request.headers.get("x-api-key"))
        problem: dict[str, Any] = {"title": "需要 API 密钥", "status": 401, "errors": []}
        if keys[-1] != "right":
            route.fulfill(status=401, content_type="application/problem+json", body=json.dumps(problem))
        else:
            route.continue_()

    at.route("**/read", guard)
    at.route("**/score", guard)
    at.fill("#check-text", SCAM)
    at.click("#check-go")
    at.fill("#key-input", "wrong")
    at.keyboard.press("Enter")
    expect(at.locator("#key-input")).to_have_value("")
    at.fill("#key-input", "right")
    at.keyboard.press("Enter")
    at.wait_for_selector("#verdict-title")
    assert keys == [None, "wrong", "right", "right"]
    assert at.evaluate("localStorage.length + sessionStorage.length") == 0
    at.click("summary:has-text('curl')")
    expect(at.locator("pre").first).to_contain_text("$FANZHA_API_KEY")
    expect(at.locator("pre").first).not_to_contain_text("right")


# ── the phone ──


def test_the_first_screen_of_a_phone_holds_the_sentence_and_the_number(at: Page, shoot: Shoot) -> None:
    at.set_viewport_size(NARROW)
    check(at, SCAM)
    title, call = at.locator("#verdict-title").bounding_box(), at.locator(".calls a").first.bounding_box()
    assert title is not None
    assert call is not None
    assert title["y"] < 120
    assert call["y"] + call["height"] < 500
    assert at.locator("#verdict-title .phrase").first.evaluate("one => parseFloat(getComputedStyle(one).fontSize)") >= 32
    shoot(at, "page-alert-phone")
