"""Constraints met by construction: an architecture is sized before anything is trained."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from netwright.errors import InputError, unknown
from netwright.evaluation.pace import Pace
from netwright.objectives import Constraint
from netwright.operations import Analysis, Signature, analyse, check_output, get, is_estimator
from netwright.space import Architecture, Space

DRAWN = 32
"""Architectures looked at for what they are made of."""


def sized(architecture: Architecture, signature: Signature) -> Analysis:
    """The sizes of a whole network. Raises InputError that names the node where it cannot be built, and where nothing
    of the input reaches the output: such a network would be trained, and quickly, but answers the same to everything.
    """
    graph = architecture.graph
    size = analyse(graph, signature)
    check_output(graph, size, signature)
    if size.live[0] != 0:
        problem = f"{graph.nodes[graph.output].name}: nothing of the input reaches the output"
        raise InputError(problem, 'leave "none" out on one way through the network')
    return size


@dataclass(frozen=True)
class Feasible:
    """Says whether an architecture has valid shapes, meets the constraints on params, flops and model_bytes, and trains
    fast enough but is not too small: between `quickest_s` and `slowest_s` a training example, as far as `pace`
    foretells it. Estimators are fitted to as many examples as there is time for, so their speed is no reason."""

    signature: Signature
    constraints: tuple[Constraint, ...] = ()
    pace: Pace | None = None
    slowest_s: float = math.inf
    quickest_s: float = 0.0

    def __call__(self, architecture: Architecture) -> bool:
        try:
            size = sized(architecture, self.signature)
        except InputError:
            return False
        pace = None if is_estimator(architecture.graph) else self.pace
        if pace is not None and not self.quickest_s <= pace.seconds(size) <= self.slowest_s:
            return False
        known = size.metrics
        return all(constraint.holds(known[constraint.metric]) for constraint in self.constraints)

    @property
    def reason(self) -> str:
        demands = [str(constraint) for constraint in self.constraints]
        if self.pace is not None:
            most = f" to {1 / self.quickest_s:,.0f}" if self.quickest_s else ""
            demands.append(f"trains on {1 / self.slowest_s:,.0f}{most} examples a second")
        return " and ".join(demands) or "valid shapes"


@dataclass(frozen=True)
class Scored:
    """What is known of an architecture before it is trained: its sizes and, with a `pace`, how fast it trains. NaN
    where it cannot be built."""

    signature: Signature
    pace: Pace | None = None

    def __call__(self, architecture: Architecture) -> dict[str, float]:
        names = ("params", "flops", "activations", *(() if self.pace is None else ("example_s",)))
        try:
            size = analyse(architecture.graph, self.signature)
        except InputError:
            return dict.fromkeys(names, math.nan)
        speed = () if self.pace is None else (self.pace.seconds(size),)
        values = (size.params, size.flops, size.activations, *speed)
        return {name: float(value) for name, value in zip(names, values, strict=True)}


def check_operations(space: Space) -> None:
    """Raises InputError for an operation or an attribute that does not exist, wherever in the space it stands.

    Spaces made by programs show theirs only when an architecture is drawn.
    """
    try:
        tree = space.to_dict()
    except InputError:
        return
    _check_tree(tree["root"], "root")


def _check_tree(tree: Any, path: str) -> None:
    if isinstance(tree, list):
        for place, part in enumerate(tree):
            _check_tree(part, f"{path}/{place}")
    if not isinstance(tree, Mapping):
        return
    if isinstance(tree.get("op"), str):
        operation = get(tree["op"])
        for name in tree.keys() - {"op", *operation.attributes}:
            raise unknown(f"attribute of {tree['op']} at {path}:", str(name), operation.attributes)
    for name, part in tree.items():
        _check_tree(part, f"{path}/{name}")


def distinct(space: Space, count: int, seed: int, tries: int) -> list[Architecture]:
    """Up to `count` random networks that differ, of at most `tries` draws."""
    random, found = np.random.default_rng(seed), dict[str, Architecture]()
    for _ in range(tries):
        one = space.sample(random)
        found.setdefault(one.key, one)
        if len(found) == count:
            break
    return list(found.values())


def restrict(space: Space, feasible: Feasible) -> Space:
    """The space without the architectures that cannot be built on this input or break a constraint."""
    return space.restricted(feasible, feasible.reason)


def operations_of(space: Space) -> set[str]:
    """The names of all operations in a space: of those made by programs, those of some random architectures."""
    random = np.random.default_rng(0)
    found = set().union(*(space.sample(random).graph.operations for _ in range(DRAWN)))
    try:
        tree = space.to_dict()
    except InputError:
        return found
    return found | set(_named_in(tree["root"]))


def _named_in(tree: Any) -> Iterator[str]:
    """What is called an operation anywhere in the plain form of a space."""
    if isinstance(tree, Mapping):
        if isinstance(tree.get("op"), str):
            yield tree["op"]
        tree = list(tree.values())
    if isinstance(tree, list):
        for part in tree:
            yield from _named_in(part)
