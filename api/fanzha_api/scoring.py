"""From the bytes of a request to the bytes of its verdict: plain functions, for the event loop or a thread.

In: a body. Out: the verdict as JSON. Raises Refusal. It knows no HTTP beyond that, and logs nothing.
"""

from __future__ import annotations

import json
import re
from typing import Any

import orjson
from pydantic import ValidationError

from fanzha import Conversation, Detector, InputError, Turn
from fanzha.conversation import Kind, Party
from fanzha_api.errors import broken_json, invalid_request, not_utf8, unreadable
from fanzha_api.schemas import ScoreRequest

_BOM = b"\xef\xbb\xbf"
_SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def answer(detector: Detector, body: bytes | bytearray) -> bytes:
    """Score the body of a request; the id of the request, if any, comes first in the answer."""
    try:
        request = ScoreRequest.model_validate(parse(bytes(body)))
    except ValidationError as error:
        raise invalid_request(error) from None
    try:
        verdict = detector.score(_scorable(request), self_name=request.self_name)
    except InputError as error:
        raise unreadable(error) from None
    written = verdict.model_dump_json().encode()
    # Spliced rather than copied into a second model: the verdict has been validated and written once already.
    return b'{"id":%b,%b' % (orjson.dumps(request.id), written[1:]) if request.id is not None else written


def parse(body: bytes) -> Any:
    """Read a body as JSON; a lone surrogate (half an emoji, cut off) becomes U+FFFD, as in the library."""
    body = body.removeprefix(_BOM)
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        broken = broken_json(error.lineno, error.colno)
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise not_utf8(error.start) from None
    if not _SURROGATE_ESCAPE.search(body):
        raise broken
    return _parse_with_lone_surrogates(text)


def _parse_with_lone_surrogates(text: str) -> Any:
    """Read it the slow way: orjson refuses what the standard library takes for a lone surrogate."""
    try:
        mended = json.dumps(json.loads(text), ensure_ascii=False)
        return orjson.loads(_LONE_SURROGATE.sub("\ufffd", mended))
    except json.JSONDecodeError as error:
        raise broken_json(error.lineno, error.colno) from None
    except (ValueError, RecursionError):  # a number of 5,000 digits, a thousand brackets
        raise broken_json(1, 1) from None


def _scorable(request: ScoreRequest) -> str | Conversation:
    if request.turns is None:
        return request.text or ""
    return Conversation(
        tuple(
            Turn(turn.text, turn.speaker, turn.party or Party.UNKNOWN, turn.kind or Kind.TEXT, turn.start)
            for turn in request.turns
        )
    )
