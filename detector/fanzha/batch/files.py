"""Which files a run is about: arguments of a command → paths, in a stable order.

In: files, folders and patterns (calls/**/*.srt). Out: files as given; of a pattern its matches and of a folder
everything below it that some format may be, by name. A folder may hold a `.fanzhaignore` in the syntax of .gitignore,
which counts for what lies below it. Archives are not opened, hidden names and links to folders are not followed. Files
are opened only where their names may mean that they are parts of an export (the chunks below a manifest.json), which
is read with its main file.
"""

from __future__ import annotations

import glob
import os
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from fanzha.errors import InputError
from fanzha.formats.registry import companion_of, main_file

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

IGNORE_FILE = ".fanzhaignore"
ARCHIVES = frozenset([".zip", ".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst"])


@dataclass(slots=True)
class Found:
    """The files of a run, and how many were passed over in folders, by reason."""

    paths: list[str] = field(default_factory=list)
    archives: int = 0
    ignored: int = 0  # files and whole folders that a .fanzhaignore names
    parts: int = 0  # files that are read with another file that was found
    others: Counter[str] = field(default_factory=Counter)  # files of no format that is known, by suffix


def find_files(given: Sequence[str | Path], suffixes: Collection[str], *, without: Collection[Path] = ()) -> Found:
    """Files of all arguments, each once, arguments in the order given.

    `suffixes` (".txt", …) are those that are looked for in folders; a file that is named is taken whatever its suffix.
    `without` are files of ours, such as the results of this very run. Raises InputError where an argument
    names nothing.
    """
    found = Found()
    known = frozenset(suffix.lower() for suffix in suffixes)
    own = frozenset(os.path.realpath(path) for path in without)
    seen: set[str] = set()
    met: set[str] = set()  # below folders
    for argument in given:
        for path in _expanded(str(argument)):
            inside = os.path.isdir(path)
            for file in _walk(path, [], known, found) if inside else (path,):
                place = os.path.realpath(file)
                if place not in seen and (not inside or place not in own):
                    seen.add(place)
                    found.paths.append(file)
                    met.update((file,) if inside else ())
    parts = {file for file in met if (main := companion_of(Path(file))) and os.path.realpath(main) in seen}
    found.parts = len(parts)
    found.paths = [file for file in found.paths if file not in parts]
    return found


def _expanded(argument: str) -> list[str]:
    if os.path.lexists(argument):
        return [argument]
    if not glob.has_magic(argument):
        raise InputError("没有这个文件或目录", where=argument)
    matches = sorted(glob.glob(argument, recursive=True), key=_by_name)
    if not matches:
        raise InputError("没有与它相符的文件", where=argument)
    return matches


def _by_name(path: str) -> list[str]:
    return path.split(os.sep)


_Ignores = list[tuple[str, "GitIgnoreSpec"]]  # folder and what its .fanzhaignore says, the outermost first


def _walk(folder: str, ignores: _Ignores, suffixes: frozenset[str], found: Found) -> Iterator[str]:
    """Files below a folder, names in the order of their code points, so that every system gives the same order."""
    try:
        with os.scandir(folder) as listed:
            entries = sorted(listed, key=lambda entry: entry.name)
    except OSError as error:
        raise InputError(f"目录打不开: {error.strerror}", where=folder) from None
    if any(entry.name == IGNORE_FILE for entry in entries):
        ignores = [*ignores, (folder, _read_ignores(os.path.join(folder, IGNORE_FILE)))]
    for entry in entries:
        if entry.name.startswith("."):
            continue
        deeper = entry.is_dir(follow_symlinks=False)
        if ignores and _is_ignored(entry.path, deeper, ignores):
            found.ignored += 1
        elif deeper:
            yield from _walk(entry.path, ignores, suffixes, found)
        elif entry.is_file():
            suffix = os.path.splitext(entry.name)[1].lower()
            if suffix in suffixes or (not suffix and main_file(Path(folder)) == Path(entry.path)):
                yield entry.path
            elif suffix in ARCHIVES:
                found.archives += 1
            else:
                found.others[suffix] += 1


def _read_ignores(path: str) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec

    try:
        with open(path, encoding="utf-8-sig") as file:
            return GitIgnoreSpec.from_lines(file.read().splitlines())
    except (OSError, ValueError) as error:
        raise InputError(f"读不懂: {getattr(error, 'strerror', None) or error}", where=path) from None


def _is_ignored(path: str, is_folder: bool, ignores: _Ignores) -> bool:
    """The innermost file that says anything about a path decides, as with .gitignore."""
    for folder, spec in reversed(ignores):
        relative = os.path.relpath(path, folder).replace(os.sep, "/") + ("/" if is_folder else "")
        said = spec.check_file(relative).include
        if said is not None:
            return said
    return False
