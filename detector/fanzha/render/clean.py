"""Text that others wrote, made safe to show: no escape sequences, control characters or direction overrides.

In: a piece of a conversation, which an attacker may have written. Out: what a terminal may be given.
"""

from __future__ import annotations

import re

# CSI and OSC sequences go as a whole: "\x1b[2J" would clear the screen, "\x1b]0;…\a" rename the window.
_ESCAPE = re.compile("(?:\x1b\\[|\x9b)[0-?]{0,64}[ -/]{0,8}[@-~]|\x1b\\][^\x07\x1b]{0,512}(?:\x07|\x1b\\\\)|\x1b[ -~]?")
_SPACE = re.compile("[\t\n\r\x0b\x0c\x85\u2028\u2029]+")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufff9-\ufffb]")


def clean(text: str, *, keep_lines: bool = False) -> str:
    """Return the text on one line, or with its line ends if `keep_lines`, and nothing that moves a cursor."""
    text = _ESCAPE.sub("", text)
    if keep_lines:
        return "\n".join(_CONTROL.sub("", _SPACE.sub(" ", line)) for line in text.split("\n"))
    return _CONTROL.sub("", _SPACE.sub(" ", text))


def shorten(text: str, most: int) -> str:
    """At most so many code points, cleaned."""
    text = clean(text).strip()
    return text if len(text) <= most else text[: most - 2] + ".."
