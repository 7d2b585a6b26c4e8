"""Run the service with uvicorn: `python -m fanzha_api.serve --port 8000`, or `run(...)`.

It binds beyond this machine only with an API key. Mistakes of the operator (rules, settings, address) are
told on stderr with what, where and how to mend it, and end the process with exit code 2.
"""

from __future__ import annotations

import argparse
import ipaddress
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

import uvicorn
from pydantic import ValidationError

from fanzha import Detector, PackError
from fanzha_api.app import create_app
from fanzha_api.settings import Settings

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8000
_USAGE = 2
_NOT_STARTED = 3  # uvicorn's number; it has told why

# uvicorn's own access log is off: it would print whole paths and queries. Ours is access.py's.
_LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {
        name: {"handlers": ["stderr"], "level": level, "propagate": False}
        for name, level in (("fanzha_api", "INFO"), ("uvicorn", "WARNING"))
    },
}


def run(
    host: str = DEFAULT_HOST,
    port: int = DEFAULT_PORT,
    rules: str | Path | Sequence[str | Path] | None = None,
    api_key: str | None = None,
) -> None:
    """Serve until interrupted. Port 0 takes a free one; what is not given comes from FANZHA_* variables.

    Raises SystemExit(2), after a message on stderr, where it must not or cannot start.
    """
    settings = _settings(api_key)
    if settings.api_key is None and not is_loopback(host):
        _refuse(
            f"拒绝在 {host} 上监听: 这个地址别的机器也能访问, 而没有设置 API 密钥\n"
            "  只在本机使用: 去掉 --host, 或写 --host 127.0.0.1\n"
            "  要对外服务: 先设密钥, 如 export FANZHA_API_KEY=$(openssl rand -hex 24)"
        )
    try:
        app = create_app(Detector(rules if rules is not None else settings.rule_folders), settings)
    except PackError as error:
        _refuse(f"规则不能用:\n{error}")
    with _listen(host, port) as listener:
        address = f"http://{_for_url(host)}:{listener.getsockname()[1]}"
        _say(f"fanzha 正在 {address} 服务: 网页在 {address}/, 文档在 {address}/docs, 按 Ctrl+C 停止")
        config = uvicorn.Config(
            app,
            log_config=_LOGGING,
            access_log=False,
            server_header=False,
            ws_max_size=settings.call_message_bytes,
            ws_per_message_deflate=False,  # a few bytes of it could stand for megabytes
            timeout_graceful_shutdown=10,
        )
        server = uvicorn.Server(config)
        with suppress(KeyboardInterrupt):  # uvicorn passes Ctrl+C on after it has closed everything
            server.run(sockets=[listener])
    if not server.started:
        raise SystemExit(_NOT_STARTED)


def is_loopback(host: str) -> bool:
    """Tell whether only this machine reaches it: 127.0.0.0/8, ::1, localhost. Names are not resolved."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _settings(api_key: str | None) -> Settings:
    try:
        settings = Settings()
    except ValidationError as error:
        faults = "\n".join(f"  FANZHA_{str(one['loc'][0]).upper()}: {one['msg']}" for one in error.errors())
        _refuse(f"环境变量设置有误, 请改正或删去:\n{faults}")
    return settings if not api_key else Settings(**{**settings.model_dump(), "api_key": api_key})


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
    given = parser.parse_args(arguments)
    run(given.host, given.port, given.rules)


if __name__ == "__main__":
    main()
