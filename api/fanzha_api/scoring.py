"""From the bytes of a request to the bytes of its verdict: plain functions, for the event loop or a thread.

In: a body. Out: the verdict as JSON. Raises Refusal. It knows no HTTP beyond that, and logs nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from time import monotonic
from typing import Any

import orjson
from pydantic import ValidationError

from fanzha import Conversation, Detector, InputError, Turn, Verdict
from fanzha.conversation import Kind, Party
from fanzha_api.edition import Edition
from fanzha_api.errors import broken_json, invalid_request, not_utf8, too_many, too_much_work, unreadable
from fanzha_api.schemas import ScoreRequest
from fanzha_api.settings import Settings

_MANY_TURNS = 1_000  # from here on the clock is looked at between turns
_BOM = b"\xef\xbb\xbf"
_SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


Tell = Callable[[Verdict], object]  # whoever counts verdicts


def answer(edition: Edition, settings: Settings, body: bytes | bytearray, tell: Tell | None = None) -> bytes:
    """Score the body of a request; the id of the request, if any, comes first in the answer."""
    return answer_to(edition, settings, parse(bytes(body)), tell)


def answer_to(edition: Edition, settings: Settings, data: Any, tell: Tell | None = None) -> bytes:
    """Score what a body held. Raises Refusal."""
    try:
        request = ScoreRequest.model_validate(data)
    except ValidationError as error:
        raise invalid_request(error) from None
    verdict = judge(edition.detector, settings, request)
    if tell is not None:
        tell(verdict)
    written = edition.write(verdict)
    # Spliced rather than copied into a second model: the verdict has been validated and written once already.
    return b'{"id":%b,%b' % (orjson.dumps(request.id), written[1:]) if request.id is not None else written


def judge(detector: Detector, settings: Settings, request: ScoreRequest) -> Verdict:
    """The verdict on a request, within the operator's limits. Raises Refusal."""
    try:
        if request.turns is None:
            return detector.score(_within_chars(request.text or "", "text", settings))
        if len(request.turns) > settings.max_turns:
            raise too_many("turns", settings.max_turns, "句")
        conversation = Conversation(
            tuple(
                Turn(
                    _within_chars(turn.text, f"turns[{number}].text", settings),
                    turn.speaker,
                    turn.party or Party.UNKNOWN,
                    turn.kind or Kind.TEXT,
                    turn.start,
                )
                for number, turn in enumerate(request.turns)
            )
        )
        if len(conversation.turns) < _MANY_TURNS:
            return detector.score(conversation, self_name=request.self_name)
        return score_within(
            detector, settings, conversation, request.self_name, monotonic() + settings.max_seconds
        )
    except InputError as error:
        raise unreadable(error) from None


def _within_chars(text: str, field: str, settings: Settings) -> str:
    if len(text) > settings.max_turn_chars:
        raise too_many(field, settings.max_turn_chars, "个字")
    return text


def score_within(
    detector: Detector, settings: Settings, conversation: Conversation, self_name: str | None, until: float
) -> Verdict:
    """Feed a long conversation turn by turn, and stop where it takes longer than the operator allows."""
    if len(conversation.turns) > settings.max_turns:
        raise too_many("turns", settings.max_turns, "句")
    session = detector.session(self_name=self_name)
    for turn in conversation.turns:
        session.feed(turn)
        if monotonic() > until:
            raise too_much_work(settings.max_seconds)
    return session.verdict()


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
