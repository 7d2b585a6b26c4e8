"""Values of other people's JSON, which may be of any type wherever one was expected.

In: what a JSON document holds. Out: text, flags, mappings, empty where it is something else, so that a reader need not
ask at every step; and the records of a list, wherever the list is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fanzha.errors import InputError
from fanzha.formats.document import parse
from fanzha.formats.head import Head
from fanzha.formats.records import members, objects, string
from fanzha.formats.source import Source

_NOTHING: Mapping[str, Any] = {}
_LISTS = ("messages", "items", "data", "records", "events", "list", "chatdata", "msgs")


def map_in(value: object) -> Mapping[str, Any]:
    """The mapping, or an empty one."""
    return value if isinstance(value, dict) else _NOTHING


def json_in(value: object) -> Mapping[str, Any]:
    """The mapping, also one that is written as JSON in a string; other text becomes {"text": …}."""
    if isinstance(value, str):
        try:
            value = parse(value)
        except InputError:
            return {"text": value}
    return map_in(value)


def first_text(record: Mapping[str, Any], *keys: str) -> str:
    """The first of these values that is text and not blank, stripped."""
    return next((text for key in keys if (text := string(record.get(key)).strip())), "")


def flag_in(value: object) -> bool | None:
    """Whether a flag is set, however it is written (1, "1", true, "True"); None where it is not given."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return value != 0
    text = value.strip().lower() if isinstance(value, str) else ""
    if text in ("1", "1.0", "true", "yes", "是"):
        return True
    return False if text in ("0", "0.0", "false", "no", "否") else None


def read_records(source: Source) -> Iterator[Mapping[str, Any]]:
    """Yield the records of a JSON file: lines, the members of a list, or of the list that an object holds, two deep.

    Raises InputError, LimitError: a chat is held until it is in order.
    """
    source.check_whole()
    for top in objects(source):
        yield from _listed(top) or _listed(map_in(top.get("data"))) or (top,)


def records_in(head: Head) -> list[Mapping[str, Any]]:
    """Return the first records of a head, wherever their list is."""
    found: list[Mapping[str, Any]] = []
    for top in head.objects[:20]:
        found += [*(_listed(top) or _listed(map_in(top.get("data"))) or (top,))][:20]
    return found


def _listed(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    return next((found for key in _LISTS if (found := members(record, key))), [])
