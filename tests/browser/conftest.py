"""A real browser for tests: Debian's Chromium, driven by Playwright. It reaches nothing but files and this machine.

`page` fails a test whose page asks for anything from elsewhere, or throws an error that nobody caught. `shoot` saves
screenshots for a person to look at, in the folder named by FANZHA_SHOTS. Without Chromium the tests are skipped;
where CI or FANZHA_CI is set they fail instead, so that CI never passes without having looked.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect, sync_playwright

Shoot = Callable[[Page, str], None]

WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
ARGUMENTS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
PATIENCE = 30_000  # milliseconds; only a failure takes so long
HERE = {"127.0.0.1", "localhost", "::1"}


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One browser for this folder: while it is open, its event loop runs in this thread and no other test can start one."""
    chromium = shutil.which("chromium")
    if chromium is None:
        say = pytest.fail if os.environ.get("CI") or os.environ.get("FANZHA_CI") else pytest.skip
        say("no chromium: apt-get install chromium fonts-wqy-microhei")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real server with the bundled rules, ending in a slash."""
    log = tmp_path_factory.mktemp("site") / "log.txt"  # not a pipe, which would fill up
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FANZHA_")}
    environment |= {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-m", "fanzha_api.serve", "--port", "0"]
    with log.open("wb") as sink, subprocess.Popen(command, stderr=sink, env=environment) as process:
        until = monotonic() + 60
        while not (told := re.search(r"http://127\.0\.0\.1:\d+", log.read_text("utf-8"))):
            assert process.poll() is None, log.read_text("utf-8")
            assert monotonic() < until, "the server did not start"
            sleep(0.05)
        yield f"{told.group()}/"
        process.terminate()


@pytest.fixture
def elsewhere() -> list[str]:
    """Addresses beyond this machine that the page asked for; none may be left at the end of a test."""
    return []


@pytest.fixture
def context(browser: Browser, elsewhere: list[str]) -> Iterator[BrowserContext]:
    """A clean profile, 1280 pixels wide, in Chinese, that reaches files and this machine only."""
    opened = browser.new_context(viewport=WIDE, locale="zh-CN")
    opened.set_default_timeout(PATIENCE)

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
