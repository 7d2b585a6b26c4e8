"""What /openapi.json says about the routes, with examples that cannot be out of date.

Answers in the examples are not written down: they are what this service, with its own rules and limits,
answers to the requests beside them. A request and its answer have the same name.
"""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from fanzha import Detector
from fanzha_api.errors import Refusal, body_too_large, wrong_content_type, wrong_key
from fanzha_api.schemas import Health, ProblemDetails, ScoreRequest, ScoreResponse
from fanzha_api.scoring import answer
from fanzha_api.settings import Settings

_Json = dict[str, Any]
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


def document(app: FastAPI, detector: Detector, settings: Settings) -> _Json:
    """Write the document: what FastAPI knows, the models, and the examples as this service answers them."""
    schema = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    _, definitions = models_json_schema(
        [
            (ScoreRequest, "validation"),
            (ScoreResponse, "serialization"),
            (ProblemDetails, "serialization"),
            (Health, "serialization"),
        ],
        ref_template=_REF,
    )
    schema.setdefault("components", {})["schemas"] = definitions["$defs"]
    score = schema["paths"]["/score"]["post"]
    score["requestBody"] = {
        "required": True,
        "content": _content("application/json", "ScoreRequest", _requests()),
    }
    score["responses"] = _responses(detector, settings)
    schema["paths"]["/healthz"]["get"]["responses"] = {
        "200": {"description": "正常", "content": _content("application/json", "Health", {})}
    }
    return schema


def _requests() -> _Json:
    return {
        name: {"summary": summary, "value": body} for name, (summary, body) in (VERDICTS | FAULTS).items()
    }


def _responses(detector: Detector, settings: Settings) -> _Json:
    verdicts = {
        name: {"summary": summary, "value": orjson.loads(answer(detector, orjson.dumps(body)))}
        for name, (summary, body) in VERDICTS.items()
    }
    faults = {
        name: _example(_refused(detector, orjson.dumps(body)), summary)
        for name, (summary, body) in FAULTS.items()
    }
    broken = {"broken_json": _example(_refused(detector, BROKEN_JSON), "出错: 少了右括号")}
    responses = {
        "200": {
            "description": "判定结果",
            "content": _content("application/json", "ScoreResponse", verdicts),
        },
        "400": _problem("正文不是合法的 JSON, 或不是 UTF-8", broken),
        "413": _problem(
            "正文、某一句或句数超过上限",
            {"too_large": _example(body_too_large(settings.max_body_bytes), "正文太大")},
        ),
        "415": _problem(
            "内容类型不是 application/json",
            {"wrong_content_type": _example(wrong_content_type(), "类型不对")},
        ),
        "422": _problem("内容不合要求; errors 逐处说明怎么改", faults),
        "500": _problem("服务内部出错; 不含任何对话内容", {}),
    }
    if settings.api_key:
        responses["401"] = _problem("没有密钥, 或密钥不对", {"wrong_key": _example(wrong_key(), "没有密钥")})
    return responses


def _refused(detector: Detector, body: bytes) -> Refusal:
    try:
        answer(detector, body)
    except Refusal as refusal:
        return refusal
    raise AssertionError("an example of a fault is no fault")


def _example(refusal: Refusal, summary: str) -> _Json:
    return {"summary": summary, "value": refusal.problem.model_dump()}


def _problem(description: str, examples: _Json) -> _Json:
    return {"description": description, "content": _content(_PROBLEM, "ProblemDetails", examples)}


def _content(media_type: str, model: str, examples: _Json) -> _Json:
    body: _Json = {"schema": {"$ref": _REF.format(model=model)}}
    return {media_type: body | {"examples": examples} if examples else body}
