"""YAML with positions: plain data, and for every path in it the line and column where it stands.

In: one YAML file, or its text. Out: a Document. It checks syntax and duplicate keys only; it knows no rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from fanzha.errors import Diagnostic

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C parser, where the wheel has it, is 8 × faster
DocumentPath = tuple[str | int, ...]
MAX_NODES = 200_000  # of a document with its aliases written out: ten lines of *aliases can stand for billions


@dataclass(frozen=True, slots=True)
class Document:
    """One parsed file: data, positions by path (1-based line, column), and the faults found."""

    file: str
    data: Any
    positions: dict[DocumentPath, tuple[int, int]]
    diagnostics: tuple[Diagnostic, ...]

    def at(self, path: DocumentPath, message: str, severity: Any = "error") -> Diagnostic:
        """A diagnostic at the path, or at its nearest ancestor that stands in the file."""
        while path and path not in self.positions:
            path = path[:-1]
        line, column = self.positions.get(path, (1, 1))
        return Diagnostic(self.file, line, column, message, severity)


class _TooLargeError(Exception):
    """More than MAX_NODES."""


def read_document(path: Path, shown_as: str) -> Document:
    """Parse one file; syntax errors become diagnostics of an otherwise empty document."""
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError as error:
        return _unreadable(shown_as, error)
    return parse_document(text, shown_as)


def parse_document(text: str, shown_as: str) -> Document:
    """Parse the text of a file, as read_document does."""
    diagnostics: list[Diagnostic] = []
    positions: dict[DocumentPath, tuple[int, int]] = {}
    try:
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            data = None if node is None else _plain(loader, node, (), positions, diagnostics, shown_as)
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        message = f"YAML 写法有误: {error.problem}"
        return Document(shown_as, None, {}, (Diagnostic(shown_as, line, column, message),))
    except RecursionError:
        return Document(shown_as, None, {}, (Diagnostic(shown_as, 1, 1, "嵌套太深, 或 *别名 引用了自己"),))
    except _TooLargeError:
        message = f"内容太多 (展开 *别名 后超过 {MAX_NODES:,} 项); 请分成几个文件, 不要层层套用别名"
        return Document(shown_as, None, {}, (Diagnostic(shown_as, 1, 1, message),))
    except (yaml.YAMLError, UnicodeError) as error:  # half an emoji, cut off, cannot be encoded
        return _unreadable(shown_as, error)
    return Document(shown_as, data, positions, tuple(diagnostics))


def _unreadable(shown_as: str, error: Exception) -> Document:
    message = f"读不了 ({type(error).__name__}); 请存为 UTF-8 编码的 YAML"
    return Document(shown_as, None, {}, (Diagnostic(shown_as, 1, 1, message),))


def _plain(
    loader: Any,
    node: yaml.Node,
    path: DocumentPath,
    positions: dict[DocumentPath, tuple[int, int]],
    diagnostics: list[Diagnostic],
    file: str,
) -> Any:
    positions[path] = (node.start_mark.line + 1, node.start_mark.column + 1)
    if len(positions) > MAX_NODES:
        raise _TooLargeError
    if isinstance(node, yaml.SequenceNode):
        return [
            _plain(loader, item, (*path, index), positions, diagnostics, file) for index, item in enumerate(node.value)
        ]
    if isinstance(node, yaml.MappingNode):
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line, column = key_node.start_mark.line + 1, key_node.start_mark.column + 1
            key = _scalar(loader, key_node, diagnostics, file) if isinstance(key_node, yaml.ScalarNode) else None
            if not isinstance(key, str):
                diagnostics.append(Diagnostic(file, line, column, "键应为文字; 数字、日期请加引号"))
                continue
            if key in data:
                diagnostics.append(Diagnostic(file, line, column, f"键 {key!r} 重复; 后一个会盖掉前一个"))
            data[key] = _plain(loader, value_node, (*path, key), positions, diagnostics, file)
        return data
    return _scalar(loader, node, diagnostics, file)


def _scalar(loader: Any, node: yaml.Node, diagnostics: list[Diagnostic], file: str) -> Any:
    try:
        return loader.construct_object(node, deep=True)
    except (ValueError, TypeError) as error:  # 2024-99-99, !!int x
        line, column = node.start_mark.line + 1, node.start_mark.column + 1
        diagnostics.append(Diagnostic(file, line, column, f"这个值读不了 ({error}); 是文字就加引号"))
        return None
