"""Constraints met by construction: an architecture is sized before anything is trained."""

from __future__ import annotations

import math
from dataclasses import dataclass

from netwright.errors import InputError
from netwright.objectives import Constraint
from netwright.operations import Analysis, Signature, analyse
from netwright.pace import Pace
from netwright.space import Architecture, Space


def as_metrics(size: Analysis) -> dict[str, float]:
    """params, flops and model_bytes (float32)."""
    return {"params": float(size.params), "flops": float(size.flops), "model_bytes": 4.0 * size.params}


@dataclass(frozen=True)
class Feasible:
    """Says whether an architecture has valid shapes, meets the constraints on params, flops and model_bytes, and trains
    fast enough: at most `slowest_s` a training example, as far as `pace` foretells it."""

    signature: Signature
    constraints: tuple[Constraint, ...] = ()
    pace: Pace | None = None
    slowest_s: float = math.inf

    def __call__(self, architecture: Architecture) -> bool:
        try:
            size = analyse(architecture.graph, self.signature)
        except InputError:
            return False
        if self.pace is not None and self.pace.seconds(size) > self.slowest_s:
            return False
        known = as_metrics(size)
        return all(constraint.holds(known[constraint.metric]) for constraint in self.constraints)

    @property
    def reason(self) -> str:
        demands = [str(constraint) for constraint in self.constraints]
        if self.pace is not None:
            demands.append(f"trains on {1 / self.slowest_s:,.0f} examples a second")
        return " and ".join(demands) or "valid shapes"


def restrict(space: Space, feasible: Feasible) -> Space:
    """The space without the architectures that cannot be built on this input or break a constraint."""
    return space.restricted(feasible, feasible.reason)
