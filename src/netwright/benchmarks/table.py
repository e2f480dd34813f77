"""A tabular benchmark: every architecture of a space with its published results, to look up instead of to train."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netwright.errors import InputError, NetwrightError
from netwright.objectives import METRICS
from netwright.space import Architecture, Space
from netwright.trial import Fidelity

Floats = NDArray[np.float64]
Choices = frozenset[tuple[str, Any]]


@dataclass(frozen=True, eq=False)
class Table:
    """One row an architecture. N rows, F fidelities from the cheapest to the full one.

    quality: the metric searched on (a name of `METRICS`); choices: what each row's architecture decided; validation:
    (F, N), what a search sees; test: (N,), what is reported; cost: (N,) of the full evaluation in any unit, which
    `clock` says; metrics: further objectives, (N,) each, all to be made small; scores: what is known before training;
    names: the benchmark's own name of each row; protocol: what was taken from the file, for people.

    Architectures that compute the same may have rows of their own, with results that differ by chance.
    Raises InputError for rows that are no architecture of the space, that are there twice or that are missing.
    """

    name: str
    space: Space
    quality: str
    choices: Sequence[Mapping[str, Any]]
    fidelities: tuple[Fidelity, ...]
    validation: Floats
    test: Floats
    cost: Floats
    clock: str
    metrics: Mapping[str, Floats] = field(default_factory=dict)
    scores: Mapping[str, Floats] = field(default_factory=dict)
    names: Sequence[str] = ()
    protocol: str = ""

    def __post_init__(self) -> None:
        if len(self._places) < len(self):
            first: dict[Choices, int] = {}
            for place, made in enumerate(self.choices):
                twin = first.setdefault(frozenset(made.items()), place)
                if twin != place:
                    raise InputError(
                        f"{self.name}: rows {twin + 1} and {place + 1} are the same architecture",
                        "leave one of them out",
                    )

    def __len__(self) -> int:
        return len(self.choices)

    @property
    def scale(self) -> float:
        """What quality is multiplied by for people: shares are told in percent."""
        return 100.0 if METRICS[self.quality].most == 1.0 else 1.0

    @property
    def unit(self) -> str:
        """Of differences in quality, for people."""
        return "points" if self.scale == 100.0 else METRICS[self.quality].unit

    def row(self, architecture: Architecture) -> int:
        """The architecture's own row, or that of one that computes the same."""
        place = self._places.get(frozenset(architecture.choices.items()))
        if place is None:
            place = self.by_key.get(architecture.key)
        if place is None:
            raise NetwrightError(f"{self.name} holds no results of {architecture}")
        return place

    def rung(self, fidelity: Fidelity) -> int:
        """Which of the fidelities it is; one without epochs is the full one."""
        if fidelity.epochs is None:
            return len(self.fidelities) - 1
        if fidelity not in self.fidelities:
            known = ", ".join(f"{one.epochs:g}" for one in self.fidelities)
            raise NetwrightError(f"{self.name} has no results at {fidelity}; it has those after {known} epochs")
        return self.fidelities.index(fidelity)

    def share(self, rung: int) -> float:
        """What an evaluation at a fidelity costs, by the full one."""
        full = self.fidelities[-1].epochs
        return 1.0 if full is None else float(self.fidelities[rung].epochs or full) / full

    def measured(self, row: int, rung: int) -> dict[str, float]:
        """Every metric of a row as a search sees it."""
        found = {name: float(values[row]) for name, values in self.metrics.items()}
        return {self.quality: float(self.validation[rung, row]), **found}

    def score(self, architecture: Architecture, names: Sequence[str]) -> dict[str, float]:
        """What is known of an architecture before it is trained."""
        row = self.row(architecture)
        return {name: float(self.scores[name][row]) for name in names}

    @cached_property
    def losses(self) -> Floats:
        """(N,) test quality, to be made small."""
        return -self.test if METRICS[self.quality].maximise else self.test

    @cached_property
    def durations(self) -> Floats:
        """(N,) simulated time of the full evaluation, in those of the mean architecture."""
        return self.cost / float(self.cost.mean())

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The canonical identity of each row."""
        return tuple(self.space.architecture(made).key for made in self.choices)

    @cached_property
    def by_key(self) -> Mapping[str, int]:
        """Key -> the first row that has it."""
        places: dict[str, int] = {}
        for place, key in enumerate(self.keys):
            places.setdefault(key, place)
        return places

    @cached_property
    def _places(self) -> dict[Choices, int]:
        return {frozenset(made.items()): place for place, made in enumerate(self.choices)}

    @cached_property
    def digest(self) -> str:
        """SHA-256 of everything that results depend on."""
        found = sha256(repr([sorted(made.items()) for made in self.choices]).encode())
        numbers = (self.validation, self.test, self.cost, *self.metrics.values(), *self.scores.values())
        for values in numbers:
            found.update(np.ascontiguousarray(values).tobytes())
        return found.hexdigest()
