"""The generated catalogue: complete, safe as Markdown, and as new as the rules."""

import re

from conftest import ROOT, pack, signal
from fanzha.pack.catalogue import catalogue, members
from fanzha.pack.load import bundled_rules, load_pack


def test_docs_rules_is_up_to_date():
    text = catalogue(load_pack([bundled_rules()]))
    assert (ROOT / "docs" / "rules.md").read_text("utf-8") == text, "运行 fanzha rules catalogue -o docs/rules.md"


def test_every_script_and_signal_stands_in_it():
    loaded = load_pack([bundled_rules()])
    text = catalogue(loaded)
    assert all(f"(`{name}`)" in text for name in loaded.scripts)
    assert all(f"**`{name}` " in text for name in loaded.signals)


def testmembers_are_those_that_the_compiler_puts_on_stages(detector):
    loaded = load_pack([bundled_rules()])
    for script in detector.rules.scripts:
        compiled = {detector.rules.signals[index].id: stage for index, stage in script.stage_of.items()}
        assert members(loaded, loaded.scripts[script.id]) == compiled


def test_markup_in_titles_stays_text(write_rules):
    loaded = load_pack([write_rules(pack([signal(title="<b>[x](y)|*z*")]))])
    text = catalogue(loaded)
    assert r"\<b\>\[x\](y)\|\*z\*" in text
    assert not re.search("<b>", text)
