"""Run the service with uvicorn: `python -m fanzha_api.serve --port 8000`, or `run(...)`.

It binds beyond this machine only with an API key. Mistakes of the operator (rules, settings, address) are
told on stderr with what, where and how to mend it, and end the process with exit code 2.

SIGTERM and SIGINT: /readyz answers 503 at once, requests are taken for `drain_seconds` more, those taken are finished.
SIGHUP: the rules are loaded anew; broken ones are told in the log, and the old ones stay in force.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import ipaddress
import logging
import os
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import uvicorn
from fastapi import FastAPI
from pydantic import ValidationError
from uvicorn.supervisors import Multiprocess

from fanzha import Detector, PackError
from fanzha_api.app import create_app
from fanzha_api.door import Door
from fanzha_api.keys import KeyFileError, Keys
from fanzha_api.logs import logging_config
from fanzha_api.service import Service
from fanzha_api.settings import Settings

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8000
_USAGE = 2
_NOT_STARTED = 3  # uvicorn's number; it has told why
_KEEP_ALIVE = 65  # seconds; longer than the minute of the usual reverse proxies, which must be the ones that close
_SETTLE_SECONDS = 0.2  # for what was on its way through the door when it closed
_SWEEP_SECONDS = 300
_START_SECONDS = 60  # for a new worker to be ready
log = logging.getLogger("fanzha_api.serve")


def run(
    host: str = DEFAULT_HOST,
    port: int = DEFAULT_PORT,
    rules: str | Path | Sequence[str | Path] | None = None,
    api_key: str | None = None,
    workers: int | None = None,
) -> None:
    """Serve until interrupted. Port 0 takes a free one; what is not given comes from FANZHA_* variables.

    Raises SystemExit(2), after a message on stderr, where it must not or cannot start.
    """
    settings = _settings(rules=_joined(rules), api_key=api_key, workers=workers)
    try:
        keyed = Keys(settings).required
    except KeyFileError as error:
        _refuse(str(error))
    if not keyed and not is_loopback(host):
        _refuse(
            f"拒绝在 {host} 上监听: 这个地址别的机器也能访问, 而没有设置 API 密钥\n"
            "  只在本机使用: 去掉 --host, 或写 --host 127.0.0.1\n"
            "  要对外服务: 先设密钥, 如 export FANZHA_API_KEY=$(openssl rand -hex 24)"
        )
    try:
        detector = Detector(settings.rule_folders)  # also leaves the compiled rules in the cache for the workers
    except PackError as error:
        _refuse(f"规则不能用:\n{error}")
    with _listen(host, port) as listener:
        address = f"http://{_for_url(host)}:{listener.getsockname()[1]}"
        _say(f"fanzha 正在 {address} 服务: 网页在 {address}/, 文档在 {address}/docs, 按 Ctrl+C 停止")
        if settings.workers > 1:
            _run_workers(settings, listener)
        else:
            _run_one(detector, settings, listener)


def application() -> FastAPI:
    """The app of one process as `serve` runs it, with its signals; settings from the environment."""
    return _with_signals(create_app(settings=Settings()))


def _run_one(detector: Detector, settings: Settings, listener: socket.socket) -> None:
    signal.signal(signal.SIGTERM, _nothing_more)  # else uvicorn, in the end, dies of the signal that it has obeyed
    server = uvicorn.Server(_config(_with_signals(create_app(detector, settings)), settings))
    with suppress(KeyboardInterrupt):  # uvicorn passes Ctrl+C on after it has closed everything
        server.run(sockets=[listener])
    if not server.started:
        raise SystemExit(_NOT_STARTED)


def _run_workers(settings: Settings, listener: socket.socket) -> None:
    """Several processes on one socket; SIGHUP replaces one after the other, each once its successor is ready."""
    _to_environment(settings)
    with tempfile.TemporaryDirectory(prefix="fanzha-metrics-") as folder:  # numbers only
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        os.environ[_SUPERVISOR] = str(os.getpid())
        config = _config("fanzha_api.serve:application", settings, factory=True, workers=settings.workers)
        config.configure_logging()
        Multiprocess(config, [listener]).run()


def _nothing_more(*_: object) -> None:
    """Take a signal that has been acted on."""


_SUPERVISOR = "FANZHA_SUPERVISOR_PID"


def _config(app: Any, settings: Settings, **more: Any) -> uvicorn.Config:
    style = settings.log if settings.log != "auto" else "text" if sys.stderr.isatty() else "json"
    return uvicorn.Config(
        app,
        log_config=logging_config(style, access=settings.access_log),
        access_log=False,
        http=Door,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=round(settings.stop_seconds),
        timeout_worker_healthcheck=_START_SECONDS,
        ws_max_size=settings.call_message_bytes,
        ws_per_message_deflate=False,  # a few bytes of it could stand for megabytes
        **more,
    )


# ── signals ────────────────────────────────────────────────────────────────────────────────


def _with_signals(app: FastAPI) -> FastAPI:
    """Let the app know of the signals that uvicorn acts on; they pass through its lifespan, which uvicorn opens."""
    service: Service = app.state.service
    inner = app.router.lifespan_context
    supervisor = os.environ.get(_SUPERVISOR)
    if supervisor is not None and supervisor.isdecimal():
        service.restart = lambda: os.kill(int(supervisor), signal.SIGHUP)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[Any]:
        async with inner(app) as state:
            _drain_before_the_end(service)
            if supervisor is None and hasattr(signal, "SIGHUP"):
                tasks: set[asyncio.Task[None]] = set()

                def hang_up() -> None:
                    task = asyncio.ensure_future(_reload(service))
                    tasks.add(task)
                    task.add_done_callback(tasks.discard)

                asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, hang_up)
            with _rare_collections():
                yield state

    app.router.lifespan_context = lifespan
    return app


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Look for garbage among what stays only now and then.

    The rules are hundreds of thousands of objects, and so are five hundred live calls: looking through all of them
    holds up every request for a tenth of a second, and Python would do it every few seconds. What dies young is found
    as ever; what is left of closed connections is found within minutes.
    """
    thresholds = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 50, 1_000_000)
    sweeping = asyncio.ensure_future(_sweep())
    try:
        yield
    finally:
        sweeping.cancel()
        gc.set_threshold(*thresholds)
        gc.unfreeze()


async def _sweep() -> None:
    while True:
        await asyncio.sleep(_SWEEP_SECONDS)
        gc.collect()


def _drain_before_the_end(service: Service) -> None:
    """Stop in steps: tell that we stop, close the door, answer what came in, and only then let uvicorn hang up.

    uvicorn does the last two at once, and a request that lies unread in a connection it takes for idle is lost.
    """
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        closing = signal.getsignal(number)
        if not callable(closing):
            continue

        def stop(number: int, frame: FrameType | None, closing: Any = closing) -> None:
            if service.stopping:  # asked twice: at once
                closing(number, frame)
                return
            service.stop()

            def close_door() -> None:
                server = getattr(closing, "__self__", None)  # the handler is uvicorn's Server.handle_exit
                if isinstance(server, uvicorn.Server):
                    _close_door(server, loop)
                loop.call_later(_SETTLE_SECONDS, closing, number, frame)

            loop.call_soon_threadsafe(loop.call_later, service.settings.drain_seconds, close_door)

        signal.signal(number, stop)


def _close_door(server: uvicorn.Server, loop: asyncio.AbstractEventLoop) -> None:
    """Close the door behind those who stand in it: the kernel has let them in, and would throw them out again."""
    config = server.config

    def protocol() -> asyncio.Protocol:
        made: asyncio.Protocol = config.http_protocol_class(  # type: ignore[call-arg]
            config=config, server_state=server.server_state, app_state=server.lifespan.state
        )
        return made

    waiting = []
    for door in server.servers:
        for listening in door.sockets:
            with socket.socket(fileno=os.dup(listening.fileno())) as same:
                same.setblocking(False)
                with suppress(OSError):  # there is no further one
                    while True:
                        waiting.append(same.accept()[0])
        door.close()
    for connection in waiting:
        asyncio.ensure_future(loop.connect_accepted_socket(protocol, connection))  # noqa: RUF006 - uvicorn keeps them


async def _reload(service: Service) -> None:
    try:
        changed = await service.reload()
    except PackError as error:
        log.warning("the rules are faulty, the old ones stay in force: %s", error.diagnostics[0])
    else:
        log.info("rules %s, %s", service.edition.pack, "changed" if changed else "unchanged")


# ── what an operator may get wrong ─────────────────────────────────────────────────────────


def is_loopback(host: str) -> bool:
    """Tell whether only this machine reaches it: 127.0.0.0/8, ::1, localhost. Names are not resolved."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _settings(**given: Any) -> Settings:
    """The settings of the environment, and over them what was given."""
    try:
        settings = Settings()
        given = {name: value for name, value in given.items() if value}
        return Settings(**{**settings.model_dump(), **given}) if given else settings
    except ValidationError as error:
        faults = "\n".join(f"  FANZHA_{str(one['loc'][0]).upper()}: {one['msg']}" for one in error.errors())
        _refuse(f"环境变量设置有误, 请改正或删去:\n{faults}")


def _joined(rules: str | Path | Sequence[str | Path] | None) -> str | None:
    """Folders as FANZHA_RULES has them."""
    folders = [rules] if isinstance(rules, str | Path) else list(rules or [])
    return os.pathsep.join(str(folder) for folder in folders) or None


def _to_environment(settings: Settings) -> None:
    """Leave to the workers what was given by argument."""
    os.environ["FANZHA_RULES"] = settings.rules
    if settings.api_key is not None:
        os.environ["FANZHA_API_KEY"] = settings.api_key.get_secret_value()


def _listen(host: str, port: int) -> socket.socket:
    """Bind here, not in uvicorn, so that a port in use is told in our words and port 0 by its number."""
    bound = DEFAULT_HOST if host.lower() == "localhost" else host
    try:
        family, *_, address = socket.getaddrinfo(bound, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=family, backlog=2048)
    except (OSError, OverflowError) as error:
        _refuse(f"不能在 {host}:{port} 上监听: {error}\n  换一个端口 (--port), 或停掉占用它的程序")


def _for_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _refuse(message: str) -> NoReturn:
    _say(f"fanzha serve: {message}")
    raise SystemExit(_USAGE)


def _say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)  # noqa: T201 - a command speaks to its user


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line; the key comes from FANZHA_API_KEY only, as `ps` shows arguments to all."""
    parser = argparse.ArgumentParser(prog="python -m fanzha_api.serve", description="反诈评分服务")
    parser.add_argument(
        "--host", default=DEFAULT_HOST, help="监听地址, 默认 %(default)s; 对外须设 FANZHA_API_KEY"
    )
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="端口, 默认 %(default)s; 0 取空闲的")
    parser.add_argument("--rules", action="append", metavar="目录", help="附加的规则目录, 可重复")
    parser.add_argument("--workers", type=int, metavar="个", help="进程数, 默认 FANZHA_WORKERS 或 1")
    given = parser.parse_args(arguments)
    run(given.host, given.port, given.rules, workers=given.workers)


if __name__ == "__main__":
    main()
