"""Ways to write around the rules, made from the samples: what somebody does who has read them.

In: the turns of a conversation and a seed. Out: the turns as he would have them. Nothing is random but by the seed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from random import Random

from fanzha import Turn
from fanzha.conversation import Party
from fanzha.measure.noise import Disturber, parse_noise
from fanzha.pack.load import bundled_rules, load_pack

Turns = Sequence[Turn]
Evasion = Callable[[Turns, Random], list[Turn]]

CHAT = (
    "今天的菜真新鲜，我买了点豆角和西红柿。", "孩子下周考试，晚上还得陪他背课文。", "外面起风了，出门记得多穿一件。",
    "昨天那场球看了吗，最后几分钟太紧张了。", "我妈学会做面包了，就是烤得有点硬。", "地铁今天人特别多，差点没挤上去。",
    "阳台上的花开了，红的黄的都有。", "周末想去爬山，你有空一起吗？", "这部剧我追到第十集了，还挺好看。",
)  # fmt: skip
WARNING = "警方提示：凡是要求转账到安全账户、索要验证码的都是诈骗，请勿相信，谨防上当。"
_SENTENCE = re.compile("[^。！？]*[。！？]?")


def chatter(random: Random, length: int = 2000) -> str:
    """Ordinary chat of so many characters."""
    said = ""
    while len(said) < length:
        said += random.choice(CHAT)
    return said


@cache
def synonyms() -> dict[str, tuple[str, ...]]:
    """Word → the other words of as many characters of the one term that has it."""
    terms = load_pack([bundled_rules()]).terms.values()
    count: dict[str, int] = {}
    for term in terms:
        for word in term.words:
            count[word] = count.get(word, 0) + 1
    return {
        word: others
        for term in terms
        for word in term.words
        if count[word] == 1 and len(word) > 2
        if (others := tuple(one for one in term.words if one != word and len(one) == len(word)))
    }


def noisy(*noises: str) -> Evasion:
    """What `fanzha measure --noise` puts on."""

    def evade(turns: Turns, random: Random) -> list[Turn]:
        disturber = Disturber([parse_noise(one) for one in noises], synonyms(), random.randrange(1000))
        return list(disturber.disturb(turns, "adversary"))

    return evade


def said_otherwise(turns: Turns, random: Random) -> list[Turn]:
    """A fifth of the longer words replaced by others of the same list."""
    known = synonyms()
    pattern = re.compile("|".join(sorted(map(re.escape, known), key=lambda word: (-len(word), word))))

    def other(match: re.Match[str]) -> str:
        return random.choice(known[match[0]]) if random.random() < 0.2 else match[0]

    return [replace(turn, text=pattern.sub(other, turn.text)) for turn in turns]


def reordered(turns: Turns, random: Random) -> list[Turn]:
    """The sentences of each turn in another order."""
    mixed = []
    for turn in turns:
        sentences = [one for one in _SENTENCE.findall(turn.text) if one]
        random.shuffle(sentences)
        mixed.append(replace(turn, text="".join(sentences)))
    return mixed


def padded(turns: Turns, random: Random) -> list[Turn]:
    """2,000 characters of chat before, and as many somewhere in the middle."""
    place = random.randrange(len(turns))
    first = replace(turns[0], text=chatter(random))
    middle = replace(turns[place], text=f"{chatter(random)}{turns[place].text}")
    return [first, *turns[:place], middle, *turns[place + 1 :]]


def warned(*, before: bool) -> Evasion:
    """A police warning put before or after everything that the other side says at length."""

    def evade(turns: Turns, random: Random) -> list[Turn]:
        said = []
        for turn in turns:
            if turn.party is Party.SELF or len(turn.text) < 12:
                said.append(turn)
            else:
                said.append(replace(turn, text=f"{WARNING}{turn.text}" if before else f"{turn.text}。{WARNING}"))
        return said

    return evade


def quoted(turns: Turns, random: Random) -> list[Turn]:
    """The other side's words put between marks, as if somebody else had said them."""
    return [turn if turn.party is Party.SELF else replace(turn, text=f"“{turn.text}”") for turn in turns]


def in_pieces(turns: Turns, random: Random) -> list[Turn]:
    """Every turn cut into pieces of nine characters."""
    return [
        replace(turn, text=turn.text[place : place + 9]) for turn in turns for place in range(0, max(1, len(turn.text)), 9)
    ]


def unlabelled(turns: Turns, random: Random) -> list[Turn]:
    """Nobody knows who speaks."""
    return [Turn(turn.text) for turn in turns]


def numbered(turns: Turns, random: Random) -> list[Turn]:
    """Only that two different people speak is known."""
    names: dict[str | None, str] = {}
    return [Turn(turn.text, names.setdefault(turn.speaker, f"说话人{len(names) + 1}")) for turn in turns]


# What must never hide a scam, and what may hide few.
NEVER: dict[str, Evasion] = {
    "padding": padded,
    "a warning before": warned(before=True),
    "a warning after": warned(before=False),
    "quoting": quoted,
    "pieces": in_pieces,
    "no labels": unlabelled,
    "unknown labels": numbered,
    "spaces": noisy("space:1"),
    "zero width": noisy("zero-width:1"),
    "traditional": noisy("traditional:1"),
    "full width": noisy("full-width:1"),
}
SELDOM: dict[str, Evasion] = {
    "homophones": noisy("homophone:0.1"),
    "a recogniser": noisy("asr:0.1"),
    "fillers": noisy("filler:0.1"),
    "no marks": noisy("marks:1"),
    "glyphs": noisy("glyph:0.3"),
    "symbols": noisy("symbol:1"),
    "parts": noisy("parts:1"),
    "initials": noisy("initials:1"),
    "pinyin": noisy("pinyin:0.3"),
    "pictures": noisy("emoji:1"),
    "digits": noisy("leet:1"),
    "doubling": noisy("double:1"),
    "synonyms": said_otherwise,
    "another order": reordered,
    "some labels swapped": noisy("swap:0.2"),
}
