"""How a hit is meant: asserted, asked, negated, warned, quoted, refused or told.

In: a hit, the turn's Scan and who speaks. Out: a Reading. A cue acts on the clause or the sentence in which it stands,
never on the whole conversation: a police warning added to a scam leaves the scam's own sentences as they are. Only a
turn that narrates (警方, 受害人, 骗子谎称 …) is read as a story, and in it only sentences that address nobody.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from fanzha.conversation import Party
from fanzha.match import Hit
from fanzha.ruleset import Cue, SignalRule
from fanzha.scan import SENTENCE_END, Scan


class Stance(StrEnum):
    """How a hit is meant by who says it."""

    ASSERTED = "asserted"
    ASKED = "asked"
    NEGATED = "negated"
    WARNED = "warned"
    QUOTED = "quoted"
    REFUSED = "refused"
    TOLD = "told"


@dataclass(frozen=True, slots=True)
class Reading:
    """A stance; `account` marks what a victim reports of the other side while it goes on (客服让我共享屏幕),
    `doubt` that he asks whether it is genuine.
    """

    stance: Stance
    account: bool = False
    doubt: bool = False


class Memory:
    """What earlier turns tell about later ones: who told of a past loss, and whether scams are being talked about.

    It weakens accounts, quotes and third-person sentences only; what is said to somebody's face stays as it is.
    Who says 我是市公安局的民警 speaks of 案件 and 嫌疑人 without telling a story: they are the words of his trade.
    """

    __slots__ = ("_narrated", "_officers", "_past", "pretending")

    def __init__(self) -> None:
        self._officers: dict[str | None, None] = {}
        self._past: dict[str | None, None] = {}
        self._narrated: dict[str, int] = {}
        self.pretending = -1

    def listen(self, cues: Mapping[str, Cue], text: str, speaker: str | None, turn: int) -> None:
        """Take the cues of a turn; called for every turn in which a word of the rules stands."""
        if speaker not in self._past and len(self._past) < _MAX_SPEAKERS and _has(cues["past"], text):
            self._past[speaker] = None
        if speaker not in self._officers and len(self._officers) < _MAX_SPEAKERS and _is_officer(cues, text):
            self._officers[speaker] = None
        trade = cues["office"] if speaker in self._officers else None
        for sentence in SENTENCE_END.split(text):
            words = {match[0] for match in cues["narrator"].find(sentence, 0, len(sentence))}
            if words and not _only_warns(cues, sentence):
                self._narrated.update({word: turn for word in words if not (trade and word in trade)})
        if speaker is not None and len(self._narrated) < _MAX_TELLING and _TELLERS.search(speaker):
            self._narrated[speaker] = turn
        if _has(cues["pretend"], text):
            self.pretending = turn

    def is_past(self, speaker: str | None) -> bool:
        """Whether the speaker told of a loss that is over."""
        return speaker in self._past

    def narrating(self, turn: int) -> bool:
        """Whether at least two different words of telling and warning stood in the last turns."""
        return sum(turn - seen <= _NARRATION_TURNS for seen in self._narrated.values()) >= 2

    def is_play(self, turn: int) -> bool:
        """Whether somebody said shortly before that he plays the swindler (演骗子, 念台词)."""
        return self.pretending >= 0 and turn - self.pretending <= _NARRATION_TURNS


_ASSERTED = Reading(Stance.ASSERTED)
_REACH = 14  # code points over which a prohibition or negation governs what follows it in its clause
_MAX_SPEAKERS = 64
_MAX_TELLING = 256  # words of telling and labels of those who tell
_TELLERS = re.compile("民警|警官|老师|讲师|主持|主播|记者|宣讲|旁白|社工|网格")  # labels of those who tell and teach
_NARRATION_TURNS = 12
_THIRD_PERSON = re.compile("[他她](?!行)|骗子")  # in a talk about scams: 再把验证码念给他
# 杨某, 陈某荣: a name masked as reports mask it; 某某银行 is none
_MASKED_NAME = re.compile(
    "[张王李赵刘陈杨黄周吴徐孙马朱胡郭何林高罗郑梁谢宋唐许邓冯韩曹曾彭肖蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢傅"
    "钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱严覃武莫孔向汤]某"
)
_QUESTION = ("吗", "么", "？", "?", "嘛")
_QUOTES = {"“": "”", "「": "」", "『": "』", '"': '"', "‘": "’", "《": "》"}
_GENERAL = 90  # code points over which 凡是 …, … 都是诈骗 is read: speech without marks is one long sentence
_ADVICE = 60  # code points of a sentence of advice at most
_INQUIRY = 30  # code points over which 是不是有人让您 … governs a list of deeds
_QUOTE_REACH = 200  # code points before a hit in which the opening mark of its quotation is looked for
_INTRODUCTION = 20  # code points between 我是 and 民警 in a self-introduction
_CLAUSE_END = re.compile("[，,。！!？?；;：:\n]")
_TELLING = 60  # code points before a hit in which an actor of a story is looked for
_NOTICE = 140  # code points of a message that delivers a one-time code at most
_CONFIDENTIAL = re.compile("勿|[如若]非|泄[露漏]|分钟内?有效|索要|[不别]要?能?告诉|谨防|如有疑问")
_CODE_WANTED = re.compile(
    "点击|点开|链接|网址|下载|扫码|回复|发送|转发[给到至]|[报念读发说]给|[报念读发]一下|加.{0,4}微信|@"
    "|[0-9][0-9 -]{8}"
)
_SHORT_NUMBER = 6  # digits of 95588 and the like, at most


class StanceReader:
    """Reads the stances of one turn's hits; what holds for the whole turn is found once."""

    __slots__ = ("_cues", "_memory", "_narrating", "_notice", "_scan", "_speaker", "_text", "_turn")

    def __init__(self, scan: Scan, memory: Memory, speaker: str | None, turn: int) -> None:
        self._scan = scan
        self._text = scan.text
        self._cues = scan.rules.cues
        self._memory = memory
        self._speaker = speaker
        self._turn = turn
        self._narrating: bool | None = None
        self._notice: bool | None = None

    def read(self, hit: Hit, rule: SignalRule, party: Party) -> Reading:
        """The stance of a hit of `rule`, said by `party`."""
        clause = self._scan.unit("clause", hit.start)
        sentence = self._scan.unit("sentence", hit.start)
        if rule.by != "self" and party is not Party.OTHER:
            account = self._account(sentence, hit)
            if account is not None:
                return account
        if self._memory.is_play(self._turn):
            return Reading(Stance.TOLD)
        if party is not Party.SELF and self._has("inquiry", max(sentence[0], hit.start - _INQUIRY), hit.start):
            return Reading(Stance.TOLD)
        if self._called_scam(hit, sentence) or (party is not Party.SELF and self._is_code_notice(rule)):
            return Reading(Stance.WARNED)
        if self._governed("prohibit", clause, hit):
            return Reading(Stance.REFUSED if party is Party.SELF else Stance.WARNED)
        if self._negated(rule, clause, hit):
            return Reading(Stance.REFUSED if party is Party.SELF else Stance.NEGATED)
        if self._in_story(sentence, hit):
            quoted = self._is_quoted(hit)
            return Reading(Stance.QUOTED if quoted else Stance.TOLD)
        if self._asked(hit, clause):
            return Reading(Stance.ASKED)
        return _ASSERTED

    # ── what the speaker reports of himself ──────────────────────────────────────────────────────────────────

    def _account(self, sentence: tuple[int, int], hit: Hit) -> Reading | None:
        """客服让我 … is an ongoing account; with a loss in the past it is a story; 你让我 … is neither."""
        low = max(sentence[0], hit.start - _TELLING)
        for match in self._cues["account"].find(self._text, low, min(hit.end, hit.start + 4)):
            if not self._addressed(low, match.start()):
                if self._memory.is_past(self._speaker):
                    return Reading(Stance.TOLD)
                return Reading(Stance.ASSERTED, account=True, doubt=self._has("doubt", 0, len(self._text)))
        return None

    def _addressed(self, low: int, position: int) -> bool:
        """Whether 你/您 is the subject just before, as in 你刚才让我, 你们是不是要我."""
        subject = self._text[max(low, position - 8) : position]
        return "你" in subject or "您" in subject

    # ── one-time codes ───────────────────────────────────────────────────────────────────────────────────────

    def _is_code_notice(self, rule: SignalRule) -> bool:
        """Whether the turn delivers a one-time code to be kept (验证码382910, 如非本人操作请忽略, 请勿泄露).

        It names no link, number or account to turn to and nobody who wants the code: such a turn asks for nothing.
        """
        if self._notice is None:
            text = self._text
            self._notice = (
                len(text) <= _NOTICE
                and _CONFIDENTIAL.search(text) is not None
                and _CODE_WANTED.search(text) is None
                and not self._has("live_recipient", 0, len(text))
                and _delivers_code(self._scan)
            )
        return self._notice and rule.by != "self"

    # ── warnings, prohibitions, negations ────────────────────────────────────────────────────────────────────

    def _called_scam(self, hit: Hit, sentence: tuple[int, int]) -> bool:
        """凡是 … 都是诈骗: the sentence itself calls it a scam, and nobody is told to do it for 我."""
        low, high = max(sentence[0], hit.start - _GENERAL), min(sentence[1], hit.end + _GENERAL)
        if not self._has("is_scam", hit.end, high) and not self._has("conditional", low, hit.start):
            return False
        return not self._has("live_recipient", hit.start, high)

    def _governed(self, cue: str, clause: tuple[int, int], hit: Hit) -> bool:
        """Whether a cue before the hit governs it: near, and not spent on something else (不要着急, 把 … 发我)."""
        low = max(clause[0], hit.start - _REACH)
        if low >= hit.start:
            return False
        last = None
        for match in self._cues[cue].find(self._text, low, hit.start):
            last = match
        if last is None:
            return False
        between = self._text[last.end() : hit.start]
        return not self._cues["spent"].begins(between) and not self._has("restart", last.end(), hit.start)

    def _negated(self, rule: SignalRule, clause: tuple[int, int], hit: Hit) -> bool:
        if self._governed("negate_modal", clause, hit):
            return True
        if rule.positive and self._has("negate_inside", hit.start, hit.end):
            return True
        # 您还没有把验证码发我 presses for the code: a fact that is denied negates claims, not requests
        is_ask = rule.stances.get("asked", 0.0) >= 1.0
        return not is_ask and self._governed("negate_fact", clause, hit)

    # ── stories ──────────────────────────────────────────────────────────────────────────────────────────────

    def _in_story(self, sentence: tuple[int, int], hit: Hit) -> bool:
        """Somebody else's words or deeds: an actor of a story stands before the hit and nobody is addressed since."""
        low = max(sentence[0], hit.start - _TELLING)
        actor = None
        for match in self._cues["actor"].find(self._text, low, min(hit.end, hit.start + 2)):
            if not _is_introduced(self._cues, self._text, match.start()):
                actor = match
        if actor is not None and (self._is_narrating() or not self._live(actor.end(), hit.start)):
            return True
        if not self._is_narrating():
            return False
        if _THIRD_PERSON.search(self._text, low, hit.end) or _MASKED_NAME.search(self._text, *sentence):
            return True
        return not self._live(*sentence) or self._is_quoted(hit)

    def _live(self, start: int, end: int) -> bool:
        """Whether somebody is addressed or told to act here; 让您/要求您 in a warning does not count."""
        return start < end and self._has("live", start, end)

    def _is_narrating(self) -> bool:
        if self._narrating is None:
            self._narrating = self._memory.narrating(self._turn)
        return self._narrating

    def _is_quoted(self, hit: Hit) -> bool:
        before = self._text[max(0, hit.start - _QUOTE_REACH) : hit.start]
        if hit.start <= _QUOTE_REACH:  # a turn that is put between marks as a whole quotes nobody
            before = before.lstrip(" ")[1:] if before.lstrip(" ")[:1] in _QUOTES else before
        return any(
            before.rfind(opening) > before.rfind(closing) if opening != closing else before.count(opening) % 2
            for opening, closing in _QUOTES.items()
        )

    # ── questions ────────────────────────────────────────────────────────────────────────────────────────────

    def _asked(self, hit: Hit, clause: tuple[int, int]) -> bool:
        tail = self._text[hit.end : clause[1]]
        if len(tail) <= 8 and tail.rstrip(" 啊呀呢").endswith(_QUESTION):
            return True
        if self._text[hit.start : hit.end].endswith(_QUESTION):
            return True
        return self._has("question", max(clause[0], hit.start - 6), hit.start)

    def _has(self, cue: str, start: int, end: int) -> bool:
        return _has(self._cues[cue], self._text, start, end)


def _delivers_code(scan: Scan) -> bool:
    """Whether the digits of a code stand in the text, and no link, chat id or number but a short one (95588)."""
    found = scan.entities("code", "url", "im_id", "phone")
    return any(kind == "code" and text.isdigit() for kind, text in found) and all(
        kind == "code" or (kind == "phone" and len(text) <= _SHORT_NUMBER) for kind, text in found
    )


def _is_introduced(cues: Mapping[str, Cue], text: str, position: int) -> bool:
    """Whether the speaker presents himself by the word at `position`: 我是市公安局的民警."""
    for match in cues["introduce"].find(text, max(0, position - _INTRODUCTION), position):
        if not _CLAUSE_END.search(text, match.end(), position):
            return True
    return False


def _is_officer(cues: Mapping[str, Cue], text: str) -> bool:
    """Whether the speaker says that he is of an office (我是…民警), or speaks as one (我局)."""
    return any(
        match[0] in cues["introduce"] or _is_introduced(cues, text, match.start())
        for match in cues["office"].find(text, 0, len(text))
    )


def _has(cue: Cue, text: str, start: int = 0, end: int | None = None) -> bool:
    """Whether a cue stands in text[start:end]."""
    return cue.stands(text, start, len(text) if end is None else end)


def _only_warns(cues: Mapping[str, Cue], sentence: str) -> bool:
    """Whether a sentence is a piece of advice (谨防诈骗, 请及时报警) and tells nothing: anybody can put one before or
    after what he says, a swindler too.
    """
    return len(sentence) <= _ADVICE and any(_has(cues[cue], sentence) for cue in ("prohibit", "is_scam", "conditional"))


REMEMBERED_CUES = ("narrator", "past", "pretend")  # what Memory listens for
REQUIRED_CUES = frozenset(
    (
        "introduce office "
        "account past is_scam conditional live_recipient prohibit negate_modal negate_fact spent restart "
        "actor narrator live question pretend doubt inquiry negate_inside"
    ).split()
)
