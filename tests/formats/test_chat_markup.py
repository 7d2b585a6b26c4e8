"""HTML that programs write: tags and texts, in time that follows its length."""

from __future__ import annotations

import pytest

from fanzha.errors import LimitError
from fanzha.formats.chats.markup import Tag, read_markup
from fanzha.formats.registry import read_bytes


def test_texts_are_unescaped_and_lines_are_those_of_br() -> None:
    pieces = list(read_markup("<!DOCTYPE html><p class='a b'>1 &lt; 2\n  &amp; 3<br>新<b>行</b></p>"))
    assert "".join(piece for piece in pieces if isinstance(piece, str)) == "1 < 2 & 3\n新行"


def test_attributes_in_any_quotes() -> None:
    tag = next(
        piece
        for piece in read_markup("<div class=\"a b\" id='c' style=float:left data-id=x>")
        if isinstance(piece, Tag)
    )
    assert (tag.classes, tag.attributes) == ({"a", "b"}, {"class": "a b", "id": "c", "style": "float:left"})


def test_what_is_no_tag_is_text() -> None:
    assert "".join(piece for piece in read_markup("1 < 2 <") if isinstance(piece, str)) == "1< 2 <"


@pytest.mark.parametrize("text", ["<a " * 200_000, "<!--" * 200_000, "<a '" * 200_000, "&" * 500_000])
def test_what_never_ends_does(text: str) -> None:
    assert list(read_markup(text))


def test_depth_is_bounded() -> None:
    page = '<!DOCTYPE html><div class="page_wrap"><div class="message default">' + "<div>" * 300
    with pytest.raises(LimitError):
        list(read_bytes(page.encode(), name="messages.html").conversations)
