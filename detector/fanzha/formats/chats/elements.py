"""XML of strangers → elements, without document types, entities or anything from outside.

In: text. Out: an Element tree, or elements one by one as they end. A document type is refused: without one there are
no entities but the five of XML, so nothing can be fetched and nothing can grow. Depth, number and size are bounded.

Android's backups write emoji as two surrogate references (&#55357;&#56832;), which no XML parser accepts: they are put
together first. References to characters that XML forbids, and such characters, become U+FFFD.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from fanzha.errors import InputError, LimitError

MAX_DEPTH = 100
MAX_ELEMENTS = 2_000_000
_DECLARATION = re.compile(r"<\?xml[^>]{0,400}\?>")
_PAIR = re.compile(
    r"&#(55(?:29[6-9]|[3-9]\d\d)|56(?:[0-2]\d\d|3[01]\d)|[xX][dD][89abAB][0-9a-fA-F]{2});"
    r"&#(56(?:3[2-9]\d|[4-9]\d\d)|57(?:[0-2]\d\d|3[0-3]\d|34[0-3])|[xX][dD][c-fC-F][0-9a-fA-F]{2});"
)
_REFERENCE = re.compile(r"&#([xX][0-9a-fA-F]{1,8}|\d{1,10});")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_BARE_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,10}|#x[0-9a-fA-F]{1,8});)")


@dataclass(slots=True)
class Element:
    """One element: its name, attributes, text pieces and children."""

    name: str
    attributes: dict[str, str]
    children: list[Element] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    def attribute(self, name: str) -> str:
        """The value of an attribute, "" if there is none."""
        return self.attributes.get(name, "")

    def find(self, *names: str) -> Element | None:
        """The first element of one of these names at any depth below."""
        todo = list(reversed(self.children))
        while todo:
            element = todo.pop()
            if element.name in names:
                return element
            todo += reversed(element.children)
        return None

    def text_of(self, *names: str) -> str:
        """The text of the first element of these names that has some."""
        for name in names:
            element = self.find(name)
            if element is not None and element.text:
                return element.text
        return ""

    def child_text(self, name: str) -> str:
        """The text of a child of that name, not of anything deeper."""
        return next((child.text for child in self.children if child.name == name and child.text), "")

    @property
    def text(self) -> str:
        """The element's own text, stripped."""
        return "".join(self.pieces).strip()

    def all_text(self) -> str:
        """The texts of the element and everything in it."""
        todo, found = [self], []
        while todo:
            element = todo.pop()
            found.append(element.text)
            todo += reversed(element.children)
        return " ".join(filter(None, found))


def read_elements(text: str, *, keep_broken: bool = False) -> Element:
    """Return the root of an XML text. With `keep_broken`, what stands before a fault is returned as far as it goes.

    Raises InputError with line and column, LimitError.
    """
    return _Tree().read(text, keep_broken)


def each_element(text: str, names: frozenset[str], take: Callable[[Element], None]) -> str | None:
    """Give each element of these names to `take` when it ends, and forget it. Returns the fault that ended it, if any.

    Raises InputError if there is a document type, LimitError.
    """
    tree = _Tree(names, take)
    try:
        tree.read(text, keep_broken=False)
    except LimitError:
        raise
    except InputError as error:
        if tree.refused or not tree.roots:
            raise
        return str(error)
    return None


class _Tree:
    def __init__(self, names: frozenset[str] = frozenset(), take: Callable[[Element], None] | None = None) -> None:
        self.roots: list[Element] = []
        self.refused = False
        self._open: list[Element] = []
        self._names, self._take = names, take
        self._count = 0

    def read(self, text: str, keep_broken: bool) -> Element:
        parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = self._refuse
        try:
            parser.Parse(_repair(text).encode("utf-8"), True)
        except expat.ExpatError as error:
            if not (keep_broken and self.roots):
                where = f"第 {error.lineno} 行第 {error.offset} 列"
                raise InputError(f"XML 不完整或不合规 ({where}); 请重新导出") from None
        return self.roots[0]

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MAX_ELEMENTS:
            raise LimitError(f"XML 里的元素超过 {MAX_ELEMENTS} 个; 请分成几个文件")
        if len(self._open) >= MAX_DEPTH:
            raise LimitError(f"XML 嵌套超过 {MAX_DEPTH} 层")
        element = Element(name, attributes)
        if not self._open:
            self.roots.append(element)
        elif self._take is None or self._is_inside():
            self._open[-1].children.append(element)
        self._open.append(element)

    def _is_inside(self) -> bool:
        return any(element.name in self._names for element in self._open)

    def _end(self, name: str) -> None:
        element = self._open.pop()
        if self._take is not None and name in self._names:
            self._take(element)

    def _characters(self, text: str) -> None:
        if self._open and (self._take is None or self._is_inside()):
            self._open[-1].pieces.append(text)

    def _refuse(self, *_: object) -> None:
        self.refused = True
        raise InputError("XML 带有文档类型声明 (DOCTYPE), 不读; 导出工具不会写它")


def _repair(text: str) -> str:
    text = text.lstrip()
    if (declared := _DECLARATION.match(text)) is not None:  # it names the encoding of the bytes, which are read already
        text = text[declared.end() :]
    if "&" in text:
        pieces = list(_pieces(text))
        pieces[::2] = [
            _BARE_AMPERSAND.sub("&amp;", _REFERENCE.sub(_allowed, _PAIR.sub(_join, piece))) for piece in pieces[::2]
        ]
        text = "".join(pieces)
    return _FORBIDDEN.sub("\ufffd", text)


def _pieces(text: str) -> Iterator[str]:
    """Split at CDATA, in which nothing is a reference: outside, inside, and so on."""
    end = 0
    while (begin := text.find("<![CDATA[", end)) >= 0 and (close := text.find("]]>", begin)) >= 0:
        yield text[end:begin]
        yield text[begin : close + 3]
        end = close + 3
    yield text[end:]


def _join(pair: re.Match[str]) -> str:
    return chr(0x10000 + ((_code(pair[1]) - 0xD800) << 10) + (_code(pair[2]) - 0xDC00))


def _allowed(reference: re.Match[str]) -> str:
    code = _code(reference[1])
    if code in (9, 10, 13) or (0x20 <= code < 0xD800) or 0xE000 <= code < 0xFFFE or 0x10000 <= code <= 0x10FFFF:
        return reference[0]
    return "\ufffd"


def _code(written: str) -> int:
    return int(written[1:], 16) if written[0] in "xX" else int(written)
