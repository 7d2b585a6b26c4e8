"""Text exports in which a head line is followed by the text of a message.

In: a text and the pattern of its head lines. Out: Blocks of a head and a body. Lines before the first head are left
out: exports begin with titles. Body lines keep their order and inner empty lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from fanzha.formats.head import Head

_LINE_END = re.compile(r"\r\n|\r|\n")
_LOOKED_AT = 200  # lines of a head that are sniffed
_NEARLY_ALL = 0.8


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
    lines = split_lines(text)
    heads = find_heads(lines, head)
    for (begin, found), (end, _) in pairwise([*heads, (len(lines), None)]):
        if found is not None:
            yield Block(found, "\n".join(lines[begin + 1 : end]).strip("\n").rstrip())


def find_heads(lines: Sequence[str], head: re.Pattern[str]) -> list[tuple[int, re.Match[str] | None]]:
    """Return the heads among lines with their places.

    Where nearly all stand after an empty line, one that does not is no head: somebody pasted a chat into a message.
    """
    found = [(index, match) for index, line in enumerate(lines) if (match := head.fullmatch(line.rstrip()))]
    apart = [(index, match) for index, match in found if index == 0 or not lines[index - 1].strip()]
    return list(apart if len(apart) > 1 and len(apart) >= _NEARLY_ALL * len(found) else found)


def is_head_with_body(head: Head, pattern: re.Pattern[str], no_mark: str = "") -> bool:
    """Whether a file begins with such a head line, each stands after an empty line, and one at least has a body.

    A head line that holds one of the characters of `no_mark` is rather a line of a transcript (`time 客服: 您好`).
    """
    lines = [line.rstrip() for line in head.lines[:_LOOKED_AT]]
    while lines and not lines[0]:
        lines.pop(0)
    heads = [index for index, _ in find_heads(lines, pattern)]
    if not heads or heads[0] != 0 or any(lines[index - 1] for index in heads[1:]):
        return False
    with_body = [index for index in heads if index + 1 < len(lines) and lines[index + 1]]
    marked = sum(any(mark in pattern.sub(r"\g<name>", lines[index]) for mark in no_mark) for index in with_body)
    return bool(with_body) and marked * 2 < len(with_body)
