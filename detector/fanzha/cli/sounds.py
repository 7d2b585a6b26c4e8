"""fanzha rules sounds: learn from ordinary text which words of the rules it sounds like."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fanzha.cli.options import Rules
from fanzha.cli.writing import writing


def sounds(
    data: Annotated[list[Path], typer.Argument(metavar="数据...", help="JSONL(.gz) 文件或目录; 只读标为 benign 的")],
    rules: Rules = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="文件", help="写到这个文件, 如 rules/sounds.yaml", show_default=False),
    ] = None,
) -> None:
    """Learn and write; without -o the file is printed."""
    from fanzha.cli.terminal import tell
    from fanzha.errors import InputError
    from fanzha.measure.records import Record, find_sets, parse_record, read_lines
    from fanzha.measure.sounds import listen, sounds_file
    from fanzha.pack.compile import words_of_patterns
    from fanzha.pack.load import bundled_rules, load_pack
    from fanzha.pack.vocabulary import heard_words

    paths = find_sets(data)
    with writing(output) as file:
        pack = load_pack([bundled_rules(), *(rules or [])])
        words = frozenset(heard_words(pack, words_of_patterns(pack)))
        records = (parse_record(raw) for path in paths for raw in read_lines(path))
        heard = listen(words, (one for one in records if isinstance(one, Record)))
        if not heard.characters:
            raise InputError("没有标为 benign 的文字", where=", ".join(map(str, data)))
        text = sounds_file(heard, [path.name.split(".")[0] for path in paths])
        if file is None:
            typer.echo(text, nl=False)
            return
        file.write(text)
    tell(f"{len(words)} 个词, 正常文字 {heard.characters} 字; 已写 {output}")
