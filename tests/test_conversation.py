"""What can be said to be a conversation, and who speaks in it."""

from __future__ import annotations

from typing import Any

import pytest

from fanzha import Conversation, InputError, Kind, Party, Turn
from fanzha.conversation import party_of


@pytest.mark.parametrize(
    "label", ["客服", "【坐席】", "坐席 3", "对方", "Agent:", "CALLER", "理赔员老陈", "客户经理小王", "退款处理中心", " 骗子 "]
)
def test_labels_of_the_other_side(label: str) -> None:
    assert party_of(label) is Party.OTHER


@pytest.mark.parametrize("label", ["我", " 我 ", "客户01", "客户张女士", "受害人A", "user", "Callee", "（本人）"])
def test_labels_of_the_person_whom_we_protect(label: str) -> None:
    assert party_of(label) is Party.SELF


@pytest.mark.parametrize("label", ["", "李明", "说话人1", "SPEAKER_00", "路人甲", "😀"])
def test_other_labels_stay_unknown(label: str) -> None:
    assert party_of(label) is Party.UNKNOWN


def test_self_name_decides_for_every_label() -> None:
    assert party_of(" 客服 ", self_name="客服") is Party.SELF
    assert party_of("我", self_name="客服") is Party.OTHER


def test_turns_of_every_shape_are_the_same() -> None:
    turn = Turn("您好", "客服", Party.OTHER)
    shapes: list[Any] = [("客服", "您好"), ["客服", "您好"], {"speaker": "客服", "text": "您好"}, Turn("您好", "客服")]
    assert Conversation.from_turns(shapes).turns == (turn,) * 4


def test_a_mapping_may_say_party_kind_and_start() -> None:
    (turn,) = Conversation.from_turns(
        [{"text": "五百", "speaker": "李明", "party": "other", "kind": "transfer", "start": 3.5}]
    ).turns
    assert turn == Turn("五百", "李明", Party.OTHER, Kind.TRANSFER, 3.5)


def test_a_party_that_is_given_is_not_overruled_by_the_label() -> None:
    (turn,) = Conversation.from_turns([{"text": "您好", "speaker": "客服", "party": "self"}]).turns
    assert turn.party is Party.SELF


def test_text_is_one_turn_by_somebody_unknown() -> None:
    assert Conversation.from_text("您好").turns == (Turn("您好"),)


def test_a_pair_without_text_is_an_empty_turn() -> None:
    assert Conversation.from_turns([("客服", None)]).turns == (Turn("", "客服", Party.OTHER),)


def test_lone_surrogates_are_replaced_in_text_and_label() -> None:
    (turn,) = Conversation.from_turns([("李\ud83d", "好\udc00的")]).turns
    assert (turn.text, turn.speaker) == ("好\ufffd的", "李\ufffd")


BAD: list[tuple[Any, str]] = [
    ("您好", "应为"),
    (5, "应为"),
    (None, "应为"),
    (("客服",), "应为"),
    (("客服", "您好", "吗"), "应为"),
    (("客服", 5), "text"),
    (("客服", 0), "text"),
    (("客服", b"x"), "text"),
    ((5, "您好"), "speaker"),
    (b"ab", "text"),
    ({}, "缺少 text"),
    ({"text": None}, "text"),
    ({"text": ["您好"]}, "text"),
    ({"text": "您好", "speaker": 5}, "speaker"),
    ({"text": "您好", "party": "客服"}, "party"),
    ({"text": "您好", "party": ["self"]}, "party"),
    ({"text": "您好", "kind": "hologram"}, "kind"),
    (Turn(5), "text"),  # type: ignore[arg-type]
    (Turn("您好", 5), "speaker"),  # type: ignore[arg-type]
    (Turn("您好", party="self"), "party"),  # type: ignore[arg-type]
    (Turn("您好", kind="text"), "kind"),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("bad", "names"), BAD, ids=[repr(bad) for bad, _ in BAD])
def test_a_turn_that_cannot_be_read_is_named(bad: Any, names: str) -> None:
    with pytest.raises(InputError, match=names) as caught:
        Conversation.from_turns([("客服", "您好"), bad])
    assert caught.value.where == "turns[1]"


@pytest.mark.parametrize("field", ["party", "kind"])
def test_an_error_never_repeats_what_was_given(field: str) -> None:
    with pytest.raises(InputError) as caught:
        Conversation.from_turns([{"text": "您好", field: "机密内容"}])
    assert "机密" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
