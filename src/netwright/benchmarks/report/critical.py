"""The critical-difference diagram (Demšar 2006): mean ranks on a line, bars over strategies that do not differ."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from html import escape

from netwright.benchmarks.statistics import cliques
from netwright.insight.wording import number

WIDTH = 760.0
_SIDE, _TOP, _ROW, _BAR = 190.0, 64.0, 19.0, 9.0


def critical(ranked: Sequence[tuple[str, float]], difference: float) -> str:
    """The SVG text. ranked: names with their mean ranks, the best first; "" for fewer than two."""
    if len(ranked) < 2:
        return ""
    names, values = zip(*ranked, strict=True)
    low, high = math.floor(min(values)), math.ceil(max(values))
    high = max(high, low + 1)

    def place(rank: float) -> float:
        return float(_SIDE + (rank - low) / (high - low) * (WIDTH - 2 * _SIDE))

    bars = cliques(values, difference)
    first_row = _TOP + 14 + _BAR * len(bars)
    half = math.ceil(len(ranked) / 2)
    pieces = [_axis(low, high, place), _ruler(place(low), place(low + difference) - place(low), difference)]
    for position, (name, rank) in enumerate(zip(names, values, strict=True)):
        left = position < half
        y = first_row + _ROW * (position if left else len(ranked) - 1 - position)
        pieces.append(_label(name, rank, place(rank), y, left))
    for row, (first, last) in enumerate(bars):
        y = _TOP + 9 + _BAR * row
        ends = f'x1="{place(values[first]) - 3:.1f}" x2="{place(values[last]) + 3:.1f}"'
        pieces.append(f'<line class="clique" {ends} y1="{y:.1f}" y2="{y:.1f}"/>')
    height = first_row + _ROW * half + 6
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="nw-plot critical" role="img" '
        f'viewBox="0 0 {WIDTH:g} {height:g}" width="{WIDTH:g}" height="{height:g}" '
        f'aria-label="Critical-difference diagram of the mean ranks">{"".join(pieces)}</svg>'
    )


def _axis(low: int, high: int, at: Callable[[float], float]) -> str:
    step = max(1, (high - low) // 12)
    pieces = [f'<line class="axis" x1="{at(low):.1f}" x2="{at(high):.1f}" y1="{_TOP:g}" y2="{_TOP:g}"/>']
    for tick in range(low, high + 1, step):
        pieces.append(f'<line class="axis" x1="{at(tick):.1f}" x2="{at(tick):.1f}" y1="{_TOP - 5:g}" y2="{_TOP:g}"/>')
        pieces.append(f'<text x="{at(tick):.1f}" y="{_TOP - 9:g}" text-anchor="middle">{tick}</text>')
    return "".join(pieces)


def _ruler(x: float, length: float, difference: float) -> str:
    """How long the critical difference is."""
    return (
        f'<path class="axis" fill="none" d="M{x:.1f} 18v8m0 -4h{length:.1f}m0 -4v8"/>'
        f'<text x="{x:.1f}" y="12">critical difference {number(difference)}</text>'
    )


def _label(name: str, rank: float, x: float, y: float, left: bool) -> str:
    edge, anchor = (_SIDE - 12, "end") if left else (WIDTH - _SIDE + 12, "start")
    text = edge - 4 if left else edge + 4
    return (
        f'<path class="lead" d="M{x:.1f} {_TOP:g}V{y:.1f}H{edge:.1f}"/>'
        f'<text class="name" x="{text:.1f}" y="{y + 4:.1f}" text-anchor="{anchor}">{escape(name)} '
        f'<tspan class="soft">{rank:.2f}</tspan></text>'
    )
