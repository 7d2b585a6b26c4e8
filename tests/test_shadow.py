"""Superfluous patterns and look-alike terms are told, and only those."""

import pytest

from conftest import pack, signal
from fanzha.pack.load import load_pack
from fanzha.pack.shadow import look_alike_terms, shadowed_patterns


def told(write_rules, *patterns):
    loaded = load_pack([write_rules(pack([signal(match=list(patterns))]))])
    return [str(fault) for fault in shadowed_patterns(loaded)]


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        ("快递 …4 丢了", "[快递|包裹] …8 丢了"),  # fewer words, a shorter gap
        ("快递 …4 丢了 …6 [理赔|赔您]", "快递 …4 丢了"),  # more elements
        ("我们 …3 快递 …4 丢了", "快递 …6 丢了"),
    ],
)
def test_a_pattern_that_a_wider_one_covers_is_superfluous(write_rules, narrow, wide):
    for patterns in ([narrow, wide], [wide, narrow]):
        (fault,) = told(write_rules, *patterns)
        assert f"{narrow!r} 多余" in fault


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("快递 …4 丢了", "快递 …4 坏了"),
        ("快递 …9 丢了", "[快递|包裹] …4 丢了"),  # a longer gap finds more
        ("丢了 …4 快递", "快递 …4 丢了"),
        ("快递丢了", "快递 …4 丢了 …2 理赔"),
    ],
)
def test_patterns_that_each_find_something_are_kept(write_rules, one, other):
    assert told(write_rules, one, other) == []


def test_of_two_equal_patterns_the_later_is_told(write_rules):
    (fault,) = told(write_rules, "快递 …4 [丢了|没了]", "快递 …4 [没了|丢了]")
    assert "'快递 …4 [没了|丢了]' 多余" in fault


def test_terms_with_mostly_the_same_words_are_told(write_rules):
    terms = {"a": list("一二三四五六"), "b": list("一二三四五七"), "c": list("甲乙丙丁戊己"), "d": list("一二三")}
    words = {name: {"words": [word * 2 for word in listed]} for name, listed in terms.items()}
    loaded = load_pack([write_rules(pack([signal()], terms=words))])
    assert [str(fault).split(": ")[-1][:15] for fault in look_alike_terms(loaded)] == []
    words["b"] = {"words": [word * 2 for word in "一二三四五六七"]}
    loaded = load_pack([write_rules(pack([signal()], terms=words))])
    (fault,) = look_alike_terms(loaded)
    assert "{b} 与 {a}" in str(fault)
