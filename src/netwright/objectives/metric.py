"""The metrics by name: which way is better, in what unit, and where the value comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Metric:
    """source: "quality" (scored on data), "analytic" (known before training) or "measured" (on this machine)."""

    name: str
    maximise: bool
    unit: str
    source: Literal["quality", "analytic", "measured"]
    label: str


METRICS = {
    metric.name: metric
    for metric in (
        Metric("accuracy", True, "", "quality", "accuracy"),
        Metric("balanced_accuracy", True, "", "quality", "balanced accuracy"),
        Metric("f1", True, "", "quality", "F1 (macro)"),
        Metric("auc", True, "", "quality", "AUC"),
        Metric("log_loss", False, "nats", "quality", "log loss"),
        Metric("rmse", False, "", "quality", "RMSE"),
        Metric("mae", False, "", "quality", "MAE"),
        Metric("r2", True, "", "quality", "R²"),
        Metric("params", False, "", "analytic", "parameters"),
        Metric("flops", False, "", "analytic", "FLOPs"),
        Metric("model_bytes", False, "B", "analytic", "model size"),
        Metric("latency_ms", False, "ms", "measured", "latency"),
        Metric("peak_memory_mb", False, "MiB", "measured", "peak memory"),
        Metric("train_s", False, "s", "measured", "training time"),
    )
}
