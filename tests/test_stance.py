"""How a hit is meant. The cues are the tiny pack's; what the bundled ones say is for the rules' own examples."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from conftest import signal
from fanzha import Detector, Evidence

Make = Callable[..., Detector]
Read = Callable[..., list[Evidence]]

CLAIM, ASK, OWN = "hook.claim", "ask.code", "self.sent"


@pytest.fixture(scope="module")
def tiny(make_detector: Make) -> Detector:
    return make_detector(
        [
            signal(CLAIM, "快递丢了"),
            signal(ASK, "报验证码", stage="harvest", ask=True),
            signal(OWN, "已经转了", stage="extract", by="self"),
        ]
    )


@pytest.fixture(scope="module")
def stances(tiny: Detector) -> Callable[..., list[str]]:
    """The stances of what is hit in the last of some turns."""

    def read(*turns: Any) -> list[str]:
        conversation = [turn if isinstance(turn, tuple) else ("客服", turn) for turn in turns]
        verdict = tiny.score(conversation)
        return [one.stance for one in verdict.evidence if one.turn == len(conversation) - 1]

    return read


@pytest.mark.parametrize(
    ("text", "stance"),
    [
        ("您的快递丢了", "asserted"),
        ("您的快递丢了吗", "asked"),
        ("您的快递丢了？", "asked"),
        ("是不是快递丢了", "asked"),
        ("快递丢了，是不是", "asserted"),
        # warned: a prohibition governs what follows in its clause
        ("不要跟他报验证码", "warned"),
        ("切勿报验证码", "warned"),
        ("不要，报验证码", "asserted"),
        ("不要。报验证码", "asserted"),
        ("不要在那边东张西望地坐着等大家先来报验证码", "asserted"),
        ("特别要报验证码", "asserted"),
        ("不要着急报验证码", "asserted"),
        ("不要动马上报验证码", "asserted"),
        # negated: what will not be done negates all, what is not so negates claims only
        ("我们不会说快递丢了", "negated"),
        ("我们不用您报验证码", "negated"),
        ("没有快递丢了", "negated"),
        ("您没有报验证码", "asserted"),
        # called a scam in the same sentence, unless it is to be told to 我
        ("说快递丢了，是诈骗", "warned"),
        ("说快递丢了。是诈骗", "asserted"),
        ("凡是要您报验证码的", "warned"),
        ("凡是要您报验证码，告诉我", "asserted"),
        # somebody else's story: an actor before it, and nobody addressed since
        ("骗子说快递丢了", "told"),
        ("骗子说“快递丢了", "quoted"),
        ("骗子说“您好”然后快递丢了", "asserted"),
        ("骗子走了。快递丢了", "asserted"),
        # who presents himself is nobody in a story, nor are words of his trade a telling
        ("民警说快递丢了", "told"),
        ("我是城东的民警快递丢了", "asserted"),
        ("我是城东的，民警说快递丢了", "told"),
        ("民警办案件。她说快递丢了", "told"),
        ("我是民警办案件。她说快递丢了", "asserted"),
        ("我是民警，受害人和骗子。她说快递丢了", "told"),
        # a turn that stands between marks as a whole quotes nobody
        ("“骗子和受害人。您的快递丢了”", "asserted"),
        # a one-time code that is to be kept asks for nothing, unless a way to reach somebody stands in it
        ("快递丢了，验证码382910，如非本人操作请忽略", "warned"),
        ("验证码382910，请勿泄露。快递丢了，如有疑问请致电95588", "warned"),
        ("快递丢了，验证码382910，如非本人操作请点击www.example.com", "asserted"),
        ("快递丢了，验证码382910，如非本人操作请致电0085266881234", "asserted"),
        ("快递丢了，验证码382910，请勿泄露。验证码发给我", "asserted"),
        ("快递丢了，验证码收到了吗，请勿泄露", "asserted"),
        # what was done is asked, not required
        ("您有没有跟谁报验证码", "told"),
    ],
)
def test_what_the_other_side_says(stances: Any, text: str, stance: str) -> None:
    assert stances(text) == [stance]


@pytest.mark.parametrize(
    ("text", "stance"),
    [("我不会报验证码", "refused"), ("不要让他报验证码", "refused"), ("您有没有让谁报验证码", "asserted")],
)
def test_what_we_say_ourselves(stances: Any, text: str, stance: str) -> None:
    assert stances(("我", text)) == [stance]


def test_each_hit_has_its_own_stance(stances: Any) -> None:
    assert stances("不要报验证码。报验证码，没有快递丢了，快递丢了") == ["warned", "asserted", "negated", "asserted"]


# ── accounts ──


def evidence(tiny: Detector, *turns: tuple[str | None, str]) -> Evidence:
    return tiny.score(turns).evidence[-1]


@pytest.mark.parametrize("speaker", ["我", "李明", None])
def test_what_somebody_makes_me_do_is_an_account(tiny: Detector, speaker: str | None) -> None:
    one = evidence(tiny, (speaker, "有个客服让我报验证码"))
    assert (one.stance, one.account, one.counted) == ("asserted", True, True)


def test_the_other_side_gives_no_accounts(tiny: Detector) -> None:
    assert not evidence(tiny, ("客服", "领导让我报验证码")).account


def test_what_you_make_me_do_is_no_account(tiny: Detector) -> None:
    assert not evidence(tiny, ("我", "你让我报验证码")).account


def test_an_account_after_a_loss_in_the_past_is_a_story(tiny: Detector) -> None:
    one = evidence(tiny, ("我", "我被骗了"), ("客服", "怎么回事"), ("我", "他让我报验证码"))
    assert (one.stance, one.account, one.counted) == ("told", False, False)


def test_another_speakers_past_does_not_make_mine_a_story(tiny: Detector) -> None:
    assert evidence(tiny, ("客服", "有人被骗了"), ("我", "他让我报验证码")).account


def test_an_account_counts_fully_only_if_nobody_else_is_known_to_listen_or_it_is_doubted(tiny: Detector) -> None:
    alone = tiny.score("有个客服让我报验证码").log_odds
    told = tiny.score([("我", "有个客服让我报验证码")]).log_odds
    doubted = tiny.score([("我", "有个客服让我报验证码,是真的吗")]).log_odds
    assert tiny.rules.base / 1000 < told < doubted == alone < tiny.score([("客服", "报验证码")]).log_odds


# ── what earlier turns tell ──


def test_a_talk_about_scams_makes_third_person_sentences_stories(stances: Any) -> None:
    assert stances("警方提醒, 受害人很多", "快递丢了") == ["told"]


def test_a_talk_about_scams_leaves_what_is_said_to_your_face(stances: Any) -> None:
    assert stances("警方提醒, 受害人很多", "您的快递丢了") == ["asserted"]


def test_one_word_of_telling_is_no_talk(stances: Any) -> None:
    assert stances("警方警方警方", "快递丢了") == ["asserted"]


def test_a_talk_about_scams_is_forgotten(stances: Any) -> None:
    assert stances("警方提醒, 受害人很多", *["好的"] * 12, "快递丢了") == ["asserted"]


def test_who_says_that_he_plays_tells(stances: Any) -> None:
    assert stances("我们来念台词", "您的快递丢了") == ["told"]
    assert stances("我们来念台词", *["好的"] * 12, "您的快递丢了") == ["asserted"]


# ── what stances earn ──


@pytest.mark.parametrize(
    ("text", "points"), [("快递丢了", 2.0), ("快递丢了吗", 1.2), ("没有快递丢了", None), ("报验证码吗", 2.0), ("不要报验证码", None)]
)
def test_stances_earn_their_share(tiny: Detector, text: str, points: float | None) -> None:
    earned = [line.points for line in tiny.score([("客服", text)]).lines if line.kind == "signal"]
    assert earned == ([] if points is None else [points])


def test_what_is_discounted_is_still_shown(tiny: Detector) -> None:
    (one,) = tiny.score([("客服", "不要报验证码")]).evidence
    assert (one.text, one.stance, one.counted) == ("报验证码", "warned", False)


def test_a_report_of_the_trade_with_masked_names_alerts_nobody(detector):
    text = (
        "民警查明，前年以来周某龙租下机房，用改机软件和接码平台批量注册微信号，再由机器人自动发货、协助登录，"
        "号都卖给了诈骗团伙。犯罪嫌疑人周某龙供述，他们还收带令牌的QQ号，量大优惠，走担保。"
    )
    verdict = detector.score(text)
    assert not verdict.alert, [(one.signal, one.text, one.stance) for one in verdict.evidence if one.counted]
    assert verdict.describes is not None
