"""Data frames of polars."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import fanzha.adapters.polars  # noqa: F401 - registers the namespace
from conftest import Sample
from fanzha import Detector, InputError, Verdict
from fanzha.adapters.columns import TYPES


@pytest.fixture(scope="module")
def messages(samples: tuple[Sample, ...]) -> pl.DataFrame:
    """Three conversations, their messages mixed up, with the time of each."""
    rows = [
        {"call": sample.name, "who": turn.speaker, "said": turn.text, "at": place}
        for sample in samples[:3]
        for place, turn in enumerate(sample.conversation.turns)
    ]
    return pl.DataFrame(rows).sample(fraction=1.0, shuffle=True, seed=1)


def test_conversations_get_the_verdicts_of_the_library(
    detector: Detector, samples: tuple[Sample, ...], messages: pl.DataFrame
) -> None:
    found = messages.fanzha.score("said", conversation="call", speaker="who", time="at", detector=detector)
    verdicts = dict(found.select("call", "verdict").iter_rows())
    for sample in samples[:3]:
        pairs = [(turn.speaker, turn.text) for turn in sample.conversation.turns]
        assert verdicts[sample.name] == detector.score(pairs).model_dump_json()


def test_conversations_stand_in_the_order_in_which_they_first_appear(
    detector: Detector, messages: pl.DataFrame
) -> None:
    found = messages.fanzha.score("said", conversation="call", detector=detector)
    assert found["call"].to_list() == messages["call"].unique(maintain_order=True).to_list()


def test_texts_get_columns_beside_their_own(detector: Detector) -> None:
    frame = pl.DataFrame({"id": [7, 8, 9], "text": ["您的快递丢了, 加一下理赔专员的微信", None, "您好"]})
    found = frame.fanzha.score("text", detector=detector)
    assert found.columns == ["id", "text", *TYPES]
    assert found["level"].to_list() == [detector.score(text or "").level for text in frame["text"]]
    verdict = Verdict.model_validate_json(
        found["verdict"][0].replace(',"alert":true', "").replace(',"alert":false', "")
    )
    assert verdict == detector.score(frame["text"][0])


def test_the_speaker_of_a_text_counts(detector: Detector) -> None:
    frame = pl.DataFrame({"who": ["客服", "我"], "text": ["把验证码告诉我"] * 2})
    found = frame.fanzha.score("text", speaker="who", detector=detector)
    wanted = [detector.score([(who, text)]).score for who, text in frame.iter_rows()]
    assert found["score"].to_list() == wanted


def test_what_cannot_be_read_is_a_problem_of_its_row(detector: Detector) -> None:
    frame = pl.DataFrame({"side": ["other", "robot"], "text": ["您好", "您好"]})
    found = frame.fanzha.score("text", party="side", detector=detector)
    assert [found["problem"][0], "self|other|unknown" in found["problem"][1]] == [None, True]


def test_columns_that_are_missing_or_there_already_are_told(detector: Detector) -> None:
    frame = pl.DataFrame({"text": ["您好"], "level": [1]})
    with pytest.raises(InputError, match="没有这一列"):
        frame.fanzha.score("words", detector=detector)
    with pytest.raises(InputError, match="prefix"):
        frame.fanzha.score("text", detector=detector)
    assert frame.fanzha.score("text", detector=detector, prefix="f_")["f_level"].to_list() == ["none"]


def test_no_rows_are_a_frame_with_all_columns(detector: Detector) -> None:
    frame = pl.DataFrame({"id": [], "text": []}, schema={"id": pl.Int64, "text": pl.String})
    assert frame.fanzha.score("text", conversation="id", detector=detector).schema["id"] == pl.Int64
    assert frame.fanzha.score("text", detector=detector).shape == (0, 2 + len(TYPES))


def test_rules_of_ones_own_are_used(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="没有这个规则目录"):
        pl.DataFrame({"text": ["您好"]}).fanzha.score("text", rules=tmp_path / "none")
