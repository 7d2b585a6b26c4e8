"""Many conversations in one request: POST /score/batch, /score/stream and /score/file.

In: a JSON list, lines of JSON as they come, or a file of any format that the library reads. Out: for each item its
verdict or its problem, in order. Work is done in slices on the event loop, so that a batch of thousands holds up
nobody's short message for longer than a slice; what is large is read in a thread.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator
from functools import partial
from time import monotonic
from typing import Any

import anyio.to_thread
import orjson
from fastapi import APIRouter
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import Response

from fanzha import Conversation, InputError
from fanzha.formats.registry import FileReading, read_bytes
from fanzha_api.edition import Edition
from fanzha_api.envelope import (
    Json,
    PlainRoute,
    Stream,
    check_encoding,
    check_origin,
    check_type,
    read_body,
    validated,
)
from fanzha_api.errors import (
    Refusal,
    broken_form,
    internal,
    no_items,
    stopping,
    too_large_a_line,
    too_many,
    too_slow_to_arrive,
    unreadable,
)
from fanzha_api.schemas import FileOptions
from fanzha_api.scoring import answer, answer_to, parse, score_within
from fanzha_api.service import Service

NDJSON = "application/x-ndjson"
_SLICE_SECONDS = 0.002  # of a batch, before others have their turn
_OPTIONS = ("name", "format", "encoding", "self_name", "text", "speaker", "id", "time", "party")


def build_many(service: Service) -> APIRouter:
    """Build the routes."""
    router = APIRouter(route_class=PlainRoute, tags=["score"])
    settings = service.settings

    @router.post("/score/batch", summary="一次评许多段, 各得判定或问题", operation_id="score_batch")
    async def batch(request: Request) -> Response:
        service.caller(request)
        check_type(request)
        edition = service.edition
        async with service.gate:
            items = _items(parse(bytes(await read_body(request, settings))))
            if len(items) > settings.max_items:
                raise too_many("items", settings.max_items, "条")
            return Json(b'{"results":[%b]}' % b",".join(await _score_items(service, edition, items)))

    @router.post("/score/stream", summary="一行一段, 边收边评 (NDJSON)", operation_id="score_stream")
    async def stream(request: Request) -> Response:
        service.caller(request)
        check_type(request, NDJSON)
        gate = service.stream_gate
        await gate.__aenter__()  # left by _answers, which ends with the answer
        return Stream(_answers(service, service.edition, request), NDJSON, {"Cache-Control": "no-store"})

    @router.post("/score/file", summary="评一个文件: 任何认得的格式, 可以有许多段", operation_id="score_file")
    async def file(request: Request) -> Response:
        check_origin(request, settings)  # a page of another site may send files unasked
        service.caller(request)
        check_encoding(request)
        edition = service.edition
        async with service.gate:
            data, options = await _upload(request, service)
            work = partial(_score_file, service, edition, data, options)
            return Json(await anyio.to_thread.run_sync(work, limiter=service.large_ones))

    return router


# ── batch ──────────────────────────────────────────────────────────────────────────────────


def _items(data: Any) -> list[Any]:
    """The items of {"items": […]}, or of a bare list."""
    items = data.get("items") if isinstance(data, dict) and len(data) == 1 else data
    if not isinstance(items, list):
        raise no_items()
    return items


async def _score_items(service: Service, edition: Edition, items: list[Any]) -> list[bytes]:
    results: list[bytes] = []
    most, tell = service.settings.inline_chars, service.metrics.verdict
    until = monotonic() + _SLICE_SECONDS
    for number, item in enumerate(items):
        work = partial(answer_to, edition, service.settings, item, tell)
        try:
            if _is_short(item, most):
                verdict = work()
            else:
                verdict = await anyio.to_thread.run_sync(work, limiter=service.large_ones)
        except Refusal as refusal:
            results.append(_problem(number, refusal))
        else:
            results.append(b'{"index":%d,"verdict":%b}' % (number, verdict))
        if monotonic() > until:
            await asyncio.sleep(0)
            until = monotonic() + _SLICE_SECONDS
    return results


def _is_short(item: Any, most: int) -> bool:
    """Whether an item, whatever it is, can be scored at once."""
    if not isinstance(item, dict):
        return True
    turns = item.get("turns")
    if isinstance(turns, list):
        return len(turns) <= 100 and sum(len(str(turn)) for turn in turns) <= most
    text = item.get("text")
    return not isinstance(text, str) or len(text) <= most


def _problem(number: int, refusal: Refusal) -> bytes:
    return b'{"index":%d,"problem":%b}' % (number, orjson.dumps(refusal.document))


# ── stream ─────────────────────────────────────────────────────────────────────────────────


async def _answers(service: Service, edition: Edition, request: Request) -> AsyncIterator[bytes]:
    """One line for each line, as it comes. Reading waits for writing, so nothing piles up between them."""
    number = 0
    try:
        async for line in _lines(service, request):
            yield await _answer_line(service, edition, number, line) + b"\n"
            number += 1
        if service.stopping:
            yield _problem(number, stopping()) + b"\n"
    except Refusal as refusal:
        yield _problem(number, refusal) + b"\n"
    finally:
        await service.stream_gate.__aexit__()


async def _answer_line(service: Service, edition: Edition, number: int, line: bytes) -> bytes:
    work = partial(answer, edition, service.settings, line, service.metrics.verdict)
    try:
        if len(line) <= service.inline_bytes:
            verdict = work()
        else:
            verdict = await anyio.to_thread.run_sync(work, limiter=service.large_ones)
    except Refusal as refusal:
        return _problem(number, refusal)
    except Exception:  # the head is sent: the status cannot tell it any more
        return _problem(number, internal())
    return b'{"index":%d,"verdict":%b}' % (number, verdict)


async def _lines(service: Service, request: Request) -> AsyncIterator[bytes]:
    """Lines that are not blank. Raises Refusal for one that is too long, and for a sender who falls silent."""
    settings = service.settings
    rest = bytearray()
    chunks = request.stream()
    until = monotonic() + _SLICE_SECONDS
    while True:
        try:
            async with asyncio.timeout(settings.read_seconds):
                chunk = await anext(chunks, None)
        except TimeoutError:
            raise too_slow_to_arrive(settings.read_seconds) from None
        if chunk is None or service.stopping:
            break
        rest += chunk
        *lines, last = rest.split(b"\n")
        rest = bytearray(last)
        for line in lines:
            if line.strip():
                yield bytes(line)
            if monotonic() > until:
                await asyncio.sleep(0)
                until = monotonic() + _SLICE_SECONDS
        if len(rest) > settings.max_body_bytes:
            raise too_large_a_line(settings.max_body_bytes)
    if rest.strip() and not service.stopping:
        yield bytes(rest)


# ── file ───────────────────────────────────────────────────────────────────────────────────


async def _upload(request: Request, service: Service) -> tuple[bytes, FileOptions]:
    """The bytes of the file and what is said about it: the body and query parameters, or a form with a field `file`."""
    most = service.settings.max_file_bytes
    body = bytes(await read_body(request, service.settings, most))
    given: dict[str, Any] = {name: request.query_params[name] for name in _OPTIONS if name in request.query_params}
    if request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        body, name, fields = await _form(request, body)
        given = {"name": name, **given, **{key: value for key, value in fields.items() if key in _OPTIONS}}
    return body, validated(FileOptions, given)


async def _form(request: Request, body: bytes) -> tuple[bytes, str | None, dict[str, str]]:
    async def stream() -> AsyncGenerator[bytes, None]:
        yield body

    try:
        form = await _InMemory(request.headers, stream(), max_files=1, max_fields=len(_OPTIONS)).parse()
    except (MultiPartException, KeyError, UnicodeDecodeError):
        raise broken_form() from None
    try:
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
        upload = form.get("file")
        if upload is None or isinstance(upload, str):
            raise broken_form()
        return await upload.read(), upload.filename, fields
    finally:
        await form.close()


class _InMemory(MultiPartParser):
    """Starlette would write a large file to the disk, where what people said must never lie."""

    spool_max_size = 2**40


def _score_file(service: Service, edition: Edition, data: bytes, options: FileOptions) -> bytes:
    until = monotonic() + service.settings.max_seconds
    given = options.model_dump(exclude={"name"})
    name = os.path.basename(options.name.replace("\\", "/")) if options.name else None
    results: list[bytes] = []
    try:
        reading = read_bytes(data, name, **given)
        for number, conversation in enumerate(reading.conversations):
            if number >= service.settings.max_items:
                raise too_many("(file)", service.settings.max_items, "段对话")
            results.append(_score_one(service, edition, conversation, number, until))
    except (InputError, Refusal) as error:  # what stands before is told all the same
        refusal = error if isinstance(error, Refusal) else unreadable(error)
        if not results:
            raise refusal from None
        results.append(_problem(len(results), refusal))
    return _written(reading, results)


def _score_one(service: Service, edition: Edition, conversation: Conversation, number: int, until: float) -> bytes:
    named = b'"id":%b,' % orjson.dumps(conversation.id) if conversation.id is not None else b""
    try:
        verdict = score_within(edition.detector, service.settings, conversation, None, until)
    except InputError as error:
        return b'{"index":%d,%b"problem":%b}' % (number, named, orjson.dumps(unreadable(error).document))
    service.metrics.verdict(verdict)
    return b'{"index":%d,%b"verdict":%b}' % (number, named, edition.write(verdict))


def _written(reading: FileReading, results: list[bytes]) -> bytes:
    head = orjson.dumps(
        {
            "format": reading.format,
            "encoding": reading.encoding,
            "replaced": reading.replaced,
            "notes": reading.notes,
        }
    )
    return b'%b,"results":[%b]}' % (head[:-1], b",".join(results))
