"""From runs to results: one JSON object, the same that `netwright benchmark --json` prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from netwright.benchmarks.curves import NEAR, Judge
from netwright.benchmarks.folder import Label
from netwright.benchmarks.plan import Plan, finite
from netwright.benchmarks.run import Run, Setting
from netwright.benchmarks.statistics import critical_difference, friedman, pairs, ranks
from netwright.benchmarks.table import Floats

SCHEMA = "netwright.benchmark/1"
Runs = Mapping[str, Sequence[Run]]
"""Strategy -> its runs, one a seed."""


def runs_under(plan: Plan, setting: Setting, kept: Mapping[Label, Run]) -> dict[str, list[Run]]:
    """The strategies of a plan with all their runs under one condition; those with a run missing are left out."""
    found = {}
    for name, strategy in plan.strategies.items():
        labels = [Label(setting.condition.name, name, repr(strategy), seed) for seed in range(plan.seeds)]
        if all(label in kept for label in labels):
            found[name] = [kept[label] for label in labels]
    return found


def summarise(plan: Plan, kept: Mapping[Label, Run], failed: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """Everything that the runs tell, as plain data.

    Numbers of queries, and for "regret_in_time" of mean evaluations' times, are texts; what was never reached is None.
    """
    plain, *harder = plan.settings
    table, judge = plan.table, Judge(plan.table, plain)
    compared = compare(plan, plain, runs_under(plan, plain, kept))
    return {
        "schema": SCHEMA,
        "table": table.name,
        "architectures": len(table),
        "protocol": table.protocol,
        "clock": table.clock,
        "quality": table.quality,
        "unit": table.unit,
        "optimum": judge.optimum * table.scale,
        "floor": judge.floor,
        "near": NEAR,
        "objectives": [objective.metric for objective in plan.objectives.objectives],
        "scores": list(plan.score_names),
        "seeds": plan.seeds,
        "queries": plan.queries,
        "checkpoints": list(plan.checkpoints),
        **compared,
        "conditions": {
            setting.condition.name: compare(plan, setting, runs_under(plan, setting, kept)) for setting in harder
        },
        "failed": [dict(one) for one in failed],
    }


def compare(plan: Plan, setting: Setting, runs: Runs) -> dict[str, Any]:
    """The strategies under one condition: each one's figures, and how they rank.

    Ranked by regret, or with several objectives by hypervolume.
    """
    judge, names, points = Judge(plan.table, setting), list(runs), plan.checkpoints
    several = len(plan.objectives.objectives) > 1
    regrets = {name: np.stack([judge.regret(run, points) for run in runs[name]]) for name in names}
    volumes = {name: np.stack([judge.hypervolume(run, points) for run in runs[name]]) for name in names if several}
    scores = [-volumes[name] if several else regrets[name] for name in names]
    stacked = np.stack(scores) if names else np.zeros((0, plan.seeds, len(points)))
    strategies = {}
    for place, name in enumerate(names):
        ranked = {str(at): float(ranks(stacked[:, :, i])[place].mean()) for i, at in enumerate(points)}
        strategies[name] = {
            **_figures(judge, runs[name], regrets[name], points),
            **({"hypervolume": _spread(volumes[name], points)} if several else {}),
            "mean_rank": ranked,
            "settings": repr(plan.strategies[name]),
        }
    return {
        "ranked_by": "hypervolume" if several else "regret",
        "strategies": strategies,
        **_tests(stacked, names, points),
    }


def _figures(judge: Judge, runs: Sequence[Run], regrets: Floats, points: Sequence[int]) -> dict[str, Any]:
    """What one strategy reached, and what it cost."""
    trials = sum(len(run.rows) for run in runs)
    asked = sum(run.ask_tell_s for run in runs)
    optimum, scale = judge.optimum, judge.table.scale
    tests = optimum * scale + np.where(judge.maximise, -1.0, 1.0) * regrets
    return {
        "regret": _spread(regrets, points),
        "regret_in_time": _spread(np.stack([judge.regret(run, points, "times") for run in runs]), points),
        "test": _spread(tests, points),
        "queries_to_optimum": _reached([judge.first_near(run) for run in runs]),
        "queries_to_find": _reached([judge.first_near(run, chosen=False) for run in runs]),
        "ms_per_ask_tell": 1e3 * asked / max(1, trials),
        "trials": trials / len(runs),
        "time": round(float(np.median([run.times[-1] if run.times else 0.0 for run in runs])), 4),
    }


def _spread(values: Floats, points: Sequence[int]) -> dict[str, dict[str, float]]:
    """(seeds, points) -> number of queries -> median, mean and quartiles."""
    return {
        str(at): {
            "median": float(np.median(column)),
            "mean": float(column.mean()),
            "q25": float(np.quantile(column, 0.25)),
            "q75": float(np.quantile(column, 0.75)),
        }
        for at, column in zip(points, values.T, strict=True)
    }


def _reached(queries: Sequence[float]) -> dict[str, float | None]:
    """Quartiles of the queries that it took, None where so many seeds never got there; the share that did."""
    ordered = np.quantile(queries, [0.25, 0.5, 0.75], method="inverted_cdf")
    low, median, high = (finite(float(value)) for value in ordered)
    return {"median": median, "q25": low, "q75": high, "reached": float(np.isfinite(queries).mean())}


def _tests(stacked: Floats, names: Sequence[str], points: Sequence[int]) -> dict[str, Any]:
    """Whether the differences are more than chance, at each number of queries."""
    several = len(names) > 1 and stacked.shape[1] > 1
    found = {str(at): pairs(stacked[:, :, i]) if several else () for i, at in enumerate(points)}
    return {
        "friedman": {str(at): finite(friedman(stacked[:, :, i])) for i, at in enumerate(points)},
        "critical_difference": critical_difference(len(names), stacked.shape[1]) if several else None,
        "pairs": {
            at: [
                {
                    "first": names[pair.first],
                    "second": names[pair.second],
                    "better": pair.better,
                    "worse": pair.worse,
                    "p": pair.p,
                    "adjusted": pair.adjusted,
                }
                for pair in each
            ]
            for at, each in found.items()
        },
    }
