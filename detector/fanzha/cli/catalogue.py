"""fanzha rules catalogue: all scripts and signals on one page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fanzha.cli.failures import FOUND
from fanzha.cli.options import Rules


def catalogue(
    rules: Rules = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="文件", help="写到这个文件", show_default=False)
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="只比较, 不写; 文件不是最新的退出码 1")] = False,
) -> None:
    """Write the catalogue, or tell whether it is up to date."""
    from fanzha.cli.terminal import tell
    from fanzha.errors import InputError
    from fanzha.pack.catalogue import catalogue as page
    from fanzha.pack.load import bundled_rules, load_pack, raise_errors

    pack = load_pack([bundled_rules(), *(rules or [])])
    raise_errors(pack.diagnostics)
    text = page(pack)
    if output is None:
        typer.echo(text, nl=False)
        return
    try:
        if not check:
            output.write_text(text, "utf-8", newline="\n")
        elif output.read_text("utf-8") != text:
            tell(f"{output} 不是最新的; 运行 fanzha rules catalogue -o {output}")
            raise typer.Exit(FOUND)
    except OSError as error:
        raise InputError(f"读写不了: {error.strerror}", where=str(output)) from None
