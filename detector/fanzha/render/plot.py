"""Curves of recall over the rate of false alarms, drawn in characters or as one SVG.

In: Curves, which are names and points. Out: lines of text, or an SVG document that holds no script, no link and no
text but the cleaned, escaped names. The rate of false alarms is on a logarithmic axis from 0.1 % to 100 %: what
matters happens left of 1 %. A curve is drawn in steps, as the recall that a rate of false alarms allows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from math import log10

from fanzha.render.clean import shorten

_LEAST = 0.001  # left edge of the axis
_DECADES = 3
_TICKS = ((0.001, "0.1%"), (0.01, "1%"), (0.1, "10%"), (1.0, "100%"))
_COLUMNS, _ROWS = 61, 11  # of the plot in characters: a decade is 20 columns, a row is 10 %
_NAME_CHARS = 40


@dataclass(frozen=True, slots=True)
class Curve:
    """A named curve; points are (rate of false alarms, recall), 0–1, neither falling."""

    name: str
    points: tuple[tuple[float, float], ...]

    def allowed(self, rate: float) -> float:
        """Return the recall where the rate of false alarms is at most `rate`."""
        return max((recall for alarms, recall in self.points if alarms <= rate * (1 + 1e-9)), default=0.0)


def draw(curves: Sequence[tuple[str, Curve]]) -> list[str]:
    """Return the plot in ASCII characters, each curve with its mark; later curves cover earlier ones."""
    grid = [[" "] * _COLUMNS for _ in range(_ROWS)]
    for sign, curve in curves:
        for column in range(_COLUMNS):
            rate = _LEAST * 10 ** (column * _DECADES / (_COLUMNS - 1))
            grid[round((1 - curve.allowed(rate)) * (_ROWS - 1))][column] = sign
    lines = [f"{100 - 100 * number // (_ROWS - 1):>4}% |{''.join(row)}".rstrip() for number, row in enumerate(grid)]
    gap = (_COLUMNS - 1) // _DECADES
    rule = "+".join("-" * (gap - 1) for _ in range(_DECADES))
    ticks = "".join(name.ljust(gap) for _, name in _TICKS)
    return [*lines, f"      +{rule}+", f"      {ticks}".rstrip()]


# ── SVG ────────────────────────────────────────────────────────────────────────

_LEFT, _TOP, _WIDTH, _HEIGHT = 60, 40, 480, 360
_LEGEND_LINE = 20
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#666666")  # told apart by colour-blind
_DASHES = ("", "6 3", "2 3", "8 3 2 3")


def svg(curves: Sequence[Curve], *, title: str, across: str, up: str) -> str:
    """Return one self-contained document; the last curve is drawn thick, on top."""
    height = _TOP + _HEIGHT + 60 + _LEGEND_LINE * len(curves)
    body = "\n".join([*_axes(title, across, up), *_drawn(curves)])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_LEFT + _WIDTH + 20} {height}" '
        f'font-family="sans-serif" font-size="12" role="img" aria-label="{_said(title)}">\n'
        f'<rect width="100%" height="100%" fill="#ffffff"/>\n{body}\n</svg>\n'
    )


def _axes(title: str, across: str, up: str) -> Iterator[str]:
    middle, bottom = _LEFT + _WIDTH / 2, _TOP + _HEIGHT
    yield _text(middle, 24, title, "middle", 'font-size="15"')
    yield _text(middle, bottom + 36, across, "middle")
    yield _text(16, _TOP + _HEIGHT / 2, up, "middle", f'transform="rotate(-90 16 {_TOP + _HEIGHT / 2:g})"')
    for rate, name in _TICKS:
        x = _x(rate)
        yield f'<path d="M{x} {_TOP}V{bottom}" stroke="#dddddd"/>'
        yield _text(x, bottom + 16, name, "middle")
    for tenths in range(0, 11, 2):
        y = _y(tenths / 10)
        yield f'<path d="M{_LEFT} {y}H{_LEFT + _WIDTH}" stroke="#dddddd"/>'
        yield _text(_LEFT - 6, y + 4, f"{10 * tenths}%", "end")


def _drawn(curves: Sequence[Curve]) -> Iterator[str]:
    for number, curve in enumerate(curves):
        last = number == len(curves) - 1
        colour = "#000000" if last else _COLOURS[number % len(_COLOURS)]
        dash = "" if last else _DASHES[number // len(_COLOURS) % len(_DASHES)]
        pen = f'fill="none" stroke="{colour}" stroke-width="{3 if last else 1.5}" stroke-dasharray="{dash or "none"}"'
        y = _TOP + _HEIGHT + 56 + _LEGEND_LINE * number
        yield f'<path d="{_steps(curve)}" {pen}/>'
        yield f'<path d="M{_LEFT} {y}h30" {pen}/>'
        yield _text(_LEFT + 38, y + 4, shorten(curve.name, _NAME_CHARS), "start")


def _steps(curve: Curve) -> str:
    """Return the path of a curve: right to each rate of false alarms, then up to the recall that it allows."""
    path = [f"M{_x(_LEAST)} {_y(curve.allowed(_LEAST))}"]
    path += [f"H{_x(alarms)}V{_y(recall)}" for alarms, recall in curve.points if alarms > _LEAST]
    return "".join([*path, f"H{_x(1.0)}"])


def _x(rate: float) -> float:
    return round(_LEFT + _WIDTH * (log10(max(rate, _LEAST) / _LEAST) / _DECADES), 1)


def _y(recall: float) -> float:
    return round(_TOP + _HEIGHT * (1 - recall), 1)


def _text(x: float, y: float, said: str, anchor: str, more: str = "") -> str:
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" {more}>{_said(said)}</text>'.replace(" >", ">")


def _said(text: str) -> str:
    """Return text that may stand in XML; two code points that `clean` leaves may not."""
    return escape(shorten(text, 2 * _NAME_CHARS).replace("\ufffe", "").replace("\uffff", ""))
