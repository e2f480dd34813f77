"""The curves of a benchmark: regret against queries and simulated time, and hypervolume with several objectives."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from netwright.benchmarks.curves import Axis, Judge
from netwright.benchmarks.plan import Plan
from netwright.benchmarks.report.lines import Curve, Scale, lines
from netwright.benchmarks.report.rows import Standing
from netwright.benchmarks.results import Runs
from netwright.benchmarks.run import Run, Setting
from netwright.benchmarks.statistics import band
from netwright.benchmarks.table import Floats

POINTS, FEW_POINTS = 60, 16
"""Places along a curve, and along one that is dear to compute."""
Measure = Callable[[Run, Sequence[float], Axis], Floats]


def charts(plan: Plan, setting: Setting, runs: Runs, ranked: Sequence[Standing]) -> list[dict[str, str]]:
    """Name, SVG text and note of each."""
    judge = Judge(plan.table, setting)
    latest = max((run.times[-1] for each in runs.values() for run in each if run.times), default=1.0)
    queries = np.unique(np.geomspace(1, plan.queries, POINTS).round())
    times = np.geomspace(latest / plan.queries, latest, POINTS)
    regret = Scale(f"regret in {plan.table.unit}", "bent")
    asked, waited = Scale("queries", "log"), Scale("simulated time, in evaluations of the mean architecture", "log")
    found = []
    if len(plan.objectives.objectives) > 1:
        few = np.unique(np.geomspace(1, plan.queries, FEW_POINTS).round())
        volume = Scale("hypervolume, share of the true front's")
        curves = _curves(judge.hypervolume, runs, few, "spent", ranked)
        svg = lines(curves, asked, volume, title="Hypervolume against queries")
        found.append({"name": "Hypervolume against queries", "svg": svg, "note": "Higher is better."})
    curves = _curves(judge.regret, runs, queries, "spent", ranked)
    svg = lines(curves, asked, regret, title="Regret against queries")
    found.append({"name": "Regret against queries", "svg": svg, "note": "Lower is better."})
    curves = _curves(judge.regret, runs, times, "times", ranked)
    svg = lines(curves, waited, regret, title="Regret against simulated time")
    note = f"Time is {plan.table.clock}: small architectures leave time for more of them."
    found.append({"name": "Regret against simulated time", "svg": svg, "note": note})
    return found


def _curves(measure: Measure, runs: Runs, at: Floats, axis: Axis, ranked: Sequence[Standing]) -> list[Curve]:
    found = []
    for one in ranked:
        values = np.stack([measure(run, at.tolist(), axis) for run in runs[one.name]])
        low, high = band(values)
        found.append(Curve(one.name, one.colour, one.shown, at, np.median(values, axis=0), low, high))
    return found
