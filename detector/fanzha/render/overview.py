"""What a run found, in twenty lines: the same that the HTML report says at length.

In: Results, one after another. Out: Paragraphs. Memory grows with the different accounts and links only.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from rich.text import Text

from fanzha.render.clean import clean, shorten
from fanzha.render.recurring import Gathered, Trace
from fanzha.render.text import ENTITY_NAMES, LEVEL_NAMES, LEVEL_STYLES, Paragraph
from fanzha.result import Result
from fanzha.verdict import LEVELS, Level, Verdict

_RISKIEST, _RECURRING, _REASONS, _SCRIPTS, _FILES = 5, 4, 3, 6, 2
_TITLE_CHARS, _REASON_CHARS = 24, 60


@dataclass(order=True, slots=True)
class _Risky:
    """A conversation at medium or above, ordered by its log-odds and then by how early it came."""

    log_odds: float
    place: int
    name: str = field(compare=False)
    level: Level = field(compare=False)
    score: int = field(compare=False)
    script: str = field(compare=False)
    alert_turn: int | None = field(compare=False)


class Overview:
    """Counts results and keeps the few that are named."""

    def __init__(self) -> None:
        self.conversations = 0
        self.files = 0
        self._path: str | None = None
        self._levels: Counter[Level] = Counter()
        self._scripts: Counter[str] = Counter()
        self._riskiest: list[_Risky] = []
        self._gathered = Gathered()
        self._names: dict[int, str] = {}  # of risky conversations, which alone are named
        self._reasons: dict[str, list[str]] = {}
        self._problems: Counter[str] = Counter()

    @property
    def alerts(self) -> int:
        """Conversations at high and above."""
        return self._levels["high"] + self._levels["critical"]

    @property
    def unreadable(self) -> int:
        """Results that are problems."""
        return self._problems.total()

    def add(self, result: Result) -> None:
        """Take in one result."""
        if result.path != self._path:
            self._path = result.path
            self.files += 1
        if result.verdict is not None:
            self.conversations += 1
            self._add_verdict(clean(result.name), result.verdict)
            return
        reason = result.problem or ""
        self._problems[reason] += 1
        names = self._reasons.setdefault(reason, [])
        if len(names) < _FILES:
            names.append(clean(result.name))

    def _add_verdict(self, name: str, verdict: Verdict) -> None:
        self._levels[verdict.level] += 1
        self._gathered.add(self.conversations, verdict)
        if not verdict.alert and verdict.level != "medium":
            return
        script = verdict.script_title or "其他"
        self._scripts[script] += 1
        self._names[self.conversations] = name
        risky = _Risky(
            verdict.log_odds, -self.conversations, name, verdict.level, verdict.score, script, verdict.first_alert_turn
        )
        if len(self._riskiest) < _RISKIEST:
            heapq.heappush(self._riskiest, risky)
        else:
            heapq.heappushpop(self._riskiest, risky)

    # ── said ────────────────────────────────────────────────────────────────

    def paragraphs(self, *, listed: bool = False) -> Iterator[Paragraph]:
        """At most eighteen lines; fewer where each result was `listed` before them."""
        yield Paragraph(Text(self.total(), "bold"))
        if not listed:
            if self.conversations:
                levels = " · ".join(f"{LEVEL_NAMES[level]} {self._levels[level]}" for level in reversed(LEVELS))
                yield Paragraph(Text(f"等级: {levels}"))
            if self._scripts:
                yield Paragraph(Text(f"骗局: {self._most_frequent()}"))
            riskiest = [self._risky_line(one) for one in sorted(self._riskiest, reverse=True)]
            yield from self._section("最危险的:", riskiest)
        yield from self._recurring()
        if not listed:
            reasons = self._problems.most_common(_REASONS)
            lines = [Text(self._reason_line(reason, count), "yellow") for reason, count in reasons]
            yield from self._section(f"读不了的, 共 {self.unreadable} 个, 原因 {len(self._problems)} 种:", lines)

    def _recurring(self) -> Iterator[Paragraph]:
        traces = self._gathered.recurring()
        lines = [Text(self._trace_line(trace)) for trace in traces[:_RECURRING]]
        yield from self._section(f"几段对话里都出现的账号、链接、号码, 共 {len(traces)} 个:", lines)

    def total(self) -> str:
        """How many files, conversations, alerts, doubts and problems, in one sentence."""
        doubts = self._levels["medium"]
        rest = self.conversations - self.alerts - doubts
        many = f", {self.conversations} 段对话" if self.conversations + self.unreadable != self.files else ""
        broken = f", {self.unreadable} 个读不了" if self.unreadable else ""
        return f"共 {self.files} 个文件{many}: {self.alerts} 个报警, {doubts} 个要当心, {rest} 个未发现{broken}"

    def _most_frequent(self) -> str:
        shown = [f"{title} {count}" for title, count in self._scripts.most_common(_SCRIPTS)]
        more = len(self._scripts) - len(shown)
        return " · ".join(shown) + (f" · 另有 {more} 种" if more > 0 else "")

    def _section(self, title: str, lines: Sequence[Text]) -> Iterator[Paragraph]:
        if lines:
            yield Paragraph(Text(title, "bold"))
            yield from (Paragraph(line, 2) for line in lines)

    def _risky_line(self, one: _Risky) -> Text:
        turn = f" 第 {one.alert_turn + 1} 轮报警" if one.alert_turn is not None else ""
        line = Text(f"{LEVEL_NAMES[one.level]} {one.score} 分", LEVEL_STYLES[one.level])
        return line.append(f"  {shorten(one.script, _TITLE_CHARS)}{turn}  {one.name}", "default")

    def _trace_line(self, trace: Trace) -> str:
        names = [self._names[number] for number in trace.conversations if number in self._names][:_FILES]
        kind = ENTITY_NAMES.get(trace.kind, trace.kind)
        risky = f", {trace.alerts} 段报警" if trace.alerts else ""
        more = " …" if trace.count > len(names) else ""
        return f"{kind} {shorten(trace.shown, 40)}  {trace.count} 段{risky}: {', '.join(names)}{more}"

    def _reason_line(self, reason: str, count: int) -> str:
        names = self._reasons[reason]
        more = " …" if count > len(names) else ""
        return f"{count} 个 {shorten(clean(reason), _REASON_CHARS)}: {', '.join(names)}{more}"
