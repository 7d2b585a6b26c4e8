"""The character tables that are shipped with the package, read line by line.

In: the name of a table under tables/. Out: its rows, each the cells between tabs. Lines that are empty or begin with
`#` are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files


def rows(name: str) -> Iterator[list[str]]:
    """The rows of a table, say `fold` or `noise/emoji`."""
    for line in files("fanzha").joinpath("tables", f"{name}.txt").read_text("utf-8").split("\n"):
        if line and not line.startswith("#"):
            yield line.split("\t")
