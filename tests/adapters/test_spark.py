"""Spark in local mode: its verdicts are the library's."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from conftest import ROOT, Run, Sample
from fanzha import Detector, InputError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

pytestmark = pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")
SCHEMA = "id string, at int, who string, said string"


@pytest.fixture(scope="session")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """One Spark for all tests; skipped without Java, but never in CI."""
    if shutil.which("java") is None and not os.environ.get("JAVA_HOME"):
        if os.environ.get("CI") or os.environ.get("FANZHA_CI"):
            pytest.fail("no Java: .ci/run installs openjdk-17-jre-headless")
        pytest.skip("Spark needs Java: apt-get install openjdk-17-jre-headless")
    from pyspark.sql import SparkSession

    folder = tmp_path_factory.mktemp("spark")
    roots = os.pathsep.join([str(ROOT / "detector"), *filter(None, [os.environ.get("PYTHONPATH")])])
    os.environ["PYSPARK_PYTHON"] = sys.executable
    started = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.memory", "512m")
        .config("spark.sql.shuffle.partitions", "3")
        .config("spark.sql.warehouse.dir", str(folder / "warehouse"))
        .config("spark.executorEnv.PYTHONPATH", roots)
        .getOrCreate()
    )
    started.sparkContext.setLogLevel("OFF")
    yield started
    started.stop()


@pytest.fixture(scope="session")
def conversations(samples: tuple[Sample, ...]) -> dict[str, list[tuple[str | None, str]]]:
    """Each sample whole and its first half: some hundreds of conversations."""
    found = {}
    for sample in samples:
        turns = [(turn.speaker, turn.text) for turn in sample.conversation.turns]
        half = len(turns) // 2
        for part, pairs in (("whole", turns), ("half", turns[:half])):
            if pairs:
                found[f"{sample.name} {part}"] = pairs
    return found


@pytest.fixture(scope="session")
def messages(session: SparkSession, conversations: dict[str, list[tuple[str | None, str]]]) -> DataFrame:
    """All messages, those of a conversation neither together nor in order."""
    rows = [
        (name, place, speaker, text)
        for name, pairs in conversations.items()
        for place, (speaker, text) in enumerate(pairs)
    ]
    return session.createDataFrame(sorted(rows, key=lambda row: (hash(row[3]), row[1])), SCHEMA)


def test_verdicts_are_those_of_the_library(
    detector: Detector, messages: DataFrame, conversations: dict[str, list[tuple[str | None, str]]]
) -> None:
    from fanzha.adapters.spark import score_messages

    scored = score_messages(
        messages, conversation="id", text="said", speaker="who", time="at", detector=detector
    ).select("id", "level", "score", "verdict")
    found = {row["id"]: row for row in scored.collect()}
    assert found.keys() == conversations.keys()
    for name, pairs in conversations.items():
        verdict = detector.score(pairs)
        row = found[name]
        assert (row["level"], row["score"], row["verdict"]) == (verdict.level, verdict.score, verdict.model_dump_json())


def test_rows_without_a_conversation_stand_alone_and_problems_have_their_row(
    session: SparkSession, detector: Detector
) -> None:
    from fanzha.adapters.spark import score_messages

    rows = [(None, "other", "您好"), (None, "other", None), (3, "robot", "您好"), (3, "self", "您好")]
    frame = session.createDataFrame(rows, "id bigint, party string, text string")
    found = score_messages(frame, conversation="id", party="party", detector=detector).collect()
    assert sorted((row["id"] or 0, row["turns"] or 0, bool(row["problem"])) for row in found) == [
        (0, 1, False), (0, 1, False), (3, 0, True),
    ]  # fmt: skip


def test_arrays_of_turns_are_conversations(session: SparkSession, detector: Detector) -> None:
    from fanzha.adapters.spark import score_turns

    pairs = [("客服", "您的快递丢了"), ("客服", "加一下理赔专员的微信, 三倍赔您")]
    frame = session.createDataFrame([(7, pairs), (8, None)], "key int, said array<struct<speaker:string,text:string>>")
    found = score_turns(frame, "said", detector=detector).orderBy("key").collect()
    assert [(row["key"], row["score"]) for row in found] == [
        (7, detector.score(pairs).score),
        (8, detector.score([]).score),
    ]


def test_a_stream_of_texts_is_scored(session: SparkSession, detector: Detector, tmp_path: Path) -> None:
    from fanzha.adapters.spark import score_texts

    (tmp_path / "in").mkdir()
    texts = ["您的快递丢了, 加一下理赔专员的微信", "您好"]
    lines = "".join(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in texts)
    (tmp_path / "in" / "a.json").write_text(lines, "utf-8")
    stream = score_texts(session.readStream.schema("text string").json(str(tmp_path / "in")), detector=detector)
    query = stream.writeStream.format("memory").queryName("scored").trigger(availableNow=True).start()
    query.awaitTermination()
    found = {row["text"]: row["score"] for row in session.table("scored").collect()}
    assert found == {text: detector.score(text).score for text in texts}


def test_columns_that_are_missing_or_there_already_are_told(session: SparkSession, detector: Detector) -> None:
    from fanzha.adapters.spark import score_messages, score_texts

    frame = session.createDataFrame([(1, "您好")], "level int, text string")
    with pytest.raises(InputError, match="没有这一列; 有: level、text"):
        score_messages(frame, conversation="id", detector=detector)
    with pytest.raises(InputError, match="level: 已有这一列"):
        score_texts(frame, detector=detector)


# ── the command ──────────────────────────────────────────────────────────────


@pytest.fixture
def table(tmp_path: Path) -> Path:
    rows = [
        {"call": "a", "who": "客服", "said": "请您转账一下过来", "at": 2},
        {"call": "a", "who": "客服", "said": "您的快递丢了", "at": 1},
        {"call": "b", "who": "客服", "said": "您好", "at": 1},
    ]
    path = tmp_path / "messages.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return path


@pytest.mark.usefixtures("session")
def test_the_command_scores_a_table_into_another(run: Run, table: Path, tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    target = tmp_path / "out"
    arguments = ("spark", table, target, "--text", "said", "--id", "call", "--speaker", "who", "--time", "at")
    code, out, err = run(*arguments)
    assert (code, err, "共 2 行: 极高 0 · 高 1" in out) == (0, "", True)
    rows = {row["call"]: row["first_alert_turn"] for row in pq.read_table(target).to_pylist()}
    assert rows == {"a": 1, "b": None}
    code, _, err = run(*arguments)
    assert (code, "--overwrite" in err) == (2, True)
    assert run(*arguments, "--overwrite")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["none.xyz", "out"], 2, "--from"),
        (["none.parquet", "out"], 3, "none.parquet: 读不了"),
        (["none.json", "out", "--turns", "a", "--id", "b"], 2, "--turns"),
        (["none.json", "out", "--speaker", "b"], 2, "--id"),
    ],
)
@pytest.mark.usefixtures("session")
def test_what_the_command_cannot_do_is_told(run: Run, arguments: list[str], code: int, told: str) -> None:
    found, _, err = run("spark", *arguments)
    assert (found, told in err) == (code, True)


def test_without_java_the_command_says_how_to_get_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pyspark.sql.SparkSession.getActiveSession", lambda: None)
    monkeypatch.setattr("shutil.which", lambda _: None)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    code, _, err = run("spark", "a.json", "out")
    assert (code, "openjdk-17-jre-headless" in err) == (2, True)


# ── docs/scale.md ────────────────────────────────────────────────────────────


def documented(holding: str, **names: object) -> dict[str, object]:
    page = (ROOT / "docs" / "scale.md").read_text("utf-8")
    block = next(block for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if holding in block)
    exec(compile(block, "docs/scale.md", "exec"), names)  # noqa: S102 - the page's own example
    return names


@pytest.mark.usefixtures("session")
def test_the_batch_example_of_the_page_runs(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{"call": "a", "time": 1, "speaker": "客服", "text": "您的快递丢了, 加一下理赔专员的微信"}]
    documented("score_messages(", messages=rows)
    assert "|   a|" in capsys.readouterr().out


def test_conversations_of_the_streaming_example_end_when_they_are_quiet(session: SparkSession) -> None:
    rows = [
        ("a", datetime(2026, 3, 1, 9, 0), "客服", "您的快递丢了"),
        ("a", datetime(2026, 3, 1, 9, 5), "客服", "加一下理赔专员的微信"),
        ("a", datetime(2026, 3, 1, 9, 30), "客服", "您好"),
    ]
    frame = session.createDataFrame(rows, "call string, time timestamp, speaker string, text string")
    verdicts = documented("session_window")["verdicts"]
    found = verdicts(frame).orderBy("start").collect()  # type: ignore[operator]
    assert [(row["turns"], row["alert"]) for row in found] == [(2, True), (1, False)]
