"""The ROC plot in characters and as SVG."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanzha.render.plot import Curve, draw, svg

STEP = Curve("集", ((0.0, 0.0), (0.0, 0.2), (0.01, 0.6), (1.0, 1.0)))


def picture(*curves: Curve) -> str:
    return svg(curves, title="题", across="横", up="纵")


def read(document: str) -> ElementTree.Element:
    return ElementTree.fromstring(document)  # noqa: S314 - written by this very program


@pytest.mark.parametrize(("rate", "recall"), [(0.0, 0.2), (0.005, 0.2), (0.01, 0.6), (0.5, 0.6), (1.0, 1.0)])
def test_a_curve_tells_the_recall_that_a_rate_allows(rate: float, recall: float) -> None:
    assert STEP.allowed(rate) == recall


def test_the_plot_is_ascii_and_steps_up_at_one_percent() -> None:
    lines = draw([("*", STEP)])
    assert "\n".join(lines).isascii()
    assert [(line[:5].strip(), line.count("*")) for line in lines if "*" in line] == [
        ("100%", 1),
        ("60%", 40),
        ("20%", 20),
    ]


def test_later_curves_cover_earlier_ones() -> None:
    assert "a" not in "".join(draw([("a", STEP), ("*", STEP)]))


def test_the_picture_holds_every_curve_and_its_name() -> None:
    root = read(picture(STEP, Curve("另一集", STEP.points)))
    texts = [one.text for one in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"集", "另一集", "题", "横", "纵"} <= set(texts)


def test_a_picture_without_curves_is_still_one() -> None:
    assert read(picture()).tag.endswith("svg")


@given(st.text(st.characters(codec=None), max_size=60))
def test_no_name_breaks_out_of_the_picture(name: str) -> None:
    root = read(picture(Curve(name + "</text><script>", STEP.points)))
    assert {one.tag.split("}")[1] for one in root.iter()} <= {"svg", "rect", "path", "text"}


def test_the_picture_loads_nothing() -> None:
    assert picture(STEP).count("http") == 1  # the namespace
    assert [one for one in ("href", "url(", "<script", "<style", "<image") if one in picture(STEP)] == []
