"""Results as one HTML file that a colleague opens: summary, table, conversations with their evidence, recurring traces.

In: Results, one after another. Out: one self-contained page on a text stream, written when the report is closed. The
page asks for nothing: its style and script stand in it, named by their hashes in a strict content security policy,
and no address in it can be clicked. Whatever came from outside goes through jinja2's escaping and `visible`.

Memory stays flat: rows and conversations wait in temporary files, because the summary stands first and is known last.
In memory there are a few numbers for each conversation and the different traces.
"""

from __future__ import annotations

import heapq
import io
import json
import re
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from importlib.metadata import version
from typing import IO, Any

from pydantic import TypeAdapter

from fanzha.render.case import build_case
from fanzha.render.clean import shorten
from fanzha.render.recurring import Gathered, Trace
from fanzha.render.spool import Spool
from fanzha.render.table import telling
from fanzha.render.templates import asset, environment, hash_source, visible
from fanzha.render.text import ENTITY_NAMES, LEVEL_NAMES, STAGE_NAMES, next_title, yuan
from fanzha.result import Result
from fanzha.verdict import LEVELS, Verdict

MOST_ROWS = 50_000  # rows of the table; the riskiest are kept
MOST_CASES = 1_000  # conversations with their text; the riskiest are kept
MOST_CASE_BYTES = 32 * 2**20  # of all conversations with their text
MOST_UNREAD = 1_000
MOST_TRACES = 500  # of each table of traces
MOST_NAMED = 40  # conversations named beside a trace
PAGE_SIZE = 200  # rows shown at once
SCRIPTS_AT_ONCE = 12
TRACES_AT_ONCE = 15
_MEANINGS = {
    "critical": "报警",
    "high": "报警",
    "medium": "要当心",
    "low": "有一点可疑",
    "none": "未发现",
    "unread": "原因见文末",
}
_NAMES: dict[str, str] = {**{str(level): name for level, name in LEVEL_NAMES.items()}, "unread": "读不了"}
_WORST_FIRST = (*reversed(LEVELS), "unread")
_UNREAD_SCORE = -1e9  # log-odds that sort unreadable files last
_LAST_PART = re.compile(r"[^/\\]*[/\\]?$")
_RESULTS = TypeAdapter(Result)


class HtmlReport:
    """Writes a report to a text stream (UTF-8). Nothing is written before `close`, which leaves the stream open.

    Raises ModuleNotFoundError where jinja2 is missing.
    """

    def __init__(self, stream: IO[str], *, title: str = "反诈扫描报告", made: datetime | None = None) -> None:
        self._stream = stream
        self._title = title
        self._made = made or datetime.now().astimezone()
        self._templates = environment(
            level_names=_NAMES, stage_names=STAGE_NAMES, entity_names=ENTITY_NAMES, yuan=yuan, next_title=next_title
        )
        self._rows = Spool()  # of the table, as JSON; the conversation of number n stands at n - 1
        self._waiting = Spool()  # results whose conversations may be shown, as JSON
        self._cases = Spool()  # conversations as HTML, the riskiest first
        self._log_odds = array("d")
        self._kept: list[tuple[float, int, int]] = []  # heap of (log-odds, -number, place): the results that wait
        self._levels: Counter[str] = Counter()
        self._scripts: dict[str, _Script] = {}
        self._gathered = Gathered()
        self._paths = 0
        self._last_path: str | None = None
        self._folder: str | None = None  # which all files share, with its last slash
        self._unread: list[tuple[str, str]] = []
        self._pack = ""
        self._closed = False

    def write(self, result: Result) -> None:
        """Take in one result."""
        number = len(self._rows) + 1
        if result.path != self._last_path:
            self._last_path = result.path
            self._paths += 1
            self._folder = _shared(self._folder, result.path)
        row = _row(number, result)
        self._rows.add(json.dumps(row, ensure_ascii=True))
        self._log_odds.append(row["log_odds"])
        self._levels[row["level"]] += 1
        if result.verdict is None:
            if len(self._unread) < MOST_UNREAD:
                self._unread.append((row["name"], result.problem or ""))
            return
        self._note(number, result.verdict)
        if result.verdict.alert or result.verdict.level == "medium":
            self._keep(number, result, result.verdict.log_odds)

    def _note(self, number: int, verdict: Verdict) -> None:
        self._pack = verdict.pack
        self._gathered.add(number, verdict)
        if verdict.script is not None and verdict.level not in ("none", "low"):
            script = self._scripts.setdefault(verdict.script, _Script(verdict))
            script.alerts += verdict.alert
            script.doubts += not verdict.alert

    def _keep(self, number: int, result: Result, log_odds: float) -> None:
        """Put a conversation by, unless a thousand riskier ones are there already."""
        if len(self._kept) >= MOST_CASES and (log_odds, -number) < self._kept[0]:
            return
        tidy = replace(result, path=str(visible(result.path)))  # JSON cannot carry half a pair
        place = self._waiting.add(_RESULTS.dump_json(tidy, exclude={"verdict": {"alert"}}).decode())
        heapq.heappush(self._kept, (log_odds, -number, place))
        if len(self._kept) > MOST_CASES:
            heapq.heappop(self._kept)

    def close(self) -> None:
        """Write the page. A second call does nothing."""
        if self._closed:
            return
        self._closed = True
        numbers = range(1, len(self._rows) + 1)
        shown = heapq.nsmallest(MOST_ROWS, numbers, key=lambda number: (-self._log_odds[number - 1], number))
        try:
            cases = list(self._lay_out())
            for part in self._templates.get_template("page.html").generate(self._context(shown, cases)):
                self._stream.write(part)
        finally:
            for spool in (self._rows, self._waiting, self._cases):
                spool.close()

    def _lay_out(self) -> Iterator[int]:
        """Lay out the kept conversations, riskiest first, until the file would grow too large to open."""
        template = self._templates.get_template("case.html")
        size = 0
        for _, negative, place in sorted(self._kept, reverse=True):
            result = _RESULTS.validate_json(self._waiting.get(place))
            html = template.render(number=-negative, **_case_context(-negative, result))
            size += len(html.encode())
            if size > MOST_CASE_BYTES:
                return
            self._cases.add(html)
            yield -negative

    def _row(self, number: int) -> dict[str, Any]:
        row: dict[str, Any] = json.loads(self._rows.get(number - 1))
        return {**row, "name": self._short(row["name"])}

    def _context(self, shown: list[int], cases: list[int]) -> dict[str, Any]:
        linked = set(cases)
        recurring, single, sums = self._gathered.recurring(), self._gathered.single(), self._gathered.sums()
        named = {number for one in (*recurring, *single[:MOST_TRACES], *sums[:MOST_TRACES]) for number in _named(one)}
        style, script = (asset(name) for name in ("report.css", "report.js"))
        unread = self._levels["unread"]
        return {
            "title": self._title,
            "headline": self._headline(),
            "made": self._made.strftime("%Y-%m-%d %H:%M"),
            "version": version("fanzha"),
            "style": style,
            "script": script,
            "style_hash": hash_source(style),
            "script_hash": hash_source(script),
            "counts": {
                "files": f"{self._paths:,}",
                "read": f"{len(self._rows) - unread:,}",
                "pack": self._pack,
                "rows": len(shown),
                "left_out": len(self._rows) - len(shown),
                "risky": sum(self._levels[level] for level in ("medium", "high", "critical")),
                "cases": len(cases),
                "unread": unread,
            },
            "tiles": [(level, _NAMES[level], _MEANINGS[level], self._levels[level]) for level in _WORST_FIRST],
            "scripts": self._ranked(),
            "script_choices": sorted(((one.id, one.title) for one in self._scripts.values()), key=lambda one: one[1]),
            "folder": self._folder,
            "rows": ({**self._row(number), "linked": number in linked} for number in shown),
            "cases": map(self._cases.get, range(len(cases))),
            "linked": linked,
            "recurring": recurring[:MOST_TRACES],
            "all_traces": self._gathered.complete,
            "traces": bool(single or sums),
            "single": single,
            "sums": sums,
            "names": {number: self._row(number)["name"] for number in named},
            "unread": [(self._short(name), problem) for name, problem in self._unread],
            "scripts_at_once": SCRIPTS_AT_ONCE,
            "page_size": PAGE_SIZE,
            "most_traces": MOST_TRACES,
            "traces_at_once": TRACES_AT_ONCE,
            "most_named": MOST_NAMED,
        }

    def _short(self, name: str) -> str:
        """Name a conversation without the folder that all files share."""
        return name.removeprefix(self._folder or "")

    def _headline(self) -> str:
        read = len(self._rows) - self._levels["unread"]
        alerts = self._levels["high"] + self._levels["critical"]
        said = [f"{alerts:,} 段报警" if alerts else "没有报警"]
        if self._levels["medium"]:
            said.append(f"{self._levels['medium']:,} 段要当心")
        if self._levels["unread"]:
            said.append(f"{self._levels['unread']:,} 个文件读不了")
        return f"{read:,} 段对话: {', '.join(said)}"

    def _ranked(self) -> list[dict[str, Any]]:
        """Scripts, the most frequent first, with the lengths of their bars (0–100)."""
        ranked = sorted(self._scripts.values(), key=lambda one: (-one.alerts, -one.doubts, one.title))
        most = max((one.alerts + one.doubts for one in ranked), default=1)
        return [
            {
                "id": one.id,
                "title": one.title,
                "gray": one.gray,
                "alerts": one.alerts,
                "doubts": one.doubts,
                "alert_share": round(100 * one.alerts / most, 1),
                "doubt_share": round(100 * one.doubts / most, 1),
            }
            for one in ranked
        ]


def page(results: Iterable[Result], *, title: str = "反诈扫描报告", made: datetime | None = None) -> str:
    """Return the report on these results as one HTML document. Raises ModuleNotFoundError where jinja2 is missing."""
    out = io.StringIO()
    report = HtmlReport(out, title=title, made=made)
    for result in results:
        report.write(result)
    report.close()
    return out.getvalue()


class _Script:
    """How often a script was found."""

    def __init__(self, verdict: Verdict) -> None:
        self.id = verdict.script or ""
        self.title = verdict.script_title or self.id
        self.gray = verdict.track == "gray"
        self.alerts = self.doubts = 0


def _case_context(number: int, result: Result) -> dict[str, Any]:
    """Return what the template of a conversation needs to know."""
    if result.verdict is None:
        raise ValueError("a result without a verdict has no case")
    case = build_case(result.conversation, result.verdict)
    return {
        "key": f"c{number}",
        "name": result.name,
        "verdict": result.verdict,
        "case": case,
        "facts": tuple(_facts(result)),
        "titles": {note.number: note.evidence.title for note in case.notes},
        "counted_notes": {note.number for note in case.notes if note.evidence.counted},
    }


def _row(number: int, result: Result) -> dict[str, Any]:
    """Return what the table says of a result, and what it is sorted and filtered by."""
    verdict = result.verdict
    level = verdict.level if verdict else "unread"
    about = f"(转述) {verdict.describes_title}" if verdict and verdict.describes_title else ""
    turn = verdict.first_alert_turn if verdict else None
    told = telling(verdict) if verdict else None
    return {
        "number": number,
        "name": result.name,
        "level": level,
        "rank": len(_WORST_FIRST) - _WORST_FIRST.index(level) if verdict else 0,
        "score": verdict.score if verdict else "",
        "log_odds": verdict.log_odds if verdict else _UNREAD_SCORE,
        "script": (verdict.script or "") if verdict else "",
        "script_title": (verdict.script_title or about or "–") if verdict else "–",
        "turn": "" if turn is None else turn,
        "alert": "–" if turn is None else f"第 {turn + 1} 轮",
        "evidence": shorten(told.text if told else result.problem or "", 60) or "–",
        "signal": told.title if told else "",
        "remark": f"{result.replaced} 字读不出" if result.replaced else "",
    }


def _shared(folder: str | None, path: str) -> str:
    """Return the part of `folder` (None: there is none yet) that `path` also lies in, up to its last slash."""
    both = _LAST_PART.sub("", path) if folder is None else folder
    while not path.startswith(both):
        both = _LAST_PART.sub("", both)
    return both


def _facts(result: Result) -> Iterator[str]:
    """Say how a file was read."""
    read = [f"格式 {result.format}" if result.format else "", f"编码 {result.encoding}" if result.encoding else ""]
    said = ", ".join(filter(None, read))
    if said:
        yield said
    if result.replaced:
        yield f"有 {result.replaced} 个字读不出来, 显示为 \ufffd"
    yield from result.notes
    if result.verdict and result.verdict.counterpart:
        yield f"像骗子的一方: {result.verdict.counterpart}"
    if result.verdict and result.verdict.describes_title:
        yield f"文中另有转述或提醒, 说的是「{result.verdict.describes_title}」"


def _named(trace: Trace) -> list[int]:
    return trace.conversations[:MOST_NAMED]
