"""Evidence in its place: runs and pieces of a text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fanzha.render.marked import Piece, pieces, runs

SPANS = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(0, 9)).map(
        lambda one: (min(one[:2]), max(one[:2]), one[2])
    ),
    max_size=8,
)


def test_overlapping_spans_share_the_run_where_they_overlap() -> None:
    assert list(runs(4, [(0, 3, 7), (2, 4, 8)])) == [(0, 2, (7,)), (2, 3, (7, 8)), (3, 4, (8,))]


def test_a_span_beyond_the_text_ends_with_it() -> None:
    assert list(runs(2, [(1, 9, 0)])) == [(0, 1, ()), (1, 2, (0,))]


@given(text=st.text(max_size=40), spans=SPANS)
def test_runs_together_are_the_text_and_each_code_point_has_its_marks(
    text: str, spans: list[tuple[int, int, int]]
) -> None:
    cut = list(runs(len(text), spans))
    assert "".join(text[start:end] for start, end, _ in cut) == text
    for start, end, marks in cut:
        for at in range(start, end):
            assert set(marks) == {mark for first, last, mark in spans if first <= at < last}


@given(text=st.text(max_size=40), spans=SPANS)
def test_a_shortened_text_keeps_every_mark_and_counts_what_it_left_out(
    text: str, spans: list[tuple[int, int, int]]
) -> None:
    cut = list(pieces(text, spans, most=5, around=2))
    assert sum(len(piece.text) + piece.left_out for piece in cut) == len(text)
    wanted = [text[start:end] for start, end, marks in runs(len(text), spans) if marks]
    assert [piece.text for piece in cut if piece.marks] == wanted


def test_a_long_text_without_a_mark_keeps_its_start() -> None:
    assert list(pieces("一" * 10, [], most=5, around=2)) == [Piece("一一"), Piece("", left_out=8)]


def test_a_long_text_is_shown_around_its_marks() -> None:
    shown = list(pieces("一" * 9 + "骗" + "二" * 9, [(9, 10, 3)], most=5, around=2))
    gap = Piece("", left_out=5)
    assert shown == [Piece("一一"), gap, Piece("一一"), Piece("骗", (3,)), Piece("二二"), Piece("", left_out=7)]
