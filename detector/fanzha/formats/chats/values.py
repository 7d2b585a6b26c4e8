"""Values of other people's JSON, which may be of any type wherever one was expected.

In: what a JSON document holds. Out: text, mappings and lists, empty where it is something else, so that a reader need
not ask at every step.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_NOTHING: Mapping[str, Any] = {}


def text_in(value: object) -> str:
    """Text of a string or a number, else ""."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or value is None:
        return ""
    return str(value) if isinstance(value, int | float) else ""


def map_in(value: object) -> Mapping[str, Any]:
    """The mapping, or an empty one."""
    return value if isinstance(value, dict) else _NOTHING


def maps_in(value: object) -> Iterator[Mapping[str, Any]]:
    """The mappings of a list; nothing where it is no list."""
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))


def first_text(record: Mapping[str, Any], *keys: str) -> str:
    """The first of these values that is text and not blank, stripped."""
    return next((text for key in keys if (text := text_in(record.get(key)).strip())), "")


def flag_in(value: object) -> bool | None:
    """Whether a flag is set, however it is written (1, "1", true, "True"); None where it is not given."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return value != 0
    text = value.strip().lower() if isinstance(value, str) else ""
    if text in ("1", "true", "yes", "是"):
        return True
    return False if text in ("0", "false", "no", "否") else None
