"""Bad input: a clear error or a verdict that dumps to JSON, within bounded time, never a traceback."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from time import perf_counter
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from conftest import Sample, signal
from fanzha import Detector, InputError, LimitError, Session, Turn, Verdict
from fanzha import engine as engine_module
from fanzha.limits import MAX_ENTITIES, MAX_EVIDENCE_PER_SIGNAL, MAX_TURN_CHARS, MAX_TURNS

SECONDS = 30  # for a megabyte on a slow, busy machine; the usual is one to four
MEGABYTE = 1_000_000


def judged(detector: Detector, what: Any) -> Verdict:
    """The verdict, once it was seen that it is JSON that UTF-8 can carry."""
    began = perf_counter()
    verdict = detector.score(what)
    assert perf_counter() - began < SECONDS
    document = json.loads(verdict.model_dump_json().encode("utf-8"))
    assert document["score"] == verdict.score
    return verdict


@pytest.mark.parametrize("text", ["", " ", "a", "钱", "。", "\n", "\x00", "\u200b", "😀", "\ud800", "\ufeff", "\U0010ffff"])
def test_next_to_nothing_is_no_scam(detector: Detector, text: str) -> None:
    verdict = judged(detector, text)
    assert (verdict.level, verdict.timeline) == ("none", (verdict.score,))
    assert judged(detector, [("客服", text)]).level == "none"
    assert judged(detector, [(text, "您好")]).level == "none"


# ── much ──


@pytest.mark.parametrize(
    "unit",
    ["今天天气不错我们去吃饭。", "把验证码告诉我。", "您的快递丢了，加一下微信", "骗子让我", "扫一扫取件二维码\n", "\u200b借", "1", '"'],
)
def test_a_megabyte_in_one_turn(detector: Detector, unit: str) -> None:
    size = MEGABYTE // len(unit.encode())
    verdict = judged(detector, [("客服", unit * size)])
    assert all(len(one.text) < 1000 for one in verdict.evidence)
    assert len(verdict.model_dump_json()) < 1_000_000


def test_what_is_beyond_the_limit_of_a_turn_is_not_read_and_named(
    make_detector: Callable[..., Detector], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "MAX_TURN_CHARS", 100)
    tiny = make_detector([signal()])
    for within, text in ((True, "啊" * 97 + "快递丢"), (False, "啊" * 98 + "快递丢")):
        verdict = judged(tiny, [("客服", text)])
        assert bool(verdict.evidence) is within
        assert bool(verdict.skipped) is not within
        assert judged(tiny, text).skipped == verdict.skipped


def test_the_limit_of_a_turn_lets_a_megabyte_pass(detector: Detector) -> None:
    verdict = judged(detector, "天" * (MAX_TURN_CHARS + 1))
    assert len(verdict.skipped) == 1
    assert "turn 0" in verdict.skipped[0]


@pytest.mark.parametrize("speakers", [1, 2, 10_000])
def test_ten_thousand_turns(detector: Detector, speakers: int) -> None:
    texts = ("您的快递丢了给您双倍赔", "好的", "加一下微信", "把验证码告诉我", "转62块钱")
    verdict = judged(detector, [(f"说话人{n % speakers}", texts[n % len(texts)]) for n in range(10_000)])
    assert len(verdict.timeline) == 10_000
    assert len(verdict.entities) <= MAX_ENTITIES
    assert len(verdict.skipped) <= 20
    signals = {(one.signal, one.stance) for one in verdict.evidence}
    assert len(verdict.evidence) <= len(signals) * MAX_EVIDENCE_PER_SIGNAL


def test_ten_thousand_turns_of_any_label(detector: Detector) -> None:
    verdict = judged(detector, [(f"反诈老师{n}", "骗子说您的快递丢了") for n in range(10_000)])
    assert not verdict.alert


def test_turns_beyond_the_limit_are_refused_as_input(detector: Detector) -> None:
    with pytest.raises(LimitError) as caught:
        detector.score(("客服", "") for _ in range(MAX_TURNS + 1))
    assert isinstance(caught.value, InputError)
    assert caught.value.where == f"turns[{MAX_TURNS}]"


def test_a_late_turn_costs_what_an_early_one_does(detector: Detector, samples: tuple[Sample, ...]) -> None:
    """The budget is 1.3 × (bench); here only that it does not grow with the call."""
    turns = samples[0].conversation.turns

    def seconds(session: Session) -> float:
        best = 1e9
        for _ in range(5):
            began = perf_counter()
            for turn in turns:
                session.feed(turn)
            best = min(best, perf_counter() - began)
        return best

    session = detector.session()
    early = seconds(session)
    for _ in range(1000 // len(turns)):
        for turn in turns:
            session.feed(turn)
    assert seconds(session) < 3 * early + 0.005


# ── strange ──


def test_lone_surrogates_are_mended_in_text_and_label(detector: Detector) -> None:
    verdict = judged(detector, [("客\ud83d", "把验证码\udc00告诉我"), ("客\ud83d", "您的快递\ud83d丢了")])
    assert verdict.evidence
    assert {one.speaker for one in verdict.evidence} == {"客\ufffd"}


def test_control_characters_do_not_hide_a_word(detector: Detector) -> None:
    plain = judged(detector, [("客服", "把验证码告诉我")])
    hidden = judged(detector, [("客服", "把\x00验\x1b证\x7f码\x9b告\u202e诉\u2066我")])
    assert hidden.log_odds == plain.log_odds > detector.rules.base / 1000


@given(st.binary(max_size=400))
@example(bytes(range(256)))
def test_random_bytes_as_text(detector: Detector, junk: bytes) -> None:
    for encoding in ("latin-1", "gb18030", "utf-8", "utf-16-le"):
        judged(detector, junk.decode(encoding, "replace"))
    judged(detector, [("客服", junk.decode("utf-8", "surrogateescape"))])


def test_a_megabyte_of_random_bytes(detector: Detector) -> None:
    junk = random.Random(7).randbytes(MEGABYTE)
    judged(detector, junk.decode("latin-1"))
    judged(detector, junk.decode("gb18030", "replace"))


ANY_TEXT = st.text(st.characters(), max_size=60)  # lone surrogates too
ANYTHING = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.binary(max_size=3), ANY_TEXT,
    st.lists(ANY_TEXT, max_size=3), st.dictionaries(ANY_TEXT, ANY_TEXT, max_size=2),
)  # fmt: skip
ANY_TURN = st.one_of(
    ANYTHING,
    st.tuples(ANYTHING, ANYTHING),
    st.fixed_dictionaries(
        {"text": ANYTHING}, optional={"speaker": ANYTHING, "party": ANYTHING, "kind": ANYTHING, "start": ANYTHING}
    ),
    st.builds(Turn, ANYTHING, ANYTHING, ANYTHING, ANYTHING, ANYTHING),
)


@given(st.one_of(ANYTHING, st.lists(ANY_TURN, max_size=4)))
def test_anything_gets_a_verdict_or_an_input_error(detector: Detector, what: Any) -> None:
    try:
        verdict = detector.score(what)
    except InputError:
        return
    json.loads(verdict.model_dump_json().encode("utf-8"))


@pytest.mark.parametrize("name", ["", "客服", "\ud800", "😀" * 1000])
def test_any_self_name(detector: Detector, name: str) -> None:
    judged(detector, [])
    detector.score([("客服", "把验证码告诉我"), (name, "好")], self_name=name)
