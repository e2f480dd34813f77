"""Axes, ticks and escaping of the hand-written charts."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netwright.insight.charts import HEIGHT, WIDTH, Axis, Point, Series, chart, round_ticks

SVG = "{http://www.w3.org/2000/svg}"


def dots(*points: tuple[float, float]) -> Series:
    return Series("trials", "ours", "dots", tuple(Point(x, y, f"{x}, {y}") for x, y in points))


def test_nothing_to_show_is_an_empty_text() -> None:
    assert chart([], Axis("x"), Axis("y"), title="none") == ""
    assert chart([dots((math.nan, 1.0), (1.0, math.inf))], Axis("x"), Axis("y"), title="none") == ""


def test_values_a_logarithm_does_not_have_are_left_out() -> None:
    svg = chart([dots((0.0, 1.0), (-3.0, 2.0), (10.0, 3.0))], Axis("x", log=True), Axis("y"), title="log")
    assert svg.count("<circle") == 2  # one point and the legend


def test_all_text_is_escaped() -> None:
    bad = "<script>&\"'"
    series = Series(bad, "ours", "marks", (Point(1.0, 2.0, bad), Point(2.0, 3.0, bad)))
    svg = chart([series], Axis(bad), Axis(bad), title=bad)
    ElementTree.fromstring(svg)
    assert "<script" not in svg


@given(
    st.lists(st.tuples(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9)), min_size=1, max_size=30),
    st.sampled_from(["dots", "marks", "line", "step"]),
)
@settings(max_examples=80, deadline=None)
def test_whatever_the_points_the_chart_is_valid_and_inside(points: list[tuple[float, float]], kind: str) -> None:
    series = Series("s", "ours", kind, tuple(Point(x, y) for x, y in points))  # type: ignore[arg-type]
    svg = chart([series], Axis("x"), Axis("y"), title="any")
    root = ElementTree.fromstring(svg)
    assert "nan" not in svg
    for text in root.iter(f"{SVG}text"):
        assert 0 <= float(text.attrib["x"]) <= WIDTH
        assert 0 <= float(text.attrib["y"]) <= HEIGHT
    for circle in root.iter(f"{SVG}circle"):
        assert 0 <= float(circle.attrib["cx"]) <= WIDTH
        assert 0 <= float(circle.attrib["cy"]) <= HEIGHT


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6))
@settings(max_examples=100, deadline=None)
def test_ticks_are_few_ordered_and_inside(low: float, width: float) -> None:
    ticks = round_ticks(low, low + width)
    assert len(ticks) <= 12
    rounding = 1e-6 * width + 4 * math.ulp(abs(low) + width)
    assert all(low - rounding <= tick <= low + width + rounding for tick in ticks)
    assert ticks == sorted(ticks)


def test_ticks_are_round() -> None:
    assert round_ticks(0.0, 1.0) == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1.0])
    assert round_ticks(0.912, 0.958) == pytest.approx([0.92, 0.93, 0.94, 0.95])


def test_one_failed_training_does_not_squash_the_rest() -> None:
    rng = np.random.default_rng(0)
    good = [(float(k), 0.9 + 0.01 * float(rng.random())) for k in range(30)]
    svg = chart([dots(*good, (31.0, 0.1))], Axis("x"), Axis("y", cut="low"), title="outlier")
    heights = [float(found) for found in re.findall(r'<circle class="dot" cx="[\d.]+" cy="([\d.]+)" r="3">', svg)]
    assert max(heights[:-1]) - min(heights[:-1]) > HEIGHT / 4
    assert heights[-1] == max(heights)
