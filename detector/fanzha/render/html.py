"""Results as one HTML file that a colleague opens: summary, table, conversations with their evidence, recurring traces.

In: Results, one after another. Out: one self-contained page on a text stream, written when the report is closed. The
page asks for nothing: its style and script stand in it, named by their hashes in a strict content security policy,
and no address in it can be clicked. Whatever came from outside goes through jinja2's escaping and `visible`.

Memory stays flat: rows and conversations wait in temporary files, because the summary stands first and is known last.
In memory there are a few numbers for each conversation and the different traces.
"""

from __future__ import annotations

import base64
import hashlib
import heapq
import io
import json
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from importlib.metadata import version
from importlib.resources import files
from typing import IO, TYPE_CHECKING, Any

from pydantic import TypeAdapter

from fanzha.render.case import build_case
from fanzha.render.clean import shorten
from fanzha.render.recurring import Gathered, Trace
from fanzha.render.table import telling
from fanzha.render.text import ENTITY_NAMES, LEVEL_NAMES, STAGE_NAMES, next_title, yuan
from fanzha.result import Result
from fanzha.verdict import LEVELS, Verdict

if TYPE_CHECKING:
    import jinja2

MOST_ROWS = 50_000  # rows of the table; the riskiest are kept
MOST_CASES = 1_000  # conversations with their text; the riskiest are kept
MOST_CASE_BYTES = 32 * 2**20  # of all conversations with their text
MOST_UNREAD = 1_000
MOST_TRACES = 500  # of each table of traces
MOST_NAMED = 12  # conversations named beside a trace
PAGE_SIZE = 200  # rows shown at once
SCRIPTS_AT_ONCE = 12
_IN_MEMORY = 8 * 2**20  # bytes of rows or conversations before they go to disk
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
# What a reader would not see, or what would turn the text around: control characters and direction overrides; and
# halves of pairs, from the name of a file that is no UTF-8.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)
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
        self._templates = _environment()
        self._rows = _Spool()
        self._waiting = _Spool()  # results whose conversations may be shown, as JSON
        self._cases = _Spool()
        self._kept: list[tuple[float, int]] = []  # heap of (log-odds, -number): the results that wait
        self._order: list[tuple[float, int]] = []
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
        number = len(self._order) + 1
        if result.path != self._last_path:
            self._last_path = result.path
            self._paths += 1
            self._folder = _shared(self._folder, result.path)
        row = _row(number, result)
        self._rows.add(json.dumps(row, ensure_ascii=True))
        self._order.append((row["log_odds"], -number))
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
        place = (log_odds, -number)
        if len(self._kept) >= MOST_CASES and place < self._kept[0]:
            return
        tidy = replace(result, path=str(visible(result.path)))  # JSON cannot carry half a pair
        self._waiting.add(_RESULTS.dump_json(tidy, exclude={"verdict": {"alert"}}).decode(), number)
        heapq.heappush(self._kept, place)
        if len(self._kept) > MOST_CASES:
            self._waiting.drop(-heapq.heappop(self._kept)[1])

    def close(self) -> None:
        """Write the page. A second call does nothing."""
        if self._closed:
            return
        self._closed = True
        shown = sorted(self._order, reverse=True)[:MOST_ROWS]
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
        for _, negative in sorted(self._kept, reverse=True):
            number = -negative
            result = _RESULTS.validate_json(self._waiting.get(number))
            html = template.render(number=number, **_case_context(number, result))
            size += len(html.encode())
            if size > MOST_CASE_BYTES:
                return
            self._cases.add(html, number)
            yield number

    def _context(self, shown: list[tuple[float, int]], cases: list[int]) -> dict[str, Any]:
        linked = set(cases)
        rows = (json.loads(self._rows.get(-negative)) for _, negative in shown)
        recurring, single, sums = self._gathered.recurring(), self._gathered.single(), self._gathered.sums()
        named = {number for one in (*recurring, *single[:MOST_TRACES], *sums[:MOST_TRACES]) for number in _named(one)}
        style, script = (_asset(name) for name in ("report.css", "report.js"))
        unread = self._levels["unread"]
        return {
            "title": self._title,
            "headline": self._headline(),
            "made": self._made.strftime("%Y-%m-%d %H:%M"),
            "version": version("fanzha"),
            "style": style,
            "script": script,
            "style_hash": _hash(style),
            "script_hash": _hash(script),
            "counts": {
                "files": f"{self._paths:,}",
                "read": f"{len(self._order) - unread:,}",
                "pack": self._pack,
                "rows": len(shown),
                "left_out": len(self._order) - len(shown),
                "risky": sum(self._levels[level] for level in ("medium", "high", "critical")),
                "cases": len(cases),
                "unread": unread,
            },
            "tiles": [(level, _NAMES[level], _MEANINGS[level], self._levels[level]) for level in _WORST_FIRST],
            "scripts": self._ranked(),
            "script_choices": sorted(((one.id, one.title) for one in self._scripts.values()), key=lambda one: one[1]),
            "folder": self._folder,
            "rows": ({**row, "name": self._short(row["name"]), "linked": row["number"] in linked} for row in rows),
            "cases": map(self._cases.get, cases),
            "linked": linked,
            "recurring": recurring[:MOST_TRACES],
            "traces": bool(single or sums),
            "single": single,
            "sums": sums,
            "names": {number: self._short(json.loads(self._rows.get(number))["name"]) for number in named},
            "unread": [(self._short(name), problem) for name, problem in self._unread],
            "scripts_at_once": SCRIPTS_AT_ONCE,
            "page_size": PAGE_SIZE,
            "most_traces": MOST_TRACES,
            "most_named": MOST_NAMED,
        }

    def _short(self, name: str) -> str:
        """Name a conversation without the folder that all files share."""
        return name.removeprefix(self._folder or "")

    def _headline(self) -> str:
        read = len(self._order) - self._levels["unread"]
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


def visible(value: object) -> object:
    """Return text in which nothing is hidden: a direction override becomes ⟨U+202E⟩; other values stay as they are."""
    if type(value) is not str or not _HIDDEN.search(value):  # Markup is escaped already
        return value
    return _HIDDEN.sub(_named_character, value.replace("\r\n", "\n"))


def _named_character(found: re.Match[str]) -> str:
    return "\ufffd" if "\ud800" <= found[0] <= "\udfff" else f"⟨U+{ord(found[0]):04X}⟩"


class _Script:
    """How often a script was found."""

    def __init__(self, verdict: Verdict) -> None:
        self.id = verdict.script or ""
        self.title = verdict.script_title or self.id
        self.gray = verdict.track == "gray"
        self.alerts = self.doubts = 0


class _Spool:
    """Texts by number, in a temporary file once there are many. Numbers count from 1 where none is given."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed by close
        self._places: dict[int, tuple[int, int]] = {}
        self._end = 0

    def add(self, text: str, number: int | None = None) -> None:
        data = text.encode()
        self._file.seek(self._end)
        self._file.write(data)
        self._places[len(self._places) + 1 if number is None else number] = (self._end, len(data))
        self._end += len(data)

    def get(self, number: int) -> str:
        start, size = self._places[number]
        self._file.seek(start)
        return self._file.read(size).decode()

    def drop(self, number: int) -> None:
        del self._places[number]

    def close(self) -> None:
        self._file.close()


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


def _environment() -> jinja2.Environment:
    try:
        import jinja2
    except ImportError:
        raise ModuleNotFoundError("写 HTML 报告要装 jinja2: pip install 'fanzha[report]'", name="jinja2") from None
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_asset),
        autoescape=True,
        finalize=visible,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        level_names=_NAMES, stage_names=STAGE_NAMES, entity_names=ENTITY_NAMES, yuan=yuan, next_title=next_title
    )
    return environment


def _asset(name: str) -> str:
    """Return a file of the package, its lines ended as the hashes of the policy expect them."""
    return (files("fanzha.render") / "report" / name).read_text("utf-8").replace("\r\n", "\n")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
