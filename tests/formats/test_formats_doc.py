"""docs/formats.md names the formats there are, and no others."""

from __future__ import annotations

import re

from conftest import ROOT
from fanzha.formats.registry import readers

DOC = (ROOT / "docs" / "formats.md").read_text("utf-8")


def test_every_reader_of_chats_is_in_the_table() -> None:
    chats = {reader.name for reader in readers() if reader.read.__module__.startswith("fanzha.formats.chats.")}
    assert chats - {"qq-exporter-chunk"} <= set(re.findall(r"`([\w-]+)`", DOC))


def test_every_format_in_the_first_column_exists() -> None:
    named = {
        name
        for row in re.findall(r"^\| ((?:`[\w-]+` ?)+)\|", DOC, re.MULTILINE)
        for name in re.findall(r"`(.*?)`", row)
    }
    assert named
    assert named <= {reader.name for reader in readers()}


def test_it_says_that_only_exported_files_are_read() -> None:
    assert "不打开任何聊天软件的数据库" in DOC
