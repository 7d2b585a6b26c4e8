"""Compiled rules in a file: the same rules, never stale, and never needed."""

import subprocess
import sys

import pytest

from conftest import pack, signal
from fanzha import Detector
from fanzha.errors import PackError
from fanzha.pack import cache
from fanzha.pack.bundled import bundled_rules
from fanzha.pack.compile import compile_parts
from fanzha.pack.load import load_pack


@pytest.fixture
def place(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    monkeypatch.setattr("platformdirs.user_cache_path", lambda *_, **__: folder)
    return folder


def files(folder):
    return sorted(folder.glob("*")) if folder.exists() else []


def test_what_comes_back_is_what_was_compiled(place):
    cache.load_ruleset([bundled_rules()])
    (file,) = files(place)
    assert cache._read(file) == compile_parts(load_pack([bundled_rules()]))


def test_the_second_start_compiles_nothing(place, write_rules, monkeypatch):
    folder = write_rules(pack([signal()]))
    first = Detector(folder, bundled=False).score("您的快递丢了")
    monkeypatch.setattr("fanzha.pack.compile.compile_parts", None)
    assert Detector(folder, bundled=False).score("您的快递丢了") == first


def test_changed_rules_are_compiled_anew(place, write_rules):
    folder = write_rules(pack([signal()]))
    before = Detector(folder, bundled=False)
    (rules,) = folder.glob("*.yaml")
    rules.write_text(rules.read_text("utf-8").replace("快递丢", "蓝色钥匙"), "utf-8")
    after = Detector(folder, bundled=False)
    assert (before.score("蓝色钥匙").score, after.score("蓝色钥匙").score) == (2, 12)
    assert len(files(place)) == 2


@pytest.mark.parametrize("damage", [b"", b"short", b"\x00" * 400])
def test_a_damaged_file_is_passed_over_and_mended(place, write_rules, damage):
    folder = write_rules(pack([signal()]))
    first = Detector(folder, bundled=False).score("您的快递丢了")
    (file,) = files(place)
    whole = file.read_bytes()
    file.write_bytes(damage or whole[:-1])
    assert Detector(folder, bundled=False).score("您的快递丢了") == first
    assert file.read_bytes() == whole


def test_a_folder_that_cannot_be_written_is_no_fault(place, write_rules):
    place.write_text("a file stands where the folder should")
    assert Detector(write_rules(pack([signal()])), bundled=False).score("您的快递丢了").evidence


def test_without_the_cache_nothing_is_written(place, write_rules):
    Detector(write_rules(pack([signal()])), bundled=False, cache=False)
    assert files(place) == []


def test_faulty_rules_are_not_kept(place, write_rules):
    with pytest.raises(PackError):
        Detector(write_rules(pack([signal(match=["{none}"])])), bundled=False)
    assert files(place) == []


def test_only_the_newest_files_are_kept(place, write_rules, monkeypatch):
    monkeypatch.setattr(cache, "_KEPT", 2)
    for number in range(4):
        Detector(write_rules(pack([signal(title=f"标题{number}")])), bundled=False)
    assert len(files(place)) == 2


def test_a_start_from_the_cache_imports_neither_yaml_nor_the_compiler():
    Detector()
    program = (
        "import sys, fanzha; fanzha.Detector().score('您好'); "
        "print([name for name in ('yaml', 'jieba', 'regex', 'fanzha.pack.model') if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_a_folder_that_is_not_there_is_told_though_the_rest_is_cached(tmp_path):
    Detector()
    with pytest.raises(PackError, match="没有这个规则目录"):
        Detector(tmp_path / "none")


def test_rules_travel_as_bytes_to_a_detector_without_folders(write_rules):
    here = Detector(write_rules(pack([signal()])), bundled=False)
    there = Detector.from_bytes(here.to_bytes())
    assert (there.pack, there.folders) == (here.pack, ())
    assert there.score("您的快递丢了") == here.score("您的快递丢了")


@pytest.mark.parametrize("data", [b"", b"x" * 100])
def test_bytes_that_are_no_rules_are_refused(data):
    with pytest.raises(ValueError, match="compiled rules"):
        Detector.from_bytes(data)
