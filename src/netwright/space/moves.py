"""Ways to decide: at random, as someone else did, a little differently, between two parents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from netwright.space.decision import Decision, Value
from netwright.space.walk import Decider, Walk

if TYPE_CHECKING:
    from netwright.space.space import Space

Choices = Mapping[str, Value]


def trace(space: Space, decide: Decider) -> tuple[dict[str, Value], dict[str, Decision]]:
    """The values and the decisions met when deciding so, in walk order."""
    walk = Walk(space, decide, drawing=False)
    walk.run()
    return walk.values, walk.decisions


def sample(space: Space, rng: np.random.Generator) -> Choices:
    """Each decision at random when it is met."""
    return trace(space, lambda decision: decision.sample(rng))[0]


def follow(space: Space, wanted: Choices, otherwise: Decider) -> Choices:
    """The wanted values where they are met and possible, other decisions by `otherwise`."""

    def decide(decision: Decision) -> Value:
        value = wanted.get(decision.name)
        return value if value is not None and decision.allows(value) else otherwise(decision)

    return trace(space, decide)[0]


def mutate(
    space: Space, parent: Choices, decisions: Mapping[str, Decision], rng: np.random.Generator, changes: int
) -> Choices:
    """`changes` of the parent's decisions decided differently; those that open up thereby at random."""
    names = list(parent)
    wanted = dict(parent)
    for i in rng.permutation(len(names))[:changes]:
        name = names[int(i)]
        wanted[name] = decisions[name].mutate(parent[name], rng)
    return follow(space, wanted, lambda decision: decision.sample(rng))


def crossover(space: Space, a: Choices, b: Choices, rng: np.random.Generator) -> Choices:
    """Each decision as one of the parents decided it, by a fair coin where both did; at random where neither did."""
    wanted = {**a, **b}
    for name, value in a.items():
        if name in b and rng.random() < 0.5:
            wanted[name] = value
    return follow(space, wanted, lambda decision: decision.sample(rng))


def neighbours(
    space: Space, parent: Choices, decisions: Mapping[str, Decision], rng: np.random.Generator | None
) -> Iterator[Choices]:
    """One decision changed to a value next to it; decisions that open up thereby take their first value."""
    changes = [(name, other) for name, value in parent.items() for other in decisions[name].neighbours(value)]
    order = range(len(changes)) if rng is None else rng.permutation(len(changes)).tolist()
    for place in order:
        name, other = changes[place]
        yield follow(space, {**parent, name: other}, lambda decision: decision.first)


def enumerate_choices(space: Space) -> Iterator[Choices]:
    """Every assignment, in the order of an odometer whose last decision turns fastest."""
    prefix: list[Value] = []
    wheels: list[Iterator[Value]] = []
    while True:
        met = 0

        def decide(decision: Decision) -> Value:
            nonlocal met
            if met == len(prefix):
                wheels.append(decision.values())
                prefix.append(next(wheels[met]))
            met += 1
            return prefix[met - 1]

        yield trace(space, decide)[0]
        if not _turn(prefix, wheels):
            return


def _turn(prefix: list[Value], wheels: list[Iterator[Value]]) -> bool:
    """Moves the last wheel that has a value left; drops those after it. False when all have been through."""
    while wheels:
        prefix.pop()
        for value in wheels[-1]:
            prefix.append(value)
            return True
        wheels.pop()
    return False


def met(space: Space, chosen: Choices) -> Mapping[str, Decision]:
    """The decisions behind an architecture's choices."""
    return trace(space, lambda decision: chosen[decision.name])[1]
