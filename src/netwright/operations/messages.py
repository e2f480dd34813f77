"""Layers of graph networks: every node's features meet those of its neighbours. The choices of NAS-Bench-Graph (Qin et
al. 2022, https://arxiv.org/abs/2206.09166).

What counts is the work for one node: the linear maps. Adding up neighbours multiplies nothing that this convention
counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netwright.errors import InputError
from netwright.operations import attributes as a
from netwright.operations.base import Attribute, Footprint, Operation, Shape, Signature
from netwright.operations.tally import vector

DOCS = {
    "gcn": "Mean over neighbours and itself, weighed by degrees (Kipf & Welling 2017, https://arxiv.org/abs/1609.02907).",
    "gat": "Attention to neighbours and itself (Veličković et al. 2018, https://arxiv.org/abs/1710.10903).",
    "sage": "Itself, and the mean of neighbours (Hamilton et al. 2017, https://arxiv.org/abs/1706.02216).",
    "gin": "Sum with neighbours, then two layers (Xu et al. 2019, https://arxiv.org/abs/1810.00826).",
    "cheb": "Polynomials of the graph's Laplacian (Defferrard et al. 2016, https://arxiv.org/abs/1606.09375).",
    "arma": "One step of a recursive filter (Bianchi et al. 2021, https://arxiv.org/abs/1901.01343).",
    "k-gnn": "Itself, and the sum of neighbours (Morris et al. 2019, https://arxiv.org/abs/1810.02244).",
}


def maps(kind: str, attrs: Mapping[str, Any]) -> int:
    """Linear maps of a layer's input."""
    order: int = attrs.get("order", 1)
    return {"sage": 2, "arma": 2, "k-gnn": 2, "cheb": order}.get(kind, 1)


def _rule(kind: str) -> Any:
    def rule(attrs: Mapping[str, Any], inputs: tuple[Shape, ...], signature: Signature) -> Footprint:
        units, count = attrs["units"], maps(kind, attrs)
        products = count * vector(inputs[0]) * units
        params, activations = products + units, count * units
        if kind == "gin":
            params, products, activations = params + 1 + units * (units + 1), products + units * units, 2 * units
        if kind == "gat":
            if units % attrs["heads"]:
                raise InputError(f"{attrs['heads']} heads do not divide {units} units", "give a divisor of the units")
            params += 2 * units
        return Footprint((units,), params, products, activations)

    return rule


def _operation(kind: str) -> Operation:
    attributes = {
        "units": Attribute(int, low=1, high=a.LARGEST, doc="features that come out"),
        "activation": a.activation("none"),
        "dropout": a.DROPOUT,
    }
    if kind == "gat":
        attributes["heads"] = Attribute(int, 8, 1, 64, doc="attention heads; divides the units")
    if kind == "cheb":
        attributes["order"] = Attribute(int, 2, 1, 8, doc="terms of the polynomial")
    return Operation(kind, DOCS[kind], _rule(kind), attributes)


MESSAGES = tuple(_operation(kind) for kind in DOCS)
