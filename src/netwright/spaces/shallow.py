"""`shallow`: boosted trees, forests, linear and kernel models, nearest neighbours, their features prepared, alone or
stacked (Wolpert 1992, https://doi.org/10.1016/S0893-6080(05)80023-1).

Which model, its structure and parameters, what is done to the features, and what is stacked are all decisions, after
Thornton et al. 2013, "Auto-WEKA", https://arxiv.org/abs/1208.3719, and Feurer et al. 2015, "auto-sklearn".
"""

from __future__ import annotations

import math
from typing import Any

from netwright.operations import Signature
from netwright.space import Node, Space, chain, choice, integer, op, parallel, real

COUNTS = (4, 8, 16, 32, 64)
"""Principal components to choose from."""


def shallow(signature: Signature) -> Space:
    """The space for tables; images are taken as long vectors.

    >>> shallow(Signature((13,), 3)).name
    'shallow'
    """
    features = math.prod(signature.inputs)
    body = choice(prepared(features), stack(features))
    if len(signature.inputs) == 3:
        return Space(chain(flatten=op("flatten"), body=body), name="shallow")
    return Space(body, name="shallow")


def stack(features: int) -> Node:
    """Two or three models side by side, perhaps beside the features themselves, and a linear model that joins them."""
    models = [prepared(features) for _ in range(3)]
    sides = (parallel(*models[:2], merge="concat"), parallel(*models, merge="concat"))
    features_too = parallel(*models[:2], op("identity"), merge="concat")
    return chain(models=choice(*sides, features_too), join=op("linear-model", l2=_l2()))


def prepared(features: int) -> Node:
    """A model, and what is done to the features before it."""
    prepare = choice(
        op("identity"),
        op("quantiles", knots=choice(9, 33, 129), normal=choice(True, False)),
        op("components", count=choice(*[count for count in COUNTS if count < features] or [features])),
        op("select", share=choice(0.25, 0.5, 0.75)),
    )
    return chain(prepare=prepare, model=choice(boosting(), forest(), linear(), kernel_machine(), neighbours()))


def boosting() -> Node:
    return op(
        "gradient-boosting",
        iterations=integer(25, 400, step=25),
        learning_rate=real(0.02, 0.4, log=True),
        leaves=choice(4, 8, 16, 31, 64),
        min_samples=choice(5, 10, 20, 50, 100),
        l2=choice(0.0, 0.1, 1.0, 10.0),
        features=choice(0.3, 0.6, 1.0),
    )


def forest() -> Node:
    return op(
        "forest",
        trees=choice(25, 50, 100, 200),
        leaves=choice(16, 64, 256, 1024),
        min_samples=choice(1, 2, 5, 10),
        features=choice(0.1, 0.2, 0.4, 0.7, 1.0),
        extra=choice(False, True),
    )


def linear() -> Node:
    return op("linear-model", l2=_l2())


def kernel_machine() -> Node:
    likeness = op("kernel-features", count=choice(50, 100, 200, 400), sharpness=real(0.05, 5.0, log=True))
    return chain(likeness=likeness, linear=linear())


def neighbours() -> Node:
    return op(
        "neighbours",
        neighbours=choice(1, 3, 5, 9, 15, 31, 63),
        examples=choice(500, 2000, 5000),
    )


def _l2() -> Any:
    return real(1e-6, 1.0, log=True)
