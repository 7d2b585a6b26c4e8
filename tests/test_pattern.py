"""The pattern strings of the rule language: what they stand for, and how their faults are told."""

from __future__ import annotations

import pytest

from fanzha.pack.pattern import MAX_GAP, Entity, PatternError, Step, Words, parse

TERMS = {
    "loan": Words(frozenset({"借呗", "备用金"}), frozenset({"备用金"}), frozenset({"被用金额"})),
    "give": Words(frozenset({"退还", "转回"})),
}


def words(*choices: str, gap: int = 0) -> Step:
    return Step(gap, Words(frozenset(choices)))


def plain(pattern: str) -> set[tuple[Step, ...]]:
    return set(parse(pattern, TERMS))


@pytest.mark.parametrize(
    ("pattern", "sequences"),
    [
        ("多了", {(words("多了"),)}),
        ("[打|转] …2 多了", {(words("打", "转"), words("多了", gap=2))}),
        ("打 ...2 多了", {(words("打"), words("多了", gap=2))}),
        ("{give} …6 [多出|多余]", {(words("退还", "转回"), words("多出", "多余", gap=6))}),
        ("[{give}|汇回] …1 了", {(words("退还", "转回", "汇回"), words("了", gap=1))}),
        ("转 …4 <money>", {(words("转"), Step(4, Entity("money")))}),
        ("ＱＱ群", {(words("qq群"),)}),
    ],
)
def test_what_a_pattern_stands_for(pattern: str, sequences: set[tuple[Step, ...]]) -> None:
    assert plain(pattern) == sequences


def test_neighbours_without_a_gap_are_fused_into_longer_words() -> None:
    assert plain("多 [打|转] 了") == {(words("多打了", "多转了"),)}


def test_an_entity_is_never_fused() -> None:
    assert plain("转 <money> 元") == {(words("转"), Step(0, Entity("money")), words("元"))}


def test_an_entity_may_stand_among_the_words_of_a_choice() -> None:
    assert plain("先付 …4 [定金|<money>]") == {
        (words("先付"), words("定金", gap=4)),
        (words("先付"), Step(4, Entity("money"))),
    }
    assert plain("加我 …2 [<im_id>|<phone>]") == {
        (words("加我"), Step(2, Entity("im_id"))),
        (words("加我"), Step(2, Entity("phone"))),
    }


def test_an_entity_of_a_choice_that_nothing_anchors_is_left_out() -> None:
    assert plain("付 …4 [定金|<money>]") == {(words("付"), words("定金", gap=4))}


def test_an_optional_part_is_there_or_not() -> None:
    assert plain("[打|转]? 多了") == {(words("打多了", "转多了"),), (words("多了"),)}


def test_of_a_literal_only_the_last_character_is_optional() -> None:
    assert plain("账号?") == {(words("账"),), (words("账号"),)}


def test_the_gap_around_an_optional_part_that_is_left_out_is_added_up() -> None:
    assert plain("甲 …3 [乙]? …4 丙") == {
        (words("甲"), words("乙", gap=3), words("丙", gap=4)),
        (words("甲"), words("丙", gap=7)),
    }


def test_gaps_added_up_stay_within_the_limit() -> None:
    (shorter,) = {sequence for sequence in plain(f"甲 …{MAX_GAP} [乙]? …{MAX_GAP} 丙") if len(sequence) == 2}
    assert shorter[1].gap == MAX_GAP


def test_sound_and_its_exceptions_follow_the_term() -> None:
    ((step,),) = parse("{loan}", TERMS)
    assert step.element == TERMS["loan"]


def test_only_words_fused_with_a_sounding_word_sound() -> None:
    ((step,),) = parse("开 {loan}", TERMS)
    assert isinstance(step.element, Words)
    assert step.element.words == {"开借呗", "开备用金"}
    assert step.element.sound == {"开备用金"}


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("", "空的模式"),
        ("  ", "空的模式"),
        ("甲 … 乙", "最多隔几个字"),
        ("…3 甲", "不能在开头"),
        ("甲 …3", "后面缺少"),
        (f"甲 …{MAX_GAP + 1} 乙", "太远"),
        ("[甲||乙]", "空的一项"),
        ("[甲|乙", "第 1 个字符"),
        ("甲}", "第 2 个字符"),
        ("{unknown}", "没有词表 {unknown}"),
        ("<planet>", "没有实体 <planet>"),
        ("? 甲", "前面缺少"),
        ("[甲乙]?", "全是可选"),
        ("[甲]? [乙]? [丙]? [丁]? [戊]? [己]? 庚", "可选部分太多"),
    ],
)
def test_a_fault_is_told(pattern: str, says: str) -> None:
    with pytest.raises(PatternError, match=says.replace("{", r"\{")):
        parse(pattern, TERMS)
