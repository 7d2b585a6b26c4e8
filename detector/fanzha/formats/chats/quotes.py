"""What a message quotes → taken away, so that only the speaker's own words are left.

In: the text of a message as exporters write answers: the quotation above (`> …` lines, `[回复 名: …]`, `[引用 …]`) or
below (`引用:名:…`, `[引用](时间)名:…`). Out: what the speaker wrote himself; "[引用]" where that is nothing.
"""

from __future__ import annotations

import re

_ABOVE = re.compile(
    r"\s*(?:(?:>[^\n]*(?:\n|$))+|[\[【](?:回复|引用|回覆|reply)[^\]】\n]{0,2000}[\]】][ \t]*\n?)", re.IGNORECASE
)
_BELOW = re.compile(r"\n\s*(?:引用[:：]|\[引用\][(（]).*", re.DOTALL)
_NOTHING = "[引用]"


def without_sender(text: str, sender: str | None) -> str:
    """Return a text without the id of its sender, with which WeChat stores what is said in groups (wxid_a:, a line)."""
    return text.removeprefix(f"{sender}:\n") if sender else text


def own_words(text: str) -> str:
    """Return a text without the quotation above or below it."""
    below = _BELOW.search(text) if "引用" in text else None
    own = text if below is None else text[: below.start()]
    above = _ABOVE.match(own)
    if above is not None:
        own = own[above.end() :].strip("\n") or _NOTHING
    return own
