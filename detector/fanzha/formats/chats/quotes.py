"""What a message quotes → taken away, so that only the speaker's own words are left.

In: the text of a message as exporters write answers, and where the exporter puts the quotation. Out: what the speaker
wrote himself; "[引用]" where that is nothing. A format names only the places where it quotes, because the same signs in
another place are the speaker's own, and nobody shall hide what he says behind them.
"""

from __future__ import annotations

import re

ABOVE_LINES = re.compile(r"\A(?:>[^\n]*\n)+(?=[^>\s])")  # > 林老师 10:02 / > 把验证码发给我 / 是吗
ABOVE_BRACKET = re.compile(r"\A\s*[\[【](?:回复|引用|回覆|reply)[^\]】\n]{0,2000}[\]】][ \t]*\n?", re.IGNORECASE)
BELOW = re.compile(r"\n\s*(?:引用[:：]|\[引用\][(（]).*\Z", re.DOTALL)
_NOTHING = "[引用]"


def own_words(text: str, *quotations: re.Pattern[str]) -> str:
    """Return a text without the quotations that stand in these places."""
    own = text
    for quotation in quotations:
        own = quotation.sub("", own, count=1)
    return text if own == text else own.strip("\n") or _NOTHING


def without_sender(text: str, sender: str | None) -> str:
    """Return a text without the id of its sender, with which WeChat stores what is said in groups (wxid_a:, a line)."""
    return text.removeprefix(f"{sender}:\n") if sender else text
