"""Whether a hit lies on word boundaries: 多打了一万 has 多打, 多打扰了 has not.

In: a text and a span. Out: yes or no, by jieba on the sentence around the span. The Tokenizer is private (the host
program may use jieba itself), knows the words of the rules, and is made when a hit first asks for it.
"""

from __future__ import annotations

import logging
import threading
import warnings
from typing import Any

_MAX_SENTENCE = 400  # code points handed to jieba around a hit in unpunctuated speech


class Segmenter:
    """Answers for one ruleset; safe to share between threads."""

    __slots__ = ("_lock", "_tokenizer", "_words")

    def __init__(self, words: tuple[str, ...]) -> None:
        self._words = words
        self._tokenizer: Any = None
        self._lock = threading.Lock()

    def on_boundaries(self, text: str, unit: tuple[int, int], start: int, end: int) -> bool:
        """Whether [start, end) begins and ends where words of the unit (a sentence) do."""
        low = max(unit[0], start - _MAX_SENTENCE // 2)
        high = min(unit[1], end + _MAX_SENTENCE // 2)
        position = low
        begins = ends = False
        for word in self._ready().cut(text[low:high]):
            begins = begins or position == start
            position += len(word)
            ends = ends or position == end
        return begins and ends

    def _ready(self) -> Any:
        if self._tokenizer is None:
            with self._lock:
                if self._tokenizer is None:
                    self._tokenizer = _make_tokenizer(self._words)
        return self._tokenizer


def _make_tokenizer(words: tuple[str, ...]) -> Any:
    """jieba prints its progress to a handler of its own; it is kept quiet here and left as it was found."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import jieba  # noqa: PLC0415 - 0.2 s, and most programs never need it

    logger = logging.getLogger("jieba")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        tokenizer = jieba.Tokenizer()
        tokenizer.initialize()
    finally:
        logger.setLevel(level)
    for word in words:
        if len(word) > 1:
            tokenizer.add_word(word)
    return tokenizer
