"""The scikit-learn backend: whole estimators, fitted in one go."""

from __future__ import annotations

from netwright.backends.sklearn.estimator import Fitted, fit_estimator, is_estimator

__all__ = ["Fitted", "fit_estimator", "is_estimator"]
