"""The NoneBot2 plugin in a real NoneBot, driven by NoneBug: what it sends, and when it is silent."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).with_name("bot_run.py")
# A swindler's turns, one after another, of our own.
PLAY = (
    "您好, 我是快递公司理赔部的, 您的包裹在运输途中丢失了, 我们给您三倍赔付",
    "您加一下理赔专员的QQ, 把手机屏幕共享打开",
    "系统给您多打了两万块, 您去借呗里借出来退还到这个账户, 不许挂电话",
)
HELLO = "今天晚上吃什么"


def run(steps: list[dict[str, Any]], **settings: Any) -> tuple[list[list[str]], str]:
    """What was sent after each step, and the log."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "PYTHONIOENCODING": "utf-8",
        "BOT_SETTINGS": json.dumps(settings),
        "BOT_STEPS": json.dumps(steps),
    }
    done = subprocess.run([sys.executable, str(SCRIPT)], env=environment, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    return json.loads(lines[-1]), "\n".join(lines[:-1]) + done.stderr


def test_a_play_is_warned_of_once_a_level_and_a_command_is_answered() -> None:
    steps = [
        {"text": HELLO},
        *({"text": text} for text in PLAY),
        {"text": PLAY[2]},
        {"text": PLAY[0], "user": "2002"},
        {"text": "有人进群了", "notice": True},
        {"text": "/反诈"},
        {"text": f"/反诈 {' '.join(PLAY)}", "user": "2003"},
        {"text": f"/反诈 {HELLO}", "user": "2003"},
    ]
    sent, log = run(steps)
    warned = [texts for texts in sent[1:4] if texts]
    assert 1 <= len(warned) <= 2
    assert all(len(texts) == 1 and "骗局" in texts[0] and "96110" in texts[0] for texts in warned)
    assert sent[0] == sent[4] == sent[5] == sent[6] == []
    assert "跟在后面" in sent[7][0]
    assert "骗局" in sent[8][0]
    assert sent[9][0].startswith("没有发现骗局的迹象")
    assert not any(piece in log for text in PLAY for piece in text.split(", "))


def test_a_dry_run_and_the_allow_list_send_nothing() -> None:
    steps = [{"text": text, "user": user} for user in ("2001", "2009") for text in PLAY]
    sent, log = run(steps, fanzha_dry_run=True, fanzha_allow=["2009"])
    assert sent == [[]] * len(steps)
    assert 1 <= log.count("dry run True") <= 2
