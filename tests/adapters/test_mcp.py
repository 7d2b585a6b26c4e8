"""The MCP server, asked by the official client in the same process, and over stdio."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from mcp import Client, StdioServerParameters

from fanzha import Detector
from fanzha.adapters.mcp import MAX_CHARS, create_server

PLAY = [
    {"speaker": "客服", "text": "您的快递丢了, 我们给您三倍理赔, 加一下理赔专员的QQ"},
    {"speaker": "我", "text": "好的"},
    {"speaker": "客服", "text": "系统给您多打了两万块, 您去借呗里借出来退还到这个账户, 不许挂电话"},
]


def ask(server: Any, talk: Callable[[Client], Awaitable[Any]]) -> Any:
    async def go() -> Any:
        async with Client(server) as client:
            return await talk(client)

    return asyncio.run(go())


def call(detector: Detector, tool: str, **arguments: Any) -> Any:
    return ask(create_server(detector), lambda client: client.call_tool(tool, arguments))


def test_every_tool_tells_what_it_takes(detector: Detector) -> None:
    listed = ask(create_server(detector), lambda client: client.list_tools()).tools
    assert [tool.name for tool in listed] == ["check_text", "check_conversation", "list_scripts", "explain_signal"]
    assert all(tool.description and tool.input_schema["type"] == "object" and tool.output_schema for tool in listed)


def test_a_conversation_gets_the_verdict_of_the_library(detector: Detector) -> None:
    found = call(detector, "check_conversation", turns=PLAY)
    verdict = detector.score(PLAY)
    assert not found.is_error
    assert verdict.alert
    assert found.structured_content == verdict.model_dump(mode="json")


def test_a_text_is_one_turn_by_somebody_unknown(detector: Detector) -> None:
    found = call(detector, "check_text", text=PLAY[2]["text"])
    assert found.structured_content == detector.score(PLAY[2]["text"]).model_dump(mode="json")


def test_scripts_and_signals_are_explained(detector: Detector) -> None:
    scripts = call(detector, "list_scripts").structured_content["result"]
    assert [one["id"] for one in scripts] == [one.id for one in detector.rules.scripts]
    signal = detector.score(PLAY).evidence[0].signal
    explained = call(detector, "explain_signal", signal=signal).structured_content
    assert explained["id"] == signal
    assert explained["why"]
    assert explained["scripts"]


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("explain_signal", {"signal": "no.such"}, "没有这条信号"),
        ("check_text", {"text": "字" * (MAX_CHARS + 1)}, "太长"),
        ("check_conversation", {"turns": [{"speaker": "客服"}]}, "text"),
    ],
    ids=["unknown", "long", "faulty"],
)
def test_what_cannot_be_answered_is_an_error_that_says_why(
    detector: Detector, tool: str, arguments: dict[str, Any], said: str
) -> None:
    found = call(detector, tool, **arguments)
    assert found.is_error
    assert said in found.content[0].text


def test_the_command_serves_over_stdio() -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    server = StdioServerParameters(command=sys.executable, args=["-m", "fanzha", "mcp"], env=environment)
    found = ask(server, lambda client: client.call_tool("check_text", {"text": "早上好"}))
    assert found.structured_content["level"] == "none"
