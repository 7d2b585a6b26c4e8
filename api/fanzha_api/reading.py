"""From the bytes of a file or of pasted text to turns: POST /read, for the page, which then asks POST /score.

In: bytes in any format that the readers know. Out: conversations as POST /score takes them. It scores nothing, keeps
nothing and logs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any
from urllib.parse import unquote

import anyio.to_thread
from fastapi import APIRouter, Header
from pydantic import BaseModel, Field
from starlette.requests import Request

from fanzha import Conversation, InputError
from fanzha.formats.encodings import decode
from fanzha.formats.plain import parse_plain
from fanzha_api.errors import unreadable, wrong_content_type
from fanzha_api.routes import read_body
from fanzha_api.schemas import TurnIn
from fanzha_api.settings import Settings

MAX_CONVERSATIONS = 100  # of one file that are given back; the page shows them in a list
_BYTES = "application/octet-stream"


class ReadConversation(BaseModel):
    """一段对话; turns 可以原样交给 POST /score."""

    id: str | None = None
    turns: list[TurnIn]


class Reading(BaseModel):
    """读出来的对话."""

    format: str = Field(description="认出的格式")
    encoding: str | None = Field(None, description="文字的编码; 不是文本的格式没有")
    notes: list[str] = Field(description="读的时候看到的、要让人知道的")
    conversations: list[ReadConversation]
    more: int = Field(0, description="太多而没有给出的对话数")


def build_reading(settings: Settings, guards: Sequence[Any]) -> APIRouter:
    """Build the route; `guards` are the dependencies that check the key."""
    router = APIRouter(dependencies=list(guards))

    @router.post("/read", summary="读出一份文件或一段文字里的对话", operation_id="read")
    async def read(request: Request, name: str | None = Header(None, alias="X-File-Name")) -> Reading:
        # A type that no web page of another site may send unasked.
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _BYTES:
            raise wrong_content_type()
        data = await read_body(request, settings.max_body_bytes)
        try:
            return await anyio.to_thread.run_sync(read_bytes, bytes(data), unquote(name) if name else None)
        except InputError as error:
            raise unreadable(error) from None

    return router


def read_bytes(data: bytes, name: str | None) -> Reading:
    """Read what the readers make of some bytes. Raises InputError."""
    decoded = decode(data)
    conversations: list[Conversation] = [parse_plain(decoded.text)]
    return Reading(
        format="plain",
        encoding=decoded.encoding,
        notes=[f"有 {decoded.damaged} 处读不出来"] if decoded.damaged else [],
        conversations=[_written(one) for one in islice(conversations, MAX_CONVERSATIONS)],
    )


def _written(conversation: Conversation) -> ReadConversation:
    return ReadConversation(
        id=conversation.id,
        turns=[
            TurnIn(text=turn.text, speaker=turn.speaker, party=turn.party, kind=turn.kind, start=turn.start)
            for turn in conversation.turns
        ],
    )
