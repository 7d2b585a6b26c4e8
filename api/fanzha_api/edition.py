"""One loaded state of the rules, as requests see it: a request keeps the edition that it began with.

In: a Detector. Out: the verdict as JSON, quickly where it is that of silence; and the rules as written, read when
somebody first asks for them. Immutable but for what it remembers of its own work.
"""

from __future__ import annotations

import threading
from pathlib import Path

from fanzha import Detector, Verdict
from fanzha.pack.book import Book, Entry, Kind

# Somebody's first scam would wait for a quarter of a second until the expressions of the rules are compiled.
_REHEARSAL = (
    ("客服", "您好, 我是快递公司理赔中心的, 您昨天买的内衣弄丢了, 按三倍给您理赔, 加一下理赔专员的微信。"),
    ("我", "是真的吗? 不会是骗子吧, 民警说过不要转账。"),
    ("客服", "您把收到的验证码告诉我, 打开屏幕共享。财务给您多打了一万八, 您退回公司账户 6222020200112233445。"),
    ("我", "我没有收到, 网址是 http://a.example.com 吗? 我已经被骗了 500 块。"),
)


class Edition:
    """A detector, the JSON of its silent verdict, and the book of its rules."""

    def __init__(self, detector: Detector) -> None:
        self.detector = detector
        self.pack = detector.pack
        self._silence: tuple[Verdict, bytes] | None = None
        self._book: Book | None = None
        self._overview: bytes | None = None
        self._lock = threading.Lock()

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folders of its rules."""
        return self.detector.folders

    @property
    def title(self) -> str:
        """The name of its rule pack."""
        return self.detector.rules.title

    def rehearse(self) -> None:
        """Do all once that is slow the first time only; jieba's dictionary alone takes a second. In a thread."""
        rules = self.detector.rules
        if any(signal.word for signal in rules.signals):
            rules.segmenter.edges("预热", 0, 2)
        self.detector.score(_REHEARSAL)

    def write(self, verdict: Verdict) -> bytes:
        """The verdict as JSON. Most messages get one shared verdict of silence, which is written once."""
        silence = self._silence
        if silence is not None and silence[0] is verdict:
            return silence[1]
        written: bytes = verdict.__pydantic_serializer__.to_json(verdict)
        if not verdict.evidence and len(verdict.timeline) == 1:
            self._silence = (verdict, written)
        return written

    def overview(self) -> bytes:
        """All rules in a line each, as JSON. Takes a second the first time: ask in a thread."""
        if self._overview is None:
            self._overview = self._opened().overview(self.pack).model_dump_json().encode()
        return self._overview

    def entry(self, name: str, kind: Kind | None) -> Entry | None:
        """All of one rule. Takes a second the first time: ask in a thread."""
        return self._opened().entry(name, kind)

    def _opened(self) -> Book:
        with self._lock:
            if self._book is None:
                self._book = Book(self.folders)
            return self._book
