"""Whether a hit lies on word boundaries: 多打了一万 has 多打, 多打扰了 has not.

In: a piece of a text. Out: where its words begin and end, by jieba. The Tokenizer is private (the host
program may use jieba itself), knows the words of the rules, and is made when a hit first asks for it.
"""

from __future__ import annotations

import logging
import threading
import warnings
from itertools import accumulate
from typing import Any


class Segmenter:
    """Answers for one ruleset; safe to share between threads."""

    __slots__ = ("_lock", "_tokenizer", "words")

    def __init__(self, words: tuple[str, ...]) -> None:
        self.words = words  # of the terms of the rules
        self._tokenizer: Any = None
        self._lock = threading.Lock()

    def edges(self, text: str, low: int, high: int) -> frozenset[int]:
        """Offsets in `text` at which words of text[low:high] begin and end."""
        lengths = map(len, self._ready().cut(text[low:high]))
        return frozenset(accumulate(lengths, initial=low))

    def _ready(self) -> Any:
        if self._tokenizer is None:
            with self._lock:
                if self._tokenizer is None:
                    self._tokenizer = _make_tokenizer(self.words)
        return self._tokenizer


def _make_tokenizer(words: tuple[str, ...]) -> Any:
    """Jieba prints its progress to a handler of its own; it is kept quiet here and left as it was found."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import jieba

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
