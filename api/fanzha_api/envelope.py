"""The outside of a request: is it plain JSON, how large is it, does it arrive; and answers as they go out.

In: a Starlette request. Out: its bytes, or Refusal. What stands in the bytes is for others.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import request_response

from fanzha_api.errors import (
    body_too_large,
    foreign_origin,
    invalid_request,
    too_slow_to_arrive,
    wrong_content_type,
)
from fanzha_api.scoring import parse
from fanzha_api.settings import Settings

JSON = "application/json"
_M = TypeVar("_M", bound=BaseModel)


class PlainRoute(APIRoute):
    """A route whose endpoint takes the request and gives the response itself.

    FastAPI would look at its signature for every request, though there is nothing to find; that costs as much as
    scoring.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **more: Any) -> None:
        super().__init__(path, endpoint, **more)
        self.app = request_response(endpoint)


def check_type(request: Request, accepted: str = JSON) -> None:
    """Let plain UTF-8 of this type in. Strangers' web pages stay out: browsers send it only where CORS allows."""
    check_encoding(request)
    given = next((value.decode("latin-1") for name, value in request.scope["headers"] if name == b"content-type"), "")
    if given == accepted:
        return
    media_type, *parameters = map(str.strip, given.lower().split(";"))
    charsets = {one.partition("=")[2].strip('"') for one in parameters if one.startswith("charset")}
    if media_type != accepted or not charsets <= {"utf-8", "utf8"}:
        raise wrong_content_type(accepted=accepted)


def check_encoding(request: Request) -> None:
    """Refuse a compressed body: a few kilobytes of it could stand for gigabytes."""
    for name, value in request.scope["headers"]:
        if name == b"content-encoding" and value.lower() != b"identity":
            raise wrong_content_type("Content-Encoding")


def check_origin(connection: HTTPConnection, settings: Settings) -> None:
    """Refuse a page of another site. Only browsers send an Origin, and no page can change it."""
    origin = connection.headers.get("origin")
    if origin is None:
        return
    host = connection.headers.get("host", "").lower()
    if origin.lower().partition("://")[2] != host and origin.lower() not in settings.allowed_origins:
        raise foreign_origin()


async def read_body(request: Request, settings: Settings, limit: int | None = None) -> bytearray:
    """Read the body; refuse it once it is known to be too large, by its header or while it streams in."""
    most = settings.max_body_bytes if limit is None else limit
    for name, value in request.scope["headers"]:
        if name == b"content-length" and value.isdigit() and int(value[:20]) > most:
            raise body_too_large(most)
    body = bytearray()
    receive, more = request.receive, True
    try:
        async with asyncio.timeout(settings.read_seconds):
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientDisconnect
                body += message.get("body", b"")
                more = message.get("more_body", False)
                if len(body) > most:
                    raise body_too_large(most)
    except TimeoutError:
        raise too_slow_to_arrive(settings.read_seconds) from None
    return body


async def read_model(request: Request, settings: Settings, model: type[_M]) -> _M:
    """Read a JSON body as a model; an empty body is an empty object. Raises Refusal."""
    check_type(request)
    return validated(model, parse(bytes(await read_body(request, settings)) or b"{}"))


def validated(model: type[_M], data: Any) -> _M:
    """The data as a model. Raises Refusal."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise invalid_request(error) from None


class Json(Response):
    """A JSON answer, written already. Evidence is what somebody said: it is kept in no cache."""

    def __init__(self, body: bytes | str, status: int = 200) -> None:
        # What Response.__init__ does takes a tenth of a whole short request.
        body = body.encode() if isinstance(body, str) else body
        self.status_code = status
        self.body = body
        self.background = None
        self.raw_headers = [
            (b"content-length", b"%d" % len(body)),
            (b"content-type", b"application/json"),
            (b"cache-control", b"no-store"),
        ]


class Stream(Response):
    """An answer that is made while it is sent. Starlette's own would read the request's body to learn that the client
    has gone, and the body is what some of our answers are made from.
    """

    def __init__(self, parts: AsyncIterator[bytes], media_type: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(None, 200, headers, media_type)
        del self.headers["content-length"]
        self._parts = parts

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Send every part as soon as the connection takes it; a slow reader makes `parts` wait."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async for part in self._parts:
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
