"""What /openapi.json says about the routes, with examples that cannot be out of date.

Answers in the examples are not written down: they are what this service, with its own rules and limits,
answers to the requests beside them. A request and its answer have the same name.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from fanzha.pack.book import KINDS, Overview, ScriptEntry, SignalEntry, WordsEntry
from fanzha_api.errors import (
    Refusal,
    admin_only,
    body_too_large,
    broken_form,
    busy,
    out_of_step,
    too_often,
    unknown_call,
    unknown_rule,
    wrong_content_type,
    wrong_key,
)
from fanzha_api.many import NDJSON
from fanzha_api.schemas import (
    MAX_LABEL_CHARS,
    BatchRequest,
    BatchResponse,
    CallChanges,
    CallOpened,
    CallStart,
    CallTurns,
    CheckRequest,
    CheckResponse,
    FileOptions,
    FileResponse,
    Health,
    Info,
    ItemResult,
    LiveChange,
    ProblemDetails,
    Ready,
    Reloaded,
    ScoreRequest,
    ScoreResponse,
)
from fanzha_api.scoring import answer
from fanzha_api.service import Service

_Json = dict[str, Any]
_Models = tuple[type[BaseModel], ...]
_REF = "#/components/schemas/{model}"
_PROBLEM = "application/problem+json"

_SCAM_CALL = """\
客服: 您好, 我是快递公司理赔中心的, 您昨天买的内衣在运输途中弄丢了, 按三倍给您理赔。
客户: 哦, 那怎么赔?
客服: 您加一下理赔专员的微信, 我发个二维码给您, 扫码填一下银行卡号和收到的验证码。
客户: 填好了。
客服: 哎呀, 财务操作失误给您多打了一万八, 您打开借呗看看额度。
客服: 把多出来的提现, 转回我们公司账户, 电话不要挂。"""

VERDICTS: dict[str, tuple[str, _Json]] = {
    "alarm": (
        "告警: 冒充快递客服, 谎称多打了赔付款要求退回",
        {
            "id": "call-0007",
            "turns": [
                {"speaker": speaker, "text": text}
                for speaker, text in (line.split(": ", 1) for line in _SCAM_CALL.splitlines())
            ],
        },
    ),
    "pass": (
        "放行: 快递员约时间送件",
        {"text": "您好, 您的快递到楼下了, 放门口还是放驿站? 方便的话下来取一下。"},
    ),
}
FAULTS: dict[str, tuple[str, _Json]] = {
    "empty_text": ("出错: text 是空的", {"text": ""}),
    "both": ("出错: text 与 turns 都给了", {"text": "您好", "turns": [{"speaker": "客服", "text": "您好"}]}),
    "wrong_field": ("出错: 字段写错", {"turns": [{"speaker": "客服", "content": "您好"}]}),
}
BROKEN_JSON = b'{"text": "\xe6\x82\xa8\xe5\xa5\xbd"'  # {"text": "您好"


_SECURITY: _Json = {
    "APIKeyHeader": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "HTTPBearer": {"type": "http", "scheme": "bearer"},
}


@dataclass(frozen=True, slots=True)
class Operation:
    """What the document says of one route beside what FastAPI knows."""

    answer: _Models  # one of these; none is an answer without a body
    told: str
    takes: type[BaseModel] | None = None
    status: str = "200"
    media_type: str = "application/json"
    refuses: tuple[Refusal, ...] = ()
    open: bool = False  # asks for no key
    query: tuple[_Json, ...] = ()
    requests: _Json = field(default_factory=dict)
    body: _Json | None = None  # the content of a request that is no model


_KIND_PARAMETER: _Json = {
    "name": "kind",
    "in": "query",
    "required": False,
    "schema": {"type": "string", "enum": list(KINDS)},
    "description": "编号同名时取哪一种",
}
_CHECK: _Json = {
    "signal": {
        "summary": "试一个信号",
        "value": {
            "yaml": "signals:\n  - id: my.deposit_first\n    title: 先交押金才肯退款\n    stage: extract\n"
            "    ask: true\n    weight: 1.0\n"
            "    match: ['[先交|先付] …4 押金 …10 [退|返]']\n    why: 退款从来不需要先交钱\n"
            "    falsepositives: 租房、租车的押金\n    hits: [先交两百押金就给您退款, 先付押金然后退给您]\n"
            "    misses: [押金已经退给您了, 不用先交押金]\n",
            "text": "您先交三百押金, 马上就退给您",
        },
    }
}


_BATCH: _Json = {
    "two": {
        "summary": "两段, 第二段写错了",
        "value": {"items": [{"id": "1", "text": "您的快递丢了, 加一下理赔专员的微信"}, {"message": "您好"}]},
    }
}


def _options() -> tuple[_Json, ...]:
    return tuple(
        {
            "name": name,
            "in": "query",
            "required": False,
            "schema": {"type": "string", "maxLength": MAX_LABEL_CHARS},
            "description": option.description or f"表格里的列名: {name}",
        }
        for name, option in FileOptions.model_fields.items()
    )


def _operations() -> dict[tuple[str, str], Operation]:
    too_large, slow = body_too_large(2_097_152), busy()
    return {
        ("/info", "get"): Operation((Info,), "版本与上限", open=True),
        ("/healthz", "get"): Operation((Health,), "正常", open=True),
        ("/readyz", "get"): Operation((Ready,), "可以接请求; 答 503 时也是这个内容", open=True),
        ("/metrics", "get"): Operation((), "文字, 每行一个数", media_type="text/plain"),
        ("/score/batch", "post"): Operation(
            (BatchResponse,),
            "一段一项",
            takes=BatchRequest,
            refuses=(too_large, wrong_content_type(), slow),
            requests=_BATCH,
        ),
        ("/score/stream", "post"): Operation(
            (ItemResult,),
            "一行一项 (NDJSON), 与收到的行同序; 请一边发一边读",
            media_type=NDJSON,
            refuses=(wrong_content_type(accepted=NDJSON), slow),
            body={NDJSON: {"schema": {"type": "string", "description": "一行一个 ScoreRequest"}}},
        ),
        ("/score/file", "post"): Operation(
            (FileResponse,),
            "一段对话一项",
            refuses=(broken_form(), too_large, slow),
            query=_options(),
            body={
                "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
                "multipart/form-data": {
                    "schema": {
                        "type": "object",
                        "required": ["file"],
                        "properties": {"file": {"type": "string", "format": "binary"}},
                    }
                },
            },
        ),
        ("/rules", "get"): Operation((Overview,), "剧本、信号、词表的摘要"),
        ("/rules/{id}", "get"): Operation(
            (SignalEntry, ScriptEntry, WordsEntry),
            "一条规则, kind 是种类",
            refuses=(unknown_rule(),),
            query=(_KIND_PARAMETER,),
        ),
        ("/rules/check", "post"): Operation(
            (CheckResponse,),
            "没有错误; 命中见 hits",
            takes=CheckRequest,
            refuses=(too_large, wrong_content_type(), slow),
            requests=_CHECK,
        ),
        ("/rules/reload", "post"): Operation((Reloaded,), "已是现在的规则", refuses=(admin_only(),)),
        ("/live", "post"): Operation(
            (CallOpened,),
            "开始了; 之后用这个 id",
            takes=CallStart,
            status="201",
            refuses=(too_large, wrong_content_type(), slow),
        ),
        ("/live/{id}", "post"): Operation(
            (CallChanges,),
            "这几句各改变了什么",
            takes=CallTurns,
            refuses=(unknown_call(), out_of_step(3), too_large, wrong_content_type()),
        ),
        ("/live/{id}", "get"): Operation((ScoreResponse,), "到此刻的判定", refuses=(unknown_call(),)),
        ("/live/{id}/events", "get"): Operation(
            (LiveChange,),
            "server-sent events: 先是 state (CallState), 然后每句一个 change (LiveChange), 安静时有心跳注释, "
            "结束时是 end; 断线后带 Last-Event-ID 重连, 漏掉的会补发",
            media_type="text/event-stream",
            refuses=(unknown_call(), slow),
        ),
        ("/live/{id}", "delete"): Operation((), "已结束", status="204", refuses=(unknown_call(),)),
    }


def document(app: FastAPI, service: Service) -> _Json:
    """Write the document: what FastAPI knows, the models, and the examples as this service answers them."""
    schema = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    operations = _operations()
    read = {ScoreRequest, *(one.takes for one in operations.values() if one.takes is not None)}
    written = {ScoreResponse, ProblemDetails, *(model for one in operations.values() for model in one.answer)}
    modes: list[Any] = [(model, "validation") for model in read] + [(model, "serialization") for model in written]
    _, definitions = models_json_schema(sorted(modes, key=lambda one: one[0].__name__), ref_template=_REF)
    components = schema.setdefault("components", {})
    components.setdefault("schemas", {}).update(definitions["$defs"])
    for (path, method), operation in operations.items():
        _describe(schema["paths"][path][method], operation, service)
    score = schema["paths"]["/score"]["post"]
    score["requestBody"] = {
        "required": True,
        "content": _content("application/json", (ScoreRequest,), _requests()),
    }
    score["responses"] = _responses(service)
    if service.keys.required:
        components["securitySchemes"] = _SECURITY
        for path, methods in schema["paths"].items():
            for method, described in methods.items():
                known = operations.get((path, method))
                if path in ("/score", "/read") or (known is not None and not known.open):
                    described["security"] = [{name: []} for name in _SECURITY]
    return schema


def _describe(described: _Json, operation: Operation, service: Service) -> None:
    if operation.takes is not None:
        content = _content("application/json", (operation.takes,), operation.requests)
        described["requestBody"] = {"required": True, "content": content}
    if operation.body is not None:
        described["requestBody"] = {"required": True, "content": operation.body}
    parameters = [*_path_parameters(described), *operation.query]
    if parameters:
        described["parameters"] = parameters
    answered: _Json = {"description": operation.told}
    if operation.answer:
        answered["content"] = _content(operation.media_type, operation.answer, {})
    responses = described["responses"] = {operation.status: answered}
    for refusal in (*operation.refuses, *_refusals_of_all(operation, service)):
        problem = refusal.problem
        responses[str(problem.status)] = _problem(problem.title, {problem.code: _example(refusal, problem.title)})
    if operation.media_type == "text/plain":
        answered["content"] = {"text/plain": {"schema": {"type": "string"}}}
    if operation.takes is not None or operation.body is not None:
        responses["400"] = _problem("正文不是合法的 JSON, 或不是 UTF-8", {})
        responses["422"] = _problem("内容不合要求; errors 逐处说明怎么改", {})


def _refusals_of_all(operation: Operation, service: Service) -> tuple[Refusal, ...]:
    if operation.open:
        return ()
    keyed = (wrong_key(),) if service.keys.required else ()
    return (*keyed, too_often(1)) if service.settings.rate else keyed


def _path_parameters(described: _Json) -> list[_Json]:
    has_id = described["operationId"] in _WITH_ID
    return [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}] if has_id else []


_WITH_ID = frozenset({"rule", "live_turns", "live_verdict", "live_events", "live_close"})


def _requests() -> _Json:
    return {
        name: {"summary": summary, "value": body} for name, (summary, body) in (VERDICTS | FAULTS).items()
    }


def _responses(service: Service) -> _Json:
    verdicts = {
        name: {"summary": summary, "value": orjson.loads(answer(service.edition, service.settings, orjson.dumps(body)))}
        for name, (summary, body) in VERDICTS.items()
    }
    faults = {
        name: _example(_refused(service, orjson.dumps(body)), summary)
        for name, (summary, body) in FAULTS.items()
    }
    broken = {"broken_json": _example(_refused(service, BROKEN_JSON), "出错: 少了右括号")}
    responses = {
        "200": {
            "description": "判定结果",
            "content": _content("application/json", (ScoreResponse,), verdicts),
        },
        "400": _problem("正文不是合法的 JSON, 或不是 UTF-8", broken),
        "413": _problem(
            "正文、某一句或句数超过上限",
            {"too_large": _example(body_too_large(service.settings.max_body_bytes), "正文太大")},
        ),
        "415": _problem(
            "内容类型不是 application/json",
            {"wrong_content_type": _example(wrong_content_type(), "类型不对")},
        ),
        "422": _problem("内容不合要求; errors 逐处说明怎么改", faults),
        "500": _problem("服务内部出错; 不含任何对话内容", {}),
        "503": _problem("同时的请求已到上限", {"busy": _example(busy(), "服务正忙")}),
    }
    if service.keys.required:
        responses["401"] = _problem("没有密钥, 或密钥不对", {"wrong_key": _example(wrong_key(), "没有密钥")})
    return responses


def _refused(service: Service, body: bytes) -> Refusal:
    try:
        answer(service.edition, service.settings, body)
    except Refusal as refusal:
        return refusal
    raise AssertionError("an example of a fault is no fault")


def _example(refusal: Refusal, summary: str) -> _Json:
    return {"summary": summary, "value": refusal.document}


def _problem(description: str, examples: _Json) -> _Json:
    return {"description": description, "content": _content(_PROBLEM, (ProblemDetails,), examples)}


def _content(media_type: str, models: _Models, examples: _Json) -> _Json:
    references = [{"$ref": _REF.format(model=model.__name__)} for model in models]
    body: _Json = {"schema": references[0] if len(references) == 1 else {"anyOf": references}}
    return {media_type: body | {"examples": examples} if examples else body}
