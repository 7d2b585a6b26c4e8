"""The head of a file: what every format is told by, read once for all of them.

In: the first 64 KiB. Out: its text, its lines, the JSON that stands in it (also where it is cut), the first row of a
table. It never reads the file any further.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import PurePath
from typing import Any

from fanzha.errors import InputError
from fanzha.formats.document import parse, parse_cut, parse_repr

_DELIMITERS = ("\t", ",", ";", "|", "，")
_JSON_START = re.compile(r"\s{0,20}(?:\{\s{0,20}(?:[\"']|\}\s{0,20}$)|\[\s{0,20}(?:\{\s{0,20}[\"']|\[\s{0,20}[\[{\"]))")
_REPR_START = re.compile(r"(?:\[\s{0,20})?\{\s{0,20}'")
_SEPARATOR_LINE = re.compile(r"sep=(.)", re.IGNORECASE)
_SAMPLES = 50  # lines of JSON that are looked at


@dataclass(frozen=True, slots=True)
class _Json:
    values: tuple[Any, ...] = ()
    lines: bool = False
    whole: bool = False


@dataclass
class Head:
    """The beginning of a file. `text` is empty where it is no text; `complete`: it is all of the file."""

    name: str | None
    text: str
    start: bytes = b""
    complete: bool = True
    encoding: str | None = None

    @cached_property
    def suffix(self) -> str:
        """Lower-case suffix of the name with its dot, or ""."""
        return PurePath(self.name or "").suffix.lower()

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """Whole lines without their ends."""
        lines = self.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        return tuple(lines if self.complete else lines[:-1] or lines)

    @cached_property
    def _json(self) -> _Json:
        text = self.text.lstrip()
        if not text.startswith(("{", "[", "#", "//")):
            return _Json()
        values = tuple(self._json_lines())
        if len(values) > 1 or (values and text.startswith(("#", "/"))):
            return _Json(values, lines=True)
        if _REPR_START.match(text):
            return self._repr(text)
        for read, whole in ((parse, self.complete), (parse_cut, False)):
            try:
                value = read(text)
            except InputError:
                continue
            return _Json((value,), whole=whole) if _is_document(value) else _Json()
        return _Json(values, lines=bool(values))

    def _repr(self, text: str) -> _Json:
        try:
            return _Json((parse_repr(text),), whole=True) if self.complete else _Json()
        except InputError:
            return _Json()

    def _json_lines(self) -> Iterator[Any]:
        """Yield the values of lines that are JSON each, some damaged ones between them; else nothing."""
        rows = (line for line in self.lines if line.strip() and not is_comment(line))
        good = bad = 0
        for row in islice(rows, _SAMPLES):
            try:
                value = parse(row)
            except InputError:
                bad += 1
                if bad > good + 1:
                    return
                continue
            if not isinstance(value, dict | list):
                return
            good += 1
            yield value

    @cached_property
    def looks_like_json(self) -> bool:
        """Whether this is JSON or was meant to be: a broken document is no transcript."""
        return bool(self.documents) or _JSON_START.match(self.text) is not None

    @property
    def documents(self) -> tuple[Any, ...]:
        """The JSON objects and arrays that stand here: one, or one a line; empty where it is no JSON."""
        return self._json.values

    @property
    def has_json_lines(self) -> bool:
        """Whether each line is a JSON value of its own."""
        return self._json.lines

    @property
    def is_document(self) -> bool:
        """Whether `documents` is all of the file, one JSON value."""
        return self._json.whole

    @cached_property
    def objects(self) -> tuple[Mapping[str, Any], ...]:
        """The JSON objects at the top: the document, each line, or the members of the array at the top."""
        found: list[Mapping[str, Any]] = []
        for document in self.documents:
            members = document[:_SAMPLES] if isinstance(document, list) else (document,)
            found += [member for member in members if isinstance(member, dict)]
        return tuple(found)

    @cached_property
    def keys(self) -> frozenset[str]:
        """The keys of the first object at the top."""
        return frozenset(self.objects[0]) if self.objects else frozenset()

    @cached_property
    def delimiter(self) -> str:
        """What separates the cells of the first line, "," if nothing does."""
        first = next((line for line in self.lines if line.strip()), "")
        told = _SEPARATOR_LINE.fullmatch(first)
        if told is not None:
            return told[1]
        return max(_DELIMITERS, key=lambda mark: (first.count(mark) > 0, first.count(mark)))

    @cached_property
    def rows(self) -> tuple[tuple[str, ...], ...]:
        """The first rows of a table of delimited text, cells stripped; what is no table has some too."""
        lines = [line for line in self.lines[:_SAMPLES] if line.strip() and not is_separator_line(line)]
        try:
            read = list(csv.reader(lines, delimiter=self.delimiter))
        except csv.Error:
            return ()
        return tuple(tuple(cell.strip() for cell in row) for row in read)

    @cached_property
    def header(self) -> tuple[str, ...]:
        """The cells of the first row."""
        return self.rows[0] if self.rows else ()


def is_separator_line(line: str) -> bool:
    """Whether a line only tells Excel what separates cells: sep=;."""
    return _SEPARATOR_LINE.fullmatch(line.strip()) is not None


def _is_document(value: Any) -> bool:
    """Whether a value may be a file of ours; a list of numbers is the stamp before a line, [14:02:11], cut."""
    if isinstance(value, list) and value:
        return not all(isinstance(member, int | float) for member in value)
    return isinstance(value, dict | list)


def is_comment(line: str) -> bool:
    """Whether a line between JSON lines is a remark."""
    return line.lstrip().startswith(("#", "//"))
