"""Trees that LightGBM grows (Ke et al. 2017, "LightGBM"), as the tensors of the same module as scikit-learn's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from netwright.backends.sklearn.grown import Grown
from netwright.backends.sklearn.models import Array, Attrs, boosted, seen
from netwright.errors import MissingExtra
from netwright.operations import Signature


def fit(attrs: Attrs, x: Array, y: Array, signature: Signature, seed: int) -> dict[str, Array]:
    """Raises MissingExtra where lightgbm is not installed."""
    try:
        import lightgbm
    except ImportError:
        raise MissingExtra("lightgbm", "lightgbm") from None
    classes = signature.kind == "classification"
    make = lightgbm.LGBMClassifier if classes else lightgbm.LGBMRegressor
    model = make(
        n_estimators=attrs["iterations"],
        learning_rate=attrs["learning_rate"],
        num_leaves=attrs["leaves"],
        max_depth=attrs["depth"] or -1,
        min_child_samples=attrs["min_samples"],
        reg_lambda=attrs["l2"],
        feature_fraction_bynode=attrs["features"],
        max_bin=attrs["bins"],
        random_state=seed,
        n_jobs=1,
        deterministic=True,
        force_row_wise=True,
        verbose=-1,
    ).fit(x, y)
    trees = [_grown(info["tree_structure"]) for info in model.booster_.dump_model()["tree_info"]]
    each = len(trees) // max(1, model.booster_.current_iteration())
    rounds = [trees[start : start + each] for start in range(0, len(trees), each)]
    return boosted(rounds, np.zeros(each), seen(model), attrs, signature)


def _grown(root: Mapping[str, Any]) -> Grown:
    """The nodes of a tree as arrays, parents first."""
    nodes, children = [root], []
    for node in nodes:
        if "split_index" in node:
            children.append((len(nodes), len(nodes) + 1))
            nodes += [node["left_child"], node["right_child"]]
        else:
            children.append((-1, -1))
    left, right = np.array(children, dtype=np.int64).T
    return Grown(
        left,
        right,
        np.array([node.get("split_feature", 0) for node in nodes]),
        np.array([node.get("threshold", 0.0) for node in nodes], dtype=np.float64),
        np.array([[node.get("leaf_value", 0.0)] for node in nodes]),
    )
