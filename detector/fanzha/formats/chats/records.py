"""Records in JSON: a list, an object that holds one, or a line each.

In: a Source. Out: mappings, in the order of the file. Lines that are no JSON are left out and counted in a note, so
that a log cut in its last line is read as far as it goes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fanzha.errors import InputError, LimitError
from fanzha.formats.chats.blocks import split_lines
from fanzha.formats.chats.values import map_in, maps_in
from fanzha.formats.document import parse
from fanzha.formats.head import is_comment
from fanzha.formats.source import Source

_LISTS = ("messages", "items", "data", "records", "events", "list", "chatdata", "msgs", "Messages")


def read_records(source: Source) -> Iterator[Mapping[str, Any]]:
    """Yield the records of a source. Raises InputError where it holds none."""
    if source.head.has_json_lines:
        yield from read_lines(source)
        return
    try:
        document = parse(source.text())
    except LimitError:
        raise
    except InputError:
        if len(source.head.documents) != 1 or not isinstance(source.head.documents[0], dict):
            raise
        yield from read_lines(source)  # one record a line, all but the first line damaged
        return
    yield from records_of(document)


def records_of(document: object) -> Iterator[Mapping[str, Any]]:
    """Yield the mappings of a list, of the list that an object holds (two deep), or the object itself."""
    if isinstance(document, list):
        yield from maps_in(document)
        return
    top = map_in(document)
    for place in (top, map_in(top.get("data"))):
        for key in _LISTS:
            if isinstance(place.get(key), list):
                yield from maps_in(place[key])
                return
    if top:
        yield top


def read_lines(source: Source) -> Iterator[Mapping[str, Any]]:
    """Yield the records of a file that has one a line; `#` begins a comment. Raises InputError if no line holds any."""
    damaged = found = 0
    for line in split_lines(source.text()):
        if not line.strip() or is_comment(line):
            continue
        try:
            record = parse(line)
        except InputError:
            damaged += 1
            continue
        if isinstance(record, dict):
            found += 1
            yield record
    if not found:
        raise InputError("没有一行是 JSON 对象; 请检查文件是否完整")
    if damaged:
        source.note(f"{damaged} 行不是完整的 JSON, 没有读")
