"""A real browser for tests: Debian's Chromium, driven by Playwright. It reaches nothing but files and this machine.

`page` fails a test whose page asks for anything from elsewhere, or throws an error that nobody caught. `shoot` saves
screenshots for a person to look at, in the folder named by FANZHA_SHOTS. Without Chromium the tests are skipped;
where CI or FANZHA_CI is set they fail instead, so that CI never passes without having looked.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, sync_playwright

Shoot = Callable[[Page, str], None]

WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
ARGUMENTS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
HERE = {"127.0.0.1", "localhost", "::1"}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for the run."""
    chromium = shutil.which("chromium")
    if chromium is None:
        say = pytest.fail if os.environ.get("CI") or os.environ.get("FANZHA_CI") else pytest.skip
        say("no chromium: apt-get install chromium fonts-wqy-microhei")
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def elsewhere() -> list[str]:
    """Addresses beyond this machine that the page asked for; none may be left at the end of a test."""
    return []


@pytest.fixture
def context(browser: Browser, elsewhere: list[str]) -> Iterator[BrowserContext]:
    """A clean profile, 1280 pixels wide, in Chinese, that reaches files and this machine only."""
    opened = browser.new_context(viewport=WIDE, locale="zh-CN")
    opened.set_default_timeout(10_000)

    def guard(route: Route) -> None:
        url = urlsplit(route.request.url)
        if url.scheme in ("file", "data", "blob", "about") or url.hostname in HERE:
            route.continue_()
        else:
            elsewhere.append(route.request.url)
            route.abort()

    opened.route("**/*", guard)
    yield opened
    opened.close()
    assert not elsewhere, f"the page asked for {elsewhere}"


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A tab; an error that its scripts do not catch fails the test."""
    tab = context.new_page()
    errors: list[str] = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    yield tab
    assert not errors, errors


@pytest.fixture(scope="session")
def shoot() -> Shoot:
    """Return shoot(page, name): saves the whole page as FANZHA_SHOTS/name.png, or does nothing."""
    folder = os.environ.get("FANZHA_SHOTS")

    def save(page: Page, name: str) -> None:
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)

    return save
