"""Rules that are tried on a text: their faults by line, their hits, their examples; and the book of the rules."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from conftest import signal
from fanzha import Conversation, Detector
from fanzha.pack.book import Book
from fanzha.pack.load import bundled_rules, load_pack
from fanzha.pack.source import parse_document
from fanzha.trial import try_rules
from tiny_pack import TINY

NEW = """\
signals:
  - id: my.deposit
    title: 先交押金
    stage: extract
    weight: 1.0
    match: ["押金 …4 先交", "{parcel} …4 押金"]
    why: 缘由
    falsepositives: 租房
    hits: [包裹要押金, 押金您先交]
    misses: [押金退了, 包裹到了]
"""


@pytest.fixture(scope="module")
def book(write_rules: Callable[..., Path]) -> Book:
    return Book([write_rules(TINY)])


def test_a_new_rule_hits_where_its_words_stand(book: Book) -> None:
    trial = try_rules(book.pack, NEW, Conversation.from_text("😀您的包裹要交押金"))
    assert trial.verdict is not None
    assert [(one.severity, one.line) for one in trial.diagnostics] == [("warning", 2)]  # no script uses it yet
    assert [(one.signal, one.text, one.start, one.start_utf16) for one in trial.verdict.evidence] == [
        ("my.deposit", "包裹要交押金", 3, 4)
    ]


def test_only_what_the_yaml_holds_or_touches_is_tried(book: Book) -> None:
    assert try_rules(book.pack, NEW, None).signals == ("my.deposit",)
    assert try_rules(book.pack, "terms:\n  parcel: {words: [快递, 邮包]}\n", None).signals == ("hook.lost",)
    script = book.entry("tiny", "script")
    assert script is not None
    assert try_rules(book.pack, script.yaml, None).signals == ("hook.lost", "ask.money")


def test_a_changed_term_is_what_is_tried(book: Book) -> None:
    tried = try_rules(book.pack, "terms:\n  parcel: {words: [邮包]}\n", Conversation.from_text("您的邮包丢了, 快递也丢了"))
    assert tried.verdict is not None
    assert [one.text for one in tried.verdict.evidence] == ["邮包丢了"]


def test_nothing_of_the_pack_is_changed_by_a_trial(book: Book) -> None:
    before = dict(book.pack.signals), dict(book.pack.terms), list(book.pack.diagnostics)
    try_rules(book.pack, NEW + "terms:\n  parcel: {words: [邮包]}\n", None)
    assert (book.pack.signals, book.pack.terms, book.pack.diagnostics) == before


@pytest.mark.parametrize(
    ("source", "line", "said"),
    [
        ("signals:\n  - id: X\n", 2, "id"),
        ("signals: [\n", 2, "YAML"),
        (NEW.replace("{parcel}", "{nothing}"), 6, "nothing"),
        (NEW.replace("…4 先交", "…99 先交"), 6, "太远"),
        ("signals: 5\n", 1, "列表"),
        ("- 5\n", 1, "映射"),
        ("words: {}\n", 1, "不认识的键"),
    ],
)
def test_faults_are_told_with_their_line(book: Book, source: str, line: int, said: str) -> None:
    trial = try_rules(book.pack, source, Conversation.from_text("您好"))
    errors = [one for one in trial.diagnostics if one.severity == "error"]
    assert trial.verdict is None
    assert any(said in one.message for one in errors)
    assert errors[0].line == line


def test_an_example_that_fails_is_a_warning_at_its_line(book: Book) -> None:
    _, fault = try_rules(book.pack, NEW.replace("押金您先交", "押金要不要"), None).diagnostics
    assert (fault.severity, fault.line) == ("warning", 9)
    assert "hits[1]" in fault.message


def test_a_signal_that_stands_beside_others_is_tried_alone(book: Book) -> None:
    source = NEW.replace("weight: 1.0", "weight: 1.0\n    beside: true")
    trial = try_rules(book.pack, source, Conversation.from_text("包裹押金"))
    assert trial.verdict is not None
    assert trial.verdict.evidence[0].signal == "my.deposit"


def test_aliases_that_stand_for_billions_are_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    (fault,) = parse_document("\n".join(lines), "bomb.yaml").diagnostics
    assert "别名" in fault.message


def test_brackets_without_end_are_a_fault_not_a_crash() -> None:
    for bomb in ("[" * 60_000, "- " * 60_000, "{a: " * 30_000, "&a [*a]"):
        assert parse_document(bomb, "bomb.yaml").diagnostics


# ── the book ──


@pytest.fixture(scope="module")
def bundled() -> Book:
    return Book([bundled_rules()])


def test_the_overview_lists_every_script_and_signal(bundled: Book, detector: Detector) -> None:
    overview = bundled.overview(detector.pack)
    assert [one.id for one in overview.scripts] == [one.id for one in detector.rules.scripts]
    assert {one.id for one in overview.signals} == {one.id for one in detector.rules.signals if not one.hidden}
    assert overview.pack == detector.pack


def test_the_yaml_of_every_rule_is_a_rule_file_that_says_the_same(bundled: Book) -> None:
    data = [yaml.load(path.read_text("utf-8"), yaml.CSafeLoader) for path in bundled_rules().rglob("*.yaml")]
    written = {}
    for document in data:
        for section in ("signals", "scripts", "guards"):
            written.update({(section, one["id"]): one for one in document.get(section, ())})
        for section in ("terms", "groups"):
            written.update({(section, name): one for name, one in document.get(section, {}).items()})
    seen = 0
    for kind, section in (("signal", "signals"), ("script", "scripts"), ("term", "terms"), ("group", "groups"), ("guard", "guards")):
        for place, name in bundled.pack.places:
            if place != section:
                continue
            entry = bundled.entry(name, kind)  # type: ignore[arg-type]
            assert entry is not None
            cut = yaml.load(entry.yaml, yaml.CSafeLoader)[section]
            assert (cut[name] if isinstance(cut, dict) else cut[0]) == written[section, name]
            seen += 1
    assert seen > 500


def test_an_entry_has_its_readable_parts(book: Book) -> None:
    lost = book.entry("hook.lost")
    assert lost is not None
    assert lost.kind == "signal"
    assert (lost.title, lost.stage_title, lost.terms, lost.line) == ("说快递丢了", "由头", ("parcel",), 17)
    assert [one.id for one in lost.scripts] == ["tiny"]
    script = book.entry("tiny")
    assert script is not None
    assert script.kind == "script"
    assert [(stage.id, [one.id for one in stage.signals]) for stage in script.stages] == [
        ("hook", ["hook.lost"]),
        ("extract", ["ask.money"]),
    ]
    term = book.entry("parcel")
    assert term is not None
    assert term.kind == "term"
    assert (term.words, [one.id for one in term.used_by]) == (("快递", "包裹"), ["hook.lost"])
    assert book.entry("nothing") is None
    assert book.entry("parcel", "signal") is None


def test_a_rule_that_a_later_folder_replaces_is_shown_from_there(write_rules: Callable[..., Path]) -> None:
    later = write_rules({"signals": [signal("hook.lost", match="包裹没了", title="新的标题")]})
    book = Book([write_rules(TINY), later])
    entry = book.entry("hook.lost")
    assert entry is not None
    assert (entry.title, later.name in entry.file) == ("新的标题", True)


def test_a_detector_knows_its_folders(write_rules: Callable[..., Path]) -> None:
    folder = write_rules(TINY)
    assert Detector(folder, bundled=False).folders == (folder,)
    assert load_pack(Detector(folder, bundled=False).folders).pack is not None
