"""SQL functions of DuckDB."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from conftest import Sample
from fanzha import Detector
from fanzha.adapters.duckdb import register


@pytest.fixture
def database(detector: Detector) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        register(connection, detector=detector)
        yield connection


def test_a_text_is_scored_in_sql(database: duckdb.DuckDBPyConnection, detector: Detector) -> None:
    text = "您的快递丢了, 加一下理赔专员的微信"
    found = database.execute(
        "SELECT fanzha(t).level, fanzha(t).score FROM (VALUES (?), (NULL)) v(t)", [text]
    ).fetchall()
    verdict = detector.score(text)
    assert found == [(verdict.level, verdict.score), (None, None)]


def test_conversations_are_scored_in_the_order_that_sql_gives(
    database: duckdb.DuckDBPyConnection, detector: Detector, samples: tuple[Sample, ...]
) -> None:
    database.execute("CREATE TABLE messages (id VARCHAR, place INTEGER, who VARCHAR, said VARCHAR)")
    for sample in samples[:3]:
        turns = enumerate(sample.conversation.turns)
        rows = [(sample.name, -place, turn.speaker, turn.text) for place, turn in turns]
        database.executemany("INSERT INTO messages VALUES (?, ?, ?, ?)", rows)
    found = database.execute(
        "SELECT id, fanzha_turns(list({'speaker': who, 'text': said} ORDER BY place DESC)).verdict FROM messages GROUP BY id"
    ).fetchall()
    wanted = {
        sample.name: detector.score([(turn.speaker, turn.text) for turn in sample.conversation.turns]).model_dump_json()
        for sample in samples[:3]
    }
    assert dict(found) == wanted


def test_functions_may_have_another_name(detector: Detector) -> None:
    with duckdb.connect() as connection:
        register(connection, detector=detector, name="scam")
        assert connection.execute("SELECT scam('您好').alert").fetchone() == (False,)
