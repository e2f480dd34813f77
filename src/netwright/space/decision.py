"""A decision: one thing that a space leaves open."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

import numpy as np

from netwright.errors import InputError
from netwright.space.parts import Plain

Kind = Literal["choice", "integer", "real", "subset"]
Value = int | float | tuple[int, ...]
"""The value of a decision: the option's index for a choice, a number, or the chosen options' indices for a subset."""

_REAL_STEP = 0.1
_LOCAL_ABOVE = 8
"""Whole numbers with more values than this mutate to a value near by, others to any."""


class Endless(InputError):
    """A real number has too many values to go through."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Name (its path in the space) and domain.

    options: what a choice or a subset chooses from, for people (a node appears as a short text); k: least and greatest
    size of a subset; lo, hi, step, log: the domain of a number.
    """

    name: str
    kind: Kind
    options: tuple[Plain, ...] = ()
    lo: float = 0
    hi: float = 0
    step: int = 1
    log: bool = False
    k: tuple[int, int] = (0, 0)

    @property
    def cardinality(self) -> float:
        """How many values there are: an int, or `math.inf` for a real."""
        if self.kind == "choice":
            return len(self.options)
        if self.kind == "integer":
            return int(self.hi - self.lo) // self.step + 1
        if self.kind == "real":
            return math.inf if self.lo < self.hi else 1
        return sum(math.comb(len(self.options), size) for size in range(self.k[0], self.k[1] + 1))

    @property
    def first(self) -> Value:
        """The first value, the smallest number."""
        if self.kind == "choice":
            return 0
        if self.kind == "integer":
            return int(self.lo)
        return self.lo if self.kind == "real" else tuple(range(self.k[0]))

    def sample(self, rng: np.random.Generator) -> Value:
        """A value, uniform over the domain (over the logarithm where `log`)."""
        if self.kind == "choice":
            return int(rng.random() * len(self.options))
        if self.kind == "integer":
            return int(self.lo) + self.step * int(rng.random() * self.cardinality)
        if self.kind == "real":
            return self.at(rng.random())
        return self._sample_subset(rng)

    def mutate(self, value: Value, rng: np.random.Generator) -> Value:
        """Another value: any other option; near by for a number; one option swapped, added or dropped for a subset."""
        if self.kind == "real":
            return self._other_real(float(value), rng)  # type: ignore[arg-type]
        if self.kind == "integer" and self.cardinality > _LOCAL_ABOVE:
            return self._other_integer(int(value), rng)  # type: ignore[arg-type]
        if self.kind == "subset":
            others = list(self.neighbours(value))
            return others[int(rng.random() * len(others))] if others else self.sample(rng)
        n = int(self.cardinality)
        here = self.place(value)
        there = int(rng.random() * (n - 1))
        there += there >= here
        return self.value_at(there)

    def neighbours(self, value: Value) -> Iterator[Value]:
        """The values next to this one: every other option; one step up and down (a tenth of the range for a real);
        every subset with one option swapped, added or dropped."""
        if self.kind == "choice":
            yield from (i for i in range(len(self.options)) if i != value)
        elif self.kind == "integer":
            yield from (v for v in (value - self.step, value + self.step) if self.lo <= v <= self.hi)  # type: ignore[operator]
        elif self.kind == "real":
            here = self.unit(value)
            steps = (max(0.0, here - _REAL_STEP), min(1.0, here + _REAL_STEP))
            yield from (v for v in map(self.at, steps) if v != value)
        else:
            yield from self._near_subsets(value)  # type: ignore[arg-type]

    def values(self) -> Iterator[Value]:
        """Every value in order. A real has too many: InputError."""
        if self.kind == "choice":
            yield from range(len(self.options))
        elif self.kind == "integer":
            yield from range(int(self.lo), int(self.hi) + 1, self.step)
        elif self.kind == "real":
            raise Endless(
                f"{self.name} is a real number", "its values cannot be enumerated; use a choice or an integer"
            )
        else:
            for size in range(self.k[0], self.k[1] + 1):
                yield from combinations(range(len(self.options)), size)

    def place(self, value: Any) -> int:
        """Which of the values, in order, a choice's or a whole number's is, from 0."""
        return int(value) if self.kind == "choice" else int(value - self.lo) // self.step

    def value_at(self, place: int) -> Value:
        """The value of a choice or of a whole number at a place: the inverse of `place`."""
        return place if self.kind == "choice" else int(self.lo) + self.step * place

    def allows(self, value: Any) -> bool:
        """Whether this is one of the values."""
        if self.kind == "subset":
            return self._allows_subset(value)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return False
        if self.kind == "real":
            return self.lo <= value <= self.hi
        if not isinstance(value, int):
            return False
        if self.kind == "choice":
            return 0 <= value < len(self.options)
        return self.lo <= value <= self.hi and (value - int(self.lo)) % self.step == 0

    def resolve(self, value: Value) -> Plain:
        """What the value stands for: the option, the number, the tuple of options."""
        if self.kind == "choice":
            return self.options[int(value)]  # type: ignore[arg-type]
        if self.kind == "subset":
            return tuple(self.options[i] for i in value)  # type: ignore[union-attr]
        return value

    def label(self, value: Value) -> str:
        """The value for people.

        >>> Decision("kernel", "choice", options=(3, 5)).label(1)
        '5'
        """
        meaning = self.resolve(value)
        if isinstance(meaning, tuple):
            return "{" + ", ".join(str(item) for item in meaning) + "}"
        return f"{meaning:.4g}" if isinstance(meaning, float) else str(meaning)

    def domain(self) -> str:
        """The domain for people."""
        if self.kind == "choice":
            return f"an option from 0 to {len(self.options) - 1}: {', '.join(map(str, self.options))}"
        if self.kind == "integer":
            return f"a whole number from {self.lo} to {self.hi}" + (
                f" in steps of {self.step}" if self.step > 1 else ""
            )
        if self.kind == "real":
            return f"a number from {self.lo:g} to {self.hi:g}"
        return f"a rising list of {self.k[0]} to {self.k[1]} indices below {len(self.options)}"

    def unit(self, value: Any) -> float:
        """A number's place in its domain, 0 to 1 (in the logarithm where `log`)."""
        if self.hi <= self.lo:
            return 0.0
        if self.log:
            return math.log(value / self.lo) / math.log(self.hi / self.lo)
        return float((value - self.lo) / (self.hi - self.lo))

    def at(self, unit: float) -> float:
        """The real at a place in the domain: the inverse of `unit`."""
        value = self.lo * (self.hi / self.lo) ** unit if self.log else self.lo + unit * (self.hi - self.lo)
        return min(self.hi, max(self.lo, float(value)))

    def _other_real(self, value: float, rng: np.random.Generator) -> float:
        for _ in range(20):
            other = self.at(min(1.0, max(0.0, self.unit(value) + 2 * _REAL_STEP * rng.standard_normal())))
            if other != value:
                return other
        return self.at(rng.random())

    def _other_integer(self, value: int, rng: np.random.Generator) -> int:
        reach = max(1.0, _REAL_STEP * self.cardinality)
        while True:
            away = 1 + int(rng.exponential(reach))
            other = value + self.step * (away if rng.random() < 0.5 else -away)
            if self.lo <= other <= self.hi:
                return other

    def _sample_subset(self, rng: np.random.Generator) -> tuple[int, ...]:
        n, (lo, hi) = len(self.options), self.k
        size = lo
        if hi > lo:
            rank = rng.random() * self.cardinality
            while size < hi and rank >= math.comb(n, size):
                rank -= math.comb(n, size)
                size += 1
        return tuple(sorted(int(i) for i in rng.permutation(n)[:size]))

    def _near_subsets(self, value: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        outside = [i for i in range(len(self.options)) if i not in value]
        rest = [tuple(i for i in value if i != gone) for gone in value]
        yield from (tuple(sorted((*kept, new))) for kept in rest for new in outside)
        if len(value) > self.k[0]:
            yield from rest
        if len(value) < self.k[1]:
            yield from (tuple(sorted((*value, new))) for new in outside)

    def _allows_subset(self, value: Any) -> bool:
        if not isinstance(value, tuple) or not self.k[0] <= len(value) <= self.k[1]:
            return False
        whole = all(isinstance(i, int) and not isinstance(i, bool) and 0 <= i < len(self.options) for i in value)
        return whole and list(value) == sorted(set(value))
