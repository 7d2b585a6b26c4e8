"""Dialogues of language models and data sets."""

from __future__ import annotations

from typing import Any

import pytest
from calls import TEXTS, as_json, lines

from fanzha.conversation import Conversation, Kind
from fanzha.formats.registry import read_bytes


def read(data: bytes) -> list[Conversation]:
    return list(read_bytes(data).conversations)


def turns(speaker: str, text: str) -> list[dict[str, str]]:
    return [{speaker: ("user", "assistant")[number % 2], text: said} for number, said in enumerate(TEXTS)]


@pytest.mark.parametrize(
    ("format", "document"),
    [
        ("llm-messages", {"messages": turns("role", "content")}),
        ("llm-messages", turns("role", "content")),
        ("llm-messages", {"conversations": turns("from", "value")}),
        ("llm-messages", {"data": {"history": turns("role", "content")}}),
        ("teleantifraud", {"dialogue_history": turns("role", "content")}),
        ("turns", {"turns": turns("speaker", "text")}),
    ],
)
def test_a_dialogue_is_read_out_of_its_list(format: str, document: Any) -> None:  # noqa: A002
    reading = read_bytes(as_json(document))
    assert reading.format == format
    assert [[turn.text for turn in one.turns] for one in reading.conversations] == [TEXTS]


def test_one_dialogue_a_line_keeps_its_id() -> None:
    data = lines([{"id": name, "messages": turns("role", "content")} for name in ("a", "b")])
    assert [one.id for one in read(data)] == ["a", "b"]


def test_who_types_to_a_model_is_nobodys_side() -> None:
    (conversation,) = read(as_json({"messages": turns("role", "content")}))
    assert {turn.party.value for turn in conversation.turns} == {"unknown"}


def test_who_types_may_be_named_as_self() -> None:
    (conversation,) = read_bytes(as_json({"messages": turns("role", "content")}), self_name="assistant").conversations
    assert [turn.party.value for turn in conversation.turns] == ["other", "self", "other", "self"]


def test_an_instruction_to_a_model_is_no_speech() -> None:
    (conversation,) = read(as_json({"messages": [{"role": "system", "content": "你是骗子"}, *turns("role", "content")]}))
    assert [turn.kind for turn in conversation.turns[:2]] == [Kind.SYSTEM, Kind.TEXT]


def test_the_parts_of_a_message_are_one_text() -> None:
    parts = [{"type": "text", "text": "您好"}, {"type": "image_url", "image_url": {}}, {"type": "text", "text": "扫这个码"}]
    (conversation,) = read(as_json({"messages": [{"role": "user", "content": parts}]}))
    assert conversation.turns[0].text == "您好\n扫这个码"


def test_a_call_with_moments_counts_from_its_first() -> None:
    rows = [{"role": "left", "content": text, "timestamp": 1767229200 + 5 * number} for number, text in enumerate(TEXTS)]
    (conversation,) = read(as_json({"dialogue_history": rows}))
    assert [turn.start for turn in conversation.turns] == [0.0, 5.0, 10.0, 15.0]
