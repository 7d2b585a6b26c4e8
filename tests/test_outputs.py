"""The files that results are written to: what other programs read back, and what no spreadsheet may run."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from pyarrow import parquet as pq

from conftest import Sample
from fanzha import Detector
from fanzha.cells import safe
from fanzha.render import xlsx as xlsx_module
from fanzha.render.csv import CsvWriter
from fanzha.render.flat import COLUMNS
from fanzha.render.writers import open_writer
from fanzha.result import Result, from_row, to_row

# File names are written by strangers as well: formulas, escapes, half a surrogate pair.
NAMES = ("=cmd|' /C calc'!A1.txt", "通话\x1b[2J.txt", "\udcff.txt")


@pytest.fixture(scope="module")
def results(detector: Detector, samples: tuple[Sample, ...]) -> list[Result]:
    """A scam with evidence and accounts, a benign call, and a file that could not be read."""
    scam = detector.score(samples[0].conversation)
    benign = detector.score([("客服", "您好"), ("我", "你好")])
    return [
        Result(NAMES[0], id="+8613800138000", verdict=scam, format="plain", encoding="utf-8", sha256="ab", seconds=1.5),
        Result(NAMES[1], 1, verdict=benign, format="table", replaced=3, notes=("缺一列", "有空行")),
        Result(NAMES[2], problem="不是文本"),
    ]


def written(results: list[Result], path: Path) -> Path:
    with open_writer(path, path.suffix) as writer:
        for result in results:
            writer.write(result)
    return path


def column(rows: list[list[Any]], title: str) -> list[Any]:
    place = rows[0].index(title)
    return [row[place] for row in rows[1:]]


def csv_rows(path: Path) -> list[list[Any]]:
    return list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))


def xlsx_rows(path: Path) -> list[list[Any]]:
    return [list(row) for sheet in openpyxl.load_workbook(path) for row in sheet.iter_rows(values_only=True)]


def test_rows_of_jsonl_are_the_results_again(results: list[Result], tmp_path: Path) -> None:
    lines = written(results, tmp_path / "a.jsonl").read_text("utf-8").splitlines()
    assert [from_row(line) for line in lines] == [replace(result, seconds=0.0) for result in results]


def test_no_file_tells_how_long_it_took(results: list[Result]) -> None:
    slower = [replace(result, seconds=result.seconds + 1) for result in results]
    assert list(map(to_row, slower)) == list(map(to_row, results))


def test_csv_begins_with_the_mark_by_which_excel_knows_utf_8(results: list[Result], tmp_path: Path) -> None:
    path = written(results, tmp_path / "a.csv")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert column(csv_rows(path), "等级") == ["极高", "无", ""]


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_a_table_for_people_counts_from_one_and_says_it_in_chinese(
    results: list[Result], tmp_path: Path, suffix: str
) -> None:
    path = written(results, tmp_path / f"a{suffix}")
    rows = csv_rows(path) if suffix == ".csv" else xlsx_rows(path)
    verdict = results[0].verdict
    assert verdict is not None
    assert verdict.first_alert_turn is not None
    assert rows[0] == [one.title for one in COLUMNS]
    assert str(column(rows, "报警轮次")[0]) == str(verdict.first_alert_turn + 1)
    assert (column(rows, "报警")[0], column(rows, "骗局")[0]) == ("是", verdict.script_title)
    assert (column(rows, "读不了的原因")[2], column(rows, "备注")[1]) == ("不是文本", "缺一列; 有空行")


@pytest.mark.parametrize(
    "cell", ["=1+1", "+86138", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠a"]
)
def test_a_cell_of_csv_that_would_be_calculated_is_a_text(cell: str) -> None:
    assert safe(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["a=1", "", 3, -3, "您好", True])
def test_other_cells_stay_as_they_are(cell: Any) -> None:
    assert safe(cell) == cell


def test_csv_keeps_names_of_files_in_one_safe_cell(results: list[Result], tmp_path: Path) -> None:
    rows = csv_rows(written(results, tmp_path / "a.csv"))
    assert column(rows, "文件")[:2] == [f"'{NAMES[0]}", "通话.txt"]
    assert {len(row) for row in rows} == {len(COLUMNS)}


def test_no_cell_of_excel_is_a_formula(results: list[Result], tmp_path: Path) -> None:
    book = openpyxl.load_workbook(written(results, tmp_path / "a.xlsx"))
    cells = [cell for row in book.active.iter_rows() for cell in row if cell.value is not None]
    assert [cell.value for cell in cells if cell.data_type == "f"] == []
    assert NAMES[0] in [cell.value for cell in cells]


def test_excel_gets_another_sheet_where_one_is_full(
    results: list[Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx_module, "MOST_ROWS", 3)
    book = openpyxl.load_workbook(written(results, tmp_path / "a.xlsx"))
    assert [(sheet.title, sheet.max_row) for sheet in book] == [("结果", 3), ("结果2", 2)]


def test_parquet_has_plain_types_and_lists_of_evidence(results: list[Result], tmp_path: Path) -> None:
    rows = pq.read_table(written(results, tmp_path / "a.parquet")).to_pylist()
    verdict = results[0].verdict
    assert verdict is not None
    assert [row["level"] for row in rows] == ["critical", "none", None]
    assert (rows[0]["alert"], rows[0]["score"], rows[1]["number"]) == (True, verdict.score, 1)
    assert [one["text"] for one in rows[0]["evidence"]] == [one.text for one in verdict.evidence]
    assert [one["yuan"] for one in rows[0]["entities"]] == [one.yuan for one in verdict.entities]


def test_sqlite_answers_in_which_files_an_account_stands(results: list[Result], tmp_path: Path) -> None:
    database = sqlite3.connect(written(results, tmp_path / "a.sqlite"))
    verdict = results[0].verdict
    assert verdict is not None
    entity = verdict.entities[0]
    found = database.execute(
        "SELECT file, json_extract(verdict, '$.score') FROM results JOIN entities USING (result) WHERE kind = ? AND text = ?",
        (entity.kind, entity.text),
    ).fetchall()
    assert set(found) == {(NAMES[0], verdict.score)}
    assert database.execute("SELECT count(*) FROM evidence").fetchone() == (len(verdict.evidence),)
    assert database.execute("SELECT problem FROM results WHERE level IS NULL").fetchall() == [("不是文本",)]
    database.close()


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".parquet", ".sqlite", ".jsonl"])
def test_no_results_are_a_file_all_the_same(tmp_path: Path, suffix: str) -> None:
    assert written([], tmp_path / f"a{suffix}").is_file()


def test_a_stream_that_is_not_utf_8_gets_escapes(results: list[Result]) -> None:
    from fanzha.render.jsonl import JsonlWriter

    buffer = io.BytesIO()
    out = io.TextIOWrapper(buffer, encoding="gbk")
    JsonlWriter(out).write(results[0])
    out.flush()
    assert json.loads(buffer.getvalue().decode("ascii"))["file"] == NAMES[0]


def test_csv_of_a_stream_has_no_line_end_of_its_own(results: list[Result]) -> None:
    out = io.StringIO(newline="")
    CsvWriter(out).write(results[1])
    assert out.getvalue().count("\r\n") == 2
