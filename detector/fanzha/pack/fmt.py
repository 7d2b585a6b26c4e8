"""One way to write a rule file: keys in the order of the model, stable indentation, nothing lost.

In: the text of a YAML file. Out: its formatted text, which holds the same data, comments, quotes and flow
lists. Needs ruamel.yaml (the `author` extra). Keys are reordered by moving whole lines, so that a comment
stays above the key it stood above; ruamel then lays out indentation, and long flow lists are broken here,
by the columns that they take on a screen (ruamel counts characters, and indents what it breaks unevenly).
Formatting twice changes nothing more.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import yaml
from pydantic import BaseModel
from rich.cells import cell_len

from fanzha.pack.model import (
    AdviceModel,
    CueModel,
    DecisiveModel,
    PackModel,
    ScriptModel,
    SignalModel,
    TermModel,
)

WIDTH = 110  # columns; a Chinese character takes two
_PARTS: dict[str, type[BaseModel]] = {"decisive": DecisiveModel, "advice": AdviceModel}
_MODELS: dict[str, type[BaseModel]] = {"signals": SignalModel, "scripts": ScriptModel, "guards": CueModel}


class FormatError(ValueError):
    """The file cannot be formatted without risk and is left as it is; line and column are 1-based."""

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


def format_rules(text: str) -> str:
    """Return the formatted text.

    Raises FormatError if it is no YAML, or if formatting would change what it says.
    """
    before = _data(text)
    formatted = _wrapped(_laid_out(_reordered(text)))
    if _data(formatted) != before or _comments(formatted) != _comments(text):
        raise FormatError("排版会改变内容, 没有动它; 请把这个文件交给我们看")
    return formatted


def _data(text: str) -> Any:
    """By the Python parser, which is stricter than the C one: what it reads, every YAML reader reads."""
    try:
        return yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        message = f"YAML 写法有误 ({error.problem}); 带 ? : # 的词要加引号"
        raise FormatError(message, line, column) from None
    except yaml.YAMLError as error:
        raise FormatError(f"YAML 写法有误 ({type(error).__name__})") from None


def _comments(text: str) -> list[str]:
    return sorted(match.strip() for match in re.findall(r"(?m)(?:^|\s)#.*$", text))


def _laid_out(text: str) -> str:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    layout = YAML()
    layout.preserve_quotes = True
    layout.width = 1_000_000  # _wrapped breaks the lines
    layout.indent(mapping=2, sequence=4, offset=2)
    layout.allow_unicode = True
    out = io.StringIO()
    try:
        layout.dump(layout.load(text), out)
    except YAMLError as error:
        raise FormatError(f"YAML 写法有误: {type(error).__name__}") from None
    lines = [line.rstrip() for line in out.getvalue().splitlines()]
    return "\n".join(lines).rstrip("\n") + "\n"


# ── key order ────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Move:
    """A mapping whose keys begin at these lines (0-based), in this order; `end` is the line after it."""

    starts: tuple[int, ...]
    column: int
    order: tuple[int, ...]
    end: int


def _reordered(text: str) -> str:
    """Move the lines of keys; inner mappings first, so that outer moves carry them along."""
    lines = text.splitlines()
    root = yaml.compose(text)
    if root is None:
        return text
    for move in sorted(_moves(root, lines), key=lambda one: -one.column):
        _apply(move, lines)
    return "\n".join(lines) + "\n"


def _moves(root: yaml.Node, lines: Sequence[str]) -> Iterator[_Move]:
    if not isinstance(root, yaml.MappingNode):
        return
    for key, section in root.value:
        if key.value == "pack":
            yield from _move(section, PackModel, lines)
        elif key.value == "terms" and isinstance(section, yaml.MappingNode):
            for _, term in section.value:
                yield from _move(term, TermModel, lines)
        elif key.value in _MODELS and isinstance(section, yaml.SequenceNode):
            for item in section.value:
                yield from _move(item, _MODELS[key.value], lines)
                if key.value == "scripts":
                    yield from _parts(item, lines)


def _parts(script: yaml.Node, lines: Sequence[str]) -> Iterator[_Move]:
    if not isinstance(script, yaml.MappingNode):
        return
    for key, value in script.value:
        model = _PARTS.get(key.value)
        if model is not None and isinstance(value, yaml.SequenceNode):
            for item in value.value:
                yield from _move(item, model, lines)


def _move(node: yaml.Node, model: type[BaseModel], lines: Sequence[str]) -> Iterator[_Move]:
    """Return the move that brings a block mapping into the model's order, if it is not.

    Flow mappings stay as written.
    """
    if not isinstance(node, yaml.MappingNode) or node.flow_style or len(node.value) < 2:
        return
    names = [field.alias or name for name, field in model.model_fields.items()]
    keys = [key.value for key, _ in node.value]
    rank = {name: index for index, name in enumerate(names)}
    order = sorted(range(len(keys)), key=lambda index: (rank.get(keys[index], len(names)), index))
    if order == list(range(len(keys))):
        return
    column = node.value[0][0].start_mark.column
    starts = [key.start_mark.line for key, _ in node.value]
    ends = [starts[0]]
    for start in starts[1:]:
        while _is_comment(lines[start - 1], column):
            start -= 1
        ends.append(start)
    last = _last_line(node.value[-1][1], starts[-1])
    yield _Move(tuple(ends), column, tuple(order), last + 1)


def _is_comment(line: str, column: int) -> bool:
    return line.lstrip().startswith("#") and len(line) - len(line.lstrip()) == column


def _last_line(node: yaml.Node, start: int) -> int:
    """Return the last line on which something of the node stands.

    End marks of blocks lie beyond comments and blank lines.
    """
    if isinstance(node, yaml.ScalarNode) or getattr(node, "flow_style", False):
        end = node.end_mark
        return end.line - 1 if end.column == 0 and end.line > start else end.line
    children = [item for pair in node.value for item in (pair if isinstance(pair, tuple) else (pair,))]
    return max((_last_line(child, start) for child in children), default=start)


def _apply(move: _Move, lines: list[str]) -> None:
    bounds = [*move.starts, move.end]
    chunks = [lines[low:high] for low, high in pairwise(bounds)]
    dash = chunks[0][0][: move.column]  # "  - " before the first key
    chunks[0][0] = " " * move.column + chunks[0][0][move.column :]
    moved = [line for index in move.order for line in chunks[index]]
    first = next(index for index, line in enumerate(moved) if not line.lstrip().startswith("#"))
    moved[first] = dash + moved[first][move.column :]
    if first:  # a comment above the new first key now stands above the dash
        moved[:first] = [dash.replace("-", " ") + line.lstrip() for line in moved[:first]]
    lines[move.starts[0] : move.end] = moved


# ── long flow lists ────────────────────────────────────────


def _wrapped(text: str) -> str:
    """Break the flow lists and mappings that stand alone on a line too long for the screen."""
    lines = text.splitlines()
    root = yaml.compose(text)
    for node in _flows(root) if root is not None else ():
        number, start = node.start_mark.line, node.start_mark.column
        line = lines[number]
        if node.end_mark.line == number and node.end_mark.column == len(line) and cell_len(line) > WIDTH:
            lines[number] = _broken(line, start, _items(node, line))
    return "\n".join(lines) + "\n"


def _flows(node: yaml.Node) -> Iterator[yaml.CollectionNode]:
    """Return the outermost flow lists and mappings."""
    if isinstance(node, yaml.CollectionNode):
        if node.flow_style:
            yield node
        else:
            for item in node.value:
                for child in item if isinstance(item, tuple) else (item,):
                    yield from _flows(child)


def _items(node: yaml.CollectionNode, line: str) -> list[str]:
    """Return the source of each item, quotes and all."""
    spans = [
        (item[0].start_mark.column, item[1].end_mark.column)
        if isinstance(item, tuple)
        else (item.start_mark.column, item.end_mark.column)
        for item in node.value
    ]
    return [line[start:end].strip() for start, end in spans]


def _broken(line: str, start: int, items: Sequence[str]) -> str:
    pieces = [f"{item}," for item in items[:-1]] + [items[-1] + line[-1]]
    indent = " " * (cell_len(line[:start]) + 1)
    rows = [line[: start + 1]]
    fresh = True
    for piece in pieces:
        if not fresh and cell_len(rows[-1]) + 1 + cell_len(piece) > WIDTH:
            rows.append(indent)
            fresh = True
        rows[-1] += piece if fresh else f" {piece}"
        fresh = False
    return "\n".join(rows)
