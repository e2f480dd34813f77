"""One objective, one constraint, as typed: "accuracy", "params<300k"."""

from __future__ import annotations

import math
import operator
import re
from dataclasses import dataclass

from netwright.errors import InputError, unknown
from netwright.objectives.metric import METRICS

_SUFFIXES = {"": 1.0, "k": 1e3, "m": 1e6, "g": 1e9, "kb": 1e3, "mb": 1e6, "gb": 1e9, "ms": 1.0, "s": 1.0, "%": 0.01}
_HOLDS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_FORM = re.compile(r"\s*([a-z_0-9]+)\s*(<=|>=|<|>)\s*([0-9.]+(?:e[+-]?[0-9]+)?)\s*([a-z%]*)\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Objective:
    """A metric to make as good as possible.

    >>> Objective.parse("latency_ms").maximise
    False
    """

    metric: str

    def __post_init__(self) -> None:
        if self.metric not in METRICS:
            raise unknown("objective", self.metric, METRICS)

    @classmethod
    def parse(cls, text: str) -> Objective:
        return cls(text.strip().lower().replace("-", "_"))

    @property
    def maximise(self) -> bool:
        return METRICS[self.metric].maximise

    def loss(self, value: float) -> float:
        """The value as something to minimise; inf for NaN."""
        if math.isnan(value):
            return math.inf
        return -value if self.maximise else value

    def __str__(self) -> str:
        return self.metric


@dataclass(frozen=True)
class Constraint:
    """A bound on a metric; suffixes k, M, G (decimal), ms, s, kB, MB, GB and % are understood.

    >>> Constraint.parse("params<300k").bound
    300000.0
    """

    metric: str
    op: str
    bound: float

    def __post_init__(self) -> None:
        if self.metric not in METRICS:
            raise unknown("metric in a constraint", self.metric, METRICS)

    @classmethod
    def parse(cls, text: str) -> Constraint:
        found = _FORM.fullmatch(text)
        if found is None:
            raise InputError(f"cannot read the constraint {text!r}", "write it like params<300k or accuracy>=0.9")
        metric, op, number, suffix = found.groups()
        if suffix.lower() not in _SUFFIXES:
            raise InputError(f"unknown unit {suffix!r} in {text!r}", "k, M, G, ms, s, kB, MB, GB or %")
        try:
            bound = float(number) * _SUFFIXES[suffix.lower()]
        except ValueError:
            raise InputError(f"{number!r} in {text!r} is not a number", "write it like params<300k") from None
        return cls(metric.lower().replace("-", "_"), op, bound)

    def holds(self, value: float) -> bool:
        """False for NaN."""
        return bool(_HOLDS[self.op](value, self.bound))

    def violation(self, value: float) -> float:
        """How far the value is on the wrong side, relative to the bound; 0 where it holds, inf for NaN."""
        if math.isnan(value):
            return math.inf
        if self.holds(value):
            return 0.0
        return max(abs(value - self.bound) / (abs(self.bound) or 1.0), 1e-12)

    @property
    def upper(self) -> bool:
        return self.op.startswith("<")

    def __str__(self) -> str:
        return f"{self.metric}{self.op}{self.bound:g}"
