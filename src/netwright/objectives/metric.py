"""The metrics by name: which way is better, in what unit, where the value comes from and what it can be."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

_COUNT = {"k": 1e3, "m": 1e6, "g": 1e9}
_SUFFIXES = {
    "B": {**_COUNT, "b": 1.0, "kb": 1e3, "mb": 1e6, "gb": 1e9, "kib": 2.0**10, "mib": 2.0**20, "gib": 2.0**30},
    "MiB": {"mb": 1.0, "mib": 1.0, "gb": 1024.0, "gib": 1024.0},
    "ms": {"us": 1e-3, "ms": 1.0, "s": 1e3},
    "s": {"ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0},
    "fraction": {"%": 0.01},
    "count": _COUNT,
}


@dataclass(frozen=True, slots=True)
class Metric:
    """source: "quality" (scored on data), "analytic" (known before training) or "measured" (on this machine);
    least, most: the values that it can have at all; errors: counts them by what there is to get
    right, so that it may exceed 1.

    >>> METRICS["latency_ms"].suffixes["s"]
    1000.0
    """

    name: str
    maximise: bool
    unit: str
    source: Literal["quality", "analytic", "measured"]
    label: str
    least: float = 0.0
    most: float = math.inf
    errors: bool = False

    @property
    def share(self) -> bool:
        """Whether it is shown in percent and compared in points."""
        return self.source == "quality" and (self.most == 1.0 or self.errors)

    @property
    def suffixes(self) -> Mapping[str, float]:
        """What may follow a number (in lower case), and how much of the metric's own unit it is."""
        dimension = self.unit or ("count" if self.source == "analytic" else "fraction" if self.share else "none")
        return MappingProxyType({"": 1.0, **_SUFFIXES.get(dimension, {})})


METRICS = {
    metric.name: metric
    for metric in (
        Metric("accuracy", True, "", "quality", "accuracy", most=1.0),
        Metric("balanced_accuracy", True, "", "quality", "balanced accuracy", most=1.0),
        Metric("f1", True, "", "quality", "F1 (macro)", most=1.0),
        Metric("auc", True, "", "quality", "AUC", most=1.0),
        Metric("log_loss", False, "nats", "quality", "log loss"),
        Metric("rmse", False, "", "quality", "RMSE"),
        Metric("mae", False, "", "quality", "MAE"),
        Metric("r2", True, "", "quality", "R²", least=-math.inf, most=1.0),
        Metric("mean_iou", True, "", "quality", "mean IoU", most=1.0),
        Metric("pixel_accuracy", True, "", "quality", "pixel accuracy", most=1.0),
        Metric("map50", True, "", "quality", "mAP@.5", most=1.0),
        Metric("map", True, "", "quality", "mAP@[.5:.95]", most=1.0),
        Metric("mase", False, "", "quality", "MASE"),
        Metric("rmsse", False, "", "quality", "RMSSE"),
        Metric("cer", False, "", "quality", "character error rate", errors=True),
        Metric("wer", False, "", "quality", "word error rate", errors=True),
        Metric("mcd", False, "dB", "quality", "mel-cepstral distortion"),
        Metric("length_error", False, "", "quality", "length error", errors=True),
        Metric("bits_per_token", False, "bits", "quality", "bits per token"),
        Metric("perplexity", False, "", "quality", "perplexity"),
        Metric("token_accuracy", True, "", "quality", "token accuracy", most=1.0),
        Metric("params", False, "", "analytic", "parameters"),
        Metric("flops", False, "", "analytic", "FLOPs"),
        Metric("model_bytes", False, "B", "analytic", "model size"),
        Metric("latency_ms", False, "ms", "measured", "latency"),
        Metric("peak_memory_mb", False, "MiB", "measured", "peak memory"),
        Metric("train_s", False, "s", "measured", "training time"),
    )
}
