"""A small hand-written SVG chart: axes with round ticks; lines, steps, dots and marks with hover titles."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

from netwright.insight.wording import count, number

WIDTH, HEIGHT = 360.0, 270.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 52.0, 12.0, 34.0, 42.0
Tone = Literal["ours", "control", "base", "light"]
Kind = Literal["dots", "marks", "line", "step"]


@dataclass(frozen=True, slots=True)
class Point:
    """A data point and its hover text."""

    x: float
    y: float
    title: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """Points of one colour. name: in the legend, "" for none; dash: broken line."""

    name: str
    tone: Tone
    kind: Kind
    points: tuple[Point, ...]
    dash: bool = False


@dataclass(frozen=True, slots=True)
class Axis:
    """label, logarithmic or not, the end at which far outliers may fall off, and how tick values are written."""

    label: str
    log: bool = False
    cut: Literal["low", "high", "none"] = "none"
    text: Callable[[float], str] = number

    def scaled(self, value: float) -> float:
        return math.log10(value) if self.log else value


@dataclass(frozen=True, slots=True)
class _Range:
    axis: Axis
    low: float
    high: float
    start: float
    end: float

    def place(self, value: float) -> float:
        """Position on the paper; what lies outside is put on the edge."""
        share = (self.axis.scaled(value) - self.low) / (self.high - self.low)
        return self.start + min(1.0, max(0.0, share)) * (self.end - self.start)

    def ticks(self) -> list[float]:
        return _log_ticks(self.low, self.high) if self.axis.log else round_ticks(self.low, self.high)


def chart(series: Sequence[Series], x: Axis, y: Axis, *, title: str) -> str:
    """The SVG text of a chart; "" when there is not a single finite point. title: for screen readers."""
    shown = [_drawable(one, x, y) for one in series]
    shown = [one for one in shown if one.points]
    if not shown:
        return ""
    across = _range(x, [p.x for one in shown for p in one.points], _LEFT, WIDTH - _RIGHT)
    up = _range(y, [p.y for one in shown for p in one.points], HEIGHT - _BOTTOM, _TOP)
    body = [_draw(one, across, up) for one in shown]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="nw-plot" role="img" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" '
        f'width="{WIDTH:g}" height="{HEIGHT:g}" aria-label="{escape(title)}">'
        f"{_grid(across, up)}{''.join(body)}{_legend(shown)}</svg>"
    )


def _drawable(series: Series, x: Axis, y: Axis) -> Series:
    def fits(point: Point) -> bool:
        finite = math.isfinite(point.x) and math.isfinite(point.y)
        return finite and (not x.log or point.x > 0) and (not y.log or point.y > 0)

    return Series(series.name, series.tone, series.kind, tuple(filter(fits, series.points)), series.dash)


def _range(axis: Axis, values: Sequence[float], start: float, end: float) -> _Range:
    """The axis range with a margin; far outliers (beyond Tukey's fences) at the cut end do not squash the rest."""
    ordered = sorted(axis.scaled(value) for value in values)
    low, high = ordered[0], ordered[-1]
    first, third = ordered[len(ordered) // 4], ordered[(3 * len(ordered)) // 4]
    fence = 1.5 * (third - first)
    if fence > 0 and axis.cut == "low":
        low = max(low, first - fence)
    if fence > 0 and axis.cut == "high":
        high = min(high, third + fence)
    margin = (high - low) * 0.06 or abs(high) * 0.05 or 0.5
    return _Range(axis, low - margin, high + margin, start, end)


def round_ticks(low: float, high: float, wanted: int = 5) -> list[float]:
    """About `wanted` round numbers between low and high."""
    raw = (high - low) / wanted
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * m for m in (1, 2, 2.5, 5, 10) if power * m >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [round(k * step, 12) for k in range(first, last + 1)]


def _log_ticks(low: float, high: float) -> list[float]:
    steps = (1, 2, 5) if high - low < 1.6 else (1, 3) if high - low < 3 else (1,)
    powers = range(math.floor(low), math.ceil(high) + 1)
    ticks = [10.0**power * m for power in powers for m in steps if low <= power + math.log10(m) <= high]
    return ticks if len(ticks) > 1 else [10.0 ** (low + (high - low) * share) for share in (0.15, 0.5, 0.85)]


def _grid(across: _Range, up: _Range) -> str:
    bottom, right = HEIGHT - _BOTTOM, WIDTH - _RIGHT
    pieces = []
    for tick in up.ticks():
        y = up.place(tick)
        pieces.append(f'<line class="grid" x1="{_LEFT:g}" x2="{right:g}" y1="{y:.1f}" y2="{y:.1f}"/>')
        pieces.append(f'<text x="{_LEFT - 6:g}" y="{y + 4:.1f}" text-anchor="end">{escape(up.axis.text(tick))}</text>')
    for tick in across.ticks():
        x = across.place(tick)
        pieces.append(f'<line class="axis" x1="{x:.1f}" x2="{x:.1f}" y1="{bottom:g}" y2="{bottom + 4:g}"/>')
        text = escape(across.axis.text(tick))
        pieces.append(f'<text x="{x:.1f}" y="{bottom + 17:g}" text-anchor="middle">{text}</text>')
    pieces.append(f'<line class="axis" x1="{_LEFT:g}" x2="{right:g}" y1="{bottom:g}" y2="{bottom:g}"/>')
    middle = (_LEFT + right) / 2
    pieces.append(
        f'<text class="title" x="{middle:g}" y="{HEIGHT - 7:g}" text-anchor="middle">{escape(across.axis.label)}</text>'
    )
    pieces.append(f'<text class="title" x="4" y="13">{escape(up.axis.label)}</text>')
    return "".join(pieces)


def _draw(series: Series, across: _Range, up: _Range) -> str:
    placed = [(across.place(point.x), up.place(point.y), point) for point in series.points]
    inner = {"dots": _dots, "marks": _marks, "line": _line, "step": _step}[series.kind](placed)
    dash = " dash" if series.dash else ""
    return f'<g class="c-{series.tone}{dash}">{inner}</g>'


_Placed = list[tuple[float, float, Point]]


def _dots(placed: _Placed) -> str:
    return "".join(f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="3">{_hover(p)}</circle>' for x, y, p in placed)


def _marks(placed: _Placed) -> str:
    shape = "l6 6l-6 6l-6-6z"
    return "".join(f'<path class="mark" d="M{x:.1f} {y - 6:.1f}{shape}">{_hover(p)}</path>' for x, y, p in placed)


def _line(placed: _Placed) -> str:
    if len(placed) == 1:
        return _dots(placed)
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y, _ in placed)
    ends = placed[-1][2]
    return f'<path class="line thin" d="M{path}">{_hover(ends)}</path>'


def _step(placed: _Placed) -> str:
    path = f"M{placed[0][0]:.1f} {placed[0][1]:.1f}" + "".join(f"H{x:.1f}V{y:.1f}" for x, y, _ in placed[1:])
    return f'<path class="line" d="{path}">{_hover(placed[-1][2])}</path>'


def _hover(point: Point) -> str:
    return f"<title>{escape(point.title)}</title>" if point.title else ""


def _legend(series: Sequence[Series]) -> str:
    """One line under the axis title, in the order of the series."""
    pieces, x, seen = [], 5.0, set()
    for one in series:
        if not one.name or one.name in seen:
            continue
        seen.add(one.name)
        sample = {
            "marks": f'<path class="mark" d="M{x + 5:.1f} 21l4.5 4.5l-4.5 4.5l-4.5-4.5z"/>',
            "dots": f'<circle class="dot" cx="{x + 5:.1f}" cy="25.5" r="3.5"/>',
        }.get(one.kind, f'<path class="line" d="M{x:.1f} 25.5h11"/>')
        dash = " dash" if one.dash else ""
        name = f'<text x="{x + 15:.1f}" y="29">{escape(one.name)}</text>'
        pieces.append(f'<g class="c-{one.tone}{dash}">{sample}</g>{name}')
        x += 24 + 6.2 * len(one.name)
    return "".join(pieces)


def whole(value: float) -> str:
    """Tick text for counts."""
    return count(value)


def share(value: float) -> str:
    """Tick text for shares, in percent."""
    return f"{value * 100:.4g} %"
