"""Many conversations at once: what is told, what is held back, what is forgotten."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from conftest import signal
from fanzha import Detector, InputError, Notice, Watcher
from fanzha import session as session_module

Make = Callable[..., Detector]


class Clock:
    """Seconds that pass when the test says so."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def tiny(make_detector: Make) -> Detector:
    """One word reaches medium, two high, three critical."""
    return make_detector(
        [
            signal("hook.lost", "快递丢", weight=3.6),
            signal("ask.code", "报验证码", stage="harvest", weight=1.6),
            signal("ask.send", "转到安全账户", stage="extract", weight=4.0),
        ]
    )


def levels(watcher: Watcher, key: str, *texts: str) -> list[str | None]:
    notices = [watcher.see(key, ("客服", text)) for text in texts]
    return [notice.level if notice else None for notice in notices]


def test_each_level_is_told_once(tiny: Detector) -> None:
    watcher = Watcher(tiny, least="medium")
    told = levels(watcher, "a", "早上好", "快递丢", "快递丢", "报验证码", "转到安全账户", "转到安全账户")
    assert told == [None, "medium", None, "high", "critical", None]


def test_what_is_below_the_least_level_is_not_told(tiny: Detector) -> None:
    assert levels(Watcher(tiny), "a", "快递丢", "报验证码") == [None, "high"]


def test_a_notice_says_what_there_is_to_say(tiny: Detector) -> None:
    watcher = Watcher(tiny, least="medium")
    watcher.see("a", ("客服", "早上好"))
    notice = watcher.see("a", ("客服", "快递丢"))
    assert isinstance(notice, Notice)
    assert (notice.key, notice.level, notice.previous, notice.turn) == ("a", "medium", "none", 1)
    assert [one.signal for one in notice.verdict.evidence] == ["hook.lost"]
    assert notice.verdict == watcher.verdict("a")


def test_conversations_do_not_add_up(tiny: Detector) -> None:
    watcher = Watcher(tiny)
    assert levels(watcher, "a", "快递丢") == levels(watcher, "b", "报验证码") == [None]
    assert levels(watcher, "b", "快递丢") == ["high"]


def test_a_cooldown_holds_back_all_but_the_worst(tiny: Detector) -> None:
    clock = Clock()
    watcher = Watcher(tiny, least="medium", cooldown=60, clock=clock)
    assert levels(watcher, "a", "快递丢", "报验证码") == ["medium", None]
    clock.now = 60
    assert levels(watcher, "a", "在吗") == ["high"]
    assert levels(watcher, "a", "转到安全账户") == ["critical"]


def test_the_silent_are_forgotten(tiny: Detector) -> None:
    clock = Clock()
    watcher = Watcher(tiny, expire_after=100, clock=clock)
    watcher.see("a", ("客服", "快递丢"))
    clock.now = 50
    watcher.see("b", ("客服", "快递丢"))
    assert len(watcher) == 2
    clock.now = 120
    assert len(watcher) == 1
    assert watcher.verdict("a") is None
    assert levels(watcher, "a", "报验证码") == [None]
    assert levels(watcher, "b", "报验证码") == ["high"]


def test_the_longest_silent_make_room(tiny: Detector) -> None:
    watcher = Watcher(tiny, max_conversations=2)
    for key in ("a", "b", "a", "c"):
        watcher.see(key, "早上好")
    assert [watcher.verdict(key) is not None for key in "abc"] == [True, False, True]


def test_a_conversation_can_be_forgotten(tiny: Detector) -> None:
    watcher = Watcher(tiny)
    watcher.see("a", "快递丢")
    assert watcher.forget("a")
    assert not watcher.forget("a")
    assert len(watcher) == 0


def test_a_message_that_cannot_be_read_changes_nothing(tiny: Detector) -> None:
    watcher = Watcher(tiny)
    bad: Any = ("客服", 1)
    with pytest.raises(InputError):
        watcher.see("a", bad)
    assert len(watcher) == 0
    watcher.see("a", "快递丢")
    with pytest.raises(InputError):
        watcher.see("a", bad)
    assert levels(watcher, "a", "报验证码") == ["high"]


def test_a_conversation_longer_than_a_session_goes_on(tiny: Detector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_module, "MAX_TURNS", 2)
    watcher = Watcher(tiny, least="medium")
    assert levels(watcher, "a", "快递丢", "早上好", "快递丢", "报验证码") == ["medium", None, None, "high"]


@pytest.mark.parametrize(
    "wrong", [{"least": "none"}, {"least": "bad"}, {"cooldown": -1}, {"expire_after": 0}, {"max_conversations": 0}]
)
def test_settings_that_make_no_sense_are_refused(tiny: Detector, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"least|cooldown"):
        Watcher(tiny, **wrong)


def test_threads_may_share_a_watcher(tiny: Detector) -> None:
    watcher = Watcher(tiny)
    with ThreadPoolExecutor(8) as pool:
        notices = list(pool.map(lambda number: watcher.see(number % 5, ("客服", "快递丢报验证码")), range(200)))
    assert sorted(notice.key for notice in notices if notice) == [0, 1, 2, 3, 4]
