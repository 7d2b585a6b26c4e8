"""What is written reads back to the same conversation."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from fanzha.conversation import Conversation, Kind, Party, Turn
from fanzha.formats import writers
from fanzha.formats.registry import read_bytes

CHAT = Conversation.from_turns(
    [
        Turn("在吗", "王芳", Party.OTHER, time="2026-01-01T09:00:00+08:00"),
        Turn("=1+1", "李明", Party.SELF, time="2026-01-01T09:00:05+08:00"),
        Turn("[转账] 500", "李明", Party.SELF, Kind.TRANSFER, time="2026-01-01T09:01:00+08:00"),
        Turn("她撤回了一条消息", "王芳", Party.OTHER, Kind.RECALL, time="2026-01-01T09:02:00+08:00"),
    ],
    id="c1",
)

# Text that a reader leaves as it is: no space around it, no control characters, no line ends but \n, no apostrophe
# that making it safe would be taken for.
WORDS = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"], exclude_characters="\ufeff\ufffd"), min_size=1, max_size=30)
TEXTS = WORDS.filter(lambda text: text.strip() == text and not text.startswith("'"))
SECONDS = st.integers(0, 3_600_000).map(lambda ms: ms / 1000)
TURNS = st.builds(
    Turn,
    TEXTS,
    st.sampled_from(["客服", "李明", "Speaker A"]),
    st.sampled_from(Party),
    st.sampled_from(Kind),
    st.none() | SECONDS,
    st.none(),
    st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2099, 1, 1)).map(
        lambda moment: f"{moment:%Y-%m-%dT%H:%M:%S}+08:00"
    ),
)
CONVERSATIONS = st.lists(TURNS, min_size=1, max_size=5).map(lambda turns: Conversation.from_turns(turns, id="c1"))


def read(data: bytes, name: str) -> Conversation:
    (conversation,) = read_bytes(data, name).conversations
    return conversation


def table(conversation: Conversation) -> bytes:
    return writers.heading() + writers.rows(conversation, conversation.id or "1")


@given(CONVERSATIONS)
def test_json_lines_keep_everything(conversation: Conversation) -> None:
    assert read(writers.line(conversation), "a.jsonl") == conversation


def test_csv_keeps_everything() -> None:
    assert read(table(CHAT), "a.csv") == CHAT
    timed = Conversation.from_turns([replace(turn, time=None, start=1.5 * n, end=1.5 * n + 1) for n, turn in enumerate(CHAT.turns)], id="c1")
    assert read(table(timed), "a.csv") == timed


@given(st.lists(TEXTS, min_size=2, max_size=5))
def test_csv_keeps_any_text(texts: list[str]) -> None:
    conversation = Conversation.from_turns([("客服", text) for text in texts], id="c1")
    assert [turn.text for turn in read(table(conversation), "a.csv").turns] == texts


def test_no_cell_of_a_csv_is_a_formula() -> None:
    cells = [cell for row in csv.reader(io.StringIO(table(CHAT).decode("utf-8-sig"))) for cell in row]
    assert "'=1+1" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_chatlab_keeps_speakers_parties_kinds_and_moments() -> None:
    def kept(conversation: Conversation) -> list[tuple[object, ...]]:
        return [(turn.text, turn.speaker, turn.party, turn.kind, turn.time) for turn in conversation.turns]

    assert kept(read(writers.chatlab(CHAT, exported_at=0), "a.json")) == kept(CHAT)


def test_chatlab_has_the_fields_of_the_format() -> None:
    document = json.loads(writers.chatlab(CHAT, exported_at=7))
    assert document["chatlab"] == {"version": writers.VERSION, "exportedAt": 7, "generator": "fanzha"}
    assert document["meta"] == {"name": "c1", "platform": "unknown", "type": "private", "ownerId": "李明"}
    assert [member["accountName"] for member in document["members"]] == ["王芳", "李明"]
    assert [message["type"] for message in document["messages"]] == [0, 0, 21, 81]


def test_speakers_without_a_name_have_one_in_chatlab() -> None:
    conversation = Conversation.from_turns([Turn("在吗", party=Party.OTHER), Turn("在", party=Party.SELF), Turn("好")])
    document = json.loads(writers.chatlab(conversation, exported_at=0))
    assert [message["accountName"] for message in document["messages"]] == ["对方", "我", "未知"]
    assert document["meta"]["ownerId"] == "self"
