"""Constraints met by construction: an architecture is sized before anything is trained."""

from __future__ import annotations

from dataclasses import dataclass

from netwright.errors import InputError
from netwright.objectives import Constraint
from netwright.operations import Signature, analyse
from netwright.space import Architecture, Space


def sizes(architecture: Architecture, signature: Signature) -> dict[str, float]:
    """params, flops and model_bytes (float32) of an architecture, without building it."""
    analysis = analyse(architecture.graph, signature)
    return {"params": float(analysis.params), "flops": float(analysis.flops), "model_bytes": 4.0 * analysis.params}


@dataclass(frozen=True)
class Feasible:
    """Says whether an architecture has valid shapes and meets the constraints on params, flops and model_bytes."""

    signature: Signature
    constraints: tuple[Constraint, ...] = ()

    def __call__(self, architecture: Architecture) -> bool:
        try:
            known = sizes(architecture, self.signature)
        except InputError:
            return False
        return all(constraint.holds(known[constraint.metric]) for constraint in self.constraints)

    @property
    def reason(self) -> str:
        if not self.constraints:
            return "valid shapes"
        return " and ".join(map(str, self.constraints))


def restrict(space: Space, feasible: Feasible) -> Space:
    """The space without the architectures that cannot be built on this input or break a constraint."""
    return space.restricted(feasible, feasible.reason)
