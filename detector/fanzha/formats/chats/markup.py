"""HTML that programs write → tags and text, in one pass whatever it holds.

In: text. Out: Tags and pieces of text with their entities resolved. Own code because html.parser of the Pythons we
support takes quadratic time on tags that never end. Scripts are not told from text: exporters of chats write none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from html import unescape

_NAME = re.compile(r"(?P<close>/?)\s?(?P<name>[A-Za-z][A-Za-z0-9]{0,15})(?![\w])")
_ATTRIBUTE = re.compile(r"""(?<![\w-])(class|id|title|style|src|href)\s?=\s?(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_MAX_TAG = 4_000  # characters of a tag whose attributes are read
EMPTY = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"])


@dataclass
class Tag:
    """A tag: its lower-case name, whether it closes, what stands in it."""

    name: str
    closes: bool
    inside: str

    @cached_property
    def attributes(self) -> dict[str, str]:
        """Those attributes that tell something: class, id, title, style, src, href."""
        found = _ATTRIBUTE.finditer(self.inside[:_MAX_TAG])
        return {match[1]: unescape(match[2] or match[3] or match[4] or "") for match in found}

    @property
    def classes(self) -> frozenset[str]:
        """The names in its class."""
        return frozenset(self.attributes.get("class", "").split())


def read_markup(text: str) -> Iterator[Tag | str]:
    """Yield tags and texts in their order; line breaks of the source are spaces, those of <br> are line breaks."""
    first, *pieces = text.split("<")
    yield unescape(" ".join(first.split()))
    for piece in pieces:
        inside, closed, rest = piece.partition(">")
        name = _NAME.match(inside) if closed else None
        if name is None:
            if not closed:
                yield unescape("<" + piece)
            elif rest:  # a comment, or the document's type
                yield unescape(_spaced(rest))
            continue
        tag = name["name"].lower()
        yield "\n" if tag == "br" else Tag(tag, bool(name["close"]), inside)
        if rest:
            yield unescape(_spaced(rest))


def _spaced(text: str) -> str:
    return re.sub(r"[ \t\r\n]+", " ", text)
