"""Screening: zero-cost proxies score many untrained networks, and the search starts from their ranking as from an
earlier search: it measures some of them first, and forgets the rest where the ranks do not agree."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from netwright.errors import unknown
from netwright.evaluation.pace import Pace
from netwright.objectives import METRICS, Objectives
from netwright.operations import Signature, analyse
from netwright.proxies import applicable
from netwright.proxies.ensemble import CONSENSUS, consensus, table
from netwright.strategies.transfer import agreement
from netwright.trial import Measurement, Trial

Evaluate = Literal["auto", "train", "zero-cost", "predictor"]
CHOICES: tuple[Evaluate, ...] = ("auto", "train", "zero-cost", "predictor")
SHARE, MOST, AHEAD = 0.1, 400, 4
"""Of the search's time; networks at most; and without a clock, for each that is to be trained."""
FEWEST = 8
"""Trials from which on a ranking beforehand is worth its time."""


def choice(text: str) -> Evaluate:
    """InputError for what is none of the choices."""
    for one in CHOICES:
        if text == one:
            return one
    raise unknown("way to evaluate", text, CHOICES)


def proxies(signature: Signature) -> tuple[str, ...]:
    """Those of the consensus that say something here."""
    known = applicable(signature)
    return tuple(name for name in CONSENSUS if name in known)


def ranking(
    trials: Sequence[Trial], signature: Signature, objectives: Objectives, pace: Pace | None
) -> tuple[Trial, ...]:
    """The screened trials with their rank among each other, in (0, 1], as the quality they are foretold, and with the
    time that their size foretells in the place of measured times."""
    done = [trial for trial in trials if trial.status == "completed" and trial.measurement is not None]
    if not done:
        return ()
    values = consensus(table([one.measurement.metrics for one in done if one.measurement], proxies(signature)))
    return tuple(
        replace(trial, measurement=Measurement(_foretold(trial, float(value), signature, objectives, pace)))
        for trial, value in zip(done, values, strict=True)
    )


def _foretold(
    trial: Trial, value: float, signature: Signature, objectives: Objectives, pace: Pace | None
) -> dict[str, float]:
    size = analyse(trial.proposal.architecture.graph, signature)
    metrics = dict(size.metrics)
    for name in objectives.names:
        metric = METRICS[name]
        if metric.source == "quality":
            metrics[name] = value if metric.maximise else 1 - value
        elif metric.source == "measured":
            metrics[name] = pace.seconds(size) if pace else float(size.flops)
    return metrics


def verdict(ranked: Sequence[Trial], trained: Sequence[Trial], objectives: Objectives) -> str:
    """How well the ranking agreed with what was measured, for people."""
    known = {trial.key: trial for trial in ranked}
    pairs = {
        trial.key: (known[trial.key], trial) for trial in trained if trial.key in known and objectives.valid(trial)
    }
    said = f"screening: {len(ranked)} untrained networks were scored; "
    tau = agreement(list(pairs.values()), objectives)
    if math.isnan(tau):
        return said + "too few of them were trained to say how well that ranks"
    found = f"for the {len(pairs)} of them that were trained, the ranks agree with Kendall's tau = {tau:.2f}"
    return said + found + ("" if tau > 0 else ": no better than chance, so the ranking was not used")
