"""The page's live view: a call turn by turn over a WebSocket, played, typed, broken off and taken up again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from browser.conftest import Shoot
from conftest import Sample
from fanzha import Detector

NAME = "03_courier_reserve"
SAID = "您的快递丢了，我们三倍理赔，加一下理赔专员的微信，打开屏幕共享"


@pytest.fixture
def at(page: Page, site: str) -> Page:
    page.goto(f"{site}#live")
    page.wait_for_selector(f"#live-samples option[value='{NAME}']", state="attached")
    return page


def play(page: Page) -> None:
    """Play the sample as fast as there is."""
    page.select_option("#live-speed", "20")
    page.select_option("#live-samples select", NAME)


def scores(page: Page) -> list[int]:
    """The scores that stand beside the turns: where they changed."""
    return [int(text.split()[0]) for text in page.locator("#live-turns .after").all_inner_texts()]


def changes(timeline: tuple[int, ...]) -> list[int]:
    return [score for before, score in zip((0, *timeline), timeline, strict=False) if score != before]


def test_a_played_call_rises_to_the_verdict_of_the_whole(at: Page, detector: Detector, samples: tuple[Sample, ...], shoot: Shoot) -> None:
    sample = next(one for one in samples if one.name == f"{NAME}.txt")
    verdict = detector.score(sample.conversation)
    play(at)
    expect(at.locator("#live-turns .turn")).to_have_count(len(verdict.timeline))
    expect(at.locator("#live-now .gauge b")).to_have_text(str(verdict.score))
    expect(at.locator("#live-now")).to_contain_text("不要转账")
    expect(at.locator("#live-now a[href='tel:96110']")).to_be_visible()
    expect(at.locator("#live-turns .first-alert")).to_have_attribute("data-turn", str(verdict.first_alert_turn))
    assert scores(at) == changes(verdict.timeline)
    expect(at.locator("#live-aside .stepper .done")).to_have_count(len(verdict.stages))
    expect(at.locator("#live-turns .mark").first).to_be_visible()
    shoot(at, "page-live")


def test_typed_turns_are_judged_and_the_rise_is_told_aloud(at: Page) -> None:
    at.fill("#live-text", SAID)
    at.keyboard.press("Enter")
    expect(at.locator("#live-now")).to_have_class("now stop")
    expect(at.locator("#spoken")).to_contain_text("不要转账")
    expect(at.locator("#live-text")).to_be_focused()
    at.check("input[name=side][value=self]", force=True)
    at.fill("#live-text", "好的😀𠮷")
    at.click("#live-form button")
    expect(at.locator("#live-turns .turn.self .said")).to_have_text("好的😀𠮷")


def test_it_can_be_paused_stepped_and_begun_anew(at: Page) -> None:
    at.select_option("#live-speed", "1")
    at.select_option("#live-samples select", NAME)
    expect(at.locator("#live-turns .turn")).to_have_count(1)
    at.click("#live-play")
    at.click("#live-step")
    at.click("#live-step")
    expect(at.locator("#live-turns .turn")).to_have_count(3)
    at.click("#live-reset")
    expect(at.locator("#live-turns .turn")).to_have_count(0)
    expect(at.locator("#live-empty")).to_be_visible()


def test_a_line_that_breaks_is_taken_up_with_all_turns(page: Page, site: str, detector: Detector, samples: tuple[Sample, ...]) -> None:
    lines: list[WebSocketRoute] = []

    def breaking(line: WebSocketRoute) -> None:
        lines.append(line)
        server = line.connect_to_server()
        if len(lines) == 1:
            heard: list[object] = []

            def pass_some(message: str | bytes) -> None:
                heard.append(message)
                if len(heard) < 6:
                    server.send(message)
                else:
                    line.close(code=1012)

            line.on_message(pass_some)

    page.route_web_socket("**/live", breaking)
    page.goto(f"{site}#live")
    page.wait_for_selector(f"#live-samples option[value='{NAME}']", state="attached")
    play(page)
    verdict = detector.score(next(one.conversation for one in samples if one.name == f"{NAME}.txt"))
    expect(page.locator("#live-turns .turn")).to_have_count(len(verdict.timeline))
    expect(page.locator("#live-now .gauge b")).to_have_text(str(verdict.score))
    expect(page.locator("#live-turns .first-alert")).to_have_attribute("data-turn", str(verdict.first_alert_turn))
    assert scores(page) == changes(verdict.timeline)
    assert len(lines) == 2
    expect(page.locator("#live-link")).to_have_text("")


def test_a_line_that_asks_for_a_key_gets_it_in_its_first_message(page: Page, site: str) -> None:
    begun: list[dict[str, Any]] = []

    def keyed(line: WebSocketRoute) -> None:
        server = line.connect_to_server()

        def look(message: str | bytes) -> None:
            told = json.loads(message)
            if told["type"] == "start":
                begun.append(told)
                if told.get("key") != "right":
                    line.close(code=4401)
                    return
            server.send(message)

        line.on_message(look)

    page.route_web_socket("**/live", keyed)
    page.goto(f"{site}#live")
    page.fill("#live-text", SAID)
    page.keyboard.press("Enter")
    page.fill("#key-input", "right")
    page.keyboard.press("Enter")
    expect(page.locator("#live-now")).to_have_class("now stop")
    assert [told.get("key") for told in begun] == [None, "right"]


def test_a_trade_in_accounts_is_never_called_a_scam_on_the_way(at: Page, detector: Detector, samples: tuple[Sample, ...]) -> None:
    name = next(one.name for one in samples if one.label == "scam" and detector.score(one.conversation).track == "gray").removesuffix(".txt")
    at.evaluate("new MutationObserver(() => { (window.heard ??= []).push(document.querySelector('#live-now').textContent); })"
                ".observe(document.querySelector('#live-now'), {childList: true, subtree: true})")  # fmt: skip
    at.select_option("#live-speed", "20")
    at.select_option("#live-samples select", name)
    expect(at.locator("#live-now")).to_contain_text("这是黑灰产的买卖")
    assert not [words for words in at.evaluate("window.heard") if "这很像骗局" in words]


def test_a_checked_text_can_be_replayed_and_a_call_explained(page: Page, site: str) -> None:
    page.goto(site)
    page.fill("#check-text", f"对方：{SAID}\n我：好的\n对方：把验证码念给我")
    page.click("#check-go")
    page.click("text=一句一句放")
    expect(page.locator("#live-turns .turn")).to_have_count(3)
    expect(page.locator("#live-now")).to_have_class("now stop")
    page.click("text=看为什么，看得分")
    expect(page.locator("#verdict-title")).to_be_focused()
    expect(page.locator("#check-result .turn")).to_have_count(3)


def test_several_lines_pasted_are_played_as_a_call(at: Page) -> None:
    at.select_option("#live-speed", "20")
    at.evaluate("""text => {
      const data = new DataTransfer();
      data.setData('text/plain', text);
      document.querySelector('#live-text').dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, cancelable: true}));
    }""", f"客服：{SAID}\n客户：好的\n客服：打开借呗")  # fmt: skip
    expect(at.locator("#live-turns .turn")).to_have_count(3)
    expect(at.locator("#live-turns .turn.self")).to_have_count(1)


def test_the_number_to_call_stays_under_the_finger_while_turns_come(at: Page) -> None:
    at.fill("#live-text", SAID)
    at.keyboard.press("Enter")
    call, advice = at.locator("#live-now a[href='tel:96110']"), at.locator("#live-steps a[href='tel:96110']").first
    expect(call).to_be_visible()
    expect(advice).to_be_visible()
    call.evaluate("one => { one.kept = true; }")
    advice.evaluate("one => { one.kept = true; }")
    at.fill("#live-text", "晚上吃饺子")
    at.keyboard.press("Enter")
    expect(at.locator("#live-turns .turn")).to_have_count(2)
    expect(at.locator(".chart .axis").last).to_have_text("第 2 句")
    assert call.evaluate("one => one.kept")
    assert advice.evaluate("one => one.kept")
