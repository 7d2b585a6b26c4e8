"""The rules for people who read and write them: GET /rules, GET /rules/{id}, POST /rules/check, POST /rules/reload.

In: ids, YAML of strangers. Out: JSON. Trying a rule changes nothing: it happens in a process of its own (trials).
"""

from __future__ import annotations

from functools import partial
from typing import Any, get_args

import anyio.to_thread
import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from fanzha import Diagnostic, InputError, PackError
from fanzha.pack.book import Kind
from fanzha_api.envelope import Json, PlainRoute, read_model
from fanzha_api.errors import (
    ambiguous_text,
    faulty_rules,
    too_many,
    too_much_work,
    unknown_rule,
    unreadable,
)
from fanzha_api.schemas import CheckRequest, TurnIn
from fanzha_api.service import Service
from fanzha_api.settings import Settings

_SIMPLER = "请去掉可疑的正则, 或把规则分开来试"


def build_rules(service: Service) -> APIRouter:
    """Build the routes of the rules."""
    router = APIRouter(route_class=PlainRoute, tags=["rules"])
    _add_readers(router, service)
    _add_writers(router, service)
    return router


def _add_readers(router: APIRouter, service: Service) -> None:

    @router.get("/rules", summary="全部剧本与信号的摘要", operation_id="rules")
    async def rules(request: Request) -> Response:
        service.caller(request)
        overview = await anyio.to_thread.run_sync(service.edition.overview, limiter=service.readers)
        return Json(overview)

    @router.get("/rules/{id}", summary="一条规则的全部, 连同原文", operation_id="rule")
    async def rule(request: Request) -> Response:
        service.caller(request)
        kind: Any = request.query_params.get("kind")
        if kind is not None and kind not in get_args(Kind):
            raise unknown_rule()
        look = partial(service.edition.entry, request.path_params["id"], kind)
        entry = await anyio.to_thread.run_sync(look, limiter=service.readers)
        if entry is None:
            raise unknown_rule()
        return Json(entry.model_dump_json(by_alias=True))


def _add_writers(router: APIRouter, service: Service) -> None:
    settings = service.settings

    @router.post("/rules/check", summary="检查一条规则, 在一段话上试, 不安装", operation_id="check_rule")
    async def check(request: Request) -> Response:
        service.caller(request)
        asked = await read_model(request, settings, CheckRequest)
        _within_limits(asked, settings)
        async with service.trial_gate:
            trials = service.trials()
            try:
                written = await anyio.to_thread.run_sync(trials.ask, _trial(asked), limiter=service.triers)
            except TimeoutError:
                raise too_much_work(settings.check_seconds, _SIMPLER) from None
        return Json(_checked(orjson.loads(written)))

    @router.post("/rules/reload", summary="重新加载规则 (要管理员密钥)", operation_id="reload_rules")
    async def reload(request: Request) -> Response:
        service.keys.require_admin(service.caller(request))
        try:
            changed = await service.reload()
        except PackError as error:
            raise faulty_rules(error.diagnostics) from None
        return Json(orjson.dumps({"pack": service.edition.pack, "changed": changed}))


def _within_limits(asked: CheckRequest, settings: Settings) -> None:
    if len(asked.yaml.encode()) > settings.check_bytes:
        raise too_many("yaml", settings.check_bytes, "字节")
    if asked.text is not None and asked.turns is not None:
        raise ambiguous_text()
    if asked.turns is not None and len(asked.turns) > settings.max_turns:
        raise too_many("turns", settings.max_turns, "句")


def _trial(asked: CheckRequest) -> bytes:
    """The request as the process reads it."""
    turns = asked.turns
    if asked.text is not None:
        turns = [TurnIn(text=asked.text)]
    written = None if turns is None else [turn.model_dump(mode="json") for turn in turns]
    return orjson.dumps({"yaml": asked.yaml, "turns": written, "self_name": asked.self_name})


def _checked(trial: dict[str, Any]) -> bytes:
    """The answer; errors in the rules are a refusal, with every fault at its line."""
    if "refused" in trial:
        raise unreadable(InputError(trial["refused"], where=trial["where"]))
    diagnostics = [Diagnostic(**one) for one in trial["diagnostics"]]
    if any(one.severity == "error" for one in diagnostics):
        raise faulty_rules(diagnostics)
    verdict = trial["verdict"]
    return orjson.dumps(
        {
            "diagnostics": [
                {"line": one.line, "column": one.column, "severity": one.severity, "message": one.message}
                for one in diagnostics
            ],
            "signals": trial["signals"],
            "hits": verdict["evidence"] if verdict is not None else [],
            "verdict": verdict,
        }
    )
