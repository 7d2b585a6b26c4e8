"""Live calls over the wire: `WS /live`, and the same by requests with server-sent events for whoever has no WebSocket.

In: turns as they are said. Out: what each changed, a heartbeat in silence. A call that broke off goes on with its turns
sent again. Strangers' pages are kept out by their Origin; messages, calls, watchers and silence have limits.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from functools import partial
from time import monotonic
from typing import Any

import anyio.to_thread
import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from fanzha import __version__
from fanzha_api.calls import MOST_WATCHERS, Call, HeldCall
from fanzha_api.envelope import Json, PlainRoute, Stream, check_origin, read_model, validated
from fanzha_api.errors import Refusal, busy, message_out_of_place, unknown_message
from fanzha_api.schemas import CallStart, CallTurns, LiveAsk, LiveStart, LiveTurn, LiveTurns, TurnIn
from fanzha_api.scoring import parse
from fanzha_api.service import Service, given_key

_SLICE_SECONDS = 0.002  # of a long catch-up, before others have their turn
_MOST_FAULTS = 20  # messages that cannot be read, after which a socket is closed
_FIRST_SECONDS = 10.0  # for the message with the key
# Close codes: the registered ones, and of our own (4000 + HTTP status) where there is none.
TOO_BIG, POLICY, RESTART, IDLE, WRONG_KEY, TOO_OFTEN = 1009, 1008, 1012, 4408, 4401, 4429
_MESSAGES: dict[Any, Any] = {
    "turn": LiveTurn, "turns": LiveTurns, "start": LiveStart, "verdict": LiveAsk, "ping": LiveAsk,
}  # fmt: skip


def build_live(service: Service) -> APIRouter:
    """Build the routes of live calls."""
    router = APIRouter(route_class=PlainRoute, tags=["live"])
    _add_socket(router, service)
    _add_requests(router, service)
    return router


def _add_socket(router: APIRouter, service: Service) -> None:
    settings = service.settings

    @router.websocket("/live")
    async def socket(websocket: WebSocket) -> None:
        try:
            check_origin(websocket, settings)
            known = not service.keys.required
            if given_key(websocket) is not None or known:
                service.caller(websocket)
                known = True
            service.calls.connect()
        except Refusal as refusal:
            await _deny(websocket, refusal)
            return
        try:
            await websocket.accept()
            await _Conversation(service, websocket, known=known).run()
        except WebSocketDisconnect:
            pass
        finally:
            service.calls.disconnect()


def _add_requests(router: APIRouter, service: Service) -> None:
    settings = service.settings

    @router.post("/live", summary="开始一路实时通话 (没有 WebSocket 时)", operation_id="live_open", status_code=201)
    async def open_call(request: Request) -> Response:
        caller = service.caller(request)
        start = await read_model(request, settings, CallStart)
        call = Call(service.edition, settings, start.self_name)
        await _hear(service, call, start.turns)
        name = service.calls.hold(call, caller.name)
        opened = {"id": name, "state": call.state(), "idle_seconds": settings.call_idle_seconds}
        return Json(orjson.dumps(opened), 201)

    @router.post("/live/{id}", summary="接着说: 一句或几句", operation_id="live_turns")
    async def continue_call(request: Request) -> Response:
        caller = service.caller(request)
        more = await read_model(request, settings, CallTurns)
        held = service.calls.find(request.path_params["id"], caller.name, more.from_)
        held.busy = True
        try:
            changes = await _hear(service, held.call, more.turns, held)
        finally:
            held.busy = False
        return Json(orjson.dumps({"turns": held.call.turns, "changes": changes}))

    @router.get("/live/{id}", summary="这路通话到此刻的判定", operation_id="live_verdict")
    async def verdict_of_call(request: Request) -> Response:
        caller = service.caller(request)
        held = service.calls.find(request.path_params["id"], caller.name)
        return Json(held.call.edition.write(held.call.verdict()))

    @router.get("/live/{id}/events", summary="看这路通话的变化 (server-sent events)", operation_id="live_events")
    async def watch_call(request: Request) -> Response:
        check_origin(request, settings)
        caller = service.caller(request)
        held = service.calls.find(request.path_params["id"], caller.name)
        if len(held.watchers) >= MOST_WATCHERS:
            raise busy("观看者")
        known = request.headers.get("last-event-id", "")
        after = int(known) if known.isdecimal() and len(known) < 9 else None
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return Stream(_events(service, held, request, after), "text/event-stream", headers)

    @router.delete("/live/{id}", summary="结束这路通话", operation_id="live_close", status_code=204)
    async def close_call(request: Request) -> Response:
        caller = service.caller(request)
        service.calls.drop(request.path_params["id"], caller.name)
        return Response(status_code=204)


async def _hear(
    service: Service, call: Call, turns: Sequence[TurnIn], held: HeldCall | None = None
) -> list[dict[str, Any]]:
    """Take several turns; what each changed. Long turns are read in a thread, many turns in slices."""
    changes = []
    until = monotonic() + _SLICE_SECONDS
    for turn in turns:
        changes.append(await _hear_one(service, call, turn))
        if held is not None:
            held.tell(changes[-1])
        if monotonic() > until:
            await asyncio.sleep(0)
            until = monotonic() + _SLICE_SECONDS
    return changes


async def _hear_one(service: Service, call: Call, turn: TurnIn) -> dict[str, Any]:
    if len(turn.text) <= service.settings.inline_chars:
        return call.hear(turn)
    return await anyio.to_thread.run_sync(partial(call.hear, turn), limiter=service.large_ones)


# ── server-sent events ─────────────────────────────────────────────────────────────────────


async def _events(service: Service, held: HeldCall, request: Request, after: int | None) -> AsyncIterator[bytes]:
    """The state of the call, or what was missed since event `after`; then every change, and a comment in silence."""
    news = asyncio.Event()
    gone = asyncio.create_task(_until_gone(request))
    gone.add_done_callback(lambda _: news.set())
    held.watchers.add(news)
    try:
        missed = held.since(after) if after is not None else None
        if missed is None:
            after = held.call.turns
            yield _event("state", after, orjson.dumps(held.call.state()))
        while not (gone.done() or held.ended or service.stopping):
            for after, change in held.since(after or 0) or ():  # noqa: B020 - from where to go on
                yield _event("change", after, change)
            if not await _heard(news, service.settings.heartbeat_seconds):
                yield b": heartbeat\n\n"
        if held.ended or service.stopping:
            yield b"event: end\ndata: {}\n\n"
    finally:
        gone.cancel()
        held.watchers.discard(news)


async def _heard(news: asyncio.Event, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await news.wait()
    except TimeoutError:
        return False
    news.clear()
    return True


async def _until_gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _event(kind: str, number: int, data: bytes) -> bytes:
    return b"id: %d\nevent: %b\ndata: %b\n\n" % (number, kind.encode(), data)


# ── WebSocket ──────────────────────────────────────────────────────────────────────────────


async def _deny(websocket: WebSocket, refusal: Refusal) -> None:
    """Refuse before the connection is made: with the problem, where the server can send one."""
    if "websocket.http.response" in websocket.scope.get("extensions", {}):
        await websocket.send_denial_response(refusal.response())
    else:
        await websocket.close(POLICY)


class _CloseError(Exception):
    """The socket is to be closed."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


class _Conversation:
    """One socket: reads a message, answers it, reads the next, so that a client who sends faster is held back."""

    def __init__(self, service: Service, websocket: WebSocket, *, known: bool) -> None:
        self._service = service
        self._settings = service.settings
        self._websocket = websocket
        self._known = known  # whether the key was seen
        self._call: Call | None = None
        self._faults = 0

    async def run(self) -> None:
        try:
            while True:
                await self._step()
        except _CloseError as close:
            await self._websocket.close(close.code, close.reason)

    async def _step(self) -> None:
        text = await self._receive()
        try:
            await self._answer(text)
        except Refusal as refusal:
            await self._send({"type": "problem", "problem": refusal.document})
            status = refusal.problem.status
            if status in (401, 429):
                raise _CloseError(WRONG_KEY if status == 401 else TOO_OFTEN, refusal.problem.code) from None
            self._faults += 1
            if self._faults >= _MOST_FAULTS:
                raise _CloseError(POLICY, "too many faults") from None

    async def _receive(self) -> str | bytes:
        """The next message; heartbeats while there is none, the end after too long a silence."""
        idle_at = monotonic() + (self._settings.call_idle_seconds if self._known else _FIRST_SECONDS)
        while True:
            left = idle_at - monotonic()
            if left <= 0:
                raise _CloseError(IDLE, "idle")
            if self._service.stopping:
                raise _CloseError(RESTART, "the service restarts; send the turns again")
            try:
                async with asyncio.timeout(min(self._settings.heartbeat_seconds, left)):
                    message = await self._websocket.receive()
            except TimeoutError:
                await self._send({"type": "heartbeat", "turns": self._call.turns if self._call else 0})
                continue
            if message["type"] == "websocket.disconnect":
                raise WebSocketDisconnect(message.get("code", 1000))
            text: str | bytes | None = message.get("text")
            if text is None:
                text = message.get("bytes") or b""
            if len(text) > self._settings.call_message_bytes:
                raise _CloseError(TOO_BIG, "the message is too big")
            return text

    async def _answer(self, text: str | bytes) -> None:
        data = parse(text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text)
        kind = data.get("type") if isinstance(data, dict) else None
        model = _MESSAGES.get(kind) if isinstance(kind, str) else None
        if model is None:
            raise unknown_message()
        message = validated(model, data)
        if not self._known:
            key = message.key if isinstance(message, LiveStart) else None
            self._service.caller(self._websocket, (key or "").encode())
            self._known = True
        if isinstance(message, LiveStart):
            await self._start(message)
        elif isinstance(message, LiveTurn):
            await self._send(await _hear_one(self._service, self._opened(), message))
        elif isinstance(message, LiveTurns):
            for turn in message.turns:
                await self._send(await _hear_one(self._service, self._opened(), turn))
        elif message.type == "verdict":
            call = self._opened()
            await self._send_bytes(b'{"type":"verdict","verdict":%b}' % call.edition.write(call.verdict()))
        else:
            await self._send({"type": "pong"})

    async def _start(self, message: LiveStart) -> None:
        if self._call is not None:
            raise message_out_of_place()
        call = Call(self._service.edition, self._settings, message.self_name)
        await _hear(self._service, call, message.turns)
        self._call = call
        await self._send(
            {
                "type": "ready",
                "version": __version__,
                "pack": call.edition.pack,
                "heartbeat_seconds": self._settings.heartbeat_seconds,
                "idle_seconds": self._settings.call_idle_seconds,
                "message_bytes": self._settings.call_message_bytes,
                "state": call.state(),
            }
        )

    def _opened(self) -> Call:
        if self._call is None:
            self._call = Call(self._service.edition, self._settings)
        return self._call

    async def _send(self, document: dict[str, Any]) -> None:
        await self._send_bytes(orjson.dumps(document))

    async def _send_bytes(self, document: bytes) -> None:
        await self._websocket.send_text(document.decode())
