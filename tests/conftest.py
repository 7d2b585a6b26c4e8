"""What the tests of the core share: the bundled rules, tiny packs for exact behaviour, and the samples."""

from __future__ import annotations

import io
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import settings

from fanzha import Conversation, Detector
from fanzha.cli import main
from fanzha.formats.plain import read_plain
from tiny_pack import TINY

Run = Callable[..., tuple[int, str, str]]

# Compiled rules are cached for this run only, also by the processes that tests start.
os.environ["XDG_CACHE_HOME"] = os.environ["LOCALAPPDATA"] = tempfile.mkdtemp(prefix="fanzha-tests-")

ROOT = Path(__file__).resolve().parent.parent

settings.register_profile("fanzha", deadline=None, max_examples=60, print_blob=True)
settings.load_profile("fanzha")

HEAD: dict[str, Any] = {
    "id": "tiny",
    "version": "1",
    "title": "测试规则",
    "base": -4.0,
    "levels": {"low": 12, "medium": 40, "high": 70, "critical": 92},
    "stages": {"identity": "冒充", "hook": "由头", "harvest": "套取", "extract": "要钱"},
    "emergency": ["打 110"],
}
# Few cues, for a stance each; words that no other cue or signal of the tests contains.
CUES: dict[str, list[str]] = {
    "prohibit": ["不要", "切勿", "别"],
    "negate_modal": ["不会", "不用"],
    "negate_fact": ["没有"],
    "spent": ["着急"],
    "restart": ["马上"],
    "is_scam": ["是诈骗"],
    "conditional": ["凡是"],
    "live_recipient": ["告诉我"],
    "actor": ["骗子", "民警"],
    "live": ["您"],
    "narrator": ["警方", "受害人", "骗子", "民警", "案件"],
    "office": ["民警", "案件"],
    "introduce": ["我是"],
    "account": ["让我"],
    "past": ["被骗了"],
    "doubt": ["是真的吗"],
    "pretend": ["念台词"],
    "inquiry": ["有没有"],
    "question": ["是不是"],
}
EXCEPT = {"prohibit": ["特别"]}


def signal(id: str = "hook.lost", match: Any = "快递丢", **more: Any) -> dict[str, Any]:  # noqa: A002
    """A signal as a pack holds it, with what its tests do not look at filled in."""
    return {
        "id": id, "title": f"标题 {id}", "stage": "hook", "weight": 2.0, "match": match, "why": "缘由",
        "falsepositives": "误伤", "hits": ["甲", "乙"], "misses": ["丙", "丁"], **more,
    }  # fmt: skip


def pack(signals: list[dict[str, Any]], *, scripts: list[dict[str, Any]] | None = None, **more: Any) -> dict[str, Any]:
    """A whole pack; by default one script uses every signal on the signal's own stage."""
    uses: dict[str, list[str]] = {}
    for one in signals:
        uses.setdefault(one["stage"], []).append(one["id"])
    script = {"id": "play", "title": "剧本", "summary": "概要", "fact": "事实", "uses": uses}
    return {
        "pack": HEAD,
        "guards": [{"id": name, "words": words, "except": EXCEPT.get(name, [])} for name, words in CUES.items()],
        "signals": signals,
        "scripts": [script] if scripts is None else scripts,
        **more,
    }


os.environ.pop("COLUMNS", None)  # a worker of pytest-xdist has it; tables would be as narrow as its terminal


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: while Playwright runs, its event loop stands in the way of tests that run their own."""
    items.sort(key=lambda item: "browser" in item.path.parts)


@pytest.fixture(scope="session")
def write_rules(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Write packs, each a mapping or the text of a YAML file, as the files of one new folder."""
    number = count()

    def write(*files: dict[str, Any] | str) -> Path:
        folder = tmp_path_factory.mktemp(f"rules{next(number)}")
        for index, content in enumerate(files):
            text = content if isinstance(content, str) else yaml.safe_dump(content, allow_unicode=True)
            (folder / f"{index}.yaml").write_text(text, encoding="utf-8")
        return folder

    return write


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], write_rules: Callable[..., Path]) -> Run:
    """Run the command with TINY as the bundled rules: (exit code, stdout, stderr)."""
    folder = write_rules(TINY)
    monkeypatch.setattr("fanzha.detector.bundled_rules", lambda: folder)
    monkeypatch.setattr("fanzha.pack.load.bundled_rules", lambda: folder)

    def call(*arguments: object, stdin: bytes | None = None) -> tuple[int, str, str]:
        if stdin is not None:
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as done:
            main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return int(done.value.code or 0), captured.out, captured.err

    return call


@pytest.fixture(scope="session")
def make_detector(write_rules: Callable[..., Path]) -> Callable[..., Detector]:
    """A Detector that knows only the given signals: make_detector([signal(…), …], scripts=[…])."""

    def make(signals: list[dict[str, Any]], **more: Any) -> Detector:
        return Detector(write_rules(pack(signals, **more)), bundled=False)

    return make


@pytest.fixture(scope="session")
def detector() -> Detector:
    """The bundled rules; for properties that hold whatever the rules say."""
    return Detector()


@dataclass(frozen=True, slots=True)
class Sample:
    """A transcript of samples/ and what is expected of it."""

    name: str
    conversation: Conversation
    label: str
    script: str
    alert: bool
    before_turn: int | None


def read_samples() -> tuple[Sample, ...]:
    """All samples, by name."""
    expected = yaml.safe_load((ROOT / "samples" / "expected.yaml").read_text("utf-8"))
    return tuple(
        Sample(name, read_plain(ROOT / "samples" / name), row["label"], row["script"], row["alert"], row["before_turn"])
        for name, row in sorted(expected.items())
    )


@pytest.fixture(scope="session")
def samples() -> tuple[Sample, ...]:
    """All samples, by name."""
    return read_samples()
