"""The plugin in a NoneBot of its own, driven by NoneBug: run by test_nonebot.py in a process apart, as NoneBot is global.

Prints one JSON line: the messages that were sent, by step.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Iterable
from typing import Any

import nonebot
from nonebot.adapters import Adapter, Bot, Event, Message, MessageSegment
from nonebot.matcher import matchers
from nonebug import App
from nonebug.provider import NoneBugProvider
from pydantic import ConfigDict


class Piece(MessageSegment["Said"]):
    @classmethod
    def get_message_class(cls) -> type[Said]:
        return Said

    def __str__(self) -> str:
        return str(self.data["text"])

    def is_text(self) -> bool:
        return True


class Said(Message[Piece]):
    @classmethod
    def get_segment_class(cls) -> type[Piece]:
        return Piece

    @staticmethod
    def _construct(msg: str) -> Iterable[Piece]:
        yield Piece("text", {"text": msg})


class GroupMessage(Event):
    model_config = ConfigDict(arbitrary_types_allowed=True)
    text: str
    user: str = "2001"
    group: str = "30"

    def get_type(self) -> str:
        return "message"

    def get_event_name(self) -> str:
        return "message"

    def get_event_description(self) -> str:
        return "message"

    def get_user_id(self) -> str:
        return self.user

    def get_session_id(self) -> str:
        return f"group_{self.group}_{self.user}"

    def get_message(self) -> Said:
        return Said(self.text)

    def is_tome(self) -> bool:
        return True


class Notification(GroupMessage):
    """Something happened, and nobody said anything."""

    def get_type(self) -> str:
        return "notice"

    def get_user_id(self) -> str:
        raise ValueError("nobody")


async def run(steps: list[dict[str, Any]]) -> list[list[str]]:
    sent: list[list[str]] = []
    for step in steps:
        said: list[str] = []
        kind = Notification if step.pop("notice", False) else GroupMessage
        async with App().test_matcher() as ctx:
            adapter = ctx.create_adapter(base=Adapter)
            bot = ctx.create_bot(base=Bot, adapter=adapter, self_id="1")

            async def send(event: Event, message: str, said: list[str] = said, **_: Any) -> None:
                said.append(str(message))

            bot.send = send  # type: ignore[method-assign]  # what is sent is told, not expected
            ctx.receive_event(bot, kind(**step))
        sent.append(said)
    return sent


if __name__ == "__main__":
    nonebot.init(driver="~none", log_level="INFO", command_start=["/"], **json.loads(os.environ["BOT_SETTINGS"]))
    matchers.set_provider(NoneBugProvider)
    assert nonebot.load_plugin("fanzha.adapters.nonebot") is not None
    sys.stdout.write(json.dumps(asyncio.run(run(json.loads(os.environ["BOT_STEPS"]))), ensure_ascii=False) + "\n")
