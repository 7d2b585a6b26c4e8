"""The application: `create_app` builds everything, nothing is global.

In: a Detector and Settings, or neither (bundled rules, settings from the environment). Out: an ASGI
application. It sets up no logging and binds to nothing; `serve` does.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Any

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from fanzha import Detector, __version__
from fanzha_api.access import Guard
from fanzha_api.docs_page import build_docs
from fanzha_api.errors import install_handlers
from fanzha_api.live import build_live
from fanzha_api.many import build_many
from fanzha_api.openapi import document
from fanzha_api.page import build_page
from fanzha_api.reading import build_reading
from fanzha_api.routes import build_router
from fanzha_api.rule_routes import build_rules
from fanzha_api.samples import build_samples
from fanzha_api.service import Service
from fanzha_api.settings import Settings

_ABOUT = """按规则识别电话与聊天里的骗局, 每一分都有原文证据. 结果是“疑似”, 不是定论; 拿不准请打 96110.

不记录、不保存任何对话内容."""


def create_app(detector: Detector | None = None, settings: Settings | None = None) -> FastAPI:
    """Build the service.

    A detector that is given is also what a reload comes back to; without one the rules are loaded from the settings'
    folders, and loaded from there again. Raises PackError where the rules cannot be used, KeyFileError for faulty keys,
    pydantic's ValidationError for faulty FANZHA_* variables.
    """
    settings = settings or Settings()
    load = partial(Detector, settings.rule_folders) if detector is None else partial(_again, detector)
    service = Service(detector or load(), settings, load)
    app = FastAPI(
        title="fanzha 反诈",
        version=__version__,
        description=_ABOUT,
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan(service),
    )
    app.state.service = service
    builders = (build_router, build_many, build_reading, build_rules, build_live, build_samples)
    for router in (*(build(service) for build in builders), build_docs(), build_page()):
        app.router.routes.extend(router.routes)  # as they are; FastAPI's include would wrap each of them again
    install_handlers(app)
    if settings.allowed_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=sorted(settings.allowed_origins),
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Last-Event-ID", "X-API-Key"],
            expose_headers=["Retry-After", "X-Request-ID"],
        )
    app.add_middleware(Guard, service=service)  # the last one is the outermost

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = document(app, service)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's own way to extend it
    return app


def _again(detector: Detector) -> Detector:
    """The rules of a detector as their folders hold them now."""
    return Detector(detector.folders, bundled=False)


def _lifespan(service: Service) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await service.start()
        try:
            yield
        finally:
            service.close()

    return lifespan
