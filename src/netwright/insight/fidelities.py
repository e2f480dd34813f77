"""How well cheap settings rank networks, from the trials of a fidelity study, and what they cost."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netwright.loop.study import AGAIN, FULL
from netwright.objectives import METRICS
from netwright.predictors import agreeing, kendall
from netwright.proxies.ensemble import CONSENSUS, consensus, table
from netwright.trial import UNTRAINED, Trial

Floats = NDArray[np.float64]
DRAWS = 1000
GOOD = 0.5
"""Kendall's tau from which on a setting is fit to search by."""
CONSENSUS_NAME = "zero-cost consensus"


@dataclass(frozen=True)
class Row:
    """tau: Kendall's rank correlation with the full training, low, high: its 95 % interval (bootstrap over networks);
    cost: seconds of one network, share: of those of the full training; networks: compared."""

    name: str
    tau: float
    low: float
    high: float
    cost: float
    share: float
    networks: int


@dataclass(frozen=True)
class Comparison:
    """rows: cheap settings, the best ranking first; ceiling: how the full training ranks like itself with other seeds;
    advice: which to take, None where none ranks well."""

    metric: str
    rows: tuple[Row, ...]
    ceiling: Row | None
    advice: Row | None

    def to_dict(self) -> dict[str, Any]:
        plain = [asdict(row) for row in self.rows]
        ceiling, advice = (None if one is None else asdict(one) for one in (self.ceiling, self.advice))
        return {
            "schema": "netwright.fidelity/1",
            "metric": self.metric,
            "settings": plain,
            "full_training_again": ceiling,
            "advice": advice,
        }


def compare(trials: Sequence[Trial], metric: str) -> Comparison:
    """Of the completed trials of a study."""
    sign = 1.0 if METRICS[metric].maximise else -1.0
    done = [trial for trial in trials if trial.status == "completed" and trial.measurement is not None]
    trained: dict[str, dict[str, float]] = {}
    seconds: dict[str, list[float]] = {}
    for trial in done:
        if trial.proposal.fidelity == UNTRAINED:
            continue
        name = trial.proposal.origin
        trained.setdefault(name, {})[trial.key] = sign * trial.metric(metric)
        seconds.setdefault(name, []).append(_seconds(trial))
    full = trained.get(FULL, {})
    whole = float(np.mean(seconds[FULL])) if full else math.nan
    rows = [_row(name, values, full, float(np.mean(seconds[name])), whole) for name, values in trained.items()]
    cheap = [row for row in rows if row.name not in (FULL, AGAIN)] + _untrained(done, full, whole)
    cheap.sort(key=lambda row: (-row.tau if math.isfinite(row.tau) else math.inf, row.cost))
    again = next((row for row in rows if row.name == AGAIN), None)
    fit = [row for row in cheap if row.tau >= GOOD and row.low > 0]
    return Comparison(metric, tuple(cheap), again, min(fit, key=lambda row: row.cost, default=None))


def _untrained(done: Sequence[Trial], full: Mapping[str, float], whole: float) -> list[Row]:
    """Each zero-cost proxy, and all of the consensus together; what a single one costs is not told apart."""
    scored = {trial.key: trial for trial in done if trial.proposal.fidelity == UNTRAINED}
    if not scored:
        return []
    metrics = [dict(trial.measurement.metrics) for trial in scored.values() if trial.measurement is not None]
    names = sorted({name for one in metrics for name in one} - {"model_bytes"})
    columns = table(metrics, names)
    cost = float(np.mean([_seconds(trial) for trial in scored.values()]))
    values = {f"zero-cost {name}": columns[:, place] for place, name in enumerate(names)}
    together = [names.index(name) for name in CONSENSUS if name in names]
    if together:
        values[CONSENSUS_NAME] = consensus(columns[:, together])
    keyed = {name: dict(zip(scored, column.tolist(), strict=True)) for name, column in values.items()}
    return [_row(name, column, full, cost, whole) for name, column in keyed.items()]


def _row(name: str, values: Mapping[str, float], full: Mapping[str, float], cost: float, whole: float) -> Row:
    both = [key for key in full if key in values and math.isfinite(values[key]) and math.isfinite(full[key])]
    a, b = np.array([values[key] for key in both]), np.array([full[key] for key in both])
    tau, low, high = _interval(a, b)
    return Row(name, tau, low, high, cost, cost / whole if whole else math.nan, len(both))


def _interval(a: Floats, b: Floats) -> tuple[float, float, float]:
    """Kendall's tau and its 95 % interval, NaN for fewer than three pairs."""
    if len(a) < 3:
        return math.nan, math.nan, math.nan
    agree = agreeing(a, b)
    random, found = np.random.default_rng(0), []
    for _ in range(DRAWS):
        drawn = random.integers(len(a), size=len(a))
        distinct = drawn[:, None] != drawn[None, :]
        if distinct.any():
            found.append(agree[np.ix_(drawn, drawn)][distinct].mean())
    low, high = np.quantile(found, [0.025, 0.975])
    return kendall(a, b), float(low), float(high)


def _seconds(trial: Trial) -> float:
    return trial.measurement.cost.wall_s if trial.measurement else math.nan
