"""Every error the library raises on purpose.

    FanzhaError
    ├── InputError      what was to be scored cannot be read; `where` tells the turn or field
    │   └── LimitError  it is larger than the limits in limits.py
    └── PackError       the rule packs cannot be used; `diagnostics` lists every fault with file, line, column

Messages say what, where and how to mend it. They never carry the text of a conversation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


class FanzhaError(Exception):
    """The root of this library's errors."""


class InputError(FanzhaError, ValueError):
    """What was to be scored cannot be read."""

    def __init__(self, message: str, *, where: str = "") -> None:
        super().__init__(f"{where}: {message}" if where else message)
        self.message = message
        self.where = where

    def within(self, where: str) -> InputError:
        """The same error as seen from outside: turns[0] of the third item is items[2].turns[0]."""
        return type(self)(self.message, where=f"{where}.{self.where}" if self.where else where)


class LimitError(InputError):
    """The input is larger than the limits allow."""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One fault in a rule pack: where it is (1-based line and column) and how to mend it."""

    file: str
    line: int
    column: int
    message: str
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.severity}: {self.message}"


class PackError(FanzhaError):
    """The rule packs cannot be used."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        self.diagnostics = diagnostics
        super().__init__("\n".join(str(diagnostic) for diagnostic in diagnostics))
