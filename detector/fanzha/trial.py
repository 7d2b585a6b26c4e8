"""Try rules on a text without installing them: what is wrong with them, and where they hit.

In: the rules as they are, the YAML of a few more, a conversation. Out: the faults of the YAML by line, the verdict of
the tried rules alone, and their own examples that fail. Only what the YAML holds or touches is compiled, so that a try
takes some hundredths of a second; nothing is written anywhere.

It bounds the size of what it makes of the YAML, not the time: regexes of strangers run in a process that can be ended.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from fanzha.conversation import Conversation
from fanzha.errors import Diagnostic, PackError
from fanzha.pack.book import terms_of
from fanzha.pack.catalogue import members
from fanzha.pack.compile import compile_pack
from fanzha.pack.examples import failing_examples
from fanzha.pack.lint import lint
from fanzha.pack.load import Pack, lay_over
from fanzha.pack.model import ScriptModel
from fanzha.pack.source import Document, parse_document
from fanzha.ruleset import Ruleset
from fanzha.session import Session
from fanzha.verdict import Verdict

NAME = "rule.yaml"  # what the YAML is called in diagnostics


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of it: no verdict where the YAML has errors, or where there was nothing to score."""

    diagnostics: tuple[Diagnostic, ...]  # errors and warnings, by line
    signals: tuple[str, ...] = ()  # what was tried
    verdict: Verdict | None = None  # of the tried rules alone: its evidence is where they hit


def try_rules(pack: Pack, source: str, conversation: Conversation | None) -> Trial:
    """Lint YAML as if it stood in a folder after those of `pack`, run its examples, and score the conversation."""
    document = parse_document(source, NAME)
    over = lay_over(pack, document)
    if any(fault.severity == "error" for fault in over.diagnostics):
        return Trial(tuple(over.diagnostics))
    tried = _tried(over, document)
    part = _part(over, tried, document)
    faults = [fault for fault in lint(part) if fault.file == NAME]
    if any(fault.severity == "error" for fault in faults):
        return Trial(tuple(faults))
    try:
        rules = compile_pack(part)
    except PackError as error:  # a fault outside the document that only the document brings out
        return Trial((*faults, *error.diagnostics))
    faults += _failed(part, document, rules)
    verdict = _score(rules, conversation) if conversation is not None and tried else None
    return Trial(tuple(faults), tuple(tried), verdict)


def _own(pack: Pack, document: Document, section: str) -> list[str]:
    """The ids of a section that the document defines."""
    return [name for (where, name), place in pack.places.items() if where == section and place.document is document]


def _tried(pack: Pack, document: Document) -> list[str]:
    """The signals of the document, those of its scripts, and those that use its terms."""
    terms = set(_own(pack, document, "terms"))
    wanted = dict.fromkeys(_own(pack, document, "signals"))
    for name in _own(pack, document, "scripts"):
        wanted.update(dict.fromkeys(members(pack, pack.scripts[name])))
    for name, signal in pack.signals.items():
        if terms.intersection(terms_of(signal)):
            wanted[name] = None
    return [name for name in wanted if name in pack.signals]


def _part(pack: Pack, tried: list[str], document: Document) -> Pack:
    """A pack of what is tried: its signals, the terms that they use, the scripts that they stand in."""
    # a signal that only stands beside others would find none of them here
    signals = {name: pack.signals[name].model_copy(update={"beside": False}) for name in tried}
    own_terms = _own(pack, document, "terms")
    used = {term for signal in signals.values() for term in terms_of(signal)} | set(own_terms)
    own_scripts = set(_own(pack, document, "scripts"))
    scripts: dict[str, ScriptModel] = {}
    small = replace(pack, signals=signals)
    for name, script in pack.scripts.items():
        if name in own_scripts:
            scripts[name] = script
        elif uses := _uses(small, script):  # only their stages: its pairs need the other signals
            scripts[name] = script.model_copy(update={"uses": uses, "decisive": []})
    return replace(
        pack,
        terms={name: term for name, term in pack.terms.items() if name in used},
        groups={name: group for name, group in pack.groups.items() if own_scripts},
        signals=signals,
        scripts=scripts,
    )


def _uses(pack: Pack, script: ScriptModel) -> dict[str, list[str]]:
    """What a script uses of the signals of a pack, by stage."""
    uses: dict[str, list[str]] = {}
    for name, stage in members(pack, script).items():
        uses.setdefault(stage, []).append(name)
    return uses


def _failed(part: Pack, document: Document, rules: Ruleset) -> Iterator[Diagnostic]:
    """The examples of the document's own signals that fail, as warnings."""
    own = {name: part.signals[name] for name in _own(part, document, "signals") if name in part.signals}
    for fault in failing_examples(replace(part, signals=own), _Scorer(rules)):
        yield replace(fault, severity="warning")


@dataclass(frozen=True, slots=True)
class _Scorer:
    """Scores by a ruleset, as a Detector does."""

    rules: Ruleset

    def score(self, what: Conversation) -> Verdict:
        return _score(self.rules, what)


def _score(rules: Ruleset, conversation: Conversation) -> Verdict:
    session = Session(rules)
    for turn in conversation.turns:
        session.feed(turn)
    return session.verdict()
