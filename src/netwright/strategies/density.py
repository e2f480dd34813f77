"""A density over architectures: the mean of product kernels, one around each of some architectures.

A decision that a kernel's architecture does not make is as likely to have any of its values. Kernels: an option stays
what it is or becomes any other; a number lies in a truncated Laplace distribution on its domain from 0 to 1; every
option of a subset stays in or out, or changes sides.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from netwright.space import Architecture, Decision, Space, Value

Choices = Mapping[str, tuple[Decision, Value]]
"""The decisions that an architecture makes, with their values."""


@dataclass(frozen=True)
class Kernel:
    """change: the chance that an option is another one; reach: mean distance of a number, in widths of its domain."""

    change: float
    reach: float

    def draw(self, decision: Decision, value: Value, rng: np.random.Generator) -> Value:
        """A value around this one."""
        if decision.kind in ("integer", "real") and decision.hi > decision.lo:
            return _number(decision, self._near(decision.unit(value), rng))
        return decision.mutate(value, rng) if rng.random() < self.change and decision.cardinality > 1 else value

    def log(self, decision: Decision, value: Value, column: np.ndarray) -> np.ndarray:
        """Log density of the value under the kernels around each of a column's values, (n,) or for a subset
        (n, options); NaN where the decision is not made, and uniform there."""
        if decision.kind == "subset":
            inside = np.zeros(len(decision.options))
            inside[list(value)] = 1.0  # type: ignore[arg-type]
            same = np.where(column == inside, math.log1p(-self.change), math.log(self.change))
            return np.asarray(np.where(np.isnan(column), -math.log(2), same).sum(1))
        known = ~np.isnan(column)
        if decision.kind == "choice":
            others = max(1, len(decision.options) - 1)
            same = np.where(column == value, math.log1p(-self.change), math.log(self.change / others))
            return np.where(known, same, -math.log(len(decision.options)))
        away = np.abs(np.where(known, column, 0.0) - decision.unit(value))
        inside = 2 - np.exp(-column / self.reach) - np.exp(-(1 - column) / self.reach)
        return np.where(known, -away / self.reach - np.log(self.reach * inside), 0.0)

    def _near(self, unit: float, rng: np.random.Generator) -> float:
        while True:
            away = rng.exponential(self.reach)
            there = unit + away if rng.random() < 0.5 else unit - away
            if 0 <= there <= 1:
                return float(there)


def column(decision: Decision, name: str, rows: Sequence[Choices]) -> np.ndarray:
    """What these architectures decide here: (rows,) a choice's place or a number's place in its domain; a subset's
    options as (rows, options) of 0 and 1. NaN where the decision is not made."""
    values = [row[name][1] if name in row else None for row in rows]
    if decision.kind == "choice":
        return np.array([math.nan if value is None else float(value) for value in values])  # type: ignore[arg-type]
    if decision.kind != "subset":
        return np.array([math.nan if value is None else decision.unit(value) for value in values])
    inside = np.zeros((len(rows), len(decision.options)))
    for row, value in zip(inside, values, strict=True):
        row[:] = math.nan if value is None else 0.0
        row[list(value or ())] = 1.0  # type: ignore[arg-type]
    return inside


class Density:
    """rows: at least one."""

    def __init__(self, rows: Sequence[Choices], kernel: Kernel) -> None:
        self._rows = rows
        self._kernel = kernel
        self._columns: dict[str, np.ndarray] = {}

    def log(self, choices: Choices) -> float:
        """The logarithm of the density, up to what is the same for every density over the space."""
        total = np.zeros(len(self._rows))
        for name, (decision, value) in choices.items():
            if name not in self._columns:
                self._columns[name] = column(decision, name, self._rows)
            total += self._kernel.log(decision, value, self._columns[name])
        most = total.max()
        return float(most + np.log(np.exp(total - most).mean()))


def decided(architecture: Architecture) -> Choices:
    """An architecture's decisions with their values."""
    return {name: (decision, architecture.choices[name]) for name, decision in architecture.decisions.items()}


def around(space: Space, row: Choices, kernel: Kernel, rng: np.random.Generator) -> tuple[Architecture, Choices]:
    """A draw from the kernel around an architecture of the space."""
    met: dict[str, Decision] = {}

    def decide(decision: Decision) -> Value:
        met[decision.name] = decision
        value = row[decision.name][1] if decision.name in row else None
        known = value is not None and decision.allows(value)
        return kernel.draw(decision, value, rng) if known else decision.sample(rng)  # type: ignore[arg-type]

    architecture = space.decided(decide, rng)
    if architecture.choices.keys() <= met.keys():
        return architecture, {name: (met[name], value) for name, value in architecture.choices.items()}
    return architecture, decided(architecture)


def _number(decision: Decision, unit: float) -> Value:
    """The number at a place in its domain, a whole one to the nearest."""
    if decision.kind == "real":
        return decision.at(unit)
    return int(decision.lo) + decision.step * round(unit * (int(decision.cardinality) - 1))
