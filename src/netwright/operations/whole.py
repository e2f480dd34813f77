"""The operation that stands for a user's own module."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

from netwright.errors import InputError
from netwright.operations.base import Attribute, Footprint, Operation, Shape, Signature


@runtime_checkable
class Counted(Protocol):
    """A module's name that also knows how to count it: what the attribute `name` of a module must be."""

    def footprint(self, attrs: Mapping[str, Any], inputs: Shape) -> Footprint: ...


def _module(attrs: Mapping[str, Any], inputs: tuple[Shape, ...], signature: Signature) -> Footprint:
    name = attrs["name"]
    if not isinstance(name, Counted):
        raise InputError(f"{name!r} is only the name of a class", "make the space with netwright.torch.searchable")
    return name.footprint(attrs, inputs[0])


WHOLE = (
    Operation(
        "module",
        "A user's own module; its further attributes are what it is built with.",
        _module,
        {"name": Attribute(str, doc="the class")},
        open=True,
    ),
)
