"""The rule packs as data: what a YAML file may say, checked by pydantic. No matching here.

Weights and points are in logits (natural log-odds): 1.0 makes a scam 2.7 times as likely as before.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$")]
Text = Annotated[str, StringConstraints(min_length=1)]
Stage = Literal[
    "identity", "hook", "trust", "channel", "harvest", "false_proof", "extract", "pressure",
    "goods", "deal", "delivery", "cash_out",
]  # fmt: skip
Track = Literal["fraud", "gray"]
StanceName = Literal["asserted", "asked", "negated", "warned", "quoted", "refused", "told"]
LevelName = Literal["low", "medium", "high", "critical"]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TermModel(_Model):
    """A named list of words. `sound: true` also matches words of three and more characters by sound,
    `sound: [借呗]` these words besides, in context only; `unlike` are sound-alikes that are other words. Where
    something was found, all words are heard in what sounds like them, but for those of `mend: false`.
    """

    words: Annotated[list[Text], Field(min_length=1)]
    sound: bool | list[Text] = False
    unlike: list[Text] = []
    mend: bool = True
    extend: bool = False
    note: str = ""


class SignalModel(_Model):
    """One leaf idea that a turn can carry."""

    id: Id
    title: Text
    stage: Stage
    by: Literal["other", "self", "any"] = "other"
    ask: bool = False  # a request: the question form ("能把验证码发我吗") counts in full
    beside: bool = False  # everyday words: looked for only in a turn in which another signal was hit
    known_party: bool = False  # counts only where it is known who speaks; else the verdict says so
    when_self_began: Annotated[float, Field(ge=0, le=1)] = 1.0  # factor where the protected person made contact
    weight: Annotated[float, Field(ge=0, le=6)] = 0.1
    match: Any
    unless: list[Any] = []
    unless_within: Literal["clause", "sentence", "turn"] = "sentence"
    word: bool = False
    stances: dict[StanceName, Annotated[float, Field(ge=0, le=1)]] = {}
    why: Text
    falsepositives: Text
    hits: Annotated[list[Any], Field(min_length=2)]
    misses: Annotated[list[Any], Field(min_length=2)]
    note: str = ""


class GroupModel(_Model):
    """A named list of signals (ids or globs), written `group:name` where a script lists signals."""

    signals: Annotated[list[Text], Field(min_length=1)]
    extend: bool = False
    note: str = ""


class DecisiveModel(_Model):
    """A pair that decides: `first` before or with `then`, at most `window` turns apart, adds `points`."""

    title: Text
    first: Annotated[list[Text] | Text, Field()]
    then: Annotated[list[Text] | Text, Field()]
    points: Annotated[float, Field(gt=0, le=6)]
    window: Annotated[int, Field(ge=0, le=10_000)] = 200
    unordered: bool = False
    stage: Stage | None = None  # whose cap the points fall under: an opening alone must not alert


class AdviceModel(_Model):
    """What to tell the victim once a stage is reached."""

    stage: Stage | None = None
    level: LevelName | None = None
    say: Text


class ScriptModel(_Model):
    """One scam family: which signals on which stages, what is decisive, what comes next."""

    id: Id
    title: Text
    track: Track = "fraud"  # gray: the trade in accounts, data and cards that feeds fraud
    fallback: bool = False  # catches mixtures: gives its points, but a family with half of them gives the name
    summary: Text
    fact: Text  # the one fact that breaks the script, said to the victim first
    uses: dict[Stage, Annotated[list[Text], Field(min_length=1)]]
    caps: dict[Stage, Annotated[float, Field(gt=0, le=10)]] = {}
    order_bonus: Annotated[float, Field(ge=0, le=3)] = 0.0
    decisive: list[DecisiveModel] = []
    next: dict[Stage, Annotated[list[Text], Field(min_length=1)]] = {}
    advice: list[AdviceModel] = []


class CueModel(_Model):
    """Words that change the stance of what stands near them."""

    id: Id
    words: Annotated[list[Text], Field(min_length=1)]
    except_: list[Text] = Field(default=[], alias="except")
    note: str = ""


class FitModel(_Model):
    """What `fanzha rules fit` learnt: it stands above the weights, the base and the levels that people wrote.
    `scale` multiplies every point, so that a score says how often such conversations are scams.
    """

    base: Annotated[float, Field(le=0, ge=-12)]
    scale: Annotated[float, Field(gt=0, le=4)] = 1.0
    levels: dict[LevelName, Annotated[float, Field(ge=0, le=100)]]
    weights: dict[Id, Annotated[float, Field(ge=0, le=6)]] = {}
    note: str = ""


class SoundsModel(_Model):
    """What `fanzha rules sounds` learnt from ordinary text, words apart by spaces: `once` and `often` are what it
    writes that sounds like a word of the rules, `unheard` are words that too much of it sounds like, `strict` those of
    which only the same syllables count.
    """

    once: str = ""
    often: str = ""
    unheard: str = ""
    strict: str = ""


class DisguiseModel(_Model):
    """How words are written so that a machine does not know them: pictures and initials, each with its word."""

    pictures: dict[Text, Text] = {}
    initials: dict[Text, Text] = {}


class SpeechModel(_Model):
    """What people and recognisers put between words; it is left out where a text is mended."""

    fillers: list[Text] = []


class PackModel(_Model):
    """pack.yaml: identity of the pack and the thresholds of the levels (scores 0–100)."""

    id: Id
    version: Text
    title: Text
    base: Annotated[float, Field(le=0, ge=-12)]  # log-odds of a scam before a word is said
    levels: dict[LevelName, Annotated[float, Field(ge=0, le=100)]]
    stages: dict[Stage, Text]
    emergency: list[Text] = []
    note: str = ""
