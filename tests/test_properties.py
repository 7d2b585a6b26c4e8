"""What must hold whatever is said and whatever the rules are.

The naive matcher here is written from the rule language's own words (docs and pattern.py), not from match.py: it tries
every occurrence of every element and keeps every way to put them one after the other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise
from math import exp
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from conftest import Sample, pack, read_samples, signal
from fanzha import Detector, Turn, Verdict
from fanzha.amounts import find_amounts
from fanzha.entities import EntityKind, find_entities
from fanzha.match import leaf_spans
from fanzha.pack.compile import _Compiler
from fanzha.pack.load import Pack, bundled_rules, load_pack
from fanzha.pack.pattern import Entity, Step, Words
from fanzha.ruleset import Ruleset, assemble
from fanzha.scan import HOW, scan
from fanzha.sound import sound_of
from fanzha.text import fold

Make = Callable[..., Detector]
Write = Callable[..., Any]
Line = tuple[str | None, str]

SAMPLES = read_samples()
SCAMS = [sample for sample in SAMPLES if sample.alert]


@cache
def bundled() -> Pack:
    return load_pack([bundled_rules()])


@cache
def sayings() -> list[str]:
    """Turns of the samples, words of the rules and the examples inside the rules."""
    said = {turn.text for sample in SAMPLES for turn in sample.conversation.turns}
    said |= {word for term in bundled().terms.values() for word in term.words}
    said |= {word for cue in bundled().cues.values() for word in cue.words}
    said |= {one for rule in bundled().signals.values() for one in (*rule.hits, *rule.misses) if isinstance(one, str)}
    return sorted(said)


JUNK = st.text(st.sampled_from("您我的钱万一二3 ，。！？…\n“”😀𠮷\u200b\u200d\u3000\ud800Ａa1."), max_size=12)
PIECES = st.lists(st.one_of(st.sampled_from(sayings()), JUNK), max_size=4).map("".join)
SPEAKERS = st.sampled_from([None, "客服", "客户", "我", "李明", "说话人2", "反诈老师"])
TURNS = st.lists(st.tuples(SPEAKERS, PIECES), max_size=8)


@st.composite
def disguised(draw: st.DrawFn) -> list[Line]:
    """Real turns with things put between and instead of their characters."""
    lines = []
    for speaker, text in draw(TURNS):
        marks = draw(st.lists(st.tuples(st.integers(0, len(text)), st.sampled_from("\u200b \u200d.😀𠮷\ufe0f·")), max_size=6))
        for place, mark in marks:
            text = text[:place] + mark + text[place:]
        if draw(st.booleans()):
            text = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)
        lines.append((speaker, text))
    return lines


# ── the verdict ──


@given(TURNS)
def test_lines_sum_to_the_log_odds_and_the_score_is_their_logistic(detector: Detector, turns: list[Line]) -> None:
    verdict = detector.score(turns)
    total = sum(round(line.points * 1000) for line in verdict.lines)
    assert all(line.points * 1000 == pytest.approx(round(line.points * 1000), abs=1e-6) for line in verdict.lines)
    assert total == round(verdict.log_odds * 1000)
    assert verdict.score == round(100 / (1 + exp(-total / 1000)))


@given(TURNS, st.sampled_from([None, "李明", "客服"]))
@example([("客服", "您报验"), ("客服", "证码")], None)
def test_feeding_turn_by_turn_is_scoring_the_whole(detector: Detector, turns: list[Line], name: str | None) -> None:
    session = detector.session(self_name=name)
    scores = tuple(session.feed(turn).score for turn in turns)
    verdict = session.verdict()
    assert verdict == detector.score(turns, self_name=name)
    assert verdict.timeline == scores


@given(PIECES)
def test_feeding_a_text_is_scoring_it(detector: Detector, text: str) -> None:
    session = detector.session()
    session.feed(text)
    assert session.verdict() == detector.score(text)


@given(TURNS)
def test_the_timeline_is_the_score_after_each_turn(detector: Detector, turns: list[Line]) -> None:
    session = detector.session()
    for number, turn in enumerate(turns):
        change = session.feed(turn)
        verdict = session.verdict()
        assert (change.turn, change.score, change.level) == (number, verdict.score, verdict.level)
        assert change.alert == verdict.alert == (verdict.first_alert_turn is not None)
        assert change.raised_alert == (verdict.first_alert_turn == number)


@given(TURNS)
def test_the_score_only_grows(detector: Detector, turns: list[Line]) -> None:
    timeline = detector.score(turns).timeline
    assert all(before <= after for before, after in pairwise(timeline))


def utf16(text: str) -> bytes:
    return text.encode("utf-16-le", "surrogatepass")


def assert_spans_cut(verdict: Verdict, turns: Sequence[Line]) -> None:
    said = [text.translate(dict.fromkeys(range(0xD800, 0xE000), "\ufffd")) for _, text in turns]
    for one in verdict.evidence:
        original = said[one.turn]
        assert one.text == original[one.start : one.end]
        assert one.text
        assert utf16(original)[2 * one.start_utf16 : 2 * one.end_utf16] == utf16(one.text)
        if one.before is not None:
            assert one.before.turn == one.turn - 1
            assert one.before.text == said[one.before.turn][one.before.start : one.before.end]
            assert one.before.end == len(said[one.before.turn])
            assert turns[one.before.turn][0] == turns[one.turn][0]
    for entity in verdict.entities:
        assert entity.text == said[entity.turn][entity.start : entity.end]


@given(disguised())
@example([("客服", "😀𠮷把\u200b验 证 码\u200d告诉我😀")])
@example([("客服", "𠮷把验\u200b"), ("客服", "\u200b证.码告诉我")])
def test_evidence_cuts_the_original_text(detector: Detector, turns: list[Line]) -> None:
    assert_spans_cut(detector.score(turns), turns)


@settings(max_examples=30)
@given(st.sampled_from(SCAMS), st.integers(0, 2**32), st.sampled_from(["\u200b", " ", "\u200d", ".", "\ufe0f"]))
def test_evidence_of_disguised_scams_cuts_the_original_text(detector: Detector, sample: Sample, seed: int, mark: str) -> None:
    turns = []
    for number, turn in enumerate(sample.conversation.turns):
        place = (seed >> (number % 24)) % (len(turn.text) + 1)
        turns.append((turn.speaker, "𠮷😀" + turn.text[:place] + mark + turn.text[place:]))
    verdict = detector.score(turns)
    assert verdict.evidence
    assert_spans_cut(verdict, turns)


# ── fast is naive ──

ENDS = set("。！？!?；;\n…")


def naive_occurrences(element: Words | Entity, text: str) -> set[tuple[int, int, str]]:
    """Start, end and how of all places where an element stands."""
    if isinstance(element, Entity):
        if element.kind == "money":
            return {(one.start, one.end, "exact") for one in find_amounts(text)}
        kinds = frozenset({EntityKind(element.kind)})
        return {(one.start, one.end, "exact") for one in find_entities(text, kinds)}
    found = {(at.start(), at.start() + len(word), "exact") for word in element.words for at in everywhere(word, text)}
    for word in element.mendable:
        if len(word) >= 5 and re.fullmatch("[一-鿿]+", word):
            for lost in range(1, len(word) - 1):
                shorter = word[:lost] + word[lost + 1 :]
                if word[lost] not in "的了您你我他她一个不没" and shorter not in element.words:
                    found |= {(at.start(), at.start() + len(shorter), "damaged") for at in everywhere(shorter, text)}
    return found


def everywhere(word: str, text: str) -> list[re.Match[str]]:
    return list(re.finditer(f"(?={re.escape(word)})", text))


def naive_chains(sequence: Sequence[Step], text: str) -> set[tuple[int, int, bool]]:
    """Start, end and exactness of every way in which the elements stand one after the other, near enough."""
    chains = {(start, end, how == "exact") for start, end, how in naive_occurrences(sequence[0].element, text)}
    for step in sequence[1:]:
        following = naive_occurrences(step.element, text)
        chains = {
            (begin, end, exact and how == "exact")
            for begin, previous, exact in chains
            for start, end, how in following
            if 0 <= start - previous <= step.gap and not ENDS & set(text[previous:start])
        }
    return chains


class Compiled:
    """A pack with its leaves kept, which a Ruleset has no more; no dataclass, as its repr would be a megabyte."""

    def __init__(self, loaded: Pack) -> None:
        compiler = _Compiler(loaded)
        self.rules = assemble(compiler.run())
        self.leaves = compiler.leaves.leaves


def starts(rules: Ruleset, leaf: int) -> bool:
    """Whether a leaf stands in a signal that is looked for wherever its words stand."""
    late = {number for later in rules.beside.values() for numbers in later.values() for number in numbers}
    return bool(rules.leaf_signals[leaf]) and leaf not in {rules.joins[number].leaf for number in late}


def spans_found(rules: Ruleset, text: str) -> dict[int, list[tuple[int, int, int]]]:
    """The spans of all leaves; of what is looked for late only where something else was found."""
    found = scan(rules, text)
    fast = leaf_spans(found, found.joins) if found is not None else {}
    if found is not None and fast:
        for later in (*rules.excusing.values(), *rules.beside.values()):
            fast |= leaf_spans(found, found.possible(later))
    return fast


def assert_fast_is_naive(made: Compiled, text: str, *, sound: bool) -> None:
    rules = made.rules
    naive: dict[int, set[tuple[int, int, bool]]] = {}
    for number, leaf in enumerate(made.leaves):
        if leaf.regex is None:
            chains = set().union(*(naive_chains(sequence, text) for sequence in leaf.sequences))
            if chains:
                naive[number] = chains
    fast = spans_found(rules, text)
    if not fast:  # where only leaves of `unless` and of signals beside others stand, nothing is started at all
        naive = {leaf: chains for leaf, chains in naive.items() if starts(rules, leaf)}
    fast = {leaf: spans for leaf, spans in fast.items() if made.leaves[leaf].regex is None}
    ends = {(leaf, end) for leaf, spans in fast.items() for _, end, rank in spans if sound or HOW[rank] != "sound"}
    expected = {(leaf, end) for leaf, chains in naive.items() for _, end, _ in chains}
    if sound:  # sound-alikes come on top
        assert expected <= ends
    else:
        assert ends == expected
    for leaf, spans in fast.items():
        for start, end, rank in spans:
            if HOW[rank] == "sound":
                continue
            ways = {(begin, exact) for begin, stop, exact in naive[leaf] if stop == end}
            assert start in {begin for begin, _ in ways}
            if HOW[rank] == "exact":
                assert (start, True) in ways


WORDS = st.text(st.sampled_from("abc"), min_size=1, max_size=3)
ELEMENT = st.one_of(
    WORDS,
    st.lists(WORDS, min_size=1, max_size=3).map(lambda words: f"[{'|'.join(words)}]"),
    st.lists(WORDS, min_size=1, max_size=2).map(lambda words: f"[{'|'.join(words)}]?"),
    st.just("<money>"),
)
PATTERN = st.builds(
    lambda anchor, around, place, gaps: " ".join(
        (f"…{gap} " if gap and index else "") + element
        for index, (element, gap) in enumerate(zip([*around[:place], anchor, *around[place:]], gaps, strict=False))
    ),
    st.sampled_from(["ab", "[bc|ca]", "[aa|abc]", "cb"]),
    st.lists(ELEMENT, max_size=3),
    st.integers(0, 3),
    st.lists(st.integers(0, 4), min_size=4, max_size=4),
)
LETTERS = st.text(st.sampled_from("aaabbbccc。，\n3元"), max_size=24)


@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(PATTERN, min_size=1, max_size=4), st.lists(LETTERS, min_size=1, max_size=8))
@example(["a …2 ab"], ["aab", "a。ab", "acccab"])
@example(["[ab|a] …3 ab …1 b?"], ["aababb"])
@example(["ab …2 <money> …1 c"], ["ab3元cc", "ab3元3元c"])
def test_fast_matching_is_naive_matching(write_rules: Write, patterns: list[str], texts: list[str]) -> None:
    signals = [signal(f"s{n}", pattern) for n, pattern in enumerate(patterns)]
    made = Compiled(load_pack([write_rules(pack(signals))]))
    for text in texts:
        assert_fast_is_naive(made, text, sound=False)


HAN = st.text(st.sampled_from("理赔专员了贷。"), max_size=16)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.text(st.sampled_from("理赔专员了"), min_size=2, max_size=6), min_size=1, max_size=3), st.lists(HAN, max_size=8))
@example(["理赔专员贷"], ["理专员贷", "理赔员贷贷", "理赔专贷理赔了专员贷"])
def test_fast_matching_of_damaged_words_is_naive_matching(write_rules: Write, words: list[str], texts: list[str]) -> None:
    patterns = ["{term}", "{term} …2 贷", "贷 …2 {term} …1 {term}"]
    signals = [signal(f"s{n}", pattern) for n, pattern in enumerate(patterns)]
    made = Compiled(load_pack([write_rules(pack(signals, terms={"term": words}))]))
    for text in texts:
        assert_fast_is_naive(made, text, sound=False)


@pytest.fixture(scope="module")
def bundled_rules_compiled() -> Compiled:
    return Compiled(load_pack([bundled_rules()]))


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(PIECES.map(lambda text: fold(text.replace("\ud800", "")).text[:120]))
def test_fast_matching_of_the_bundled_rules_is_naive_matching(bundled_rules_compiled: Compiled, text: str) -> None:
    assert_fast_is_naive(bundled_rules_compiled, text, sound=True)


@given(st.sampled_from(sayings()), st.integers(0, 2**16))
def test_a_sound_alike_sounds_alike(detector: Detector, text: str, seed: int) -> None:
    """Every hit by sound is written otherwise and has a part that reads as a word of the rules."""
    spoken = fold(text).text
    alike = "".join(homophones()[c][(seed + n) % len(homophones()[c])] if n % 3 == 0 and c in homophones() else c
                    for n, c in enumerate(spoken))  # fmt: skip
    assert sound_of(alike) == sound_of(spoken)
    for one in detector.score([("客服", alike)]).evidence:
        assert one.text == alike[one.start : one.end]


@cache
def homophones() -> dict[str, list[str]]:
    classes: dict[str, list[str]] = {}
    for character in {c for text in sayings() for c in fold(text).text}:
        if "\u4e00" <= character <= "\u9fff":
            classes.setdefault(sound_of(character), []).append(character)
    return {character: sorted(members) for members in classes.values() for character in members}


# ── what does not hide a scam ──

WARNINGS = [
    "警方提醒：谨防诈骗，不要相信陌生来电。",
    "反诈中心提示：凡是让您转账的都是诈骗，请立即挂断。",
    "骗子会冒充客服，受害人被骗后请及时报警。",
    "以上内容由国家反诈中心发布，警惕冒充客服诈骗。",
    "为了您的资金安全，请不要把验证码告诉任何人。",
]


@pytest.mark.parametrize("warning", WARNINGS)
@pytest.mark.parametrize("sample", SCAMS, ids=lambda sample: sample.name)
def test_a_warning_said_by_the_scammer_does_not_hide_the_scam(detector: Detector, sample: Sample, warning: str) -> None:
    turns = list(sample.conversation.turns)
    other = next(turn.speaker for turn in turns if turn.speaker not in (None, "我", "客户", "用户"))
    for changed in ([Turn(warning, other), *turns], [*turns, Turn(warning, other)]):
        assert detector.score(changed).alert


@settings(max_examples=100)
@given(st.sampled_from(SCAMS), st.sampled_from(WARNINGS), st.booleans(), st.integers(0, 2**32))
def test_a_warning_put_into_turns_of_a_scam_does_not_hide_it(
    detector: Detector, sample: Sample, warning: str, before: bool, which: int
) -> None:
    turns = []
    for number, turn in enumerate(sample.conversation.turns):
        chosen = which >> (number % 32) & 1
        text = f"{warning}{turn.text}" if before else f"{turn.text}。{warning}"
        turns.append((turn.speaker, text if chosen else turn.text))
    assert detector.score(turns).alert


@settings(max_examples=150)
@given(st.sampled_from(SCAMS), st.data())
def test_cutting_turns_in_two_does_not_hide_a_scam(detector: Detector, sample: Sample, data: st.DataObject) -> None:
    turns: list[Line] = []
    for turn in sample.conversation.turns:
        place = data.draw(st.integers(0, len(turn.text)))
        turns += [(turn.speaker, part) for part in (turn.text[:place], turn.text[place:]) if part]
    assert detector.score(turns).alert


@pytest.mark.parametrize("length", [1, 2, 3, 5, 8, 13])
@pytest.mark.parametrize("sample", SCAMS, ids=lambda sample: sample.name)
def test_cutting_turns_into_many_does_not_hide_a_scam(detector: Detector, sample: Sample, length: int) -> None:
    turns = [
        (turn.speaker, turn.text[start : start + length])
        for turn in sample.conversation.turns
        for start in range(0, len(turn.text), length)
    ]
    assert detector.score(turns).alert
