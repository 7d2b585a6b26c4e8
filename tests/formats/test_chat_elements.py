"""XML of strangers: repaired where Android breaks it, refused where it could do harm."""

from __future__ import annotations

import pytest

from fanzha.errors import InputError, LimitError
from fanzha.formats.chats.elements import MAX_DEPTH, each_element, read_elements


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("&#55357;&#56832;", "😀"),
        ("&#xD83D;&#xDE00;", "😀"),
        ("&#128512;", "😀"),
        ("&#65;&#55357;&#56832;", "A😀"),
        ("&#55357;&#55357;&#56832;", "\ufffd😀"),
        ("&#55357;", "\ufffd"),
        ("&#0;", "\ufffd"),
        ("&#99999999;", "\ufffd"),
        ("a & b &nbsp; &amp;", "a & b &nbsp; &"),
        ("\x01", "\ufffd"),
    ],
)
def test_references(written: str, read: str) -> None:
    assert read_elements(f'<sms body="{written}"/>').attribute("body") == read


def test_inside_cdata_nothing_is_a_reference() -> None:
    assert read_elements("<url><![CDATA[https://example.invalid/?a=1&b=&#55357;]]></url>").text == (
        "https://example.invalid/?a=1&b=&#55357;"
    )


def test_the_encoding_named_in_the_text_does_not_matter() -> None:
    assert read_elements('<?xml version="1.0" encoding="gb2312"?><a>你好</a>').text == "你好"


@pytest.mark.parametrize(
    "head", ['<!DOCTYPE a SYSTEM "http://example.invalid/x.dtd">', '<!DOCTYPE a [<!ENTITY x "y">]>']
)
def test_a_document_type_is_refused(head: str) -> None:
    with pytest.raises(InputError, match="DOCTYPE"):
        read_elements(f"{head}<a/>", keep_broken=True)


def test_depth_is_bounded() -> None:
    with pytest.raises(LimitError):
        read_elements("<a>" * (MAX_DEPTH + 1))


def test_elements_come_one_by_one_until_the_text_breaks_off() -> None:
    seen: list[str] = []
    fault = each_element('<r><s b="1"/><s b="2"/><s b="', frozenset(["s"]), lambda one: seen.append(one.attribute("b")))
    assert seen == ["1", "2"]
    assert fault is not None


def test_what_never_was_xml_is_an_error() -> None:
    with pytest.raises(InputError, match="行"):
        read_elements("不是", keep_broken=True)
