"""The routes: POST /score and GET /healthz. Thin: read and check the envelope, hand the body to scoring.

`async def` on purpose: FastAPI runs a plain `def` in a thread, which doubles the cost of a request.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated

import anyio.to_thread
from anyio import CapacityLimiter
from fastapi import APIRouter, Depends
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import Request
from starlette.responses import Response

from fanzha import Detector, __version__
from fanzha_api.errors import body_too_large, wrong_content_type, wrong_key
from fanzha_api.schemas import Health
from fanzha_api.scoring import answer
from fanzha_api.settings import Settings

_KeyHeader = Annotated[str | None, Depends(APIKeyHeader(name="X-API-Key", auto_error=False))]
_Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))]
_JSON = "application/json"
_BYTES_A_CHAR = 3  # of Han text in UTF-8


def build_router(detector: Detector, settings: Settings) -> APIRouter:
    """Build the routes over one detector; the key is asked for only where one is set."""
    router = APIRouter()
    guards = [Depends(_key_check(settings.api_key.get_secret_value()))] if settings.api_key else []
    health = Health(pack=detector.pack, version=__version__).model_dump_json().encode()
    # A large conversation is scored in a thread: in the event loop it would hold up everybody's short
    # messages until it is done, while a thread hands the interpreter over every few milliseconds. A small one
    # is done sooner than a thread is asked (0.1 ms). One large one at a time: scoring is Python, so two
    # threads together take longer than one after the other.
    inline_bytes = settings.inline_chars * _BYTES_A_CHAR
    large_ones = CapacityLimiter(1)

    @router.post("/score", dependencies=guards, summary="给一段话或一段对话评分", operation_id="score")
    async def score(request: Request) -> Response:
        _check_envelope(request)
        body = await _read_body(request, settings.max_body_bytes)
        if len(body) <= inline_bytes:
            return Response(answer(detector, body), media_type=_JSON)
        work = partial(answer, detector, body)
        return Response(await anyio.to_thread.run_sync(work, limiter=large_ones), media_type=_JSON)

    @router.get("/healthz", summary="服务是否正常, 用的哪版规则", operation_id="healthz")
    async def healthz() -> Response:
        return Response(health, media_type=_JSON)

    return router


def _key_check(key: str) -> Callable[..., Awaitable[None]]:
    """Make a dependency that refuses a request without the key, in either of the usual headers."""
    expected = key.encode()

    async def check(header: _KeyHeader, bearer: _Bearer) -> None:
        given = header if header is not None else bearer.credentials if bearer else ""
        # Bytes, as the header brought them: compare_digest refuses a str that is not ASCII.
        if not hmac.compare_digest(given.encode("latin-1"), expected):
            raise wrong_key()

    return check


def _check_envelope(request: Request) -> None:
    """Let plain JSON in. Strangers' web pages stay out: browsers send this type only where CORS allows."""
    media_type, *parameters = map(str.strip, request.headers.get("content-type", "").lower().split(";"))
    charsets = {one.partition("=")[2].strip('"') for one in parameters if one.startswith("charset")}
    if media_type != _JSON or not charsets <= {"utf-8", "utf8"}:
        raise wrong_content_type()
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise wrong_content_type("Content-Encoding")


async def _read_body(request: Request, limit: int) -> bytearray:
    """Read the body; refuse it once it is known to be too large, by its header or while it streams in."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared[:20]) > limit:
        raise body_too_large(limit)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise body_too_large(limit)
    return body
