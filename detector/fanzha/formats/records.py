"""JSON files as the readers of JSON formats want them: their values one by one, and what lies in wrappers.

In: a Source. Out: values at the top of a document, or one a line, streamed; of a value the objects that hold what a
format is about, whatever `data`, `result` or `payload` they are wrapped in, also as JSON in a string.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from fanzha.errors import InputError
from fanzha.formats.document import parse
from fanzha.formats.head import Head, is_comment
from fanzha.formats.source import Source

Object = dict[str, Any]
_DEEPEST = 6  # wrappers


def documents(source: Source) -> Iterator[Any]:
    """Yield the JSON values of a file: the document, or one a line. Raises InputError where it is no JSON.

    A line that is none is passed over and noted, unless no line is any.
    """
    head = source.head
    if head.is_document:
        yield head.documents[0]
        return
    if head.has_json_lines:
        yield from _lines(source)
        return
    try:
        whole = source.whole_head
        value = whole.documents[0] if whole.is_document else parse(source.text())
    except InputError as error:
        if not _begins_with_json_line(source):
            raise error from None
        yield from _lines(source)
    else:
        yield value


def _begins_with_json_line(source: Source) -> bool:
    try:
        parse(next((line for line in source.lines() if line.strip() and not is_comment(line)), ""))
    except InputError:
        return False
    return True


def _lines(source: Source) -> Iterator[Any]:
    good = False
    problem: InputError | None = None
    for number, line in enumerate(source.lines(), 1):
        if not line.strip() or is_comment(line):
            continue
        try:
            value = parse(line)
        except InputError:
            problem = InputError("不是合法的 JSON; 请检查文件是否完整", where=f"第 {number} 行")
            source.note(f"第 {number} 行不是 JSON, 已跳过")
            continue
        good = True
        yield value
    if problem is not None and not good:
        raise problem


def objects(source: Source) -> Iterator[Object]:
    """Yield the JSON objects at the top: the document, each line, or the members of an array at the top."""
    for document in documents(source):
        for member in document if isinstance(document, list) else (document,):
            if isinstance(member, dict):
                yield member


def holders(value: Any, wanted: Callable[[Object], bool]) -> Iterator[Object]:
    """Yield the outermost objects in a value that are wanted, in their order."""
    yield from _holders(value, wanted, 0)


def _holders(value: Any, wanted: Callable[[Object], bool], depth: int) -> Iterator[Object]:
    if isinstance(value, str):
        value = _in_string(value)
    if isinstance(value, dict) and wanted(value):
        yield value
    elif depth < _DEEPEST:
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        for one in inner:
            if isinstance(one, dict | list | str):
                yield from _holders(one, wanted, depth + 1)


def _in_string(text: str) -> Any:
    """Return the JSON object or array that a string holds, or None."""
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        return parse(text)
    except InputError:
        return None


def holds(head: Head, mark: str, wanted: Callable[[Object], bool]) -> Object | None:
    """Return the first wanted object of a head whose text has the mark, or None; the mark keeps it quick."""
    if mark not in head.text and mark.replace('"', "'") not in head.text:
        return None
    return next((found for document in head.documents for found in holders(document, wanted)), None)


def members(value: Any, key: str) -> list[Object]:
    """Return the objects in the list under a key; what is no object there is left out."""
    listed = value.get(key) if isinstance(value, dict) else None
    return [member for member in listed if isinstance(member, dict)] if isinstance(listed, list) else []


def string(value: Any) -> str:
    """Return a string as it is, a number written out, everything else as nothing."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def first(record: Object, *keys: str) -> Any:
    """Return the first value under the keys that is neither missing nor empty."""
    return next((record[key] for key in keys if record.get(key) not in (None, "", [])), None)
