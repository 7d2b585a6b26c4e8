"""What goes over the wire: the request as it is checked, and the shapes that /openapi.json documents.

The verdict is written by `Verdict.model_dump_json` as it is; ScoreResponse only describes it.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from fanzha import Evidence, Kind, Party, Verdict
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


class BatchRequest(_Request):
    """许多段; 每一段各自检查, 一段有问题不影响别的."""

    items: list[ScoreRequest]


class ItemResult(BaseModel):
    """一段的结果: verdict 与 problem 有且只有一个."""

    index: int = Field(description="第几段, 从 0 起")
    id: str | None = Field(None, description="文件里的编号, 只在 POST /score/file")
    verdict: ScoreResponse | None = None
    problem: ProblemDetails | None = None


class BatchResponse(BaseModel):
    """按原来的次序, 一段一项."""

    results: list[ItemResult]


class FileOptions(_Request):
    """关于一个文件的话; 都可以不说. text 等是表格里的列名."""

    name: Label | None = Field(None, description="文件名, 只看后缀")
    format: Label | None = Field(None, description="格式的名字, 如 whisper-json; 不说则看内容")
    encoding: Label | None = None
    self_name: Label | None = Field(None, description="要保护的人的称呼")
    text: Label | None = None
    speaker: Label | None = None
    id: Label | None = None
    time: Label | None = None
    party: Label | None = None


class FileResponse(BatchResponse):
    """一个文件的结果."""

    format: str = Field(description="认出的格式")
    encoding: str | None = Field(description="文字编码; 不是文字的文件没有")
    replaced: int = Field(description="读不出的字数, 都换成了 U+FFFD")
    notes: list[str]


class Ready(BaseModel):
    """能不能接请求."""

    ready: bool
    queue: int = Field(description="同时在评或在等的请求数")


class Health(BaseModel):
    """服务在运行, 用的是哪一版规则."""

    status: Literal["ok"] = "ok"
    pack: str = Field(description="规则与引擎的编号, 与 verdict.pack 相同")
    version: str = Field(description="fanzha 的版本")


class Limits(BaseModel):
    """这个服务的上限, 由管理员设定."""

    body_bytes: int
    turns: int
    turn_chars: int
    seconds: float = Field(description="评一段对话最多用多久")
    items: int = Field(description="一批最多几条, 一个文件最多几段")
    file_bytes: int
    queue: int = Field(description="同时在评或在等的请求数")
    calls: int = Field(description="同时的实时通话")
    call_idle_seconds: float
    call_message_bytes: int
    heartbeat_seconds: float
    check_bytes: int
    check_seconds: float


class Info(BaseModel):
    """这个服务是什么: 版本、规则、要不要密钥、上限."""

    version: str
    pack: str
    title: str = Field(description="规则包的名字")
    key_required: bool
    limits: Limits


# ── rules ──────────────────────────────────────────────────────────────────────────────────


class CheckRequest(_Request):
    """要试的规则, 和拿来试的话 (可以不给)."""

    yaml: str = Field(description="规则文件的内容, 写法见 rules/README.md; 与现有规则同名的替换, 其余的添加")
    text: TurnText | None = Field(None, description="一段话, 当作一个不知身份的人说的一句")
    turns: Annotated[list[TurnIn], Field(max_length=MAX_TURNS)] | None = Field(None, description="或一段对话")
    self_name: Label | None = None


class RuleFault(BaseModel):
    """规则里的一处问题."""

    line: int = Field(description="从 1 起")
    column: int
    severity: Literal["error", "warning"]
    message: str


class CheckResponse(BaseModel):
    """试的结果: 只有试的规则参与, 所以 verdict 不是整段话的判定."""

    diagnostics: list[RuleFault] = Field(description="检查出的疑问, 和不符的例子; 有错误时整个请求答 422")
    signals: list[str] = Field(description="参与的信号: 规则里写的, 剧本用到的, 用到所写词表的")
    hits: list[Evidence] = Field(description="在哪里命中; 偏移与 verdict.evidence 相同")
    verdict: Verdict | None = Field(None, description="只用这些规则的判定; 没有给话就没有")


class Reloaded(BaseModel):
    """规则重新加载了."""

    pack: str
    changed: bool = Field(description="与之前是不是不同")


# ── live calls ─────────────────────────────────────────────────────────────────────────────


class LiveTurn(TurnIn):
    """下一句."""

    type: Literal["turn"]


class LiveTurns(_Request):
    """接着的几句."""

    type: Literal["turns"]
    turns: Annotated[list[TurnIn], Field(max_length=MAX_TURNS)]


class LiveStart(_Request):
    """第一条消息, 可以不发: 密钥、要保护的人、断线前已经说过的话."""

    type: Literal["start"]
    key: Annotated[str, Field(max_length=MAX_LABEL_CHARS)] | None = Field(
        None, description="浏览器不能给 WebSocket 加请求头, 密钥写在这里"
    )
    self_name: Label | None = None
    turns: Annotated[list[TurnIn], Field(max_length=MAX_TURNS)] = []


class LiveAsk(_Request):
    """要完整的判定, 或只是探一下."""

    type: Literal["verdict", "ping"]


class CallStart(_Request):
    """开始一路通话; turns 是之前已经说过的话."""

    self_name: Label | None = None
    turns: Annotated[list[TurnIn], Field(max_length=MAX_TURNS)] = []


class CallTurns(_Request):
    """接着的几句. from 是之前已经发过几句, 用来防止漏发和重发."""

    from_: Annotated[int, Field(ge=0, le=MAX_TURNS)] = Field(alias="from")
    turns: Annotated[list[TurnIn], Field(max_length=MAX_TURNS, min_length=1)]


class CallState(BaseModel):
    """一路通话到此刻的样子."""

    turns: int = Field(description="已经听了几句")
    score: int
    level: str
    alert: bool
    first_alert_turn: int | None = None
    script: str | None = None
    script_title: str | None = None
    track: Literal["fraud", "gray"] | None = Field(None, description="gray 是供给骗局的黑灰产买卖")
    fact: str | None = None
    describes_title: str | None = Field(None, description="话里讲的是哪个剧本, 而不是正在上演")
    stages: list[dict[str, Any]] = Field([], description="走到了哪些阶段: id、title、turn")
    next: list[str] = Field([], description="接下来会怎样")
    advice: list[str] = Field([], description="现在该怎么办")


class LiveChange(CallState):
    """一句话改变了什么; 没有新东西时只有前几项."""

    type: Literal["change"] = "change"
    turn: int = Field(description="第几句, 从 0 起")
    previous_level: str
    raised_alert: bool = Field(description="是不是这一句第一次报警")
    news: bool = Field(description="有没有新的证据或分数变化; 没有时不带 script 以下各项")
    signals: list[str] = []
    evidence: list[Evidence] = Field([], description="这一句带来的证据")


class CallOpened(BaseModel):
    """一路通话开始了."""

    id: str
    state: CallState
    idle_seconds: float = Field(description="多久没有新话就收回")


class CallChanges(BaseModel):
    """这几句改变了什么."""

    turns: int
    changes: list[LiveChange]


# ── refusals ───────────────────────────────────────────────────────────────────────────────


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
    diagnostics: list[RuleFault] | None = Field(None, description="只在规则有错时: 错在第几行第几列")
