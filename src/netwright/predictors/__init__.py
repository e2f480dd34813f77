"""Predictors: what an untrained architecture is worth, from those that were measured. Arrays in, arrays out."""

from netwright.predictors.agreement import agreeing, kendall
from netwright.predictors.encodings import Encodings, Part, Rows
from netwright.predictors.ensemble import Ensemble
from netwright.predictors.gaussian_process import GaussianProcess, Posterior, below, improvement, prior
from netwright.predictors.targets import even, tamed

__all__ = [
    "Encodings",
    "Ensemble",
    "GaussianProcess",
    "Part",
    "Posterior",
    "Rows",
    "agreeing",
    "below",
    "even",
    "improvement",
    "kendall",
    "prior",
    "tamed",
]
