"""A NoneBot2 plugin: warns a chat once for each level that a conversation reaches, and answers /反诈 TEXT.

    nonebot.load_plugin("fanzha.adapters.nonebot")

In: message events of any adapter. Out: messages to the chat that they came from. What one sender writes in one chat is
read together (`Event.get_session_id`). Nothing that was said is logged or kept beyond a Session. Settings come from
NoneBot's own configuration (see Config). Needs the extra: pip install 'fanzha[nonebot]'.
"""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from nonebot import get_plugin_config, logger, on_command, on_message
from nonebot.adapters import Bot, Event, Message
from nonebot.exception import ActionFailed, NetworkError
from nonebot.params import CommandArg
from nonebot.plugin import PluginMetadata
from pydantic import BaseModel, Field

from fanzha.adapters.warning import answer, warning
from fanzha.conversation import Party, Turn
from fanzha.detector import Detector
from fanzha.errors import InputError
from fanzha.verdict import Level
from fanzha.watcher import Notice, Watcher


class Config(BaseModel):
    """Settings, in the .env of the bot; times in seconds."""

    fanzha_level: Level = Field("high", description="从哪一级起提醒: medium | high | critical")
    fanzha_cooldown: float = Field(600, ge=0, description="同一个人的话在多少秒内不重复提醒, 升到 critical 除外")
    fanzha_allow: set[str] = Field(default_factory=set, description="不看的用户号或会话号")
    fanzha_dry_run: bool = Field(False, description="只记日志, 不发消息")
    fanzha_rules: list[str] = Field(default_factory=list, description="自己的规则目录")
    fanzha_max_conversations: int = Field(10_000, ge=1, description="同时记住多少个会话")
    fanzha_expire_after: float = Field(6 * 3600, gt=0, description="多少秒没有新消息就忘掉")


__plugin_meta__ = PluginMetadata(
    name="反诈",
    description="聊天里出现骗局时提醒, 每升一级只说一次",
    usage="自动提醒; 也可发送: /反诈 要判断的文字",
    type="application",
    homepage="https://pypi.org/project/fanzha/",
    config=Config,
    supported_adapters=None,
)

config = get_plugin_config(Config)
detector = Detector(config.fanzha_rules or None)
watcher = Watcher(
    detector,
    least=config.fanzha_level,
    cooldown=config.fanzha_cooldown,
    max_conversations=config.fanzha_max_conversations,
    expire_after=config.fanzha_expire_after,
)

asked = on_command("反诈", aliases={"fanzha", "是不是骗局"}, priority=1, block=True)
heard = on_message(priority=2, block=False)


@asked.handle()
async def tell(text: Annotated[Message[Any], CommandArg()]) -> None:
    """Answer about the text after the command."""
    said = text.extract_plain_text().strip()
    if not said:
        await asked.finish("把要判断的话跟在后面发给我: /反诈 您的快递丢了 …")
    verdict = await asyncio.to_thread(detector.score, said)
    await asked.finish(answer(verdict))


@heard.handle()
async def watch(bot: Bot, event: Event) -> None:
    """Take a message into its conversation and warn where that has become worse."""
    try:
        session, sender = event.get_session_id(), event.get_user_id()
    except (ValueError, NotImplementedError):  # an event that nobody sent
        return
    text = event.get_plaintext()
    if not text or {session, sender} & config.fanzha_allow or sender == bot.self_id:
        return
    try:
        notice = watcher.see((bot.self_id, session), Turn(text, sender, Party.OTHER))
    except InputError as error:
        logger.warning("fanzha: a message could not be read at {}", error.where)
        return
    if notice is not None:
        await _warn(bot, event, notice)


async def _warn(bot: Bot, event: Event, notice: Notice) -> None:
    logger.info(
        "fanzha: level {} ({}), score {}, dry run {}",
        notice.level,
        notice.verdict.script,
        notice.verdict.score,
        config.fanzha_dry_run,
    )
    if config.fanzha_dry_run:
        return
    try:
        await bot.send(event, warning(notice.verdict))
    except (ActionFailed, NetworkError) as error:
        logger.warning("fanzha: the warning was not sent: {}", type(error).__name__)
