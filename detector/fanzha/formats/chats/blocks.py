"""Text exports in which a head line is followed by the text of a message.

In: a text and the pattern of its head lines. Out: Blocks of a head and a body. Lines before the first head are left
out: exports begin with titles. Body lines keep their order and inner empty lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from fanzha.formats.head import Head

_LINE_END = re.compile(r"\r\n|\r|\n")
_LOOKED_AT = 200  # lines of a head that are sniffed


@dataclass(frozen=True, slots=True)
class Block:
    """The match of a head line and the text below it, without empty lines around it."""

    head: re.Match[str]
    body: str


def split_lines(text: str) -> list[str]:
    r"""Lines without their ends, split at \n, \r\n and \r only."""
    return _LINE_END.split(text)


def split_blocks(text: str, head: re.Pattern[str]) -> Iterator[Block]:
    """Yield a block for each line that matches `head` as a whole."""
    found: re.Match[str] | None = None
    body: list[str] = []
    for line in split_lines(text):
        match = head.fullmatch(line.rstrip())
        if match is None:
            body.append(line)
            continue
        if found is not None:
            yield Block(found, _joined(body))
        found, body = match, []
    if found is not None:
        yield Block(found, _joined(body))


def _joined(lines: list[str]) -> str:
    return "\n".join(lines).strip("\n").rstrip()


def is_head_with_body(head: Head, pattern: re.Pattern[str], no_mark: str = "") -> bool:
    """Whether a file begins with such a head line, each stands after an empty line, and one at least has a body.

    A head line that holds one of the characters of `no_mark` is rather a line of a transcript (`time 客服: 您好`).
    """
    lines = [line.rstrip() for line in head.lines[:_LOOKED_AT]]
    while lines and not lines[0]:
        lines.pop(0)
    heads = [index for index, line in enumerate(lines) if pattern.fullmatch(line)]
    if not heads or heads[0] != 0 or any(lines[index - 1] for index in heads[1:]):
        return False
    with_body = [index for index in heads if index + 1 < len(lines) and lines[index + 1]]
    marked = sum(any(mark in pattern.sub(r"\g<name>", lines[index]) for mark in no_mark) for index in with_body)
    return bool(with_body) and marked * 2 < len(with_body)
