"""The server as a process: it answers, stops, and refuses to start where it must."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from fanzha import Detector
from fanzha_api import Settings, create_app
from fanzha_api.serve import _with_signals, is_loopback, run
from server_process import serving
from tiny_pack import TINY


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("FANZHA_")]:
        monkeypatch.delenv(name)


Start = Callable[..., tuple[subprocess.Popen[str], str]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a real server: the process and its address."""
    with ExitStack() as started:
        yield lambda *arguments, **settings: started.enter_context(serving(*arguments, **settings))


@pytest.fixture
def server(start: Start) -> tuple[subprocess.Popen[str], str]:
    return start()


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
    lines = [json.loads(line) for line in errors.splitlines()]
    (line,) = [line for line in lines if line["logger"] == "fanzha_api.access"]
    assert (line["method"], line["route"], line["status"]) == ("POST", "/score", 200)
    assert line["request"] == response.headers["x-request-id"]
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


# ── signals ──


def logged(errors: str, logger: str) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in errors.splitlines() if line.startswith("{")]
    return [line for line in lines if line["logger"] == logger]


def test_a_stopping_server_finishes_what_it_has_taken(start: Start) -> None:
    """Requests on their way when SIGTERM comes: one half sent, one scored at length, one stream in the middle."""
    process, address = start(FANZHA_DRAIN_SECONDS="0.3")
    host, port = address.removeprefix("http://").split(":")
    httpx.get(f"{address}/healthz", timeout=30)
    body = json.dumps({"turns": [{"text": "您好, 您的快递到了"}] * 5000}).encode()
    with socket.create_connection((host, int(port))) as half, socket.create_connection((host, int(port))) as streamed:
        half.sendall(b"POST /score HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n")
        half.sendall(b"Content-Length: %d\r\n\r\n" % len(body) + body[:1000])
        streamed.sendall(b"POST /score/stream HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\n")
        streamed.sendall(b'Transfer-Encoding: chunked\r\n\r\nf\r\n{"text": "hi"}\n\r\n')
        assert b"verdict" in read_until(streamed, b"}\n\r\n")
        process.send_signal(signal.SIGTERM)
        while httpx.get(f"{address}/readyz", timeout=30).status_code != 503:  # the signal has arrived
            pass
        late = httpx.post(f"{address}/score", json={"text": "您好"}, timeout=30)  # still taken, to be on the safe side
        assert (late.status_code, late.headers["connection"]) == (200, "close")
        half.sendall(body[1000:])
        assert b" 200 OK" in read_until(half, b"}")
        streamed.sendall(b'f\r\n{"text": "hi"}\n\r\n')
        assert b"stopping" in read_until(streamed, b"0\r\n\r\n")
    process.communicate(timeout=30)
    assert process.returncode == 0
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{address}/healthz")


def read_until(connection: socket.socket, end: bytes) -> bytes:
    connection.settimeout(30)
    got = b""
    while not got.endswith(end):
        chunk = connection.recv(65_536)
        if not chunk:
            break
        got += chunk
    return got


def test_sighup_loads_the_rules_anew_and_broken_ones_change_nothing(
    write_rules: Callable[..., Path], caplog: pytest.LogCaptureFixture
) -> None:
    """In this process, so that the rules can be few: serve's own app, its lifespan, real signals."""
    caplog.set_level("INFO")
    folder = write_rules(TINY)
    app = _with_signals(create_app(Detector(folder, bundled=False), Settings()))
    service = app.state.service

    async def hang_up(rules: str) -> None:
        (folder / "0.yaml").write_text(rules, "utf-8")
        seen = len(caplog.records)
        os.kill(os.getpid(), signal.SIGHUP)
        while len(caplog.records) == seen:
            await asyncio.sleep(0.01)

    async def go() -> list[str]:
        packs = [service.edition.pack]
        async with app.router.lifespan_context(app):
            for rules in (TINY.replace("快递", "邮包"), "terms: 5\n", TINY):
                await asyncio.wait_for(hang_up(rules), 20)
                packs.append(service.edition.pack)
        return packs

    first, changed, kept, back = asyncio.run(go())
    assert first != changed == kept
    assert back == first
    (fault,) = [record for record in caplog.records if record.levelname == "WARNING"]
    assert "0.yaml:1" in fault.getMessage()


def wait_for(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not true():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.05)


def test_workers_share_the_work_and_their_counts(start: Start) -> None:
    process, address = start("--workers", "2", FANZHA_API_KEY="k")
    key = {"X-API-Key": "k"}
    wait_for(lambda: answers(address))
    for _ in range(20):
        assert httpx.post(f"{address}/score", json={"text": "您好"}, headers=key, timeout=30).status_code == 200
    counts = httpx.get(f"{address}/metrics", headers=key, timeout=30).text
    assert 'fanzha_verdicts_total{level="none",script=""} 20.0' in counts
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 0


def answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/healthz", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def test_faulty_keys_are_told_without_the_key(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("FANZHA_API_KEYS", "ops:geheim")
    message = refusal(capsys, port=0)
    assert "FANZHA_API_KEYS 第 1 项" in message
    assert "geheim" not in message


def test_named_keys_are_keys_too_beyond_this_machine(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("FANZHA_API_KEYS", f"ops:{'0' * 64}:admin")
    assert "不能在 192.0.2.1:0 上监听" in refusal(capsys, host="192.0.2.1", port=0)
