"""Decisions of every kind as steps, each a draw among few values: what a controller writes, and how to read it back.

A choice is one step. A number with many values is a step among equal parts of its range, then uniform within the part.
A subset is a step for each option: out or in. Before anything is learnt a decision's values are equally likely.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from netwright.space import Decision, Value

PARTS = 10
"""Equal parts of a number's range; whole numbers with no more values than this are drawn one by one."""


@dataclass(frozen=True, slots=True)
class Step:
    """prior: (values,) logarithms of their probabilities before learning, up to a constant."""

    name: str
    prior: np.ndarray = field(compare=False)


def steps(decision: Decision, taken: list[int]) -> Iterator[Step]:
    """The steps of a decision. The place drawn at each has to be appended to `taken` before the next is asked for."""
    if decision.kind != "subset":
        yield Step(decision.name, _equal(_parts(decision)))
        return
    for option in range(len(decision.options)):
        inside = _chance(decision, option, sum(taken))
        if 0 < inside < 1:
            yield Step(f"{decision.name}/{option}", np.array([math.log(1 - inside), math.log(inside)]))
        else:
            taken.append(int(inside))


def value(decision: Decision, taken: list[int], rng: np.random.Generator) -> Value:
    """The value that the places drawn lead to; within a part of a range at random."""
    if decision.kind == "subset":
        return tuple(option for option, inside in enumerate(taken) if inside)
    place = taken[0]
    if decision.kind == "choice":
        return place
    if decision.kind == "real":
        return decision.at((place + rng.random()) / PARTS)
    count, parts = int(decision.cardinality), _parts(decision)
    low, high = place * count // parts, (place + 1) * count // parts
    return int(decision.lo) + decision.step * (low + int(rng.random() * (high - low)))


def path(decision: Decision, chosen: Value) -> Iterator[tuple[Step, int]]:
    """The steps that lead to a value, each with the place to draw."""
    taken: list[int] = []
    for step in steps(decision, taken):
        if isinstance(chosen, tuple):
            taken.append(int(len(taken) in chosen))
        else:
            taken.append(_place(decision, chosen))
        yield step, taken[-1]


def _parts(decision: Decision) -> int:
    if decision.kind == "real":
        return PARTS
    if decision.kind == "integer":
        return min(PARTS, int(decision.cardinality))
    return len(decision.options)


def _place(decision: Decision, chosen: int | float) -> int:
    if decision.kind == "choice":
        return int(chosen)
    if decision.kind == "real":
        return min(PARTS - 1, int(decision.unit(chosen) * PARTS))
    rank = (int(chosen) - int(decision.lo)) // decision.step
    return ((rank + 1) * _parts(decision) - 1) // int(decision.cardinality)


@lru_cache
def _equal(count: int) -> np.ndarray:
    return np.zeros(count)


@lru_cache(4096)
def _chance(decision: Decision, option: int, inside: int) -> float:
    """The share of the subsets with this option among those that agree so far, with `inside` options in."""
    later = len(decision.options) - option - 1
    with_it, without = (
        sum(math.comb(later, size - start) for size in range(max(start, decision.k[0]), decision.k[1] + 1))
        for start in (inside + 1, inside)
    )
    return with_it / (with_it + without)
