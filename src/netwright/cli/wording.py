"""Trials and metrics as people read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from netwright.insight.quality import SHARES
from netwright.insight.wording import count, number, quality
from netwright.objectives import METRICS
from netwright.trial import Trial

_COUNTED = ("params", "flops", "model_bytes")
_WIDEST = 80
"""Characters of an architecture on a line that tells other things, too."""


def metric_text(metric: str, value: float | None, spread: float | None = None) -> str:
    """A metric's value with its unit; spread: its standard deviation.

    >>> metric_text("accuracy", 0.9731), metric_text("params", 48213), metric_text("latency_ms", 1.234)
    ('97.31 %', '48.2k', '1.23 ms')
    """
    if metric in _COUNTED:
        return count(value)
    if METRICS[metric].source == "quality":
        return quality(value, metric in SHARES, spread)
    text, unit = number(value), METRICS[metric].unit
    return f"{text} {unit}" if any(letter.isdigit() for letter in text) else text


def trial_line(trial: Trial, metrics: Sequence[str]) -> str:
    """A completed trial on one line: number, metrics, size, architecture.

    metrics: those to tell first; the parameters follow where they are not among them.
    """
    named = [f"{METRICS[name].label} {metric_text(name, trial.metric(name))}" for name in metrics]
    if "params" not in metrics:
        named.append(f"{metric_text('params', trial.metric('params'))} parameters")
    return f"trial {trial.number}, {', '.join(named)}: {shortened(trial.proposal.architecture.describe())}"


def shortened(text: str) -> str:
    """The beginning of a long text.

    >>> len(shortened("0/kernel=5, " * 20))
    80
    """
    return text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "\N{HORIZONTAL ELLIPSIS}"


def report_text(report: Mapping[str, Any]) -> str:
    """A running trial's latest report: the epoch, then its numbers.

    >>> report_text({"epoch": 1.5, "epochs": 3, "loss": 0.51234})
    'epoch 1.5 of 3, loss 0.512'
    """
    if "epoch" not in report:
        return "starting"
    whole = f" of {report['epochs']:.3g}" if "epochs" in report else ""
    others = [f"{name} {_short(name, value)}" for name, value in report.items() if name not in ("epoch", "epochs")]
    return ", ".join([f"epoch {report['epoch']:.3g}{whole}", *others])


def _short(name: str, value: Any) -> str:
    if not isinstance(value, (int, float)):
        return str(value)
    return metric_text(name, value) if name in METRICS else number(value)
