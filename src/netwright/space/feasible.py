"""Spaces with constraints: only feasible architectures are given out.

By rejection first. Where feasible architectures are rare, an infeasible sample is moved towards an end of the space
(small numbers and first options, or the other way) until it is feasible, then back towards the sample as far as that
goes, then a little about: what is found lies near the boundary, where the best feasible architectures usually are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from netwright.errors import InputError
from netwright.space import moves
from netwright.space.architecture import Architecture
from netwright.space.decision import Decision, Value
from netwright.space.walk import Decider

if TYPE_CHECKING:
    from netwright.space.space import Space

TRIES = 64
FURTHER_TRIES = 2_000
WANDER = 32
ENUMERABLE = 20_000


@dataclass(frozen=True)
class Constraint:
    """What an architecture must meet, and the demand in words."""

    holds: Callable[[Architecture], bool]
    reason: str


def sample(space: Space, rng: np.random.Generator) -> Architecture:
    """A feasible architecture. InputError with the reason where none is found."""
    return first(space, lambda: Architecture(space, moves.sample(space, rng)), rng)


def first(space: Space, attempt: Callable[[], Architecture], rng: np.random.Generator) -> Architecture:
    """The first feasible attempt, else the last one repaired, else a longer look."""
    for _ in range(TRIES):
        found = attempt()
        if space.allows(found):
            return found
    return _repaired(space, found, rng)


def _repaired(space: Space, start: Architecture, rng: np.random.Generator) -> Architecture:
    for end in (_low, _high):
        found = _towards(space, start, end, rng)
        if found is not None:
            return _wander(space, _back(space, found, start, rng), rng)
    found = next(_further(space, rng), None) or next(_sweep(space), None)
    if found is None:
        reasons = " and ".join(constraint.reason for constraint in space.constraints)
        raise InputError(
            f"no architecture of space {space.name!r} was found that meets {reasons}", "relax it, or take another space"
        )
    return found


def _towards(space: Space, start: Architecture, end: Decider, rng: np.random.Generator) -> Architecture | None:
    """Moves one decision after the other to its end, in random order, until the architecture is feasible."""
    current = start.choices
    moved: set[str] = set()
    while True:
        left = [name for name in current if name not in moved]
        if not left:
            return None
        name = left[int(rng.random() * len(left))]
        moved.add(name)
        value = end(moves.met(space, current)[name])
        if value == current[name]:
            continue
        current = moves.follow(space, {**current, name: value}, end)
        candidate = Architecture(space, current)
        if space.allows(candidate):
            return candidate


def _back(space: Space, found: Architecture, start: Architecture, rng: np.random.Generator) -> Architecture:
    """Takes decisions of the start back, in random order, while the architecture stays feasible."""
    names = list(start.choices)
    for i in rng.permutation(len(names)):
        name = names[int(i)]
        if found.choices.get(name) == start.choices[name]:
            continue
        wanted = {**found.choices, name: start.choices[name]}
        candidate = Architecture(space, moves.follow(space, wanted, _low))
        if space.allows(candidate):
            found = candidate
    return found


def _wander(space: Space, found: Architecture, rng: np.random.Generator) -> Architecture:
    """Mutates while the architecture stays feasible, so that repaired samples spread out."""
    for _ in range(WANDER):
        mutant = moves.mutate(space, found.choices, moves.met(space, found.choices), rng, 1)
        candidate = Architecture(space, mutant)
        if space.allows(candidate):
            found = candidate
    return found


def _further(space: Space, rng: np.random.Generator) -> Iterator[Architecture]:
    """Feasible ones among many more samples."""
    samples = (Architecture(space, moves.sample(space, rng)) for _ in range(FURTHER_TRIES))
    return (found for found in samples if space.allows(found))


def _sweep(space: Space) -> Iterator[Architecture]:
    """Every feasible architecture of a small space."""
    if space.size() <= ENUMERABLE:
        yield from space.enumerate()


def _low(decision: Decision) -> Value:
    return _end(decision, min)


def _high(decision: Decision) -> Value:
    return _end(decision, max)


def _end(decision: Decision, pick: Callable[..., int]) -> Value:
    """The least or the greatest: by the options where they are numbers, else by their order."""
    if decision.kind == "subset":
        return tuple(range(pick(decision.k)))
    if decision.kind != "choice":
        low = decision.first
        return low if pick is min else decision.at(1.0) if decision.kind == "real" else int(decision.hi)
    options = decision.options
    numeric = all(isinstance(option, (int, float)) for option in options)
    return pick(range(len(options)), key=(lambda i: options[i]) if numeric else (lambda i: i))
