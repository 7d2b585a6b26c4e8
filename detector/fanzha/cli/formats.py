"""fanzha formats: which formats are read; and of files, which one they are in and what was read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fanzha.cli.failures import BAD_INPUT

if TYPE_CHECKING:
    from rich.table import Table


def formats(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="[文件...]", help="不写则列出全部格式", show_default=False)
    ] = None,
) -> None:
    """List the formats, or tell those of files."""
    from fanzha.cli.terminal import console

    if not files:
        console().print(_known())
        return
    table, unreadable = _told(files)
    console().print(table)
    if unreadable == len(files):
        raise typer.Exit(BAD_INPUT)


def _known() -> Table:
    from rich.table import Table

    from fanzha.formats.registry import readers

    table = Table("格式", "是什么", "常见后缀", box=None, pad_edge=False)
    for reader in readers():
        table.add_row(reader.name, reader.title, " ".join(reader.suffixes))
    return table


def _told(files: list[Path]) -> tuple[Table, int]:
    """Read the files and return what they are, and how many could not be read."""
    from rich.table import Table
    from rich.text import Text

    from fanzha.errors import InputError
    from fanzha.formats.registry import read_file

    table = Table("文件", "格式", "编码", "对话", "轮", "说明", box=None, pad_edge=False)
    unreadable = 0
    for path in files:
        known, encoding, notes, conversations, turns = "-", "-", [], 0, 0
        try:
            reading = read_file(path)
            known = reading.format
            for conversation in reading.conversations:
                conversations += 1
                turns += len(conversation.turns)
            encoding, notes = reading.encoding or "-", list(reading.notes)
            if reading.replaced:
                notes.insert(0, f"{reading.replaced} 个字读不出")
        except InputError as error:
            unreadable += 1
            notes = [str(error)]
        cells = (str(path), known, encoding, str(conversations), str(turns), "; ".join(notes))
        table.add_row(*(Text(cell) for cell in cells))
    return table, unreadable
