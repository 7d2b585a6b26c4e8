"""What goes over the wire: the request as it is checked, and the shapes that /openapi.json documents.

The verdict is written by `Verdict.model_dump_json` as it is; ScoreResponse only describes it.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from fanzha import Kind, Party, Verdict
from fanzha.limits import MAX_TURN_CHARS, MAX_TURNS

MAX_LABEL_CHARS = 200  # of id, self_name and speaker: they are names, and are given back
Label = Annotated[str, Field(max_length=MAX_LABEL_CHARS)]
TurnText = Annotated[str, Field(max_length=MAX_TURN_CHARS)]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class TurnIn(_Request):
    """一句话或一条消息."""

    text: TurnText = Field(description="原文; 转账、红包等消息写它的备注或金额")
    speaker: Label | None = Field(
        None, description="说话人的称呼, 如 客服、客户、我、张三; 认得的称呼会自动归到一方"
    )
    party: Party | None = Field(None, description="谁在说: self 是要保护的人, other 是对方; 不填则看 speaker")
    kind: Kind | None = Field(None, description="消息的种类, 默认 text")
    start: Annotated[float, Field(allow_inf_nan=False)] | None = Field(None, description="距通话开始的秒数")


class ScoreRequest(_Request):
    """要评的对话: text 与 turns 二选一."""

    text: TurnText | None = Field(None, description="一段话, 当作一个不知身份的人说的一句")
    turns: Annotated[list[TurnIn], Field(max_length=MAX_TURNS)] | None = Field(
        None, description="按先后排列的各句"
    )
    self_name: Label | None = Field(
        None, description="turns 里要保护的人的称呼; 其余称呼都算对方. 只有 text 时不起作用"
    )
    id: Label | None = Field(None, description="您自己的编号, 原样放在结果里")

    @model_validator(mode="after")
    def _exactly_one(self) -> ScoreRequest:
        if (self.text is None) == (self.turns is None):
            raise PydanticCustomError("text_or_turns", "exactly one of text and turns")
        if self.text is not None and not self.text.strip():
            raise PydanticCustomError("blank_text", "text is blank")
        if self.turns is not None and not any(turn.text.strip() for turn in self.turns):
            raise PydanticCustomError("blank_turns", "no turn has any text")
        return self


class ScoreResponse(Verdict):
    """判定结果. 偏移量按原文的码点 (start, end) 与 UTF-16 单元 (start_utf16, end_utf16) 各给一份."""

    id: str | None = Field(None, description="请求里的 id; 没有给就没有这一项")


class Health(BaseModel):
    """服务在运行, 用的是哪一版规则."""

    status: Literal["ok"] = "ok"
    pack: str = Field(description="规则与引擎的编号, 与 verdict.pack 相同")
    version: str = Field(description="fanzha 的版本")


class Fault(BaseModel):
    """一处问题: 哪里, 是什么, 怎么改. 从不带回原文."""

    field: str = Field(description="出问题的位置, 如 turns[3].text; 不在正文里时写作 (body)、Content-Type 等")
    message: str
    remedy: str


class ProblemDetails(BaseModel):
    """RFC 9457 的 problem+json; `code` 供程序判断, `errors` 供人修改."""

    type: Literal["about:blank"] = "about:blank"
    title: str
    status: int
    detail: str
    code: str
    errors: list[Fault]
