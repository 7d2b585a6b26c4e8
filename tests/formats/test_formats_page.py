"""docs/formats.md names every format, and its example of a reader works."""

from __future__ import annotations

import re
from glob import glob
from pathlib import Path
from typing import Any

import pytest
from calls import SPOKEN, xlsx

from conftest import ROOT, Run
from fanzha.formats.reader import Options
from fanzha.formats.registry import readers
from fanzha.formats.source import Source

PAGE = (ROOT / "docs" / "formats.md").read_text("utf-8")
UNTOLD = {"qq-exporter-chunk", "rttm"}  # parts of others


def test_every_format_is_on_the_page() -> None:
    named = set(re.findall(r"`([\w-]+)`", PAGE))
    assert {reader.name for reader in readers()} - UNTOLD <= named


def test_the_reader_of_the_page_reads() -> None:
    names: dict[str, Any] = {}
    exec(re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)[1], names)  # type: ignore[index]  # noqa: S102 - the page's own example
    source = Source("#通话单\n客服=>您好\n客户=>哪位\n".encode())
    reader = names["HOTLINE"]
    assert reader.sniff(source.head) == 95
    (conversation,) = reader.read(source, Options())
    assert [(turn.speaker, turn.text, turn.party.value) for turn in conversation.turns] == [
        ("客服", "您好", "other"),
        ("客户", "哪位", "self"),
    ]


def test_the_commands_of_the_page_run(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "录音").mkdir()
    (tmp_path / "录音" / "a.srt").write_bytes(SPOKEN["srt"][0])
    (tmp_path / "录音.json").write_bytes(SPOKEN["funasr-json"][0])
    (tmp_path / "聊天.csv").write_bytes(SPOKEN["table-csv"][0])
    (tmp_path / "工单.xlsx").write_bytes(xlsx([["工单号", "通话内容"], ["1", "客服: 您好\n客户: 哪位"]]))
    (tmp_path / "旧录音.txt").write_bytes("客服: 您好\n客戶: 哪位\n".encode("big5"))
    block = re.search(r"```sh\n(.*?)```", PAGE, re.DOTALL)[1]  # type: ignore[index]
    commands = re.findall(r"^fanzha (.*?)(?: +#.*)?$", block, re.MULTILINE)
    assert len(commands) >= 4
    for command in commands:
        parts = [found for part in command.split() for found in (sorted(glob(part)) or [part])]
        code, _, err = run(*parts)
        assert code == 0, (command, err)
