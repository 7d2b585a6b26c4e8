"""The service under load, side by side in one run: `make bench-service`. Needs wrk (apt install wrk).

A server process of its own (service_app.py) is asked by wrk and, for live calls, by this process. What is compared is
measured in turn, several rounds, and the best of each counts, so that a busy machine slows both. Every row prints what
is asked for beside what was found. `--soak SECONDS` lengthens the soak, `--only NAME` runs one part.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table

HERE = Path(__file__).parent
ROOT = HERE.parent
ROUNDS = 3
SECONDS = 3
BATCH = 500
MESSAGES = (
    "您好, 您的快递到楼下了, 放门口还是放驿站? 方便的话下来取一下。",
    "今天下班路上买了点水果，晚上回家做饭，你要是有空就过来吃",
    "明天上午十点的会改到下午三点，还是原来那间会议室",
    "老师说这次考试题目有点难，不过大家都尽力了，成绩周五公布",
    "这家店的面条味道很好，汤也鲜，就是排队的人有点多",
)
CALL = (
    ("客服", "您好, 我是快递公司理赔中心的, 您昨天买的内衣在运输途中弄丢了, 按三倍给您理赔。"),
    ("客户", "哦, 那怎么赔?"),
    ("客服", "您加一下理赔专员的微信, 我发个二维码给您。"),
    ("客户", "好的, 我看一下, 您稍等。"),
    ("客服", "财务操作失误给您多打了一万八, 您打开借呗看看额度。"),
    ("客户", "今天家里有点忙, 我晚上再弄行不行?"),
)
Row = tuple[str, str, str, str]


# ── the server and wrk ──


class Server:
    def __init__(self, **settings: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        paths = os.pathsep.join([str(ROOT / "detector"), str(ROOT / "api")])
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "service_app.py"), str(self.port)],
            env={**os.environ, "PYTHONPATH": paths, "FANZHA_LOG": "json", **settings},
            stderr=subprocess.DEVNULL,
        )
        for _ in range(600):
            if self.answers():
                return
            time.sleep(0.1)
        raise SystemExit("the server did not start")

    def answers(self) -> bool:
        try:
            return httpx.get(f"{self.address}/healthz").status_code == 200
        except httpx.ConnectError:
            return False

    def memory(self) -> float:
        """Resident megabytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


@contextmanager
def server(**settings: str) -> Iterator[Server]:
    one = Server(**settings)
    try:
        yield one
    finally:
        one.process.kill()
        one.process.wait()


class Load:
    """What wrk found: answers a second, latencies in ms, answers that were not 2xx."""

    def __init__(self, output: str) -> None:
        self.rate = float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1])  # type: ignore[index]
        self.p50, self.p99 = (milliseconds(output, share) for share in ("50%", "99%"))
        found = re.search(r"Non-2xx or 3xx responses: (\d+)", output)
        self.refused = int(found[1]) if found else 0
        self.total = int(re.search(r"(\d+) requests in", output)[1])  # type: ignore[index]
        self.broken = bool(re.search(r"Socket errors: connect [1-9]|read [1-9]", output))


def milliseconds(output: str, share: str) -> float:
    number, unit = re.search(rf"{share}\s+([\d.]+)(us|ms|s)", output).groups()  # type: ignore[union-attr]
    return float(number) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[unit]


def wrk(
    address: str, bodies: list[bytes] | None = None, connections: int = 16, seconds: float = SECONDS, delay: float = 0
) -> Load:
    """Load an address; `delay` is the mean pause of a connection between requests, in ms."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["wrk", "--latency", "-t1", f"-c{connections}", f"-d{seconds}s"]
        lines = []
        if bodies is not None:
            for number, body in enumerate(bodies):
                Path(folder, str(number)).write_bytes(body)
            lines = [
                'wrk.method = "POST"',
                'wrk.headers["Content-Type"] = "application/json"',
                "local requests = {}",
                f"init = function() for n = 0, {len(bodies) - 1} do",
                f'  requests[n] = wrk.format(nil, nil, nil, io.open("{folder}/" .. n, "rb"):read("*a")) end end',
                "local at = 0",
                f"request = function() at = (at + 1) % {len(bodies)}; return requests[at] end",
            ]
        if delay:
            lines.append(f"delay = function() return math.random(0, {round(2 * delay)}) end")
        if lines:
            script = Path(folder, "load.lua")
            script.write_text("\n".join(lines))
            command += ["-s", str(script)]
        return Load(subprocess.run([*command, address], check=True, capture_output=True, text=True).stdout)


def best(measures: dict[str, Callable[[], Load]]) -> dict[str, float]:
    """The best rate of each, measured in turn."""
    rates: dict[str, list[float]] = {name: [] for name in measures}
    for _ in range(ROUNDS):
        for name, measure in measures.items():
            rates[name].append(measure().rate)
    return {name: max(found) for name, found in rates.items()}


SINGLE = [json.dumps({"text": text}, ensure_ascii=False).encode() for text in MESSAGES]
ITEMS = [{"text": MESSAGES[number % len(MESSAGES)]} for number in range(BATCH)]
MANY = [json.dumps({"items": ITEMS}, ensure_ascii=False).encode()]


# ── the parts ──


def throughput() -> Iterator[Row]:
    with server() as one:
        rates = best(
            {
                "empty": lambda: wrk(f"{one.address}/bench/empty"),
                "fixed": lambda: wrk(f"{one.address}/bench/fixed", SINGLE),
                "score": lambda: wrk(f"{one.address}/score", SINGLE),
                "batch": lambda: wrk(f"{one.address}/score/batch", MANY, connections=4),
            }
        )
    messages = rates["batch"] * BATCH
    yield "/score 对 /bench/fixed", "≥ 0.85", f"{rates['score'] / rates['fixed']:.2f}", rate_of(rates, "score", "fixed")
    yield "/score 对空的 GET", "≥ 0.60", f"{rates['score'] / rates['empty']:.2f}", rate_of(rates, "score", "empty")
    yield "/score/batch 每秒条数对单条", "≥ 15", f"{messages / rates['score']:.1f}", f"{messages:,.0f}/s"


def rate_of(rates: dict[str, float], one: str, other: str) -> str:
    return f"{rates[one]:,.0f}/s : {rates[other]:,.0f}/s"


def half_load() -> Iterator[Row]:
    """p99 at half of what the slower of the two can do."""
    with server() as one:
        capacity = wrk(f"{one.address}/score", SINGLE).rate
        delay = 1000 * 32 / (capacity / 2)
        found: dict[str, list[float]] = {"bench/fixed": [], "score": []}
        for _ in range(ROUNDS):
            for path, p99 in found.items():
                p99.append(wrk(f"{one.address}/{path}", SINGLE, connections=32, seconds=5, delay=delay).p99)
    fixed, score = (min(p99) for p99 in found.values())
    yield "/score 的 p99, 一半负载", "≤ 3 × 固定的", f"{score / fixed:.2f} ×", f"{score:.1f} ms : {fixed:.1f} ms"


def overload() -> Iterator[Row]:
    """Four times as many at once as the queue holds."""
    with server(FANZHA_MAX_QUEUE="32") as one:
        at_rest = wrk(f"{one.address}/score", SINGLE, connections=16)
        over = wrk(f"{one.address}/score", SINGLE, connections=128, seconds=5)
        began = time.perf_counter()
        first = httpx.post(f"{one.address}/score", content=SINGLE[0], headers={"Content-Type": "application/json"})
        recovery = (time.perf_counter() - began) * 1000
        again = wrk(f"{one.address}/score", SINGLE, connections=16)
    served = (over.total - over.refused) / over.total
    usual = f"p50 {over.p50:.0f} ms; 平时 p99 {at_rest.p99:.0f} ms"
    yield "4 倍超载: 503 的占比, p99", "快", f"{1 - served:.0%}, {over.p99:.0f} ms", usual
    back = f"吞吐恢复到 {again.rate / at_rest.rate:.0%}"
    yield "超载过后第一个请求", "立即", f"{first.status_code}, {recovery:.0f} ms", back


def stopping() -> Iterator[Row]:
    """SIGTERM under load: every request whose last byte was sent before the door closed has its answer."""
    with server(FANZHA_DRAIN_SECONDS="0.5") as one:
        answered, lost = asyncio.run(_hammer(one))
        code = one.process.wait(60)
    yield "kill -TERM 时丢失的请求", "0", str(lost), f"答了 {answered:,} 个, 退出码 {code}"


async def _hammer(one: Server) -> tuple[int, int]:
    request = b"POST /score HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (
        len(SINGLE[0]),
        SINGLE[0],
    )
    answered = lost = 0
    closed = asyncio.Event()

    async def client() -> None:
        nonlocal answered, lost
        while not closed.is_set():
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", one.port)
            except OSError:  # the door is closed: nothing was accepted
                return
            while not closed.is_set():
                try:
                    writer.write(request)
                    head = await reader.readuntil(b"\r\n\r\n")
                    await reader.readexactly(int(re.search(rb"content-length: (\d+)", head)[1]))  # type: ignore[index]
                except (OSError, asyncio.IncompleteReadError):
                    lost += 1
                    break
                answered += head.startswith(b"HTTP/1.1 200")
                if b"connection: close" in head.lower():
                    break
            writer.close()

    clients = [asyncio.create_task(client()) for _ in range(32)]
    await asyncio.sleep(1)
    one.process.send_signal(signal.SIGTERM)
    await asyncio.wait(clients, timeout=20)
    closed.set()
    return answered, lost


def live() -> Iterator[Row]:
    """500 calls at once, a turn a second each, for fifteen seconds."""
    with server() as one:
        before = one.memory()
        delays, wanted = asyncio.run(_talk(one, calls=500, turns=15))
        memory = (one.memory() - before) * 1024 / 500
    p99 = statistics.quantiles(delays, n=100)[98] * 1000
    yield "500 路通话, 每路每秒一句: p99", "≤ 50 ms", f"{p99:.0f} ms", f"p50 {statistics.median(delays) * 1000:.1f} ms"
    yield "送到的变化", "全部", f"{len(delays):,} / {wanted:,}", f"每路 {memory:.0f} KiB (连同连接)"


async def _talk(one: Server, calls: int, turns: int) -> tuple[list[float], int]:
    """Talk over plain sockets: a WebSocket library would take longer for a turn than the service does."""
    delays: list[float] = []
    turns_of_call = ({"type": "turn", "speaker": who, "text": text} for who, text in CALL)
    said = [_frame(json.dumps(turn, ensure_ascii=False).encode()) for turn in turns_of_call]

    async def call(number: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", one.port)
        writer.write(
            b"GET /live HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )
        await reader.readuntil(b"\r\n\r\n")
        opened.append(number)
        if len(opened) == calls:
            all_open.set()
        await all_open.wait()
        began = asyncio.get_running_loop().time() + number / calls  # spread over the second
        for turn in range(turns):
            await asyncio.sleep(began + turn - asyncio.get_running_loop().time())
            sent = time.perf_counter()
            writer.write(said[turn % len(said)])
            change = await _read_frame(reader)
            delays.append(time.perf_counter() - sent)
            assert b'"turn":%d,' % turn in change
        writer.close()

    opened: list[int] = []
    all_open = asyncio.Event()
    await asyncio.gather(*(call(number) for number in range(calls)))
    return delays, calls * turns


def _frame(text: bytes) -> bytes:
    """A text frame as a client sends it, masked with zeros."""
    size = bytes([0x80 | len(text)]) if len(text) < 126 else b"\xfe" + len(text).to_bytes(2, "big")
    return b"\x81" + size + bytes(4) + text


async def _read_frame(reader: asyncio.StreamReader) -> bytes:
    size = (await reader.readexactly(2))[1]
    if size >= 126:
        size = int.from_bytes(await reader.readexactly(2 if size == 126 else 8), "big")
    return await reader.readexactly(size)


def soak(seconds: float) -> Iterator[Row]:
    """As many requests of all kinds as thirty minutes of a busy day hold, or as fit into the seconds given."""
    call = [json.dumps({"turns": [{"speaker": who, "text": text} for who, text in CALL]}).encode()]
    with server() as one:
        marks = []
        total = 0
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for bodies, path in ((SINGLE, "score"), (call, "score"), (MANY, "score/batch"), ([b"{"], "score")):
                total += wrk(f"{one.address}/{path}", bodies, seconds=2).total
            marks.append(one.memory())
    early, late = marks[len(marks) // 4], marks[-1]
    grown = late - early
    yield f"{total:,} 个请求后的内存", "平", f"{grown:+.1f} MB", f"{early:.0f} → {late:.0f} MB, {seconds:.0f} s"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parts: dict[str, Callable[[], Iterator[Row]]] = {
        "throughput": throughput,
        "half_load": half_load,
        "overload": overload,
        "stopping": stopping,
        "live": live,
    }
    parser.add_argument("--soak", type=float, default=40)
    parser.add_argument("--only", choices=[*parts, "soak"], action="append")
    given = parser.parse_args()
    if shutil.which("wrk") is None:
        raise SystemExit("没有 wrk; Debian 上 apt install wrk")
    parts["soak"] = lambda: soak(given.soak)
    table = Table("量什么", "要求", "结果", "附", title=f"服务, {os.cpu_count()} 核, 一个进程, wrk 在同一台机器上")
    for name in given.only or parts:
        for row in parts[name]():
            table.add_row(*map(str, row))
    Console(width=130).print(table)


if __name__ == "__main__":
    main()
