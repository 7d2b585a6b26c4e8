"""Every refusal of the service as RFC 9457 problem+json: what is wrong, where, how to mend it; in Chinese.

In: errors of pydantic, the library, Starlette. Out: responses. Input values are never repeated, not even the
name of an unknown field unless it looks like an identifier: a message used as a key is still a message.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from fanzha import Diagnostic, InputError, Kind, LimitError, Party
from fanzha_api.schemas import (
    CallTurns,
    CheckRequest,
    Fault,
    FileOptions,
    LiveStart,
    ProblemDetails,
    RuleFault,
    ScoreRequest,
    TurnIn,
)

MAX_RULE_FAULTS = 100
MAX_FAULTS = 20  # listed in one answer; 10,000 turns with the same mistake need not be told 10,000 times
_TITLES = {
    400: "请求无法解析",
    401: "需要 API 密钥",
    403: "不允许",
    404: "没有这个地址",
    405: "不支持这种请求方法",
    408: "正文没有按时传完",
    409: "与已有的对不上",
    413: "内容太大",
    415: "不支持的内容类型",
    422: "请求内容不合要求",
    429: "请求太频繁",
    500: "服务内部出错",
    503: "服务正忙",
}
_HTTP_CODES = {404: ("(path)", "not_found"), 405: ("(method)", "wrong_method")}
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,39}")
_FIELDS = sorted(
    field.alias or name
    for name, field in {
        **CallTurns.model_fields,
        **LiveStart.model_fields,
        **CheckRequest.model_fields,
        **FileOptions.model_fields,
        **ScoreRequest.model_fields,
        **TurnIn.model_fields,
    }.items()
)
# What other services call the same thing.
_OTHER_NAMES = {
    "content": "text",
    "message": "text",
    "utterance": "text",
    "messages": "turns",
    "conversation": "turns",
    "dialogue": "turns",
    "role": "speaker",
    "name": "speaker",
    "user": "speaker",
    "type": "kind",
    "time": "start",
}
_PARTIES, _KINDS = ("、".join(one.value for one in names) for names in (Party, Kind))
_MENDING = {
    "missing": ("缺少这一项", "请补上这一项"),
    "string_type": ("应为字符串", '请写成带引号的字符串, 如 "text": "您好"'),
    "list_type": ("应为列表", '请写成 [{"speaker": "客服", "text": "您好"}, …]'),
    "model_type": ("应为 JSON 对象", '请写成 {"text": "…"} 的样子'),
    "model_attributes_type": ("应为 JSON 对象", '请写成 {"text": "…"} 的样子'),
    "float_type": ("应为数字 (秒)", "请写成数字, 如 12.5, 或删去这一项"),
    "float_parsing": ("应为数字 (秒)", "请写成数字, 如 12.5, 或删去这一项"),
    "int_type": ("应为整数", "请写成整数, 如 3"),
    "int_parsing": ("应为整数", "请写成整数, 如 3"),
    "too_short": ("是空的", "请至少放一项"),
    "finite_number": ("应为有限的数字 (秒)", "请写成数字, 如 12.5, 或删去这一项"),
    "text_or_turns": ("text 与 turns 要有且只有一个", '一段话写 {"text": "…"}, 一段对话写 {"turns": […]}'),
    "blank_text": ("是空的", "请填入要评的原文"),
    "blank_turns": ("没有任何文字", '请至少放一句: {"turns": [{"speaker": "客服", "text": "…"}]}'),
}
_PLACES = {"blank_text": "text", "blank_turns": "turns"}  # checked on the whole request


class Refusal(Exception):  # noqa: N818 - an answer, raised from wherever it becomes clear
    """An answer that is not a verdict."""

    def __init__(
        self,
        status: int,
        code: str,
        faults: Sequence[Fault],
        headers: Mapping[str, str] | None = None,
        diagnostics: Sequence[RuleFault] | None = None,
    ) -> None:
        detail = "; ".join(f"{fault.field}: {fault.message}" for fault in faults[:3]) or _TITLES[status]
        super().__init__(code)
        self.headers = headers
        self.problem = ProblemDetails(
            title=_TITLES.get(status) or HTTPStatus(status).phrase,
            status=status,
            detail=detail,
            code=code,
            errors=list(faults),
            diagnostics=list(diagnostics) if diagnostics is not None else None,
        )

    @property
    def document(self) -> dict[str, Any]:
        """The problem as it is written."""
        return self.problem.model_dump(exclude=None if self.problem.diagnostics is not None else {"diagnostics"})

    def response(self) -> Response:
        """Write the answer as problem+json."""
        return Response(
            orjson.dumps(self.document),
            self.problem.status,
            self.headers,
            media_type="application/problem+json",
        )


# ── one function a refusal ─────────────────────────────────────────────────────────────────


def body_too_large(limit: int) -> Refusal:
    """Refuse a body of more bytes than the operator allows."""
    message = f"请求正文超过 {limit:,} 字节"
    remedy = "请把对话拆成几次提交, 或请管理员调大 FANZHA_MAX_BODY_BYTES"
    return Refusal(413, "too_large", [Fault(field="(body)", message=message, remedy=remedy)])


def too_large_a_line(limit: int) -> Refusal:
    """Refuse a line of more bytes than a body may have; where the next one begins cannot be told."""
    message, remedy = f"一行超过 {limit:,} 字节", "请把这段对话拆开; 一行一段, 行尾是换行"
    return Refusal(413, "too_large", [Fault(field="(line)", message=message, remedy=remedy)])


def broken_form() -> Refusal:
    """Refuse a form that cannot be read, or that has no file."""
    message = "表单读不了, 或没有名为 file 的文件"
    remedy = "如 curl -F file=@通话.srt; 或直接发送文件内容, 如 curl --data-binary @通话.srt"
    return Refusal(400, "broken_form", [Fault(field="(body)", message=message, remedy=remedy)])


def no_items() -> Refusal:
    """Refuse a batch that is no list."""
    message, remedy = "应为列表", '请写成 {"items": [{"text": "…"}, {"turns": […]}]}'
    return Refusal(422, "invalid_request", [Fault(field="items", message=message, remedy=remedy)])


def stopping() -> Refusal:
    """Tell that the service stops: what stands before this was answered, the rest was not."""
    fault = Fault(field="(request)", message="服务正在停止, 这里以后的没有评", remedy="请从这里起重新发送")
    return Refusal(503, "stopping", [fault], {"Retry-After": "1"})


def broken_json(line: int, column: int) -> Refusal:
    """Refuse a body that is not JSON from this character on (both 1-based)."""
    message = f"不是合法的 JSON: 第 {line} 行第 {column} 个字符处读不下去"
    remedy = r"请检查引号、逗号和括号; 字符串里的换行写作 \n, 控制字符写作 \u00XX; 嵌套不要太深"
    return Refusal(400, "broken_json", [Fault(field="(body)", message=message, remedy=remedy)])


def not_utf8(offset: int) -> Refusal:
    """Refuse a body that is not UTF-8 from this byte on (0-based)."""
    message = f"不是 UTF-8 编码: 第 {offset + 1} 个字节处读不下去"
    remedy = "请把内容转成 UTF-8 再提交 (Windows 上的文本常是 GBK)"
    return Refusal(400, "not_utf8", [Fault(field="(body)", message=message, remedy=remedy)])


def wrong_content_type(header: str = "Content-Type", accepted: str = "application/json") -> Refusal:
    """Refuse a body that is not announced as plain UTF-8 of the accepted type."""
    if header == "Content-Type":
        message, remedy = f"只接受 {accepted} (UTF-8)", f"请加上请求头 Content-Type: {accepted}"
    else:
        message, remedy = "不接受压缩的正文", f"请去掉请求头 {header}, 直接发送原文"
    return Refusal(415, "wrong_content_type", [Fault(field=header, message=message, remedy=remedy)])


def wrong_key() -> Refusal:
    """Refuse without an API key, or with a wrong one; which of the two is not told."""
    remedy = "请加上请求头 X-API-Key: <密钥> 或 Authorization: Bearer <密钥>; 密钥向管理员索取"
    fault = Fault(field="X-API-Key", message="没有密钥, 或密钥不对", remedy=remedy)
    return Refusal(401, "wrong_key", [fault], {"WWW-Authenticate": "Bearer"})


def foreign_origin() -> Refusal:
    """Refuse a page of another site; a browser tells the truth about it."""
    remedy = "从本服务的页面使用, 或请管理员把您的网站写进 FANZHA_ORIGINS"
    return Refusal(403, "foreign_origin", [Fault(field="Origin", message="不接受别的网站发起的连接", remedy=remedy)])


def admin_only() -> Refusal:
    """Refuse without the key of an administrator."""
    remedy = "请用管理员的密钥 (FANZHA_API_KEYS 里写作 名字:散列:admin); 在服务器上也可以发 SIGHUP"
    return Refusal(403, "admin_only", [Fault(field="X-API-Key", message="这个密钥不能做这件事", remedy=remedy)])


def too_often(seconds: float) -> Refusal:
    """Refuse beyond the rate of a key."""
    wait = max(1, math.ceil(seconds))
    fault = Fault(field="(request)", message="超过了这个密钥的速率", remedy=f"请 {wait} 秒后再试, 或把多条合成一批")
    return Refusal(429, "too_often", [fault], {"Retry-After": str(wait)})


def busy(what: str = "请求") -> Refusal:
    """Refuse at once rather than let a queue grow."""
    fault = Fault(field="(request)", message=f"同时的{what}已到上限", remedy="请稍后再试, Retry-After 是秒数")
    return Refusal(503, "busy", [fault], {"Retry-After": "1"})


def too_slow_to_arrive(seconds: float) -> Refusal:
    """Refuse a body that does not arrive."""
    fault = Fault(field="(body)", message=f"正文 {seconds:g} 秒内没有传完", remedy="请一次发完, 或分成几次提交")
    return Refusal(408, "slow_body", [fault], {"Connection": "close"})


def too_much_work(seconds: float, remedy: str = "请把对话拆成几次提交") -> Refusal:
    """Refuse what takes longer than the operator allows."""
    return Refusal(413, "too_much_work", [Fault(field="(body)", message=f"处理超过 {seconds:g} 秒", remedy=remedy)])


def too_many(field: str, limit: int, unit: str) -> Refusal:
    """Refuse more than the operator allows."""
    fault = Fault(field=field, message=f"超过 {limit:,} {unit}", remedy="请缩短, 或拆成几次提交")
    return Refusal(413, "too_large", [fault])


def faulty_rules(diagnostics: Sequence[Diagnostic]) -> Refusal:
    """Tell the faults of rules with their places; warnings too, for they may be the cause."""
    shown = [
        RuleFault(line=one.line, column=one.column, severity=one.severity, message=one.message)
        for one in diagnostics[:MAX_RULE_FAULTS]
    ]
    errors = [one for one in diagnostics if one.severity == "error"]
    faults = [
        Fault(field=f"{one.file}:{one.line}:{one.column}", message=one.message, remedy="写法见 rules/README.md")
        for one in errors[:MAX_FAULTS]
    ]
    return Refusal(422, "faulty_rules", faults, diagnostics=shown)


def unknown_rule() -> Refusal:
    """Tell that no rule has this id."""
    return Refusal(404, "unknown_rule", [Fault(field="id", message="没有这条规则", remedy="全部编号见 GET /rules")])


def unknown_call() -> Refusal:
    """Tell that there is no such call, or no longer."""
    remedy = "请用 POST /live 重新开始, 把之前的话放在 turns 里一起发来"
    return Refusal(404, "unknown_call", [Fault(field="id", message="没有这路通话, 或已经收回", remedy=remedy)])


def out_of_step(heard: int) -> Refusal:
    """Tell how many turns of a call were heard, where the client thinks otherwise."""
    remedy = f"请从第 {heard} 句 (从 0 起) 接着发, from 写 {heard}"
    return Refusal(409, "out_of_step", [Fault(field="from", message=f"已经听了 {heard} 句", remedy=remedy)])


def unknown_message() -> Refusal:
    """Refuse a message of a call that is none of those known."""
    remedy = '请写成 {"type": "turn", "speaker": "客服", "text": "…"}; type 取 start、turn、turns、verdict、ping'
    return Refusal(422, "invalid_request", [Fault(field="type", message="缺少 type, 或不认识", remedy=remedy)])


def message_out_of_place() -> Refusal:
    """Refuse `start` where it is not the first message of a call."""
    fault = Fault(field="type", message="start 只能是第一条消息", remedy="换一路通话请另开连接")
    return Refusal(409, "out_of_place", [fault])


def internal() -> Refusal:
    """Own up to a fault of ours; nothing about the input or the cause is told."""
    return Refusal(500, "internal", [])


def ambiguous_text() -> Refusal:
    """Refuse text and turns together."""
    message, remedy = _MENDING["text_or_turns"]
    return Refusal(422, "invalid_request", [Fault(field="(body)", message=message, remedy=remedy)])


def invalid_request(error: ValidationError | RequestValidationError) -> Refusal:
    """Tell what pydantic found, without the `input` that it found it in."""
    found = error.errors()
    faults = [_fault(one) for one in found[:MAX_FAULTS]]
    if len(found) > MAX_FAULTS:
        more = f"还有 {len(found) - MAX_FAULTS} 处问题没有列出"
        faults.append(Fault(field="(body)", message=more, remedy="请先改正以上各处再提交"))
    too_large = all(one["type"] in {"string_too_long", "too_long"} and _is_content(one) for one in found)
    return Refusal(413, "too_large", faults) if too_large else Refusal(422, "invalid_request", faults)


def unreadable(error: InputError) -> Refusal:
    """Tell what the library refused; its messages never carry the text of a conversation."""
    message = str(error).removeprefix(f"{error.where}: ")
    if isinstance(error, LimitError):
        fault = Fault(field=error.where or "(body)", message=message, remedy="请把对话拆成几次提交")
        return Refusal(413, "too_large", [fault])
    fault = Fault(field=error.where or "(body)", message=message, remedy="请改正后再提交, 写法见 /docs")
    return Refusal(422, "invalid_request", [fault])


def _is_content(one: Mapping[str, Any]) -> bool:
    return bool(one["loc"]) and one["loc"][-1] in ("text", "turns")


def _fault(one: Mapping[str, Any]) -> Fault:
    kind = one["type"]
    field = _PLACES.get(kind) or _path(one["loc"])
    if kind == "extra_forbidden":
        return Fault(field=field, message="不认识的字段", remedy=_rename(str(one["loc"][-1])))
    if kind in ("string_too_long", "too_long"):
        limit = one["ctx"]["max_length"]
        message = f"超过 {limit:,} {'个字' if kind == 'string_too_long' else '句'}"
        return Fault(field=field, message=message, remedy="请缩短, 或拆成几次提交")
    if kind == "enum":
        values = _PARTIES if one["loc"][-1] == "party" else _KINDS
        return Fault(field=field, message="不是可用的取值", remedy=f"请取其一: {values}; 或删去这一项")
    message, remedy = _MENDING.get(kind, ("不合要求", "写法见 /docs"))
    return Fault(field=field, message=message, remedy=remedy)


def _path(location: Sequence[str | int]) -> str:
    """Write ("turns", 3, "text") as turns[3].text; names that look like text are not repeated."""
    path = ""
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
        else:
            shown = part if _IDENTIFIER.fullmatch(part) else "(未知字段)"
            path += f".{shown}" if path else shown
    return path or "(body)"


def _rename(name: str) -> str:
    lowered = name[:40].lower()
    known = [_OTHER_NAMES[lowered]] if lowered in _OTHER_NAMES else get_close_matches(lowered, _FIELDS, 1)
    if known:
        return f"是不是 {known[0]}? 请改名, 或删去这一项"
    return f"请删去这一项; 可用的字段见 /docs: {'、'.join(_FIELDS)}"


# ── what Starlette and FastAPI raise ───────────────────────────────────────────────────────


def install_handlers(app: FastAPI) -> None:
    """Answer every expected error with problem+json; unexpected ones are the business of access.Guard."""
    app.add_exception_handler(Refusal, _on_refusal)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(RequestValidationError, _on_validation_error)


async def _on_refusal(_: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)  # noqa: S101 - Starlette calls by type but types the argument as Exception
    return error.response()


async def _on_http_exception(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - as above
    status = error.status_code
    field, code = _HTTP_CODES.get(status, ("(request)", "http"))
    title = _TITLES.get(status) or HTTPStatus(status).phrase
    fault = Fault(field=field, message=title, remedy="可用的有 POST /score、GET /rules、GET /healthz, 全部见 GET /docs")
    return Refusal(status, code, [fault], error.headers).response()


async def _on_validation_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - as above
    return invalid_request(error).response()
