"""Compiled rules kept in a file, so that a second start needs no YAML and no compiler.

In: rule folders. Out: a Ruleset, the same as compiling gives. The file is named by what went into it (the rules, the
compiler's own sources and tables, the version), so that it is never stale; it is msgpack, data that executes nothing,
and it is left alone where it cannot be read, written or trusted to be whole. It lies in the user's cache folder.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from fanzha.pack.bundled import rule_files
from fanzha.ruleset import Compiled, Ruleset, assemble

_KEPT = 12  # files of earlier rules that stay beside the newest
_DIGEST_BYTES = 32
_SOURCES = (*"pack/*.py tables/*.txt ruleset.py text.py sound.py table.py mend.py stance.py __init__.py".split(),)


def load_ruleset(folders: Sequence[Path], *, use_cache: bool = True) -> Ruleset:
    """The rules of the folders, from the cache or compiled and then kept there. Raises PackError with every fault."""
    with _uncollected():
        return assemble(_compiled(folders, use_cache=use_cache))


def to_bytes(folders: Sequence[Path]) -> bytes:
    """The compiled rules of the folders as data, for another process or machine. Raises PackError."""
    return _sealed(_compiled(folders, use_cache=True))


def from_bytes(data: bytes) -> Ruleset:
    """The rules that `to_bytes` gave. Raises ValueError if the data is damaged or of another version."""
    import msgspec

    try:
        return assemble(_opened(data))
    except msgspec.MsgspecError as error:
        raise ValueError("compiled rules of another version") from error


def _compiled(folders: Sequence[Path], *, use_cache: bool) -> Compiled:
    path = _place(folders) if use_cache else None
    parts = _read(path) if path is not None else None
    if parts is None:
        from fanzha.pack.compile import compile_parts
        from fanzha.pack.load import load_pack

        parts = compile_parts(load_pack(folders))
        if path is not None:
            _write(path, parts)
    return parts


def _place(folders: Sequence[Path]) -> Path | None:
    """The file of these rules under this compiler; None where a folder cannot be read, which the loader then tells."""
    digest = hashlib.sha256(_compiler())
    try:
        for folder in folders:
            if not folder.is_dir():
                return None
            for path in rule_files(folder):
                data = path.read_bytes()
                name = f"\n{folder.name}/{path.relative_to(folder)} {len(data)}\n"
                digest.update(name.encode("utf-8", "surrogateescape"))
                digest.update(data)
    except OSError:
        return None
    from platformdirs import user_cache_path

    return user_cache_path("fanzha", appauthor=False) / f"rules-{digest.hexdigest()[:32]}.msgpack"


@cache
def _compiler() -> bytes:
    """A hash of everything that decides what compiling gives."""
    root = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for pattern in _SOURCES:
        for path in sorted(root.glob(pattern)):
            digest.update(path.read_bytes())
    return digest.digest()


def _sealed(parts: Compiled) -> bytes:
    """A hash, and what it is of."""
    import msgspec

    body = msgspec.msgpack.encode(parts)
    return hashlib.sha256(body).digest() + body


def _opened(data: bytes) -> Compiled:
    import msgspec

    body = memoryview(data)[_DIGEST_BYTES:]
    if hashlib.sha256(body).digest() != data[:_DIGEST_BYTES]:
        raise ValueError("compiled rules are damaged")
    return msgspec.msgpack.decode(body, type=Compiled)


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Without the garbage collector, which would look through a quarter of a million new objects over and over."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _read(path: Path) -> Compiled | None:
    import msgspec

    try:
        return _opened(path.read_bytes())
    except (OSError, ValueError, msgspec.MsgspecError):
        return None


def _write(path: Path, parts: Compiled) -> None:
    """Whole or not at all; a cache that cannot be written is no fault."""
    data = _sealed(parts)
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix="rules-", suffix=".part")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(name, path)
        for old in _oldest(path.parent):
            old.unlink(missing_ok=True)


def _oldest(folder: Path) -> Iterator[Path]:
    files = sorted(folder.glob("rules-*.msgpack"), key=lambda path: path.stat().st_mtime, reverse=True)
    yield from files[_KEPT:]
