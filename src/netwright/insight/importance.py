"""Which decisions mattered? The share of the quality's variance that each decision explains on its own.

A light form of functional ANOVA (Hutter, Hoos & Leyton-Brown, 2014): one-way omega squared of the search's own
trials (Hays, 1963), which corrects for chance agreement in small samples, and a permutation test that says how often
shuffled trials look as good. The trials of a search that learns are not a random sample, and decisions that change
together share their credit, so this is a pointer, not a proof.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netwright.objectives import METRICS
from netwright.trial import Fidelity, Trial

_FEWEST = 12
_BINS = 4
_PERMUTATIONS = 300


@dataclass(frozen=True, slots=True)
class Level:
    """One value (or range of values) of a decision, and how its trials did. mean: of the metric."""

    label: str
    mean: float
    trials: int


@dataclass(frozen=True, slots=True)
class Importance:
    """share: of the variance in 0..1; chance: how often shuffled trials reach that share; levels: best first."""

    decision: str
    share: float
    chance: float
    trials: int
    levels: tuple[Level, ...]

    @property
    def clear(self) -> bool:
        """Unlikely to be chance alone."""
        return self.chance < 0.05


def importance(trials: Sequence[Trial], metric: str, *, seed: int = 0, most: int = 12) -> tuple[Importance, ...]:
    """The decisions by the share of the metric's variance that they explain, largest first, at most `most`.

    Only completed trials at the most common fidelity count (a metric at two epochs is another metric); a decision
    counts on the trials that met it. Empty when fewer than 12 trials are left.
    """
    usable = _comparable(trials, metric)
    if len(usable) < _FEWEST:
        return ()
    maximise = METRICS[metric].maximise
    rng = np.random.default_rng(seed)
    found = []
    for name in dict.fromkeys(name for trial in usable for name in trial.proposal.architecture.choices):
        met = [trial for trial in usable if name in trial.proposal.architecture.choices]
        result = _one(name, met, metric, maximise, rng)
        if result is not None:
            found.append(result)
    found.sort(key=lambda item: (-item.share, item.chance, item.decision))
    return tuple(found[:most])


def _comparable(trials: Sequence[Trial], metric: str) -> list[Trial]:
    good = [t for t in trials if t.status == "completed" and math.isfinite(t.metric(metric))]
    fidelities: Counter[Fidelity] = Counter(trial.proposal.fidelity for trial in good)
    if not fidelities:
        return []
    common = fidelities.most_common(1)[0][0]
    return [trial for trial in good if trial.proposal.fidelity == common]


def _one(
    name: str, trials: Sequence[Trial], metric: str, maximise: bool, rng: np.random.Generator
) -> Importance | None:
    if len(trials) < _FEWEST:
        return None
    values = [trial.proposal.architecture.choices[name] for trial in trials]
    groups, labels = _groups(trials[0], name, values)
    if len(labels) < 2:
        return None
    y = np.array([trial.metric(metric) for trial in trials], dtype=np.float64)
    share = float(_omega(groups, y[None, :], len(labels))[0])
    shuffled = rng.permuted(np.tile(y, (_PERMUTATIONS, 1)), axis=1)
    at_least = int(np.count_nonzero(_omega(groups, shuffled, len(labels)) >= share))
    levels = [
        Level(label, float(y[groups == k].mean()), int(np.count_nonzero(groups == k))) for k, label in enumerate(labels)
    ]
    levels.sort(key=lambda level: -level.mean if maximise else level.mean)
    return Importance(name, max(0.0, share), (1 + at_least) / (1 + _PERMUTATIONS), len(trials), tuple(levels))


def _groups(trial: Trial, name: str, values: Sequence[Any]) -> tuple[NDArray[np.int64], list[str]]:
    """The group of each trial and the groups' labels; numbers with many values are cut into quarters."""
    distinct = sorted(set(values), key=repr) if isinstance(values[0], tuple) else sorted(set(values))
    numeric = all(isinstance(value, int | float) for value in distinct)
    decision = trial.proposal.architecture.decisions[name]
    if not numeric or decision.kind == "choice" or len(distinct) <= _BINS + 1:
        place = {value: k for k, value in enumerate(distinct)}
        return np.array([place[value] for value in values]), [decision.label(value) for value in distinct]
    numbers = np.array(values, dtype=np.float64)
    edges = np.unique(np.quantile(numbers, np.linspace(0, 1, _BINS + 1)))
    groups = np.searchsorted(edges[1:-1], numbers, side="right")
    used = sorted(set(groups.tolist()))
    labels = [f"{numbers[groups == k].min():.3g} to {numbers[groups == k].max():.3g}" for k in used]
    return np.searchsorted(np.array(used), groups), labels


def _omega(groups: NDArray[np.int64], y: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """Omega squared of each row of y (R, N) for the given groups (N,)."""
    hot = np.eye(size)[groups]
    counts = hot.sum(axis=0)
    total = ((y - y.mean(axis=1, keepdims=True)) ** 2).sum(axis=1)
    between = (counts * ((y @ hot) / counts - y.mean(axis=1, keepdims=True)) ** 2).sum(axis=1)
    within = (total - between) / max(1, y.shape[1] - size)
    with np.errstate(invalid="ignore", divide="ignore"):
        result = (between - (size - 1) * within) / (total + within)
    return np.asarray(np.nan_to_num(result, nan=0.0), dtype=np.float64)
