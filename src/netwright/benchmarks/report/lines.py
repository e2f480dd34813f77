"""A chart of many strategies: a median line each with its band, to be shown in colour or faintly in the background."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from netwright.benchmarks.table import Floats
from netwright.insight.wording import number

WIDTH, HEIGHT = 560.0, 360.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 50.0, 14.0, 26.0, 42.0
_BEND = 0.1
"""Up to about here a scale that has a zero is linear, above it logarithmic."""
_ROUND = (1.0, 2.0, 5.0)


@dataclass(frozen=True)
class Curve:
    """One strategy. place: its colour; shown: in colour at first; x, y, low, high: (points,)."""

    name: str
    place: int
    shown: bool
    x: Floats
    y: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True)
class Scale:
    """label: of the axis; bent: from 0 on, linear and then logarithmic; otherwise logarithmic, or linear."""

    label: str
    kind: str = "linear"

    def __call__(self, value: float) -> float:
        if self.kind == "bent":
            return math.log10(1 + max(0.0, value) / _BEND)
        return math.log10(value) if self.kind == "log" else value

    def ticks(self, low: float, high: float) -> list[float]:
        """Round values between two others; low, high: in the axis's own unit."""
        if self.kind == "linear":
            step = next(s for s in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 1e9) if (high - low) / s <= 6)
            return [round(step * k, 6) for k in range(math.ceil(low / step - 1e-9), int(high / step + 1e-9) + 1)]
        powers = range(-2, 7)
        steps = [10.0**power * step for power in powers for step in _ROUND]
        found = [value for value in steps if max(low, 0.05 if self.kind == "bent" else 0.0) <= value <= high]
        return [0.0, *found] if self.kind == "bent" and low <= 0 else found


def lines(curves: Sequence[Curve], across: Scale, up: Scale, *, title: str) -> str:
    """The SVG text. title: for screen readers."""
    xs = [float(x) for curve in curves for x in curve.x]
    tops = [float(y) for curve in curves for y in curve.y]
    low = 0.0 if up.kind == "bent" else min(tops)
    high = max(tops) if max(tops) > low else low + 1.0
    x = _placed(across, min(xs), max(xs), _LEFT, WIDTH - _RIGHT)
    y = _placed(up, low, high, HEIGHT - _BOTTOM, _TOP)
    drawn = [_curve(curve, x, y) for curve in sorted(curves, key=lambda curve: (curve.shown, -curve.place))]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="nw-plot many" role="img" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" '
        f'width="{WIDTH:g}" height="{HEIGHT:g}" aria-label="{escape(title)}">'
        f"{_grid(across, up, (min(xs), max(xs)), (low, high), x, y)}{''.join(drawn)}</svg>"
    )


_Place = Callable[[float], float]


def _placed(scale: Scale, low: float, high: float, start: float, end: float) -> _Place:
    first, last = scale(low), scale(high)

    def place(value: float) -> float:
        share = (scale(value) - first) / ((last - first) or 1.0)
        return start + min(1.0, max(0.0, share)) * (end - start)

    return place


def _curve(curve: Curve, x: _Place, y: _Place) -> str:
    across = [x(float(value)) for value in curve.x]
    line, low, high = ([y(float(value)) for value in values] for values in (curve.y, curve.low, curve.high))
    there = [f"{a:.1f} {b:.1f}" for a, b in zip(across, low, strict=True)]
    back = [f"{a:.1f} {b:.1f}" for a, b in zip(reversed(across), reversed(high), strict=True)]
    path = "L".join(f"{a:.1f} {b:.1f}" for a, b in zip(across, line, strict=True))
    last = f"{curve.name}: {number(float(curve.y[-1]))} at the end"
    return (
        f'<g class="k{curve.place}{" on" if curve.shown else ""}" data-s="{escape(curve.name)}">'
        f'<path class="band" d="M{"L".join([*there, *back])}Z"/>'
        f'<path class="line" d="M{path}"><title>{escape(last)}</title></path></g>'
    )


def _grid(across: Scale, up: Scale, wide: tuple[float, float], tall: tuple[float, float], x: _Place, y: _Place) -> str:
    bottom, right = HEIGHT - _BOTTOM, WIDTH - _RIGHT
    pieces = []
    for tick in up.ticks(*tall):
        pieces.append(f'<line class="grid" x1="{_LEFT:g}" x2="{right:g}" y1="{y(tick):.1f}" y2="{y(tick):.1f}"/>')
        pieces.append(f'<text x="{_LEFT - 6:g}" y="{y(tick) + 4:.1f}" text-anchor="end">{number(tick)}</text>')
    for tick in across.ticks(*wide):
        pieces.append(f'<line class="axis" x1="{x(tick):.1f}" x2="{x(tick):.1f}" y1="{bottom:g}" y2="{bottom + 4:g}"/>')
        pieces.append(f'<text x="{x(tick):.1f}" y="{bottom + 17:g}" text-anchor="middle">{number(tick)}</text>')
    pieces.append(f'<line class="axis" x1="{_LEFT:g}" x2="{right:g}" y1="{bottom:g}" y2="{bottom:g}"/>')
    middle, foot = (_LEFT + right) / 2, HEIGHT - 7
    pieces.append(f'<text class="title" x="{middle:g}" y="{foot:g}" text-anchor="middle">{escape(across.label)}</text>')
    pieces.append(f'<text class="title" x="4" y="13">{escape(up.label)}</text>')
    return "".join(pieces)
