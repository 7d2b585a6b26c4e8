"""The HTML report in a real browser: it can be used, it fetches nothing, and what attackers wrote stays text."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from browser.conftest import NARROW, Shoot
from fanzha import Conversation, Detector
from fanzha.render import html
from fanzha.render.html import page as report
from fanzha.result import Result
from tiny_pack import TINY

HOSTILE = (
    "<script>window.hit = 1; alert(1)</script></script></style></template><!-- \"' onclick=alert(1) "
    "<img src=http://evil.example.invalid/x onerror=window.hit=1><svg onload=window.hit=1> javascript:alert(1) \u202egpj"
)
SCAM = [("客服", "您的快递丢了"), ("我", "啊"), ("客服", "请您转账一下过来")]
ACCOUNT = "6222020200112233445"


@pytest.fixture(scope="module")
def results(write_rules: Callable[..., Path]) -> list[Result]:
    """Two alerts that share an account, one hostile alert, a low one, a harmless one, and a broken file."""
    tiny = Detector(write_rules(TINY), bundled=False)

    def scored(name: str, turns: list[tuple[str, str]]) -> Result:
        conversation = Conversation.from_turns(turns)
        return Result(path=f"calls/{name}.txt", conversation=conversation, verdict=tiny.score(conversation))

    return [
        scored("普通", [("客服", "您好"), ("我", "你好")]),
        scored("一号", [*SCAM, ("客服", f"卡号{ACCOUNT}, 打开 http://pay.example.invalid/x")]),
        scored("开头", [("客服", "您的快递丢了"), ("我", "哦")]),
        scored("二号", [("客服", f"😀𠮷您的快递丢了, 请转账一下过来, 账号{ACCOUNT}"), ("我", "不要转账过来")]),
        scored(
            "敌意",
            [(f"客服{HOSTILE}", f"您的快递丢了{HOSTILE}"), ("客服", f"请转账{HOSTILE[:1]}过来"), ("我", HOSTILE)],
        ),
        Result(path=f"calls/{HOSTILE}", problem="不是文字: 请导出为 txt"),
    ]


@pytest.fixture
def opened(page: Page, results: list[Result], tmp_path: Path) -> Page:
    """The report, opened from a file as a colleague opens it."""
    return open_report(page, results, tmp_path)


def open_report(page: Page, results: list[Result], folder: Path) -> Page:
    path = folder / "report.html"
    path.write_text(report(results, made=datetime(2026, 1, 2, tzinfo=UTC)), encoding="utf-8")
    page.goto(path.as_uri())
    return page


def names(page: Page) -> list[str]:
    """The conversations that the table shows, in order."""
    return page.locator("#rows tbody th bdi").all_inner_texts()


def cases(page: Page) -> list[str]:
    return page.locator(".case:not([hidden]) h3").all_inner_texts()


# ── finding ────────────────────────────────────────────────────────────────────


def test_the_riskiest_stand_first(opened: Page) -> None:
    assert [name.removesuffix(".txt") for name in names(opened)[-3:-1]] == ["开头", "普通"]


def test_a_search_looks_into_what_was_said(opened: Page) -> None:
    opened.get_by_role("searchbox").fill("pay.EXAMPLE")
    expect(opened.get_by_role("status")).to_have_text("筛出 1 行, 共 6 行")
    assert names(opened) == ["一号.txt"]
    assert cases(opened) == ["calls/一号.txt"]


def test_a_search_does_not_look_into_the_advice(opened: Page) -> None:
    opened.get_by_role("searchbox").fill("先挂断")
    assert names(opened) == []
    expect(opened.locator("#no-case")).to_be_visible()


def test_levels_can_be_left_out(opened: Page) -> None:
    for level in ("高", "读不了"):
        opened.get_by_role("checkbox", name=level, exact=True).uncheck()
    assert names(opened) == ["开头.txt", "普通.txt"]


def test_only_what_needs_work_can_be_shown(opened: Page) -> None:
    opened.get_by_role("checkbox", name="只看要处理的").check()
    assert len(names(opened)) == 4
    opened.get_by_role("button", name="清除筛选").click()
    expect(opened.get_by_role("status")).to_have_text("共 6 行")


def test_a_tile_shows_its_level_and_a_second_click_all(opened: Page) -> None:
    tile = opened.locator("[data-only-level=low]")
    tile.click()
    assert names(opened) == ["开头.txt"]
    expect(tile).to_have_attribute("aria-pressed", "true")
    tile.click()
    assert len(names(opened)) == 6


def test_a_script_of_the_summary_shows_its_conversations(opened: Page) -> None:
    opened.get_by_role("button", name="小骗局").click()
    expect(opened.get_by_label("骗局")).to_have_value("tiny")
    assert "普通.txt" not in names(opened)


def test_columns_sort_both_ways_and_say_so(opened: Page) -> None:
    header = opened.locator("th", has=opened.get_by_role("button", name="对话", exact=True))
    opened.get_by_role("button", name="对话", exact=True).click()
    expect(header).to_have_attribute("aria-sort", "ascending")
    rising = names(opened)
    opened.get_by_role("button", name="对话", exact=True).click()
    expect(header).to_have_attribute("aria-sort", "descending")
    assert names(opened) == rising[::-1]
    assert len(opened.locator("th[aria-sort=descending]").all()) == 1


def test_many_rows_come_in_pages(
    page: Page, results: list[Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(html, "PAGE_SIZE", 4)
    open_report(page, results, tmp_path)
    assert len(names(page)) == 4
    page.get_by_role("button", name="下一页").click()
    assert len(names(page)) == 2
    page.get_by_role("searchbox").fill("普通")
    assert names(page) == ["普通.txt"]


# ── reading ────────────────────────────────────────────────────────────────────


def test_a_name_in_the_table_opens_its_conversation(opened: Page) -> None:
    opened.locator("#rows").get_by_role("link", name="一号.txt").click()
    expect(opened.locator(".case", has_text="一号").locator(".says")).to_be_in_viewport()


def test_a_link_to_a_conversation_that_is_filtered_out_shows_it(opened: Page) -> None:
    opened.get_by_role("searchbox").fill("普通")
    opened.locator("#recurring").get_by_role("link", name="一号.txt").click()
    expect(opened.locator(".case", has_text="一号").locator(".says")).to_be_in_viewport()


def test_a_mark_opens_and_closes_its_note(opened: Page) -> None:
    opened.locator("#rows").get_by_role("link", name="一号.txt").click()
    mark = opened.get_by_role("button", name="转账一下过来").first
    mark.click()
    note = opened.locator(f"#{mark.get_attribute('aria-controls')}")
    expect(note).to_contain_text("为什么")
    expect(note).to_be_visible()
    expect(mark).to_have_attribute("aria-expanded", "true")
    mark.click()
    expect(note).to_be_hidden()


def test_marks_work_with_the_keyboard(opened: Page) -> None:
    opened.locator("#rows").get_by_role("link", name="二号.txt").focus()
    opened.keyboard.press("Enter")
    mark = opened.locator(".case", has_text="二号").locator(".mark").first
    for key in ("Space", "Enter"):
        mark.focus()
        opened.keyboard.press(key)
        expect(mark).to_have_attribute("aria-expanded", "true" if key == "Space" else "false")


def test_marks_stand_on_what_was_said_beyond_the_basic_plane(opened: Page) -> None:
    opened.locator("#rows").get_by_role("link", name="二号.txt").click()
    case = opened.locator(".case", has_text="二号")
    assert case.locator(".mark").all_inner_texts() == ["快递丢了", "转账一下过来", "转账过来"]
    assert case.locator(".text").first.inner_text().startswith("😀𠮷您的快递丢了")


def test_all_notes_of_a_conversation_open_at_once(opened: Page) -> None:
    opened.locator("#rows").get_by_role("link", name="一号.txt").click()
    case = opened.locator(".case", has_text="一号")
    case.get_by_role("button", name="展开全部说明").click()
    assert all(note.is_visible() for note in case.locator(".note").all())


def test_next_and_previous_go_through_what_is_shown(opened: Page) -> None:
    opened.locator("#rows tbody a").first.click()
    first, second = opened.locator(".case").nth(0), opened.locator(".case").nth(1)
    first.get_by_role("button", name="下一段").click()
    expect(second.locator(".says")).to_be_visible()
    expect(first.locator(".says")).to_be_hidden()


def test_an_account_of_two_calls_is_shown_with_both(opened: Page) -> None:
    row = opened.locator("#recurring tbody", has_text=ACCOUNT)
    assert sorted(row.get_by_role("link").all_inner_texts()) == ["一号.txt", "二号.txt"]


def test_without_scripts_everything_can_still_be_read(browser: Browser, results: list[Result], tmp_path: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = open_report(context.new_page(), results, tmp_path)
    page.locator("#rows").get_by_role("link", name="一号.txt").click()
    case = page.locator(".case", has_text="一号")
    expect(case.locator(".says")).to_be_visible()
    case.locator(".mark").first.click()
    expect(case.locator(".note").first).to_be_visible()
    expect(page.get_by_role("searchbox")).to_be_hidden()
    context.close()


# ── safety ────────────────────────────────────────────────────────────────────


def test_hostile_text_stays_text_and_nothing_is_fetched(page: Page, results: list[Result], tmp_path: Path) -> None:
    asked: list[str] = []
    dialogs: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    open_report(page, results, tmp_path)
    page.get_by_role("button", name="全部展开").click()
    page.get_by_role("searchbox").fill("<script>")
    for mark in page.locator(".case:not([hidden]) .mark").all():
        mark.click()
    assert [url.rsplit("/", 1)[-1] for url in asked] == ["report.html"]
    assert dialogs == []
    assert page.evaluate("window.hit") is None
    assert page.locator("script").count() == 1
    assert page.locator("img, svg[onload], [onclick], [onerror], a[href*='javascript']").count() == 0
    assert "<img src=http://evil.example.invalid/x" in page.locator(".case", has_text="敌意").inner_text()


@pytest.mark.parametrize(
    "slip",
    [
        "<script>window.hit = 1</script>",
        "<img src=nothing onerror='window.hit = 1'>",
        "<svg onload='window.hit = 1'></svg>",
        "<iframe srcdoc='<script>parent.hit = 1</script>'></iframe>",
        "<details open ontoggle='window.hit = 1'>x</details>",
    ],
)
def test_the_policy_stops_what_would_slip_through_the_escaping(
    page: Page, results: list[Result], tmp_path: Path, slip: str
) -> None:
    """An element of an attacker, put into the file by hand, does nothing; without the policy it would."""
    document = report(results).replace("</main>", f"{slip}</main>")
    path = tmp_path / "report.html"
    path.write_text(re.sub("<meta http-equiv[^>]*>", "", document), encoding="utf-8")
    page.goto(path.as_uri())
    page.wait_for_function("window.hit === 1")
    path.write_text(document, encoding="utf-8")
    page.reload()
    page.wait_for_timeout(50)
    assert page.evaluate("window.hit") is None


def test_the_policy_stops_requests(opened: Page) -> None:
    """What asks for something is stopped before it leaves the page: `elsewhere` would have noted it."""
    stopped = opened.evaluate(
        """async () => {
            const stopped = [];
            document.addEventListener("securitypolicyviolation", (event) => stopped.push(event.effectiveDirective));
            document.body.append(Object.assign(new Image(), { src: "http://evil.example.invalid/x.png" }));
            await fetch("http://evil.example.invalid/").catch(() => {});
            await new Promise((done) => setTimeout(done, 50));
            return stopped.sort();
        }"""
    )
    assert stopped == ["connect-src", "img-src"]


# ── for everybody ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("wide", [True, False])
def test_axe_finds_nothing_and_nothing_sticks_out(
    context: BrowserContext, results: list[Result], tmp_path: Path, shoot: Shoot, scheme: str, wide: bool
) -> None:
    page = context.new_page()
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    if not wide:
        page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    open_report(page, results, tmp_path)
    page.get_by_role("button", name="全部展开").click()
    page.locator(".mark").first.click()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") == page.viewport_size["width"]  # type: ignore[index]
    shoot(page, f"report-{scheme}-{'wide' if wide else 'narrow'}")


def test_on_paper_what_is_open_is_printed_with_its_notes(opened: Page) -> None:
    opened.locator("#rows").get_by_role("link", name="一号.txt").click()
    opened.emulate_media(media="print")
    expect(opened.locator(".case", has_text="一号").locator(".note").first).to_be_visible()
    expect(opened.locator(".case", has_text="二号")).to_be_hidden()
    expect(opened.get_by_role("searchbox")).to_be_hidden()
    assert opened.pdf().startswith(b"%PDF")
