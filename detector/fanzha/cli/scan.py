"""fanzha scan: many transcripts, one row each; a broken file is a row, not the end."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import IO, Annotated, Any

import typer

from fanzha.cli.failures import BAD_INPUT, FOUND
from fanzha.cli.options import FailOnOption, Rules, SelfName, load_detector, reaches


def scan(
    paths: Annotated[list[Path], typer.Argument(metavar="文件或目录...", help="目录取其中所有 .txt, 含子目录")],
    out: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="文件", help="另存 JSONL, 一个文件一行; - 为标准输出, 不再显示表格"),
    ] = None,
    rules: Rules = None,
    self_name: SelfName = None,
    fail_on: FailOnOption = None,
) -> None:
    """Score files, one conversation each, and list them."""
    from rich.progress import track
    from rich.text import Text

    from fanzha.cli.terminal import console, error_console
    from fanzha.errors import InputError
    from fanzha.formats.plain import read_plain
    from fanzha.render.jsonl import error_row, verdict_row, write_row
    from fanzha.render.table import FileRow, file_row, scan_summary, scan_table

    files = list(find_files(paths))
    detector = load_detector(rules)
    rows: list[FileRow] = []
    reached = False
    progress = error_console()
    shown: Iterable[Path] = files
    if progress.is_terminal and out != "-" and len(files) > 50:
        shown = track(files, "判断中", console=progress, transient=True)
    with _opened(out) as lines:
        for path in shown:
            try:
                verdict = detector.score(read_plain(path, self_name=self_name))
            except InputError as error:
                rows.append(FileRow(str(path), error=str(error)))
                document = error_row(str(error), file=str(path))
            else:
                rows.append(file_row(str(path), verdict))
                document = verdict_row(verdict, file=str(path))
                reached = reached or reaches(verdict, fail_on)
            if lines is not None:
                write_row(document, lines)
    if out != "-":
        screen = console()
        screen.print(scan_table(rows))
        screen.print(Text(f"\n{scan_summary(rows)}"))
    if rows and all(row.level is None for row in rows):
        raise typer.Exit(BAD_INPUT)
    if reached:
        raise typer.Exit(FOUND)


def find_files(paths: list[Path]) -> Iterator[Path]:
    """Files as given.

    Of folders every .txt in them, by name. Raises InputError where there is nothing to read.
    """
    from fanzha.errors import InputError

    for path in paths:
        if path.is_dir():
            found = sorted(one for one in path.rglob("*") if one.suffix.lower() == ".txt" and one.is_file())
            if not found:
                raise InputError("目录里没有 .txt 文件", where=str(path))
            yield from found
        elif path.exists():
            yield path
        else:
            raise InputError("没有这个文件或目录", where=str(path))


def _opened(out: str | None) -> Any:
    """Return the stream that JSONL goes to, as a context: a file, standard output, or None."""
    from fanzha.errors import InputError

    if out is None:
        return nullcontext(None)
    if out == "-":
        stream: IO[str] = sys.stdout
        return nullcontext(stream)
    try:
        return open(out, "w", encoding="utf-8", newline="\n")
    except OSError as error:
        raise InputError(f"写不了: {error.strerror}", where=out) from None
