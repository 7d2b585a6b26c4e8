"""Scoring and the state of the service: POST /score, GET /info, GET /healthz. Thin: envelope, queue, scoring.

`async def` on purpose: FastAPI runs a plain `def` in a thread, which doubles the cost of a request.
"""

from __future__ import annotations

from functools import partial

import anyio.to_thread
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from fanzha import __version__
from fanzha_api.envelope import Json, PlainRoute, check_type, read_body
from fanzha_api.metrics import MEDIA_TYPE
from fanzha_api.schemas import Health, Info, Limits, Ready
from fanzha_api.scoring import answer
from fanzha_api.service import Service


def build_router(service: Service) -> APIRouter:
    """Build the routes."""
    router = APIRouter(route_class=PlainRoute)
    settings, tell = service.settings, service.metrics.verdict

    @router.post("/score", summary="给一段话或一段对话评分", operation_id="score")
    async def score(request: Request) -> Response:
        service.caller(request)
        check_type(request)
        edition = service.edition
        async with service.gate:
            body = await read_body(request, settings)
            if len(body) <= service.inline_bytes:
                return Json(answer(edition, settings, body, tell))
            work = partial(answer, edition, settings, body, tell)
            return Json(await anyio.to_thread.run_sync(work, limiter=service.large_ones))

    @router.get("/info", summary="版本、规则的编号、上限", operation_id="info")
    async def info(_: Request) -> Response:
        return Json(_info(service).model_dump_json())

    @router.get("/readyz", summary="能不能接请求; 正在停止或排满时答 503", operation_id="readyz")
    async def readyz(_: Request) -> Response:
        ready = not service.stopping and not service.gate.full
        body = Ready(ready=ready, queue=service.gate.inside).model_dump_json()
        return Json(body, 200 if ready else 503)

    @router.get("/metrics", summary="Prometheus 的计数", operation_id="metrics")
    async def metrics(request: Request) -> Response:
        service.caller(request)
        return Response(service.metrics.exposition(), media_type=MEDIA_TYPE)

    @router.get("/healthz", summary="服务是否正常, 用的哪版规则", operation_id="healthz")
    async def healthz(_: Request) -> Response:
        health = Health(pack=service.edition.pack, version=__version__)
        return Json(health.model_dump_json())

    return router


def _info(service: Service) -> Info:
    settings = service.settings
    return Info(
        version=__version__,
        pack=service.edition.pack,
        title=service.edition.title,
        key_required=service.keys.required,
        limits=Limits(
            body_bytes=settings.max_body_bytes,
            turns=settings.max_turns,
            turn_chars=settings.max_turn_chars,
            seconds=settings.max_seconds,
            items=settings.max_items,
            file_bytes=settings.max_file_bytes,
            queue=settings.max_queue,
            calls=settings.max_calls,
            call_idle_seconds=settings.call_idle_seconds,
            call_message_bytes=settings.call_message_bytes,
            heartbeat_seconds=settings.heartbeat_seconds,
            check_bytes=settings.check_bytes,
            check_seconds=settings.check_seconds,
        ),
    )
