"""Groups of signals, globs by stage, the two tracks, and what a fit lays over the written weights."""

import pytest

from fanzha import Detector
from fanzha.errors import PackError

PACK = """
pack: {id: tiny, version: "1", title: t, base: -4, levels: {low: 12, medium: 40, high: 70, critical: 92},
       stages: {hook: 由头, goods: 货物, deal: 交易}, emergency: [马上打 110]}
"""
SIGNAL = """
  - {{id: {id}, title: {id}, stage: {stage}, weight: 2, match: ["{words}"], why: w, falsepositives: f,
     hits: [{words}, {words}], misses: [好的, 您好]}}
"""


@pytest.fixture
def write(tmp_path):
    def rules(name, text):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "pack.yaml").write_text(text, "utf-8")
        return folder

    return rules


def pack(scripts, more="", signals=(("a.one", "hook", "蓝色钥匙"), ("a.two", "goods", "绿色箱子"))):
    body = "".join(SIGNAL.format(id=name, stage=stage, words=words) for name, stage, words in signals)
    return f"{PACK}{more}\nsignals:{body}\nscripts:\n{scripts}"


SCRIPT = "  - {id: s, title: S, summary: s, fact: f, uses: %s%s}\n"


def test_a_glob_under_a_stage_takes_only_the_signals_of_that_stage(write):
    detector = Detector(write("a", pack(SCRIPT % ("{hook: [a.*]}", ""))), bundled=False)
    assert detector.score("蓝色钥匙").stages[0].id == "hook"
    assert detector.score("绿色箱子").score == detector.score("好的").score


def test_a_group_stands_for_its_signals_in_uses_and_in_pairs(write):
    text = pack(
        SCRIPT % ("{hook: ['group:g'], goods: ['group:g']}", ", decisive: [{title: d, first: 'group:g', then: a.two, points: 1}]"),
        more="groups: {g: [a.one, a.two]}",
    )
    verdict = Detector(write("a", text), bundled=False).score("蓝色钥匙绿色箱子")
    assert [line.kind for line in verdict.lines] == ["base", "signal", "signal", "decisive"]


def test_an_unknown_group_is_a_located_fault(write):
    with pytest.raises(PackError) as caught:
        Detector(write("a", pack(SCRIPT % ("{hook: ['group:none']}", ""))), bundled=False)
    assert "group:none" in str(caught.value)


def test_a_later_folder_may_extend_a_group(write):
    first = write("a", pack(SCRIPT % ("{hook: ['group:g'], goods: ['group:g']}", ""), more="groups: {g: [a.one]}"))
    later = write("b", "groups: {g: {extend: true, signals: [a.two]}}")
    assert Detector([first, later], bundled=False).score("绿色箱子").stages[0].id == "goods"


def test_the_gray_track_gives_no_steps_for_victims(write):
    rules = write("a", pack(SCRIPT % ("{goods: [a.two]}", ", track: gray")))
    heavy = write("b", "fit: {base: -1, levels: {low: 1, medium: 2, high: 3, critical: 99}}")
    verdict = Detector([rules, heavy], bundled=False).score("绿色箱子")
    assert verdict.track == "gray"
    assert verdict.alert
    assert "马上打 110" not in verdict.advice


def test_a_fit_replaces_weights_base_and_levels_and_scales_every_point(write):
    rules = write("a", pack(SCRIPT % ("{hook: [a.one], goods: [a.two]}", "")))
    fit = write("b", "fit: {base: -3, scale: 0.5, levels: {low: 5, medium: 10, high: 20, critical: 90}, weights: {a.one: 3}}")
    verdict = Detector([rules, fit], bundled=False).score("蓝色钥匙绿色箱子")
    assert [line.points for line in verdict.lines] == [-3.0, 1.5, 1.0]
    assert verdict.level == "high"
