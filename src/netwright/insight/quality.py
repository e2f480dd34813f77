"""Quality metrics example by example: what the significance tests need of a final training's stored outputs."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from netwright.insight.significance import Floats, Transform
from netwright.objectives.metric import METRICS
from netwright.tasks.answers import ANSWERS
from netwright.tasks.examples import NO_ARRAY
from netwright.trial import Trial

SHARES = frozenset(name for name, metric in METRICS.items() if metric.share)
"""Metrics that are shown in percent and compared in points."""


@dataclass(frozen=True, slots=True)
class Outputs:
    """A final training's answers to the test split, as `Answer.keep` leaves them. outputs: (N, …); y: (N,); kind: of
    the network's signature."""

    outputs: Floats
    y: NDArray[np.float64]
    kind: str = "classification"


def scale(metric: str) -> float:
    """What a metric's values are multiplied by for display: 100 for shares."""
    return 100.0 if metric in SHARES else 1.0


def stored_outputs(directory: Path, trial: Trial) -> Outputs | None:
    """The outputs kept at DIR/trials/NNNNNN/test.npz; None when the file is absent or damaged."""
    path = directory / trial.folder / "test.npz"
    try:
        with np.load(path, allow_pickle=False) as arrays:
            outputs, y = arrays["outputs"].astype(np.float64), arrays["y"].astype(np.float64).ravel()
            kind = str(arrays["kind"]) if "kind" in arrays else "classification" if outputs.ndim == 2 else "regression"
    except (OSError, zipfile.BadZipFile, *NO_ARRAY):
        return None
    if outputs.ndim not in (1, 2) or len(outputs) != len(y) or not len(y) or not np.isfinite(outputs).all():
        return None
    if kind not in ANSWERS:
        return None
    return Outputs(outputs, y, kind)


def example_scores(metric: str, stored: Outputs) -> Floats | None:
    """The score of each example (N,), higher is better, whose mean gives the metric by `transform_of`.

    None for metrics that are no mean over examples (auc, f1).
    """
    return ANSWERS[stored.kind].merits(metric, stored.outputs, stored.y)


def _root(mean: Floats) -> Floats:
    return -np.sqrt(np.maximum(0.0, -mean))


_TRANSFORMS: Mapping[str, Transform] = MappingProxyType(
    {"rmse": _root, "rmsse": _root, "perplexity": lambda mean: -np.exp(-mean)}
)


def transform_of(metric: str) -> Transform | None:
    """From the mean score to the metric, higher still better; None where the mean is the metric."""
    return _TRANSFORMS.get(metric)
