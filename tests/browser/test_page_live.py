"""The page's live view: a call turn by turn over a WebSocket, played, typed, broken off and taken up again."""

from __future__ import annotations

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
    expect(at.locator("#live-turns .turn")).to_have_count(len(verdict.timeline), timeout=20_000)
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
    expect(page.locator("#live-turns .turn")).to_have_count(len(verdict.timeline), timeout=20_000)
    expect(page.locator("#live-now .gauge b")).to_have_text(str(verdict.score))
    expect(page.locator("#live-turns .first-alert")).to_have_attribute("data-turn", str(verdict.first_alert_turn))
    assert scores(page) == changes(verdict.timeline)
    assert len(lines) == 2
    expect(page.locator("#live-link")).to_have_text("")
