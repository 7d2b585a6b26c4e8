"""What is remembered of a conversation between turns: sides, evidence, amounts, the unfinished end of a turn.

In: what the engine found in each turn. Out: the material of a verdict. Bounded: evidence per signal, sides, entities
and remembered text have limits (limits.py); the score only rises, so that its course is a hundred steps at most.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fanzha import limits
from fanzha.amounts import Amount, Purpose, find_amounts
from fanzha.conversation import Party, Turn
from fanzha.entities import EntityKind, find_entities
from fanzha.judge import Counted, Side, level_of, score_of
from fanzha.match import Hit
from fanzha.ruleset import EXACT, Ruleset, SignalRule
from fanzha.stance import Memory, Reading, Stance
from fanzha.text import View

_SENTENCE_END = re.compile("[。！？!?；;\n…]")
_GREETING = re.compile(
    "[喂嗯哦啊诶哎呃呀呢吗你您,，。.!！?？~、\\s]|你好|您好|哪位|哪里|是谁|谁|在吗|在不在|请讲|请问|听得到|早上好|中午好|下午好|晚上好|很高兴为您服务|欢迎致电|为您服务|竭诚|有什么可以帮|请问有什么|需要帮|我听着|哪里找|哪一位|什么事|怎么了|hello|hi"
)
_DESK_GREETING = re.compile(
    "(?:有什么|什么|怎么|如何|哪些)[^。！？；\n]{0,6}(?:可以|能|需要)[^。！？；\n]{0,6}(?:帮|协助|为您|服务)|"
    "需要(?:我|什么)[^。！？；\n]{0,4}(?:帮助|帮您|服务)|请问您要?(?:咨询|办理|预订|点)[^。！？；\n]{0,4}(?:什么|哪)"
)
_GREETING_CHARS = 5  # what may remain of a turn that only greets
_KINDS = frozenset(EntityKind) - {EntityKind.MONEY, EntityKind.CODE}
_ONLY_A_NUMBER = re.compile(r"[^\d]{0,6}([1-9]\d{2,6}(?:\.\d{1,2})?)[^\d]{0,3}")
_SCALES = (10, 100, 1000)
_UNSHADOWED = 8  # turns with hits that may wait for the shadow
ONE_SIDE = ""  # the key of the side that all known others, and turns without a label, belong to


@dataclass(frozen=True, slots=True)
class Found:
    """A hit and its stance."""

    hit: Hit
    reading: Reading


@dataclass(frozen=True, slots=True)
class Tail:
    """The unfinished end of a turn: folded, and of the original what may be shown of it.

    `origins` are the offsets of its characters in the original turn, which is `length` long and ends with `original`.
    """

    speaker: str
    party: Party
    text: str
    origins: Sequence[int]
    original: str
    length: int

    def since(self, offset: int) -> tuple[int, str]:
        """Where in the original the tail's character at `offset` stands, and the original from there on."""
        low = self.origins[max(0, offset)]
        return low, self.original[len(self.original) - (self.length - low) :]


@dataclass(frozen=True, slots=True)
class Heard:
    """A turn as it is matched: its view, behind the unfinished end of the same speaker's turn before."""

    turn: Turn
    view: View
    text: str
    before: Tail | None

    @property
    def tail(self) -> int:
        """How long the unfinished end before it is, in the view."""
        return 0 if self.before is None else len(self.before.text)

    def breaks(self) -> list[int]:
        """Ends of clauses at dropped spaces, in offsets of `text`."""
        return [offset + self.tail for offset in self.view.breaks()]


@dataclass(frozen=True, slots=True)
class Record:
    """One piece of evidence kept: spans in the originals, never more of the text than the hit itself."""

    turn: int
    start: int
    end: int
    start_utf16: int
    end_utf16: int
    text: str
    before: tuple[int, int, int, str] | None
    speaker: str | None
    party: Party
    signal: int
    how: str
    reading: Reading


class State:
    """Everything that `advance` reads and changes."""

    __slots__ = (
        "_amounts",
        "_began",
        "_began_label",
        "_graded",
        "_kept",
        "_quiet",
        "_shadow",
        "_steps",
        "_sums",
        "_tail",
        "_unshadowed",
        "best_total",
        "entities",
        "first_alert",
        "level",
        "memory",
        "records",
        "rules",
        "score",
        "sides",
        "skipped",
        "turns",
        "undecided",
        "warm",
    )

    def __init__(self, rules: Ruleset) -> None:
        self.rules = rules
        self.turns = 0
        self.memory = Memory()
        self.warm = False  # whether any signal was hit yet
        self.sides: dict[str, Side] = {}
        self._shadow = Side(rules)
        self._unshadowed: list[tuple[list[Counted], int]] = []
        self.records: list[Record] = []
        self.entities: list[tuple[EntityKind, int, int, int, str, Amount | None]] = []
        self._steps: list[tuple[int, int]] = []  # the turns in which the score rose, and the score then
        self.first_alert: int | None = None
        self.best_total = rules.base
        self._graded: int | None = None  # the total that score and level stand for
        self.score = 0
        self.level = "none"
        self.undecided: dict[int, None] = {}
        self.skipped: dict[str, None] = {}
        self._kept: dict[tuple[int, Stance], int] = {}
        self._amounts: dict[Purpose, float] = {}
        self._sums: set[float] = set()
        self._quiet: deque[str] = deque(maxlen=limits.QUIET_TURNS)
        self._tail: Tail | None = None
        self._began: Party | None = None
        self._began_label: str | None = None

    def skip(self, note: str) -> None:
        """Name a limit that was hit; at most 20 notes are kept."""
        if len(self.skipped) < 20:
            self.skipped[note] = None

    # ── hearing ──────────────────────────────────────────────────────────────────────────────────────────────

    def hear(self, turn: Turn, view: View) -> Heard:
        """Put the unfinished end of the speaker's turn before in front, so that 验证|码 split in two is read."""
        if self._began is None:
            if turn.party is Party.OTHER and _DESK_GREETING.search(view.text):
                self._began, self._began_label = Party.SELF, None  # who asks how he can help was called
            elif self._is_opening(turn, view.text):
                self._began, self._began_label = turn.party, turn.speaker
        tail = self._tail
        if tail is None or tail.speaker != turn.speaker or tail.party is not turn.party:
            return Heard(turn, view, view.text, None)
        return Heard(turn, view, tail.text + view.text, tail)

    @staticmethod
    def _tail_of(heard: Heard) -> Tail | None:
        """What of this turn the speaker's next one is read with; holds what was so read with this one."""
        turn, view, text = heard.turn, heard.view, heard.text
        offset = max(0, len(text) - limits.TAIL_CHARS)
        for mark in _SENTENCE_END.finditer(text, offset):
            offset = mark.end()
        if not turn.speaker or offset >= len(text):
            return None
        own = max(0, offset - heard.tail)  # from where in this turn's view
        origins: Sequence[int] = range(own, len(view.text))
        if view.moved:
            origins = [view.origin(place) for place in origins]
        low = origins[0] if origins else len(turn.text)
        missing = heard.tail - offset  # characters of the turns before; evidence never reaches back over two turns
        return Tail(
            turn.speaker,
            turn.party,
            text[offset:],
            [low] * missing + list(origins) if missing > 0 else origins,
            turn.text[low:],
            len(turn.text),
        )

    def close_turn(self, heard: Heard) -> None:
        """Count the turn, note its score, remember its end."""
        if not self.warm:
            self._quiet.append(heard.view.text[: limits.QUIET_CHARS])
        if self._graded != self.best_total:
            self._graded = self.best_total
            self.score = score_of(self.best_total)
            self.level = level_of(self.rules, self.score)
            if not self._steps or self._steps[-1][1] != self.score:
                self._steps.append((self.turns, self.score))
        if self.first_alert is None and self.level in ("high", "critical"):
            self.first_alert = self.turns
        self.turns += 1
        self._tail = self._tail_of(heard)

    def timeline(self) -> tuple[int, ...]:
        """The score after each turn."""
        ends = [*(turn for turn, _ in self._steps[1:]), self.turns][: len(self._steps)]
        return tuple(score for (turn, score), end in zip(self._steps, ends, strict=True) for _ in range(turn, end))

    @staticmethod
    def _is_opening(turn: Turn, text: str) -> bool:
        """Whether a turn says more than 喂, 您好, 哪位: who says more first has made contact."""
        return len(_GREETING.sub("", text)) > _GREETING_CHARS

    # ── sides ────────────────────────────────────────────────────────────────────────────────────────────────

    def sides_for(self, turn: Turn, hits: bool) -> Iterable[tuple[str, Side]]:
        """The sides to judge a turn on: known parties make one; every unknown speaker is followed as one more."""
        if turn.party is Party.UNKNOWN and turn.speaker:
            if turn.speaker not in self.sides and hits:
                if len(self.sides) < limits.MAX_SIDES:
                    self.sides[turn.speaker] = Side(self.rules)
                else:
                    self.skip(f"turn {self.turns}: 说话人超过 {limits.MAX_SIDES} 个, 其余不单独判断")
        elif ONE_SIDE not in self.sides and hits:
            self.sides[ONE_SIDE] = Side(self.rules)
        return list(self.sides.items())

    @staticmethod
    def seen_by(label: str, turn: Turn) -> Party:
        """The party of a turn where `label` is taken for the scammer: everybody else then is on our side."""
        if label != ONE_SIDE:
            return Party.OTHER if turn.speaker == label else Party.SELF
        return Party.SELF if turn.party is Party.UNKNOWN and turn.speaker else turn.party

    def began(self, label: str) -> Party:
        """Who made contact, as the side sees it."""
        if self._began is None:
            return Party.UNKNOWN
        if label == ONE_SIDE and (self._began is not Party.UNKNOWN or not self._began_label):
            return self._began
        return Party.OTHER if self._began_label == label else Party.SELF

    # ── amounts ──────────────────────────────────────────────────────────────────────────────────────────────

    def weigh_amounts(self, heard: Heard, found: tuple[Amount, ...]) -> list[Found]:
        """Note the amounts of the turn and return the hits of amount rules: paid out far above the price."""
        if not self.warm:
            self.warm = True
            for text in self._quiet:
                self._note_amounts(_sums_in(text, find_amounts(text)))
            self._quiet.clear()
        amounts = _sums_in(heard.view.text, found)
        hits = []
        for index in self.rules.amount_signals:
            amount = next((amount for amount in amounts if self._exceeds(self.rules.signals[index], amount)), None)
            if amount is not None:
                hit = Hit(index, heard.tail + amount.start, heard.tail + amount.end, EXACT)
                hits.append(Found(hit, Reading(Stance.ASSERTED)))
        self._note_amounts(amounts)
        return hits

    def _exceeds(self, signal: SignalRule, amount: Amount) -> bool:
        rule = signal.amounts
        if rule is None:
            return False
        if rule.scaled:
            return any(
                max(amount.yuan, seen) == min(amount.yuan, seen) * scale
                for seen in self._sums
                for scale in _SCALES
                if max(amount.yuan, seen) >= rule.at_least
            )
        price = self._amounts.get(Purpose.PRICE)
        if amount.yuan < rule.at_least:
            return False
        return price is not None and amount.purpose in rule.purposes and amount.yuan >= rule.ratio * price

    def _note_amounts(self, amounts: Iterable[Amount]) -> None:
        for amount in amounts:
            self._amounts.setdefault(amount.purpose, amount.yuan)
            if len(f"{amount.yuan:.0f}".rstrip("0")) >= 2 and len(self._sums) < limits.MAX_SUMS:
                self._sums.add(amount.yuan)  # round sums (500 → 5,000) meet by chance

    # ── evidence ─────────────────────────────────────────────────────────────────────────────────────────────

    def record(self, heard: Heard, found: list[Found], amounts: tuple[Amount, ...]) -> None:
        """Keep the evidence of a turn, feed the shadow, and list the entities."""
        for one in found:
            rule = self.rules.signals[one.hit.signal]
            if rule.known_party and heard.turn.party is Party.UNKNOWN and not heard.turn.speaker:
                self.undecided[rule.index] = None
            if not rule.hidden:
                self._keep(heard, one)
        self._list_entities(heard, amounts)
        self._unshadowed.append(
            ([Counted(one.hit.signal, 1.0) for one in found if one.reading.stance is not Stance.NEGATED], self.turns)
        )
        if len(self._unshadowed) >= _UNSHADOWED:
            self.shadow()

    def shadow(self) -> Side:
        """The play as it would stand if warnings and stories were meant; worked out when it is asked for."""
        for hits, turn in self._unshadowed:
            self._shadow.add(hits, turn)
        self._unshadowed.clear()
        return self._shadow

    def complete(self, signals: list[int], heard: Heard, found: list[Found]) -> None:
        """Record signals that spanned turns, at the hit that completed them, and note the best total."""
        for signal in signals:
            parts = set(self.rules.signals[signal].parts)
            last = next((one for one in reversed(found) if one.hit.signal in parts), None)
            if last is not None:
                self._keep(heard, Found(Hit(signal, last.hit.start, last.hit.end, last.hit.how), last.reading))
        self.best_total = max(
            [self.best_total, *(total for side in self.sides.values() for total in side.totals.values())]
        )

    def _keep(self, heard: Heard, one: Found) -> None:
        key = (one.hit.signal, one.reading.stance)
        kept = self._kept.get(key, 0)
        if kept >= limits.MAX_EVIDENCE_PER_SIGNAL:
            return
        self._kept[key] = kept + 1
        turn = heard.turn
        start, end = heard.view.span(max(0, one.hit.start - heard.tail), one.hit.end - heard.tail)
        before = None
        if one.hit.start < heard.tail and heard.before is not None:
            low, shown = heard.before.since(one.hit.start)
            if shown:
                before = (self.turns - 1, low, heard.before.length, shown)
        wide = utf16_length(turn.text[:start])
        text = turn.text[start:end]
        self.records.append(
            Record(
                self.turns,
                start,
                end,
                wide,
                wide + utf16_length(text),
                text,
                before,
                turn.speaker,
                turn.party,
                one.hit.signal,
                one.hit.how,
                one.reading,
            )
        )

    def _list_entities(self, heard: Heard, amounts: tuple[Amount, ...]) -> None:
        room = limits.MAX_ENTITIES - len(self.entities)
        if room <= 0:
            return
        text = heard.view.text
        rows: list[tuple[EntityKind, int, int, Amount | None]] = [
            (entity.kind, entity.start, entity.end, None) for entity in find_entities(text, _KINDS)
        ]
        rows += [(EntityKind.MONEY, amount.start, amount.end, amount) for amount in amounts]
        for kind, low, high, amount in sorted(rows, key=lambda row: row[1:3])[:room]:
            start, end = heard.view.span(low, high)
            self.entities.append((kind, self.turns, start, end, heard.turn.text[start:end], amount))


def _sums_in(text: str, amounts: tuple[Amount, ...]) -> tuple[Amount, ...]:
    """The amounts of a turn; a turn that is one number (收到多少? 53000) is an amount as well."""
    bare = None if amounts else _ONLY_A_NUMBER.fullmatch(text)
    return (Amount(*bare.span(1), float(bare[1]), Purpose.OTHER),) if bare else amounts


def utf16_length(text: str) -> int:
    """Length in UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
