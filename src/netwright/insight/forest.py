"""A forest plot: the difference to each rival with its 95 % interval, around the line of no difference."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from html import escape

from netwright.insight.charts import round_ticks
from netwright.insight.quality import SHARES
from netwright.insight.significance import Comparison
from netwright.insight.wording import number

_WIDTH, _ROW, _LEFT, _RIGHT = 360.0, 34.0, 14.0, 14.0


def forest(comparisons: Sequence[Comparison], metric: str) -> str:
    """The SVG text; "" without an interval to show."""
    shown = [comparison for comparison in comparisons if math.isfinite(comparison.low)]
    if not shown:
        return ""
    low = min(0.0, *(comparison.low for comparison in shown))
    high = max(0.0, *(comparison.high for comparison in shown))
    margin = (high - low) * 0.05 or 1.0
    low, high = low - margin, high + margin

    def place(value: float) -> float:
        return _LEFT + (value - low) / (high - low) * (_WIDTH - _LEFT - _RIGHT)

    bottom = 8 + _ROW * len(shown)
    pieces = [f'<line class="axis" x1="{_LEFT:g}" x2="{_WIDTH - _RIGHT:g}" y1="{bottom:g}" y2="{bottom:g}"/>']
    for tick in round_ticks(low, high):
        kind = "axis" if tick == 0 else "grid"
        pieces.append(f'<line class="{kind}" x1="{place(tick):.1f}" x2="{place(tick):.1f}" y1="4" y2="{bottom:g}"/>')
        pieces.append(f'<text x="{place(tick):.1f}" y="{bottom + 15:g}" text-anchor="middle">{number(tick)}</text>')
    for row, comparison in enumerate(shown):
        pieces.append(_row(comparison, 8 + _ROW * row, place))
    caption = escape(f"{'points of' if metric in SHARES else 'difference in'} test {metric}")
    pieces.append(f'<text class="title" x="{_WIDTH / 2:g}" y="{bottom + 34:g}" text-anchor="middle">{caption}</text>')
    height = bottom + 42
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="nw-plot" role="img" viewBox="0 0 {_WIDTH:g} {height:g}" '
        f'width="{_WIDTH:g}" height="{height:g}" aria-label="Differences with 95 % intervals">{"".join(pieces)}</svg>'
    )


def _row(comparison: Comparison, top: float, place: Callable[[float], float]) -> str:
    """The rival's name over its interval and the difference."""
    tone = "base" if comparison.better else "control" if comparison.worse else "light"
    low, middle, high = (place(value) for value in (comparison.low, comparison.difference, comparison.high))
    y = top + 23
    name = comparison.against if len(comparison.against) <= 46 else comparison.against[:45] + "\N{HORIZONTAL ELLIPSIS}"
    anchor, x = ("start", low) if low < _WIDTH / 2 else ("end", high)
    return (
        f'<g class="c-{tone}"><title>{escape(comparison.sentence())}</title>'
        f'<text class="title" x="{x:.1f}" y="{top + 12:g}" text-anchor="{anchor}">{escape(name)}</text>'
        f'<path class="line" d="M{low:.1f} {y:g}H{high:.1f}M{low:.1f} {y - 4:g}v8M{high:.1f} {y - 4:g}v8"/>'
        f'<circle class="mark" cx="{middle:.1f}" cy="{y:g}" r="5"/></g>'
    )
