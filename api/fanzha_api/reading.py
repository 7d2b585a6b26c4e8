"""From the bytes of a file or of pasted text to turns: POST /read, for the page, which then asks POST /score.

In: bytes in any format that the readers know. Out: conversations as POST /score takes them. It scores nothing, keeps
nothing and logs nothing.
"""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import unquote

import anyio.to_thread
from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from fanzha import Conversation, InputError, Turn
from fanzha.formats.registry import read_bytes
from fanzha_api.envelope import JSON, PlainRoute, check_type, read_body
from fanzha_api.errors import too_many, unreadable
from fanzha_api.schemas import MAX_LABEL_CHARS, TurnIn
from fanzha_api.service import Service

MAX_CONVERSATIONS = 100  # of one file that are given back; the page shows them in a list
BYTES = "application/octet-stream"  # a type that no web page of another site may send unasked
_PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}}
_REFUSED: dict[int | str, dict[str, Any]] = {
    413: {"description": "内容太大", "content": _PROBLEM},
    415: {"description": "不是 application/octet-stream", "content": _PROBLEM},
    422: {"description": "读不出对话", "content": _PROBLEM},
    503: {"description": "服务正忙", "content": _PROBLEM},
}
_TAKES = {
    "requestBody": {"required": True, "content": {BYTES: {"schema": {"type": "string", "format": "binary"}}}},
    "parameters": [
        {
            "name": "X-File-Name",
            "in": "header",
            "required": False,
            "schema": {"type": "string"},
            "description": "文件名, 按 URL 的写法编码; 帮助分辨格式",
        }
    ],
}


class ReadConversation(BaseModel):
    """一段对话; turns 可以原样交给 POST /score."""

    id: str | None = None
    turns: list[TurnIn]


class Reading(BaseModel):
    """读出来的对话."""

    format: str = Field(description="认出的格式")
    encoding: str | None = Field(None, description="文字的编码; 不是文本的格式没有")
    notes: list[str] = Field([], description="读的时候看到的、要让人知道的")
    conversations: list[ReadConversation]
    more: int = Field(0, description="太多而没有给出的对话数")


def build_reading(service: Service) -> APIRouter:
    """Build the route."""
    router = APIRouter(route_class=PlainRoute, tags=["score"])
    settings = service.settings

    @router.post(
        "/read",
        summary="读出一份文件或一段文字里的对话",
        operation_id="read",
        response_model=Reading,
        responses=_REFUSED,
        openapi_extra=_TAKES,
    )
    async def read(request: Request) -> Response:
        service.caller(request)
        check_type(request, BYTES)
        name = unquote(request.headers.get("x-file-name", ""))[:MAX_LABEL_CHARS] or None
        async with service.gate:
            data = bytes(await read_body(request, settings))
            work = partial(_read, data, name, settings.max_turns)
            reading = await anyio.to_thread.run_sync(work, limiter=service.large_ones)
        return Response(reading.model_dump_json(), media_type=JSON)

    return router


def _read(data: bytes, name: str | None, most_turns: int) -> Reading:
    """What the readers make of some bytes. Raises Refusal."""
    try:
        found = read_bytes(data, name)
        kept: list[ReadConversation] = []
        more = turns = 0
        for conversation in found.conversations:
            turns += len(conversation.turns)
            if turns > most_turns:
                raise too_many("turns", most_turns, "句")
            if len(kept) < MAX_CONVERSATIONS:
                kept.append(_written(conversation))
            else:
                more += 1
    except InputError as error:
        raise unreadable(error) from None
    notes = [*found.notes, *([f"有 {found.replaced} 个字读不出来, 显示为 \ufffd"] if found.replaced else [])]
    return Reading(format=found.format, encoding=found.encoding, notes=notes, conversations=kept, more=more)


def _written(conversation: Conversation) -> ReadConversation:
    return ReadConversation(id=conversation.id, turns=[turn_in(turn) for turn in conversation.turns])


def turn_in(turn: Turn) -> TurnIn:
    """A turn of the library as requests carry it; a label is cut to what they may have."""
    speaker = turn.speaker[:MAX_LABEL_CHARS] if turn.speaker else turn.speaker
    return TurnIn(text=turn.text, speaker=speaker, party=turn.party, kind=turn.kind, start=turn.start)
