"""Files and rules for batch runs: tiny rules, so that worker processes load fast and verdicts are known."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tiny_pack import BENIGN, SCAM, TINY


@pytest.fixture(scope="session")
def tiny(write_rules: Callable[..., Path]) -> Path:
    """A folder of rules that alert on SCAM."""
    return write_rules(TINY)


@pytest.fixture
def calls(tmp_path: Path) -> Path:
    """A folder of a scam, a benign call in GBK, a file that is no text, and a table of two conversations."""
    folder = tmp_path / "calls"
    (folder / "inside").mkdir(parents=True)
    (folder / "a_scam.txt").write_text(SCAM, "utf-8")
    (folder / "broken.txt").write_bytes(bytes(range(256)))
    (folder / "inside" / "benign.txt").write_bytes(BENIGN.encode("gbk"))
    (folder / "many.jsonl").write_text(
        "".join(
            json.dumps({"id": name, "turns": [{"speaker": "客服", "text": text}]}, ensure_ascii=False) + "\n"
            for name, text in (("甲", "您的快递丢了, 请您转账一下过来"), ("乙", "您好"))
        ),
        "utf-8",
    )
    return folder
