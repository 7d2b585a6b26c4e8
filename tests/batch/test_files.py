"""Which files are found: order, patterns, what is passed over."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from fanzha.batch.files import Found, find_files
from fanzha.errors import InputError

Make = Callable[..., None]


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Make files, empty or of the given text, in a folder that is the current one."""
    monkeypatch.chdir(tmp_path)

    def create(*names: str, **texts: str) -> None:
        for name in names:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(texts.get("text", ""), "utf-8")

    return create


def found(*given: str, without: tuple[Path, ...] = ()) -> Found:
    return find_files(given, {".txt", ".srt"}, without=without)


def paths(*given: str) -> list[str]:
    return [path.replace(os.sep, "/") for path in found(*given).paths]


def test_a_folder_is_read_to_its_depth_by_name(make: Make) -> None:
    make("a/b.txt", "a/a/z.srt", "a/c.TXT", "a/10.txt", "a/9.txt")
    assert paths("a") == ["a/10.txt", "a/9.txt", "a/a/z.srt", "a/b.txt", "a/c.TXT"]


def test_arguments_keep_their_order_and_each_file_comes_once(make: Make) -> None:
    make("a/1.txt", "a/2.txt")
    assert paths("a/2.txt", "a", "./a/1.txt") == ["a/2.txt", "a/1.txt"]


def test_a_pattern_is_expanded_here_where_the_shell_does_not(make: Make) -> None:
    make("a/x/2.srt", "a/1.srt", "a/1.txt")
    assert paths("a/**/*.srt") == ["a/1.srt", "a/x/2.srt"]


def test_a_name_with_brackets_is_a_file_first(make: Make) -> None:
    make("[1].txt", "1.txt")
    assert paths("[1].txt") == ["[1].txt"]


@pytest.mark.parametrize("argument", ["none.txt", "no/folder", "*.txt"])
def test_an_argument_that_names_nothing_is_told(make: Make, argument: str) -> None:
    make("a.srt")
    with pytest.raises(InputError, match="没有"):
        found(argument)


def test_what_is_no_transcript_is_counted_and_passed_over(make: Make) -> None:
    make("a/1.txt", "a/calls.zip", "a/calls.tar.gz", "a/photo.jpg", "a/.hidden.txt", "a/.git/1.txt")
    given = found("a")
    assert (given.paths, given.archives, given.others) == ([os.path.join("a", "1.txt")], 2, {".jpg": 1})


def test_a_named_file_is_taken_whatever_it_is_called(make: Make) -> None:
    make("calls.zip", "notes")
    assert paths("calls.zip", "notes") == ["calls.zip", "notes"]


def test_ignore_files_have_the_syntax_of_gitignore(make: Make) -> None:
    make("a/1.txt", "a/draft_1.txt", "a/old/1.txt", "a/old/2.txt", "a/b/draft_keep.txt", "a/b/draft_2.txt")
    make("a/.fanzhaignore", text="# 草稿\ndraft_*\nold/\n!draft_keep.txt\n")
    assert paths("a") == ["a/1.txt", "a/b/draft_keep.txt"]
    assert found("a").ignored == 3


def test_an_inner_ignore_file_overrules_the_outer_one(make: Make) -> None:
    make("a/1.txt", "a/b/1.txt", "a/b/2.txt")
    make("a/.fanzhaignore", text="1.txt\n")
    make("a/b/.fanzhaignore", text="!1.txt\n/2.txt\n")
    assert paths("a") == ["a/b/1.txt"]


def test_a_link_to_a_folder_is_not_followed(make: Make, tmp_path: Path) -> None:
    make("a/1.txt")
    (tmp_path / "a" / "loop").symlink_to(tmp_path / "a", target_is_directory=True)
    assert paths("a") == ["a/1.txt"]


def test_results_in_the_folder_are_not_read_back(make: Make, tmp_path: Path) -> None:
    make("a/1.txt", "a/out.txt")
    assert found("a", without=(tmp_path / "a" / "out.txt",)).paths == [os.path.join("a", "1.txt")]


def test_parts_of_an_export_come_with_their_main_file(make: Make) -> None:
    make("q/manifest.json", text='{"chatInfo": {}, "chunked": {}}')
    make("q/chunks/c1.jsonl", "other/chunks/c1.jsonl")
    known = {".json", ".jsonl"}
    assert [path.replace(os.sep, "/") for path in find_files(["."], known).paths] == [
        "./other/chunks/c1.jsonl",
        "./q/manifest.json",
    ]
    assert find_files(["."], known).parts == 1
    assert find_files(["q/chunks"], known).paths == [os.path.join("q/chunks", "c1.jsonl")]
    assert len(find_files(["q", "q/chunks/c1.jsonl"], known).paths) == 1


def test_a_kaldi_folder_is_found_by_its_text(make: Make) -> None:
    make("k/text", text="utt_1 您 好 请 问\nutt_2 是 王 先 生 吗\n")
    make("notes", text="没有后缀的文件\n")
    assert paths(".") == ["./k/text"]
