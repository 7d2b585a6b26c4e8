"""A library is a guest: it logs no text, adds no handler, and leaves jieba's global tokenizer alone."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Callable
from textwrap import dedent

import pytest

from conftest import ROOT, Sample, signal
from fanzha import Detector, InputError

CANARY = "金丝雀口令七三一九"


def run(code: str) -> None:
    paths = [str(ROOT / "detector")]
    script = f"import sys; sys.path[:0] = {paths!r}\n" + dedent(code)
    done = subprocess.run([sys.executable, "-X", "utf8", "-c", script], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout + done.stderr == ""


def test_no_text_is_logged_whatever_the_level(
    make_detector: Callable[..., Detector], samples: tuple[Sample, ...], detector: Detector, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for made in (detector, make_detector([signal(match=["金丝雀", "七三一"], word=True)])):
        made.score([("客服", f"您的快递丢了, {CANARY}"), (CANARY, "把验证码告诉我")])
        with pytest.raises(InputError):
            made.score([("客服", CANARY), {"text": CANARY, "party": CANARY}])
        with pytest.raises(InputError):
            made.score({"text": CANARY})  # type: ignore[arg-type]
    detector.score(samples[0].conversation)
    assert not [record for record in caplog.records if record.name.startswith("fanzha")]
    assert CANARY[:3] not in caplog.text


def test_scoring_prints_nothing(detector: Detector, samples: tuple[Sample, ...], capfd: pytest.CaptureFixture[str]) -> None:
    for sample in samples:
        detector.score(sample.conversation)
    assert capfd.readouterr() == ("", "")


def test_errors_carry_no_text(detector: Detector) -> None:
    for turn in ({"text": "x", "kind": CANARY}, {"text": [CANARY]}, (CANARY,), {CANARY: 1}, (5, CANARY)):
        with pytest.raises(InputError) as caught:
            detector.score([turn])  # type: ignore[list-item]
        assert CANARY not in str(caught.value)


def test_importing_and_scoring_leave_logging_as_it_was() -> None:
    run("""
        import logging
        def state():
            loggers = logging.Logger.manager.loggerDict
            return (
                list(logging.root.handlers), logging.root.level, logging.raiseExceptions, logging.lastResort,
                {name for name in loggers if name.startswith("fanzha")},
            )
        before = state()
        import fanzha
        assert "jieba" not in sys.modules, "importing fanzha must not load jieba"
        fanzha.Detector().score("财务给您多打了一万二, 把多出来的退回来")
        assert state() == before
    """)


def test_the_global_tokenizer_of_jieba_is_not_touched() -> None:
    run("""
        import warnings
        warnings.simplefilter("ignore")
        import logging
        import jieba
        jieba.setLogLevel(logging.CRITICAL)
        handlers = list(logging.getLogger("jieba").handlers)
        jieba.dt.add_word("丢快")
        words = dict(jieba.dt.FREQ)
        cut = jieba.lcut("快递丢快递")

        import fanzha
        from fanzha.words import Segmenter
        fanzha.Detector().score("财务给您多打了一万二, 把多出来的退回来")
        assert Segmenter(("快递丢",)).edges("快递丢快递", 0, 5) == {0, 3, 5}

        assert dict(jieba.dt.FREQ) == words
        assert jieba.lcut("快递丢快递") == cut
        assert logging.getLogger("jieba").handlers == handlers
        assert logging.getLogger("jieba").level == logging.CRITICAL
    """)


def test_a_program_that_never_uses_jieba_never_has_its_global_dictionary_loaded() -> None:
    run("""
        from fanzha.words import Segmenter
        Segmenter(()).edges("快递丢了", 0, 4)
        import jieba
        assert not jieba.dt.initialized
        assert not jieba.dt.user_word_tag_tab
    """)
