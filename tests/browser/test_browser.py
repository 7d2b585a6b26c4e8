"""The browser itself: what the other tests of this folder rely on."""

from __future__ import annotations

import pytest
from playwright.sync_api import Error, Page

from browser.conftest import Shoot


def test_chinese_is_drawn_and_not_as_boxes(page: Page, shoot: Shoot) -> None:
    page.set_content("<p style='font-size:40px; display:inline-block'>诈</p><p style='font-size:40px'>\u0378</p>")
    glyph, box = (page.locator("p").nth(number).screenshot() for number in range(2))
    assert glyph != box
    shoot(page, "letters")


def test_a_request_to_elsewhere_is_stopped_and_noted(page: Page, elsewhere: list[str]) -> None:
    with pytest.raises(Error, match="ERR_FAILED"):
        page.goto("http://example.com/")
    assert elsewhere == ["http://example.com/"]
    elsewhere.clear()
