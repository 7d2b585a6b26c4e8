"""JSON, whole or line by line, whoever wrote it: NaN, raw line breaks in strings and lone surrogates are read.

In: text. Out: plain values. Nesting is bounded by the parser (200), the number of values by MAX_VALUES; a text that is
no JSON raises InputError with its line and column, never with what stands there.
"""

from __future__ import annotations

import ast
import json
import re
from typing import Any

from pydantic_core import from_json

from fanzha.errors import InputError, LimitError
from fanzha.limits import MAX_REPR_CHARS, MAX_VALUES

_PLACE = re.compile(r" at line (\d+) column (\d+)$")
_DEEP = "JSON 嵌套太深, 最多 200 层"


def parse(text: str) -> Any:
    """Return the value that a JSON text holds. Raises InputError with the place, LimitError."""
    if text.count(",") > MAX_VALUES or text.count("[") > MAX_VALUES:
        raise LimitError(f"JSON 里的值超过 {MAX_VALUES} 个; 请分成几个文件")
    try:
        return from_json(text)
    except (TypeError, UnicodeEncodeError):  # a str that UTF-8 cannot carry
        return _parse_lenient(text, None)
    except ValueError as error:
        return _parse_lenient(text, str(error))


def parse_cut(text: str) -> Any:
    """Return what a JSON text holds as far as it goes. Raises InputError where its beginning is no JSON."""
    try:
        return from_json(text, allow_partial=True)
    except ValueError:
        raise InputError("不是 JSON") from None


def parse_repr(text: str) -> Any:
    """Return the value of what Python prints of a list or mapping, as people save it: [{'key': 'a', 'text': …}].

    Raises InputError, LimitError; nothing is executed.
    """
    if len(text) > MAX_REPR_CHARS:
        raise LimitError(f"Python 打印的结果超过 {MAX_REPR_CHARS} 个字; 请用 json.dump 写文件")
    try:
        return ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        raise InputError("不是 JSON, 也不是完整的 Python 列表或字典; 请用 json.dump 写文件") from None


def _parse_lenient(text: str, problem: str | None) -> Any:
    """Read what other writers let pass: lone surrogates, control characters in strings, numbers out of range."""
    if problem is not None and "recursion limit" in problem:
        raise LimitError(_DEEP) from None
    try:
        return json.loads(text, strict=False)
    except RecursionError:
        raise LimitError(_DEEP) from None
    except ValueError as error:
        raise InputError(_fault(text, problem or str(error))) from None


def _fault(text: str, problem: str) -> str:
    place = _PLACE.search(problem)
    where = f"第 {place[1]} 行第 {place[2]} 列" if place else ""
    if "EOF" in problem:
        return f"JSON 不完整, 在{where or '末尾'}断了; 请重新导出"
    return f"不是合法的 JSON{f' ({where})' if where else ''}; 请检查文件是否完整"
