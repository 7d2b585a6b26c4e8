"""The application: `create_app` builds everything, nothing is global.

In: a Detector and Settings, or neither (bundled rules, settings from the environment). Out: an ASGI
application. It sets up no logging and binds to nothing; `serve` does.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import anyio.to_thread
from fastapi import FastAPI

from fanzha import Detector, __version__
from fanzha_api.access import Guard
from fanzha_api.errors import install_handlers
from fanzha_api.openapi import document
from fanzha_api.routes import build_router
from fanzha_api.settings import Settings

_ABOUT = """按规则识别电话与聊天里的骗局, 每一分都有原文证据. 结果是“疑似”, 不是定论; 拿不准请打 96110.

不记录、不保存任何对话内容."""


def create_app(detector: Detector | None = None, settings: Settings | None = None) -> FastAPI:
    """Build the service.

    Raises PackError where the rules cannot be used, pydantic's ValidationError for faulty FANZHA_* variables.
    """
    settings = settings or Settings()
    detector = detector or Detector(settings.rule_folders)
    app = FastAPI(
        title="fanzha 反诈",
        version=__version__,
        description=_ABOUT,
        redoc_url=None,
        lifespan=_lifespan(detector),
    )
    app.include_router(build_router(detector, settings))
    install_handlers(app)
    app.add_middleware(Guard, paths=("/score", "/healthz", "/docs", "/openapi.json"))

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = document(app, detector, settings)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's own way to extend it
    return app


def _lifespan(detector: Detector) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        """Load jieba's dictionary before the first request, which would otherwise stop the loop for a second.

        There is nothing to close: no file, socket, thread or task is left open by the service.
        """
        if any(signal.word for signal in detector.rules.signals):
            await anyio.to_thread.run_sync(detector.rules.segmenter.edges, "预热", 0, 2)
        yield

    return lifespan
