"""The library's door: what can be scored, what is refused, and that nothing is shared or kept."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

import fanzha
from conftest import Sample, signal
from fanzha import Conversation, Detector, InputError, Turn

Make = Callable[..., Detector]


@pytest.fixture(scope="module")
def tiny(make_detector: Make) -> Detector:
    return make_detector([signal("hook.lost", "快递丢", weight=3.0), signal("ask.code", "报验证码", stage="harvest")])


def test_public_names_are_sorted_and_there() -> None:
    assert fanzha.__all__ == sorted(fanzha.__all__)
    assert all(hasattr(fanzha, name) for name in fanzha.__all__)


def test_every_shape_of_a_conversation_gets_the_same_verdict(tiny: Detector) -> None:
    turns = [("客服", "快递丢"), ("我", "啊")]
    shapes: list[Any] = [
        turns,
        tuple(turns),
        iter(turns),
        Conversation.from_turns(turns),
        [{"speaker": speaker, "text": text} for speaker, text in turns],
        [Turn(text, speaker) for speaker, text in turns],
    ]
    verdicts = [tiny.score(shape) for shape in shapes]
    assert all(verdict == verdicts[0] for verdict in verdicts)
    assert verdicts[0].evidence


def test_a_text_is_one_turn_by_somebody_unknown(tiny: Detector) -> None:
    assert tiny.score("快递丢") == tiny.score(Conversation.from_text("快递丢")) == tiny.score([Turn("快递丢")])


def test_no_turns_at_all_are_no_scam(tiny: Detector) -> None:
    verdict = tiny.score([])
    assert (verdict.level, verdict.timeline, verdict.log_odds) == ("none", (), -4.0)


@pytest.mark.parametrize("bad", [None, 5, 1.5, b"x", {}, {"text": "x"}, object(), True])
def test_what_is_no_conversation_is_refused(tiny: Detector, bad: Any) -> None:
    with pytest.raises(InputError, match="应为字符串"):
        tiny.score(bad)


@pytest.mark.parametrize("bad", [5, None, (), ("a", "b", "c"), {}, ("a", 5), (1, "x"), b"ab", {"text": "x", "kind": 1}])
def test_a_turn_that_cannot_be_read_is_named(tiny: Detector, bad: Any) -> None:
    with pytest.raises(InputError, match=r"turns\[1\]"):
        tiny.score([("客服", "您好"), bad])


def test_rules_and_verdicts_cannot_be_changed(tiny: Detector) -> None:
    verdict = tiny.score("快递丢")
    with pytest.raises(Exception, match="frozen"):
        verdict.score = 0  # type: ignore[misc]
    with pytest.raises(AttributeError):
        tiny.rules.base = 0  # type: ignore[misc]
    with pytest.raises(AttributeError):
        tiny.rules = None  # type: ignore[assignment,misc]


def test_nothing_is_kept_between_conversations(tiny: Detector) -> None:
    before = tiny.score([("客服", "报验证码")])
    tiny.score([("客服", "快递丢"), ("客服", "警方骗子受害人"), ("客服", "我被骗了"), ("客服", "我们念台词")])
    assert tiny.score([("客服", "报验证码")]) == before


def test_two_detectors_of_the_same_rules_are_equal_in_what_they_say(detector: Detector, samples: tuple[Sample, ...]) -> None:
    other = Detector()
    assert other.pack == detector.pack
    assert other.score(samples[0].conversation) == detector.score(samples[0].conversation)


def test_threads_share_a_detector(make_detector: Make, samples: tuple[Sample, ...]) -> None:
    """Also the first use of jieba, which is loaded when a hit first asks for it."""
    alone = Detector()
    expected = [alone.score(sample.conversation) for sample in samples]
    shared = Detector()
    gate = threading.Barrier(8)
    wrong: list[str] = []

    def work(offset: int) -> None:
        gate.wait()
        for number in range(len(samples)):
            index = (number + offset) % len(samples)
            if shared.score(samples[index].conversation) != expected[index]:
                wrong.append(samples[index].name)

    threads = [threading.Thread(target=work, args=(3 * number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not wrong
    assert not any(thread.is_alive() for thread in threads)


def test_a_verdict_is_json(detector: Detector, samples: tuple[Sample, ...]) -> None:
    verdict = detector.score(samples[0].conversation)
    document = json.loads(verdict.model_dump_json())
    assert document["alert"] is verdict.alert
    del document["alert"]  # computed
    assert fanzha.Verdict.model_validate(document) == verdict


def test_many_are_scored_one_by_one_and_in_order(tiny: Detector) -> None:
    taken: list[int] = []

    def items():
        for number, text in enumerate(("快递丢", "早上好", "快递丢")):
            taken.append(number)
            yield text

    verdicts = tiny.score_many(items())
    assert next(verdicts) == tiny.score("快递丢")
    assert taken == [0]
    assert [verdict.score for verdict in verdicts] == [tiny.score(text).score for text in ("早上好", "快递丢")]


def test_of_many_the_one_that_cannot_be_read_is_named(tiny: Detector) -> None:
    items: list[Any] = ["早上好", [("客服", 1)], "快递丢"]
    with pytest.raises(InputError, match=r"^items\[1\]\.turns\[0\]: "):
        list(tiny.score_many(items))
    kept = list(tiny.score_many(items, keep_errors=True))
    assert [isinstance(one, InputError) for one in kept] == [False, True, False]
    assert kept[2] == tiny.score("快递丢")


def test_a_limit_stays_a_limit_when_it_is_located() -> None:
    assert isinstance(fanzha.LimitError("太多", where="turns[9]").within("items[0]"), fanzha.LimitError)
