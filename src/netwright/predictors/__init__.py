"""Predictors: what an untrained architecture is worth, from those that were measured. Arrays in, arrays out."""

from netwright.predictors.features import Features
from netwright.predictors.gaussian_process import GaussianProcess

__all__ = ["Features", "GaussianProcess"]
