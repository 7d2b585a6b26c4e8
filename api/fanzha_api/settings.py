"""What an operator can set, by argument or by environment (FANZHA_API_KEY, FANZHA_RULES, …).

Host and port are arguments of `serve` only: in Kubernetes a service named fanzha puts FANZHA_PORT=tcp://…
into every container, and reading that as our port would stop the server from starting.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from fanzha.limits import MAX_TURN_CHARS, MAX_TURNS

_PREFIX = re.compile(r"(/[A-Za-z0-9._~-]+)+")
_Count = Annotated[int, Field(ge=1)]
_Seconds = Annotated[float, Field(gt=0)]


class Settings(BaseSettings):
    """Sizes in bytes, characters and pieces, times in seconds; the descriptions are the table of docs/service.md."""

    model_config = SettingsConfigDict(env_prefix="FANZHA_", frozen=True, hide_input_in_errors=True)

    rules: str = Field("", description="附加的规则目录, 多个用系统的路径分隔符 (Linux 是冒号) 隔开")

    api_key: SecretStr | None = Field(None, description="一个密钥的明文; 名字是 default, 不能重新加载规则")
    api_keys: SecretStr | None = Field(
        None, description="多个密钥的散列, 每项 `名字:散列` 或 `名字:散列:admin`, 用空白或逗号隔开"
    )
    api_keys_file: Path | None = Field(None, description="同上, 写在文件里, 一行一项, # 起是注释")
    rate: Annotated[float, Field(ge=0)] = Field(0, description="每个密钥 (没有密钥时每个地址) 每秒的请求数; 0 不限")
    burst: _Count = Field(20, description="限速时一次可以连发几个")
    origins: str = Field("", description="除本站外哪些网页可以调用, 如 https://a.example; 多个用逗号隔开")

    max_body_bytes: _Count = Field(2 * 1024 * 1024, description="请求正文的上限")
    max_turns: Annotated[int, Field(ge=1, le=MAX_TURNS)] = Field(20_000, description="一段对话的句数上限")
    max_turn_chars: Annotated[int, Field(ge=1, le=MAX_TURN_CHARS)] = Field(1_000_000, description="一句的字数上限")
    max_seconds: _Seconds = Field(20, description="评一段对话最多用多久, 超过就拒绝")
    read_seconds: _Seconds = Field(30, description="正文要在多久内传完")
    inline_chars: Annotated[int, Field(ge=0)] = Field(4_000, description="更长的对话在线程里评, 不耽误别人的短消息")
    max_items: _Count = Field(10_000, description="POST /score/batch 一次最多几条, 一个文件最多几段对话")
    max_file_bytes: _Count = Field(16 * 1024 * 1024, description="POST /score/file 的文件上限")
    max_streams: _Count = Field(64, description="同时的 POST /score/stream (每个进程)")
    max_queue: _Count = Field(256, description="最多多少个请求同时在评或在等, 超过就答 503 和 Retry-After")

    max_calls: _Count = Field(1_000, description="实时通话最多同时多少路 (每个进程)")
    call_idle_seconds: _Seconds = Field(600, description="一路通话多久没有新话就收回")
    call_message_bytes: _Count = Field(256 * 1024, description="实时通话一条消息的上限")
    heartbeat_seconds: _Seconds = Field(20, description="多久没有别的消息就发一次心跳")

    check_bytes: _Count = Field(64 * 1024, description="POST /rules/check 的规则原文的上限")
    check_seconds: _Seconds = Field(10, description="试一次规则最多用多久")

    log: Literal["auto", "text", "json"] = Field(
        "auto", description="日志写成一行文字还是一行 JSON; auto 在终端里是文字, 否则是 JSON"
    )
    access_log: bool = Field(True, description="每个请求记一行: 方法、路由、状态、毫秒、请求编号; 从不记内容")
    workers: Annotated[int, Field(ge=1, le=128)] = Field(1, description="进程数")
    drain_seconds: Annotated[float, Field(ge=0)] = Field(
        0.5, description="收到停止信号后还接多久新请求 (/readyz 已答 503), 好让负载均衡先把它摘下"
    )
    stop_seconds: _Seconds = Field(30, description="停止时最多等手上的请求多久")
    trust_prefix: bool = Field(
        False, description="读 X-Forwarded-Prefix; 只在前面的反向代理会设它并去掉外来的同名请求头时才打开"
    )
    root_path: str = Field("", description="放在反向代理的某个前缀下时写前缀, 如 /fanzha")

    @field_validator("api_key", "api_keys")
    @classmethod
    def _blank_is_none(cls, key: SecretStr | None) -> SecretStr | None:
        """`FANZHA_API_KEY=` in a compose file means no key; it must never become a key that everybody has."""
        return key if key is not None and key.get_secret_value().strip() else None

    @field_validator("root_path")
    @classmethod
    def _is_a_path(cls, prefix: str) -> str:
        prefix = prefix.rstrip("/")
        if prefix and not _PREFIX.fullmatch(prefix):
            raise ValueError("a prefix looks like /fanzha: a slash, then letters, digits, . _ ~ -")
        return prefix

    @property
    def rule_folders(self) -> list[Path]:
        """The folders of `rules`."""
        return [Path(folder) for folder in self.rules.split(os.pathsep) if folder]

    @property
    def allowed_origins(self) -> frozenset[str]:
        """The origins of `origins`."""
        return frozenset(one.strip().rstrip("/").lower() for one in self.origins.split(",") if one.strip())
