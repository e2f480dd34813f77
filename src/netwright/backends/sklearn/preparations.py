"""How the preparation of features is fitted, as the tensors that its torch module holds."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from netwright.backends.sklearn.models import Array, Attrs, Fit, filled
from netwright.operations import Signature
from netwright.operations.shallow import kept

FURTHEST = 1e-3
"""Share of a normal distribution that lies beyond the last knot, on each side."""


def quantiles(attrs: Attrs, x: Array, y: Array, signature: Signature, seed: int) -> dict[str, Array]:
    from scipy.stats import norm

    ranks = np.linspace(0.0, 1.0, attrs["knots"])
    values = norm.ppf(np.clip(ranks, FURTHEST, 1 - FURTHEST)) if attrs["normal"] else (2 * ranks - 1) * 3**0.5
    knots = np.quantile(x, ranks, axis=0).T
    pairs = [_untied(row, values) for row in knots]
    return {
        "knots": np.array([pair[0] for pair in pairs], np.float32),
        "values": np.array([pair[1] for pair in pairs], np.float32),
    }


def _untied(knots: Array, values: Array) -> tuple[Array, Array]:
    """Each knot once, with the mean of its values; the last repeated to fill up."""
    once, place = np.unique(knots.astype(np.float32), return_inverse=True)
    means = np.bincount(place, values) / np.bincount(place)
    fill = len(knots) - len(once)
    return np.pad(once, (0, fill), mode="edge"), np.pad(means, (0, fill), mode="edge")


def components(attrs: Attrs, x: Array, y: Array, signature: Signature, seed: int) -> dict[str, Array]:
    from sklearn.decomposition import PCA

    model = PCA(min(attrs["count"], *x.shape), whiten=True, random_state=seed).fit(x)
    scale = np.sqrt(np.maximum(model.explained_variance_, 1e-6 * model.explained_variance_[0] + 1e-12))
    weight = model.components_ / scale[:, None]
    return {
        "weight": filled((attrs["count"], x.shape[1]), weight),
        "bias": filled((attrs["count"],), -weight @ model.mean_),
    }


def kernel_features(attrs: Attrs, x: Array, y: Array, signature: Signature, seed: int) -> dict[str, Array]:
    from sklearn.kernel_approximation import Nystroem

    count = min(attrs["count"], len(x))
    model = Nystroem(gamma=attrs["sharpness"] / x.shape[1], n_components=count, random_state=seed).fit(x)
    return {
        "centres": filled((attrs["count"], x.shape[1]), model.components_),
        "matrix": filled((attrs["count"], attrs["count"]), model.normalization_),
    }


def select(attrs: Attrs, x: Array, y: Array, signature: Signature, seed: int) -> dict[str, Array]:
    from sklearn.feature_selection import f_classif, f_regression

    test: Any = f_classif if signature.kind == "classification" else f_regression
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        scores = np.nan_to_num(test(x, y)[0], nan=-1.0)
    best = np.argsort(-scores, kind="stable")[: kept(attrs, x.shape[1])]
    return {"places": np.sort(best).astype(np.int32)}


PREPARATIONS: Mapping[str, Fit] = {
    "quantiles": quantiles,
    "components": components,
    "kernel-features": kernel_features,
    "select": select,
}
