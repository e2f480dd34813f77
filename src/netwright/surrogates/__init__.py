"""Surrogates: what an architecture is worth, learnt from those that were measured, with intervals. One kind a file."""

from __future__ import annotations

from typing import Any

from netwright.named import named
from netwright.surrogates.base import Described, Describer, Surrogate
from netwright.surrogates.calibrated import Calibrated, Foretold, calibrate
from netwright.surrogates.graphs import GraphNetwork, GraphTransformer
from netwright.surrogates.process import Process
from netwright.surrogates.ridge import Ridge
from netwright.surrogates.trees import Boosting, Forest

SURROGATES: dict[str, type[Any]] = {
    kind.name: kind for kind in (Process, Ridge, Boosting, Forest, GraphNetwork, GraphTransformer)
}
DEFAULT = Process.name


def get(name: str = DEFAULT, **settings: Any) -> Surrogate:
    """The surrogate of a name. InputError with the nearest name, or with what is wrong in a setting.

    >>> get("ridge", penalty=2.0)
    Ridge(penalty=2.0)
    """
    surrogate: Surrogate = named("surrogate", name, SURROGATES, settings)
    return surrogate


__all__ = [
    "DEFAULT",
    "SURROGATES",
    "Calibrated",
    "Described",
    "Describer",
    "Foretold",
    "Surrogate",
    "calibrate",
    "get",
]
