"""The outermost layer: one log line a request, and a bare 500 for what nobody foresaw.

No text of a conversation reaches a log: a path is logged only as that of a route (/rules/{id}), a method only if
it is a common one, and of an exception only its type and the places in the code, since messages may quote what they
failed on (UnicodeEncodeError does). The exception ends here, or the server's own logger would print it.
"""

from __future__ import annotations

import logging
import traceback
from time import perf_counter

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fanzha_api.errors import internal

access_log = logging.getLogger("fanzha_api.access")
error_log = logging.getLogger("fanzha_api.error")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_CLIENT_GONE = 499  # nginx's number for it


class Guard:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, then note it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = perf_counter()
        status = 0

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except ClientDisconnect:
            pass  # nobody is left to answer
        except Exception as error:
            _note(error)
            if not status:
                await internal().response()(scope, receive, noting)
        finally:
            self._log(scope, status or _CLIENT_GONE, (perf_counter() - began) * 1000)

    def _log(self, scope: Scope, status: int, milliseconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "-"
        path = getattr(scope.get("route"), "path", "-")
        access_log.info("%s %s %d %.1f ms", method, path, status, milliseconds)


def _note(error: Exception) -> None:
    frames = traceback.extract_tb(error.__traceback__)[-12:]
    places = " > ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames)
    error_log.error("unexpected %s at %s", type(error).__name__, places)
