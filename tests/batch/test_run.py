"""Batch runs: what each file becomes, in this process and in others."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fanzha import Detector, PackError
from fanzha.batch import Result
from fanzha.batch import run as run_batch
from fanzha.batch.past import Past
from fanzha.batch.run import hash_of
from fanzha.formats.plain import parse_plain
from fanzha.result import from_row, to_row
from tiny_pack import BENIGN, SCAM


@pytest.fixture
def files(calls: Path) -> list[str]:
    return [str(calls / name) for name in ("a_scam.txt", "broken.txt", "inside/benign.txt")]


def run(rules: Path, files: Sequence[str | Path], **more: Any) -> Iterator[Result]:
    return run_batch(files, rules=[rules], bundled=False, **more)


def levels(results: list[Result]) -> list[str | None]:
    return [result.verdict and result.verdict.level for result in results]


@pytest.mark.parametrize("jobs", [0, 2])
def test_each_file_is_a_result_in_order_and_a_broken_one_has_its_reason(
    files: list[str], tiny: Path, jobs: int
) -> None:
    results = list(run(tiny, files, jobs=jobs))
    assert [result.path for result in results] == files
    assert levels(results) == ["high", None, "none"]
    assert "不是文本" in (results[1].problem or "")


def test_a_result_tells_format_encoding_and_hash(files: list[str], tiny: Path) -> None:
    scam, _, benign = run(tiny, files)
    assert (scam.format, scam.encoding, scam.replaced, scam.number) == ("plain", "utf-8", 0, 0)
    assert scam.sha256 == hashlib.sha256(SCAM.encode()).hexdigest()
    assert (benign.encoding or "").startswith("gb")


def test_a_missing_file_and_a_folder_are_results_with_reasons(tmp_path: Path, tiny: Path) -> None:
    missing, folder = run(tiny, [tmp_path / "none.txt", tmp_path])
    assert ("没有这个文件" in (missing.problem or ""), "目录" in (folder.problem or "")) == (True, True)
    assert hash_of(str(tmp_path)) is None


def test_conversations_come_along_from_the_level_asked_for(files: list[str], tiny: Path) -> None:
    kept = [bool(result.conversation) for result in run(tiny, files, keep="medium")]
    assert kept == [True, False, False]
    assert not any(result.conversation for result in run(tiny, files))


def test_what_is_said_about_reading_reaches_the_reader(files: list[str], tiny: Path) -> None:
    (result,) = run(tiny, files[:1], reading={"self_name": "王芳"})
    assert "王芳" in (result.problem or "")


def test_faults_of_rules_are_told_before_the_first_result(files: list[str], tmp_path: Path) -> None:
    for jobs in (0, 2):
        with pytest.raises(PackError):
            run(tmp_path / "none", files, jobs=jobs)


def test_the_verdict_is_that_of_the_library(files: list[str], tiny: Path) -> None:
    detector = Detector(tiny, bundled=False)
    scam, _, benign = run(tiny, files, jobs=1)
    assert scam.verdict == detector.score(parse_plain(SCAM))
    assert benign.verdict == detector.score(parse_plain(BENIGN))


# ── rows and the past ──────────────────────────────────────────────────────────────


def test_a_row_is_the_result_again(files: list[str], tiny: Path) -> None:
    for result in run(tiny, files):
        told = replace(result, notes=("甲",), replaced=2, id="乙", number=3)
        assert from_row(to_row(told)) == replace(told, seconds=0.0)


@pytest.mark.parametrize("row", ["", "[]", "{}", '{"file": "a"}', "{"])
def test_what_is_no_row_is_refused(row: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any
        from_row(row)


def past_of(path: Path, results: list[Result], pack: str) -> Past:
    path.write_text("".join(to_row(result) + "\n" for result in results), "utf-8")
    return Past([path], pack=pack, options={})


@pytest.fixture
def pack(tiny: Path) -> str:
    return Detector(tiny, bundled=False).pack


@pytest.mark.parametrize("jobs", [0, 1])
def test_an_unchanged_file_is_not_scored_again(
    files: list[str], tiny: Path, pack: str, tmp_path: Path, jobs: int
) -> None:
    results = list(run(tiny, files))
    with past_of(tmp_path / "rows", results, pack) as past:
        again = list(run(tiny, files, past=past, jobs=jobs))
    assert [to_row(result) for result in again] == [to_row(result) for result in results]
    assert [result.seconds == 0 for result in again] == [True, False, True]  # the broken one is tried again


def test_a_changed_file_is_scored_again(files: list[str], tiny: Path, pack: str, tmp_path: Path) -> None:
    results = list(run(tiny, files))
    Path(files[0]).write_text(BENIGN, "utf-8")
    with past_of(tmp_path / "rows", results, pack) as past:
        assert levels(list(run(tiny, files, past=past))) == ["none", None, "none"]


def test_other_rules_or_options_use_nothing_again(files: list[str], tiny: Path, pack: str, tmp_path: Path) -> None:
    results = list(run(tiny, files))
    with past_of(tmp_path / "rows", results, "other") as past:
        assert past.files == 0
    with Past([tmp_path / "rows"], pack=pack, options={"self_name": "王芳"}) as past:
        assert past.files == 0


def test_conversations_that_are_wanted_are_read_again(files: list[str], tiny: Path, pack: str, tmp_path: Path) -> None:
    results = list(run(tiny, files))
    with past_of(tmp_path / "rows", results, pack) as past:
        scam, *_ = run(tiny, files, past=past, keep="medium", jobs=1)
    assert (scam.seconds, bool(scam.conversation)) == (0.0, True)


def test_a_row_that_was_cut_is_not_used(files: list[str], tiny: Path, pack: str, tmp_path: Path) -> None:
    results = list(run(tiny, [files[0], files[2]]))
    path = tmp_path / "rows"
    path.write_text("\n".join(map(to_row, results))[:-10], "utf-8")
    with Past([path, tmp_path / "none"], pack=pack, options={}) as past:
        assert (past.known(files[0], None) is not None, past.known(files[2], None)) == (True, None)


def test_of_the_last_file_it_is_not_known_whether_all_was_said(
    files: list[str], tiny: Path, pack: str, tmp_path: Path
) -> None:
    results = list(run(tiny, [files[0], files[2]]))
    with past_of(tmp_path / "rows", results, pack) as past:
        known = [past.known(file, None) for file in (files[0], files[2])]
    assert [one and (one.count, one.whole) for one in known] == [(1, True), (1, False)]
