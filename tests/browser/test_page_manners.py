"""What holds for every view of the page: accessible, narrow, in both languages, and alone with its own server."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, expect

from browser.conftest import NARROW, WIDE, Shoot

SCAM = "客服：您的快递丢了，我们三倍理赔，加一下理赔专员的微信\n我：好的\n客服：打开屏幕共享，我教您操作，把验证码念给我"
MEDIUM = "客服：您好，我是快递客服，您的快递丢了，我们给您理赔\n我：哦"


def empty(page: Page, site: str) -> None:
    page.goto(site)
    page.wait_for_selector(".sample")


def checked(text: str) -> Callable[[Page, str], None]:
    def go(page: Page, site: str) -> None:
        empty(page, site)
        page.fill("#check-text", text)
        page.click("#check-go")
        page.wait_for_selector("#verdict-title")
        if page.locator("#check-result .mark").count():
            page.locator("#check-result .mark").first.click()
        for summary in page.locator(".snippet summary").all():
            summary.click()

    return go


def failed(page: Page, site: str) -> None:
    empty(page, site)
    page.click("#check-go")


def live(page: Page, site: str) -> None:
    page.goto(f"{site}#live")
    page.wait_for_selector("#live-samples option:nth-child(2)", state="attached")


def calling(page: Page, site: str) -> None:
    live(page, site)
    page.fill("#live-text", SCAM.replace("\n", "，"))
    page.keyboard.press("Enter")
    page.wait_for_selector("#live-now.stop")


def rules(page: Page, site: str) -> None:
    page.goto(f"{site}#rules")
    page.wait_for_selector(".rule")


def editing(page: Page, site: str) -> None:
    rules(page, site)
    page.locator(".rule").first.click()
    page.wait_for_selector("#rule-yaml")
    page.fill("#rule-yaml", "signals: [1]")
    page.wait_for_selector(".faults .error")


VIEWS: dict[str, Callable[[Page, str], None]] = {
    "empty": empty,
    "alert": checked(SCAM),
    "medium": checked(MEDIUM),
    "calm": checked("晚上吃饺子吗"),
    "failed": failed,
    "live": live,
    "calling": calling,
    "rules": rules,
    "editing": editing,
}


@pytest.fixture(scope="module", params=VIEWS)
def opened(browser: Browser, site: str, request: pytest.FixtureRequest) -> Iterator[tuple[Page, str]]:
    """A view, opened once for the tests that only look at it, and its name."""
    # axe itself needs more than the page's policy allows
    context = browser.new_context(viewport=WIDE, bypass_csp=True, locale="zh-CN", reduced_motion="reduce")
    page = context.new_page()
    VIEWS[request.param](page, site)
    yield page, request.param
    context.close()


@pytest.mark.parametrize(("scheme", "width"), [("light", WIDE), ("dark", NARROW)], ids=["light-wide", "dark-narrow"])
def test_axe_finds_nothing_serious(
    opened: tuple[Page, str], scheme: Literal["light", "dark"], width: ViewportSize, shoot: Shoot
) -> None:
    page, view = opened
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size(width)
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    shoot(page, f"page-{view}-{scheme}-{width['width']}")
    serious = [one for one in found if one["impact"] in ("serious", "critical")]
    assert not serious, [(one["id"], [node["html"] for node in one["nodes"]][:3]) for one in serious]


def test_a_phone_never_scrolls_sideways(opened: tuple[Page, str]) -> None:
    page, _ = opened
    page.set_viewport_size(NARROW)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]


def test_letters_twice_as_large_still_fit_a_phone(page: Page, site: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    VIEWS["alert"](page, site)
    page.evaluate("document.documentElement.style.setProperty('font-size', '200%')")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_english_is_one_click_away_and_keeps_what_is_shown(page: Page, site: str) -> None:
    checked(SCAM)(page, site)
    page.click("#language")
    expect(page.locator("#verdict-title")).to_contain_text("do not transfer money")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.url.endswith("?lang=en")
    for view, words in (("live", "Listening"), ("rules", "Rules workbench")):
        page.click(f"[data-view={view}]")
        expect(page.locator(f"#view-{view}")).to_contain_text(words)
    chinese = page.locator("nav, #view-rules h1, #view-rules .lead, .foot").all_inner_texts()
    assert not re.search("[\u4e00-\u9fff]", "".join(chinese))
    page.click("#language")
    expect(page.locator("#rules-title")).to_have_text("规则台")
    assert "lang" not in page.url


def test_keyboard_alone_reaches_the_verdict(page: Page, site: str) -> None:
    empty(page, site)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#check-text")).to_be_focused()
    page.keyboard.insert_text(SCAM)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#verdict-title")).to_be_focused()


def test_views_have_an_address_a_title_and_a_current_link(page: Page, site: str) -> None:
    empty(page, site)
    page.click("[data-view=live]")
    expect(page).to_have_title("反诈 · 通话中")
    expect(page.locator("[data-view=live]")).to_have_attribute("aria-current", "page")
    expect(page.locator("#live-title")).to_be_focused()
    page.go_back()
    expect(page.locator("#view-check")).to_be_visible()


def test_the_policy_is_never_broken_and_no_text_can_become_html(page: Page, site: str) -> None:
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text) if "Content Security Policy" in message.text else None)
    for view in ("alert", "calling", "editing"):
        VIEWS[view](page, site)
    assert told == []
    with pytest.raises(Exception, match="TrustedHTML"):
        page.evaluate("document.body.innerHTML = '<p>x</p>'")


def test_it_works_below_the_prefix_of_a_proxy(page: Page, site: str) -> None:
    asked: list[str] = []

    def proxy(route: Any) -> None:
        asked.append(route.request.url)
        route.continue_(url=route.request.url.replace("/some/prefix/", "/", 1))

    page.route("**/some/prefix/**", proxy)
    page.on("request", lambda request: asked.append(request.url))
    checked(SCAM)(page, f"{site}some/prefix/")
    assert all("/some/prefix/" in url for url in asked)
    expect(page.locator("pre").first).to_contain_text("/some/prefix/score")


def test_pieces_of_a_text_cover_it_once_and_know_their_spans(page: Page, site: str) -> None:
    page.goto(site)
    cut = page.evaluate("""async () => {
      const { pieces, utf16Place } = await import('./web/js/text.js');
      const text = '😀甲乙丙丁𠮷戊';
      const span = (from, to, item) => ({ start: utf16Place(text, from), end: utf16Place(text, to), item });
      return pieces(text, [span(1, 4, 'a'), span(2, 6, 'b'), span(6, 99, 'c')]).map(({ text, items }) => [text, items.join('')]);
    }""")
    assert cut == [["😀", ""], ["甲", "a"], ["乙丙", "ab"], ["丁𠮷", "b"], ["戊", "c"]]


def test_words_of_the_rules_are_set_as_chinese_is_printed(page: Page, site: str) -> None:
    page.goto(site)
    expected = {
        "先挂断, 自己打开官方 App 看; 不用点链接": "先挂断，自己打开官方 App 看；不用点链接",
        "不要加微信、QQ, 不扫码": "不要加微信、QQ，不扫码",
        '说钱要转到 "安全账户", 再查': "说钱要转到“安全账户”，再查",
        "给 1,200 元, 3:00 前": "给 1,200 元，3:00 前",
    }
    printed = page.evaluate("async all => all.map((await import('./web/js/language.js')).typeset)", list(expected))
    assert printed == list(expected.values())


def test_a_view_whose_scripts_do_not_come_is_told(page: Page, site: str) -> None:
    empty(page, site)
    page.route("**/live.js", lambda route: route.abort())
    page.click("[data-view=live]")
    expect(page.locator("#lost")).to_be_visible()
    expect(page.locator("#view-check")).to_be_visible()
