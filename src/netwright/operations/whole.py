"""Operations that are whole models: gradient boosting, and a user's own module."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

from netwright.errors import InputError
from netwright.operations.base import Attribute, Footprint, Operation, Shape, Signature
from netwright.operations.tally import vector


@runtime_checkable
class Counted(Protocol):
    """A module's name that also knows how to count it: what the attribute `name` of a module must be."""

    def footprint(self, attrs: Mapping[str, Any], inputs: Shape) -> Footprint: ...


def _gradient_boosting(attrs: Mapping[str, Any], inputs: tuple[Shape, ...], signature: Signature) -> Footprint:
    vector(inputs[0])
    return Footprint((signature.outputs,))


def _module(attrs: Mapping[str, Any], inputs: tuple[Shape, ...], signature: Signature) -> Footprint:
    name = attrs["name"]
    if not isinstance(name, Counted):
        raise InputError(f"{name!r} is only the name of a class", "make the space with netwright.torch.searchable")
    return name.footprint(attrs, inputs[0])


WHOLE = (
    Operation(
        "gradient-boosting",
        "Gradient-boosted trees on histograms (Ke et al. 2017), a whole model for tables.",
        _gradient_boosting,
        {
            "iterations": Attribute(int, 100, 1, 10_000, doc="most trees (a class)"),
            "learning_rate": Attribute(float, 0.1, 1e-4, 1, doc="weight of each tree"),
            "leaves": Attribute(int, 31, 2, 4096, doc="most leaves of a tree"),
            "depth": Attribute(int, None, 1, 64, doc="most levels of a tree; left out: no limit"),
            "min_samples": Attribute(int, 20, 1, 1_000_000, doc="fewest examples in a leaf"),
            "l2": Attribute(float, 0.0, 0, 1e6, doc="L2 regularisation of the leaves"),
            "features": Attribute(float, 1.0, 0.01, 1, doc="share of the features that each split looks at"),
            "bins": Attribute(int, 255, 2, 255, doc="most bins a feature"),
        },
        family="estimator",
    ),
    Operation(
        "module",
        "A user's own module; its further attributes are what it is built with.",
        _module,
        {"name": Attribute(str, doc="the class")},
        open=True,
    ),
)
