from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from netwright.benchmarks.condition import Condition
from netwright.benchmarks.harness import REPORT, benchmark
from netwright.benchmarks.report.critical import critical
from netwright.benchmarks.report.lines import Scale

VOID = {"meta", "input", "br"}


class Outline(HTMLParser):
    """Checks that tags are closed, and collects them."""

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.sources = [], set(), []

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.ids.add(found.get("id"))
        self.sources += [found[name] for name in ("src", "href") if name in found]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture
def written(plan, tmp_path):
    """The report of a benchmark, with its outline."""

    def write(**asked):
        benchmark(plan(**asked), tmp_path)
        text = (tmp_path / REPORT).read_text()
        outline = Outline()
        outline.feed(text)
        assert outline.open == []
        return text, outline

    return write


def test_the_report_is_whole_and_loads_nothing(written):
    text, outline = written(conditions=[Condition(noise=1.0)])
    assert {"ranking", "curves", "differences", "conditions", "protocol"} <= outline.ids
    assert all(source.startswith("#") and source[1:] in outline.ids for source in outline.sources)
    assert "@import" not in text
    assert not re.search(r"url\((?!#)", text)
    assert text.count('<svg xmlns="http://www.w3.org/2000/svg" class="nw-plot many"') == 2
    assert "nan" not in re.sub(r"<(script|style)>.*?</\1>", "", text, flags=re.S).lower().replace("nanoseconds", "")


def test_it_says_what_came_out_and_how_to_do_it_again(written):
    text, _ = written(conditions=[Condition(infeasible="params>800")])
    assert re.search(r"(random|genetic) ranks first of 2 after 20 queries on digits", text)
    command = "netwright benchmark digits --strategy random,genetic --seeds 3 --queries 20 --scores all"
    assert f"{command} --objective accuracy --infeasible &#39;params&gt;800&#39;" in text


def test_one_strategy_or_one_seed_is_enough_for_a_report(written):
    _, outline = written(names=("random",), seeds=1)
    assert "ranking" in outline.ids
    assert "differences" not in outline.ids


def test_with_several_objectives_there_is_a_curve_of_the_hypervolume(written):
    text, _ = written(objectives=("accuracy", "params"))
    assert "Hypervolume against queries" in text


def test_the_critical_difference_diagram_joins_what_does_not_differ():
    text = critical([("one", 1.2), ("two", 1.6), ("<three>", 3.4)], 1.0)
    assert text.count('class="clique"') == 1
    assert "&lt;three&gt;" in text
    assert critical([("alone", 1.0)], 1.0) == ""


@pytest.mark.parametrize(
    ("scale", "low", "high", "ticks"),
    [
        (Scale("x", "log"), 1, 200, [1, 2, 5, 10, 20, 50, 100, 200]),
        (Scale("y", "bent"), 0, 3, [0, 0.05, 0.1, 0.2, 0.5, 1, 2]),
        (Scale("y"), 0.2, 0.9, [0.2, 0.4, 0.6, 0.8]),
    ],
)
def test_ticks_are_round(scale, low, high, ticks):
    assert scale.ticks(low, high) == pytest.approx(ticks)
    assert scale(low) < scale(high)
