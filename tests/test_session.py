"""A conversation that is still going on: what a turn changes, and words cut in two by a turn's end."""

from __future__ import annotations

import gc
import sys
import tracemalloc
from collections.abc import Callable

import pytest

from conftest import Sample, signal
from fanzha import Change, Detector, InputError, LimitError, Party, Turn
from fanzha import session as session_module
from fanzha.limits import MAX_SIDES, TAIL_CHARS

Make = Callable[..., Detector]


@pytest.fixture(scope="module")
def tiny(make_detector: Make) -> Detector:
    return make_detector(
        [
            signal("hook.lost", "快递丢", weight=3.0),
            signal("ask.code", "报验证码", stage="harvest", weight=3.0, ask=True),
            signal("self.sent", "已经转了", stage="extract", weight=3.0, by="self"),
            signal("hook.known", "给您赔偿", weight=1.0, known_party=True),
        ]
    )


def test_a_turn_tells_what_it_changed(tiny: Detector) -> None:
    session = tiny.session()
    assert session.feed(("客服", "您好")) == Change(0, 2, "none", False, False, ())
    assert session.feed(("客服", "快递丢了")) == Change(1, 27, "low", False, False, ("hook.lost",))
    assert session.feed(("客服", "报验证码")) == Change(2, 88, "high", True, True, ("ask.code",))
    assert session.feed(("客服", "好的")) == Change(3, 88, "high", True, False, ())


def test_the_alert_is_raised_once_and_stays(tiny: Detector) -> None:
    session = tiny.session()
    changes = [session.feed(("客服", text)) for text in ("快递丢", "报验证码", "不要报验证码", "是诈骗")]
    assert [change.raised_alert for change in changes] == [False, True, False, False]
    assert session.verdict().first_alert_turn == 1
    assert session.verdict().alert


def test_a_verdict_can_be_asked_for_at_any_time(tiny: Detector) -> None:
    session = tiny.session()
    assert session.verdict().timeline == ()
    session.feed("快递丢")
    first = session.verdict()
    session.feed("报验证码")
    assert first == tiny.score("快递丢")
    assert session.verdict() == tiny.score([Turn("快递丢"), Turn("报验证码")])


def test_a_turn_that_cannot_be_read_is_named_and_changes_nothing(tiny: Detector) -> None:
    session = tiny.session()
    session.feed("快递丢")
    with pytest.raises(InputError, match=r"turns\[1\]"):
        session.feed(("客服", 5))  # type: ignore[arg-type]
    session.feed("报验证码")
    assert session.verdict() == tiny.score([Turn("快递丢"), Turn("报验证码")])


def test_turns_beyond_the_limit_are_refused(tiny: Detector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_module, "MAX_TURNS", 2)
    with pytest.raises(LimitError, match=r"turns\[2\]"):
        tiny.score([("客服", "您好")] * 3)


def test_self_name_tells_whom_to_protect(tiny: Detector) -> None:
    turns = [("甲", "已经转了")]
    assert tiny.score(turns, self_name="甲").log_odds == -1.0
    assert tiny.score(turns, self_name="乙").log_odds == -4.0


# ── words cut in two ──


def pieces(tiny: Detector, *turns: tuple[str | None, str]) -> list[tuple[int, str, str | None]]:
    return [(one.turn, one.text, one.before and one.before.text) for one in tiny.score(turns).evidence]


def test_a_word_over_two_turns_of_one_speaker_is_read(tiny: Detector) -> None:
    assert pieces(tiny, ("客服", "您报验"), ("客服", "证码吧")) == [(1, "证码", "报验")]


def test_a_word_over_many_turns_of_one_speaker_is_read(tiny: Detector) -> None:
    """`before` is the piece in the turn just before, the whole of it if the word began even earlier."""
    assert pieces(tiny, ("客服", "您报"), ("客服", "验"), ("客服", "证"), ("客服", "码吧")) == [(3, "码", "证")]


def test_an_empty_turn_does_not_end_a_word(tiny: Detector) -> None:
    assert pieces(tiny, ("客服", "您报验"), ("客服", "\u200b"), ("客服", "证码")) == [(2, "证码", None)]


def test_it_is_not_read_over_another_speaker(tiny: Detector) -> None:
    assert pieces(tiny, ("客服", "您报验"), ("我", "嗯"), ("客服", "证码吧")) == []
    assert pieces(tiny, ("客服", "您报验"), ("坐席", "证码吧")) == []


def test_nor_without_a_speaker(tiny: Detector) -> None:
    assert pieces(tiny, (None, "您报验"), (None, "证码吧")) == []


def test_nor_over_the_end_of_a_sentence(tiny: Detector) -> None:
    assert pieces(tiny, ("客服", "您报验。"), ("客服", "证码吧")) == []


def test_what_stands_in_the_turn_before_is_found_once(tiny: Detector) -> None:
    assert pieces(tiny, ("客服", "快递丢"), ("客服", "了")) == [(0, "快递丢", None)]


def test_the_turn_before_is_cut_to_its_end(tiny: Detector) -> None:
    far = "啊" * TAIL_CHARS
    assert pieces(tiny, ("客服", f"您{far}报验"), ("客服", "证码")) == [(1, "证码", "报验")]


def test_the_part_in_the_turn_before_has_its_own_offsets(tiny: Detector) -> None:
    (one,) = tiny.score([("客服", "😀报\u200b验"), ("客服", "证.码")]).evidence
    assert one.before is not None
    assert (one.before.turn, one.before.start, one.before.end, one.before.text) == (0, 1, 4, "报\u200b验")
    assert (one.turn, one.start, one.end, one.text) == (1, 0, 3, "证.码")


# ── sides ──


def test_an_unknown_speaker_who_plays_the_part_is_the_counterpart(tiny: Detector) -> None:
    verdict = tiny.score([("甲", "快递丢"), ("乙", "好"), ("甲", "报验证码"), ("乙", "已经转了")])
    assert (verdict.counterpart, verdict.log_odds) == ("甲", 5.0)
    assert [one.party for one in verdict.evidence] == ["other", "other", "self"]


def test_parts_of_two_unknown_speakers_do_not_add_up(tiny: Detector) -> None:
    verdict = tiny.score([("甲", "快递丢"), ("乙", "报验证码")])
    assert verdict.log_odds == -1.0


def test_known_others_are_one_side(tiny: Detector) -> None:
    verdict = tiny.score([("客服", "快递丢"), ("理赔专员", "报验证码")])
    assert (verdict.counterpart, verdict.log_odds) == (None, 2.0)


def test_without_speakers_everything_adds_up(tiny: Detector) -> None:
    assert tiny.score([Turn("快递丢"), Turn("报验证码")]).log_odds == 2.0


def test_speakers_beyond_the_limit_are_named(tiny: Detector) -> None:
    verdict = tiny.score([(f"群友{letter}", "快递丢") for letter in "甲乙丙丁戊己庚辛壬癸"][: MAX_SIDES + 1])
    assert len(verdict.skipped) == 1


def test_a_signal_that_needs_a_known_party_says_so(tiny: Detector) -> None:
    unknown, known = tiny.score("给您赔偿"), tiny.score([("客服", "给您赔偿")])
    assert (unknown.log_odds, len(unknown.undecided)) == (-4.0, 1)
    assert (known.log_odds, known.undecided) == (-3.0, ())


def test_who_made_contact_counts_where_the_signal_says_so(make_detector: Make) -> None:
    detector = make_detector([signal(when_self_began=0.5)])
    asked = [("我", "您好我想查一下我的包裹到哪里了"), ("客服", "快递丢")]
    greeted = [("我", "喂,您好"), ("客服", "快递丢")]
    assert (detector.score(asked).log_odds, detector.score(greeted).log_odds) == (-3.0, -2.0)


def test_what_nobody_said_is_not_read(tiny: Detector) -> None:
    assert not tiny.score([{"text": "快递丢", "kind": "system"}]).evidence


def test_what_was_said_and_taken_back_is_read(tiny: Detector) -> None:
    assert tiny.score([{"text": "快递丢", "kind": "recall"}]).evidence


def test_a_turn_of_a_given_party_needs_no_speaker(tiny: Detector) -> None:
    assert tiny.score([Turn("已经转了", party=Party.SELF)]).log_odds == -1.0
    assert tiny.score([Turn("已经转了", party=Party.OTHER)]).log_odds == -4.0


def test_a_desk_that_greets_at_length_was_called(make_detector):
    detector = make_detector([signal(match="快递丢", when_self_began=0.0)])
    greeting = "您好，这里是便民快递的客服中心，我是客服代表小张，请问有什么可以帮您的吗"
    assert detector.score([("客服", greeting), ("客户", "查件"), ("客服", "您的快递丢了")]).score == 2
    assert detector.score([("客服", "您好我是便民快递的客服代表小张"), ("客户", "嗯"), ("客服", "您的快递丢了")]).score > 2


def test_a_session_stays_small_however_long_the_call(detector: Detector, samples: tuple[Sample, ...]) -> None:
    """64 KiB beyond the evidence kept, which has limits of its own; measured on the longest scam of the samples."""
    longest = max(samples, key=lambda sample: len(sample.conversation.turns))
    turns = [(turn.speaker, turn.text) for turn in longest.conversation.turns]

    def kept(times: int) -> int:
        session = detector.session()
        for turn in turns * times:
            session.feed(turn)
        verdict = session.verdict()
        found = sum(sys.getsizeof(one.text) + 400 for one in (*verdict.evidence, *verdict.entities))
        del verdict
        gc.collect()
        return tracemalloc.get_traced_memory()[0] - found

    kept(1)  # what is made once, at first use
    tracemalloc.start()
    try:
        gc.collect()
        assert kept(1) < 65_536
        assert kept(40) < 65_536
    finally:
        tracemalloc.stop()


def test_the_score_after_each_turn_is_told(tiny: Detector) -> None:
    session = tiny.session()
    scores = [session.feed(("客服", text)).score for text in ("早上好", "快递丢", "在吗", "报验证码", "好")]
    assert session.verdict().timeline == tuple(scores)
    assert len(set(scores)) == 3
