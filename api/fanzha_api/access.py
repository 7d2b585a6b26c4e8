"""The outermost layer: an id, a count and a log line for every request, and a bare 500 for what nobody foresaw.

No text of a conversation reaches a log: a path is logged only as that of a route (/rules/{id}), a method only if
it is a common one, and of an exception only its type and the places in the code, since messages may quote what they
failed on (UnicodeEncodeError does). The exception ends here, or the server's own logger would print it.
"""

from __future__ import annotations

import logging
import re
import secrets
import traceback
from itertools import count
from time import perf_counter

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fanzha_api.errors import internal
from fanzha_api.service import Service

access_log = logging.getLogger("fanzha_api.access")
error_log = logging.getLogger("fanzha_api.error")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_CLIENT_GONE = 499  # nginx's number for it
_GIVEN_ID = re.compile(r"[A-Za-z0-9_.-]{8,64}")  # ids of proxies; anything else is not repeated
_PREFIX = re.compile(r"(?:/[A-Za-z0-9._~-]{1,40}){1,5}")


class Guard:
    """ASGI middleware of one service."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self._app = app
        self._service = service
        self._series = secrets.token_hex(4)
        self._numbers = count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, then note it."""
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        elif scope["type"] == "http":
            await self._request(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = perf_counter()
        status = 0
        request = self._open(scope)
        service = self._service

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = message["headers"]
                headers.append((b"x-request-id", request.encode()))
                headers.append((b"x-content-type-options", b"nosniff"))
                if service.stopping:
                    headers.append((b"connection", b"close"))
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except ClientDisconnect:
            pass  # nobody is left to answer
        except Exception as error:
            _note(error, request)
            if not status:
                await internal().response()(scope, receive, noting)
        finally:
            self._close(scope, request, status or _CLIENT_GONE, perf_counter() - began)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = perf_counter()
        request = self._open(scope)
        status = 101  # switching protocols

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "websocket.http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except Exception as error:
            _note(error, request)
            status = 500
            await send({"type": "websocket.close", "code": 1011})
        finally:
            self._close(scope, request, status, perf_counter() - began)

    def _open(self, scope: Scope) -> str:
        """The id of the request: that of a proxy, if it is one, or ours."""
        given: str | None = None
        settings = self._service.settings
        for name, value in scope["headers"]:
            if name == b"x-request-id":
                given = value.decode("latin-1")
        if settings.root_path:
            scope["root_path"] = settings.root_path
        if settings.trust_prefix:
            prefix = Headers(scope=scope).get("x-forwarded-prefix", "").rstrip("/")
            if _PREFIX.fullmatch(prefix):
                scope["root_path"] = prefix
        if given is not None and _GIVEN_ID.fullmatch(given):
            return given
        return f"{self._series}-{next(self._numbers)}"

    def _close(self, scope: Scope, request: str, status: int, seconds: float) -> None:
        service = self._service
        method = scope.get("method", "WS")
        method = method if method in _METHODS or method == "WS" else "-"
        path = getattr(scope.get("route"), "path", "-")
        service.metrics.answer(path, method, status, seconds)
        service.metrics.load(service.gate.inside, service.calls.open)
        if access_log.isEnabledFor(logging.INFO):
            milliseconds = seconds * 1000
            caller = scope.get("fanzha_caller")
            fields = {
                "request": request,
                "method": method,
                "route": path,
                "status": status,
                "ms": round(milliseconds, 1),
            }
            if caller is not None:
                fields["key"] = caller
            access_log.info("%s %s %d %.1f ms", method, path, status, milliseconds, extra={"fields": fields})


def _note(error: Exception, request: str) -> None:
    frames = traceback.extract_tb(error.__traceback__)[-12:]
    places = " > ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames)
    kind = type(error).__name__
    error_log.error("unexpected %s at %s", kind, places, extra={"fields": {"request": request, "error": kind}})
