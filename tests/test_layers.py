"""The arrows of the design, read from the imports: one way, no turning back."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from conftest import ROOT

SOURCES = {"fanzha": ROOT / "detector" / "fanzha", "fanzha_api": ROOT / "api" / "fanzha_api"}

# What a room may know of fanzha. A package's own modules may always know each other; "*" is everything.
LEAVES: set[str] = set()
ALLOWED: dict[str, set[str]] = {
    # values that everything speaks in
    "errors": LEAVES,
    "limits": LEAVES,
    "cells": LEAVES,
    "verdict": LEAVES,
    "conversation": {"errors"},
    "result": {"conversation", "verdict"},
    # reading a text
    "table": LEAVES,
    "text": {"table"},
    "sound": {"table"},
    "amounts": LEAVES,
    "entities": {"amounts"},
    "words": LEAVES,
    "mend": {"sound", "table", "text"},
    "ruleset": {"mend", "words"},
    "scan": {"amounts", "entities", "ruleset", "sound"},
    "match": {"ruleset", "scan"},
    "stance": {"conversation", "match", "ruleset", "scan"},
    "judge": {"ruleset"},
    "state": {"amounts", "conversation", "entities", "judge", "limits", "match", "ruleset", "stance", "text"},
    "hearing": {"match", "mend", "ruleset", "scan", "state"},
    "engine": {"amounts", "conversation", "hearing", "judge", "limits", "match", "ruleset", "scan", "stance", "state", "text"},
    "report": {"conversation", "judge", "ruleset", "stance", "state", "verdict"},
    "session": {"conversation", "engine", "errors", "judge", "limits", "report", "ruleset", "state", "verdict"},
    # rules from files; the stance module only for the names of its cues
    "pack": {"", "errors", "mend", "ruleset", "sound", "stance", "text", "words"},
    "detector": {"conversation", "engine", "errors", "pack", "ruleset", "session", "verdict"},
    "watcher": {"conversation", "detector", "errors", "session", "verdict"},
    "": {"conversation", "detector", "errors", "session", "verdict", "watcher"},
    # around the core
    "formats": {"cells", "conversation", "errors", "limits"},
    "batch": {"conversation", "detector", "errors", "formats", "result", "verdict"},
    "render": {"cells", "conversation", "errors", "result", "verdict"},
    "measure": {"conversation", "detector", "errors", "judge", "match", "mend", "pack", "ruleset", "scan", "sound", "table", "text", "verdict"},
    "adapters": {"", "conversation", "detector", "errors", "render", "result", "verdict", "watcher"},
    "trial": {"conversation", "errors", "pack", "ruleset", "session", "verdict"},
    "cli": {"*"},
    "__main__": {"cli"},
    # the service knows the public names, and for its workbench the rules as written
    "fanzha_api": {"", "conversation", "errors", "formats", "limits", "pack", "trial"},
}
TRIES_RULES = "pack/examples.py"  # runs the examples of rules, so it stands above the core
PURE = ("judge", "match", "scan", "stance", "engine", "state", "report", "text", "sound", "amounts", "entities", "ruleset", "table", "mend", "hearing")
# table reads the package's own tables, once
OUTSIDE = {"os", "sys", "io", "pathlib", "time", "datetime", "logging", "random", "socket", "subprocess", "shutil",
           "tempfile", "threading", "multiprocessing", "warnings", "yaml", "pydantic", "rich", "typer"}  # fmt: skip
FORBIDDEN_CALLS = {"open", "print", "input", "eval", "exec", "__import__", "breakpoint"}


def modules(package: str) -> Iterator[Path]:
    yield from sorted(SOURCES[package].rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            assert node.module is not None
            children = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (child if is_module(child) else node.module for child in children)


def is_module(name: str) -> bool:
    package, *rest = name.split(".")
    if package not in SOURCES or not rest:
        return False
    place = SOURCES[package].joinpath(*rest)
    return place.is_dir() or place.with_suffix(".py").is_file()


def room(name: str) -> str:
    """fanzha.pack.load → pack, fanzha → ""."""
    package, *rest = name.split(".")
    if package == "fanzha_api":
        return package
    return rest[0] if rest else ""


def room_of(package: str, path: Path) -> str:
    if package == "fanzha_api":
        return package
    first = path.relative_to(SOURCES[package]).parts[0].removesuffix(".py")
    return "" if first == "__init__" else first


PLACES = [(package, path) for package in SOURCES for path in modules(package)]
NAMES = [str(path.relative_to(SOURCES[package])) for package, path in PLACES]


@pytest.mark.parametrize(("package", "path"), PLACES, ids=NAMES)
def test_a_room_knows_only_what_the_design_allows(package: str, path: Path) -> None:
    if str(path.relative_to(SOURCES[package])) == TRIES_RULES:
        return
    own = room_of(package, path)
    assert own in ALLOWED, f"a new room {own!r}: say in this test what it may know"
    known = {room(name) for name in imports(path) if name.split(".")[0] in SOURCES} - {own}
    beyond = known - ALLOWED[own] if "*" not in ALLOWED[own] else set()
    assert not beyond, f"{own} may not know {sorted(beyond)}"


@pytest.mark.parametrize("own", PURE)
def test_the_core_reads_no_file_clock_environment_or_log(own: str) -> None:
    path = SOURCES["fanzha"] / f"{own}.py"
    assert {name.split(".")[0] for name in imports(path)}.isdisjoint(OUTSIDE)
    called = {
        node.func.id
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and hasattr(builtins, node.func.id)
    }
    assert called.isdisjoint(FORBIDDEN_CALLS)


def test_only_the_tables_are_read_by_the_core() -> None:
    reading = {own for own in PURE if "importlib.resources" in set(imports(SOURCES["fanzha"] / f"{own}.py"))}
    assert reading == {"table"}


def test_only_the_command_and_words_know_logging_or_warnings() -> None:
    """words keeps jieba quiet; nothing else of the library logs, so nothing can log what somebody said."""
    speaking = {
        room_of("fanzha", path)
        for path in modules("fanzha")
        if {"logging", "warnings"} & {name.split(".")[0] for name in imports(path)}
    }
    assert speaking <= {"words", "cli"}


def test_the_allowed_arrows_make_no_circle() -> None:
    graph = {own: known - {"*", ""} for own, known in ALLOWED.items()}
    assert tuple(TopologicalSorter(graph).static_order())


def test_the_engine_is_one_screen() -> None:
    assert len((SOURCES["fanzha"] / "engine.py").read_text("utf-8").splitlines()) <= 120
