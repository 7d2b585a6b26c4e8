"""The server as a process: it answers, stops, and refuses to start where it must."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from fanzha_api.serve import is_loopback, run

SERVE = [sys.executable, "-m", "fanzha_api.serve"]


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("FANZHA_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def server() -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A real server on a free port: the process and its address, which it tells once it listens."""
    roots = os.pathsep.join(path for path in sys.path if path)
    environment = {**os.environ, "PYTHONPATH": roots, "PYTHONIOENCODING": "utf-8"}
    with subprocess.Popen(
        [*SERVE, "--port", "0"], stderr=subprocess.PIPE, text=True, encoding="utf-8", env=environment
    ) as process:
        assert process.stderr is not None
        address = re.search(r"http://127\.0\.0\.1:\d+", process.stderr.readline())
        assert address is not None
        try:
            yield process, address.group()
        finally:
            process.kill()


def test_a_real_server_scores_and_stops(server: tuple[subprocess.Popen[str], str]) -> None:
    process, address = server
    body = {"text": "您好, 您的快递到了 金丝雀"}
    response = httpx.post(f"{address}/score", params={"q": "金丝雀"}, json=body, timeout=30)
    assert response.json()["level"] == "none"
    assert "server" not in response.headers
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "Traceback" not in errors
    assert re.search(r"fanzha_api.access: POST /score 200 [\d.]+ ms", errors)
    assert "金丝雀" not in errors
    assert "q=" not in errors


def test_it_answers_a_chunked_body_that_is_too_large(server: tuple[subprocess.Popen[str], str]) -> None:
    _, address = server
    chunks = (b"x" * 65_536 for _ in range(40))
    response = httpx.post(
        f"{address}/score", content=chunks, headers={"Content-Type": "application/json"}, timeout=30
    )
    assert (response.status_code, response.json()["code"]) == (413, "too_large")


def refusal(capsys: pytest.CaptureFixture[str], **arguments: Any) -> str:
    with pytest.raises(SystemExit) as exit_:
        run(**arguments)
    assert exit_.value.code == 2
    return capsys.readouterr().err


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.com", "", "127.0.0.1.example.com"])  # noqa: S104
def test_it_does_not_bind_beyond_this_machine_without_a_key(
    host: str, capsys: pytest.CaptureFixture[str]
) -> None:
    message = refusal(capsys, host=host, port=0)
    assert "API 密钥" in message
    assert "FANZHA_API_KEY" in message


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "localhost", "LOCALHOST"])
def test_loopback_needs_no_key(host: str) -> None:
    assert is_loopback(host)


def test_a_blank_key_does_not_open_the_door(capsys: pytest.CaptureFixture[str]) -> None:
    assert "API 密钥" in refusal(capsys, host="0.0.0.0", port=0, api_key=" ")  # noqa: S104


def test_with_a_key_it_goes_on_to_bind(capsys: pytest.CaptureFixture[str]) -> None:
    """192.0.2.1 is reserved for documentation: binding fails, after the question of the key is settled."""
    message = refusal(capsys, host="192.0.2.1", port=0, api_key="k")
    assert "不能在 192.0.2.1:0 上监听" in message


def test_a_port_in_use_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert "换一个端口" in refusal(capsys, port=taken.getsockname()[1])


def test_faulty_rules_are_told_with_their_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bad.yaml").write_text("signals:\n  - id: X\n", encoding="utf-8")
    assert "bad.yaml:2" in refusal(capsys, rules=tmp_path)


def test_faulty_settings_are_told_by_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FANZHA_MAX_BODY_BYTES", "two")
    assert "FANZHA_MAX_BODY_BYTES" in refusal(capsys)
