"""The service as the bench measures it: the app itself, and beside it two endpoints to compare it with.

`/bench/fixed` does all that `/score` does but scoring: key, envelope, queue, reading, parsing, validating; it answers
with a verdict made once. `/bench/empty` answers a GET with nothing. Neither is part of the product.
"""

from __future__ import annotations

import sys

import uvicorn
from fastapi import APIRouter, FastAPI
from starlette.requests import Request
from starlette.responses import Response

from fanzha import Detector
from fanzha_api import Settings, create_app
from fanzha_api.envelope import Json, PlainRoute, check_type, read_body
from fanzha_api.schemas import ScoreRequest
from fanzha_api.scoring import parse
from fanzha_api.serve import _config, _with_signals


def bench_app(settings: Settings) -> FastAPI:
    app = create_app(Detector(settings.rule_folders), settings)
    service = app.state.service
    router = APIRouter(route_class=PlainRoute)
    fixed = service.edition.write(service.edition.detector.score("您好"))

    @router.post("/bench/fixed")
    async def fixed_verdict(request: Request) -> Response:
        service.caller(request)
        check_type(request)
        async with service.gate:
            ScoreRequest.model_validate(parse(bytes(await read_body(request, settings))))
            return Json(fixed)

    @router.get("/bench/empty")
    async def empty(_: Request) -> Response:
        return Response()

    app.router.routes[:0] = router.routes
    return app


if __name__ == "__main__":
    settings = Settings()
    config = _config(_with_signals(bench_app(settings)), settings)
    config.host, config.port = "127.0.0.1", int(sys.argv[1])
    uvicorn.Server(config).run()
