"""fanzha serve: the HTTP service, if its extra is installed."""

from __future__ import annotations

from typing import Annotated

import typer

from fanzha.cli.failures import UsageError
from fanzha.cli.options import Rules

_SERVER_PACKAGES = frozenset(
    "anyio fanzha_api fastapi starlette orjson prometheus_client pydantic_settings uvicorn".split()
)


def serve(
    host: Annotated[str, typer.Option(metavar="地址", help="监听的地址; 对外须设 FANZHA_API_KEY")] = "127.0.0.1",
    port: Annotated[int, typer.Option(metavar="端口", min=0, max=65535, help="0 取空闲的端口")] = 8000,
    rules: Rules = None,
    workers: Annotated[
        int | None,
        typer.Option(metavar="个", min=1, max=128, help="进程数, 默认 FANZHA_WORKERS 或 1", show_default=False),
    ] = None,
) -> None:
    """Serve until interrupted."""
    try:
        from fanzha_api.serve import run
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _SERVER_PACKAGES:
            raise
        raise UsageError(f"没有安装服务所需的 {error.name}; 请先 pip install 'fanzha[server]'") from None
    run(host, port, rules or None, workers=workers)
