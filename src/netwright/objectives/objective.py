"""One objective, one constraint, as typed: "accuracy", "params<300k"."""

from __future__ import annotations

import math
import operator
import re
from dataclasses import dataclass

from netwright.errors import InputError, unknown
from netwright.objectives.metric import METRICS, Metric

_HOLDS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_FORM = re.compile(r"([a-z][a-z_0-9-]*)\s*(<=|>=|<|>)\s*([+-]?[0-9.]+(?:e[+-]?[0-9]+)?)\s*([a-z%]*)", re.IGNORECASE)
_EXAMPLE = "write it like params<300k or accuracy>=0.9"


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
        """As typed: case and `-` for `_` do not matter. InputError with the nearest metric where there is none."""
        return cls(_name(text))

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
    """A bound on a metric, in the metric's own unit.

    op: "<", "<=", ">" or ">="; InputError where no value of the metric can meet it.
    """

    metric: str
    op: str
    bound: float

    def __post_init__(self) -> None:
        if self.metric not in METRICS:
            raise unknown("metric in a constraint", self.metric, METRICS)
        if self.op not in _HOLDS:
            raise InputError(f"unknown comparison {self.op!r} in a constraint", "<, <=, > or >=")
        if not math.isfinite(self.bound):
            raise InputError(f"{self} is no bound", "give a finite number")
        metric = METRICS[self.metric]
        if not self.holds(metric.least if self.upper else metric.most):
            raise InputError(f"{self} can never hold", f"{metric.label} {_range(metric)}")

    @classmethod
    def parse(cls, text: str) -> Constraint:
        """As typed, with a suffix that suits the metric's unit: k, M, G for counts, % for rates, B to GiB for sizes
        (for peak_memory_mb MB means MiB), us to h for times.

        >>> Constraint.parse("params<300k").bound, Constraint.parse("latency_ms<=0.5s").bound
        (300000.0, 500.0)
        """
        found = _FORM.fullmatch(text.strip())
        if found is None:
            raise InputError(f"cannot read the constraint {text!r}", _EXAMPLE)
        name, op, number, suffix = found.groups()
        metric = _name(name)
        if metric not in METRICS:
            raise unknown("metric in a constraint", metric, METRICS)
        scales = METRICS[metric].suffixes
        if suffix.lower() not in scales:
            known = ", ".join(filter(None, scales)) or "a plain number"
            raise InputError(f"{suffix!r} in {text!r} is no unit of {metric}", f"known: {known}")
        try:
            bound = float(number) * scales[suffix.lower()]
        except ValueError:
            raise InputError(f"{number!r} in {text!r} is not a number", _EXAMPLE) from None
        return cls(metric, op, bound)

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
        """Whether it bounds from above."""
        return self.op.startswith("<")

    def __str__(self) -> str:
        return f"{self.metric}{self.op}{repr(float(self.bound)).removesuffix('.0')}"


def _name(text: str) -> str:
    return text.strip().lower().replace("-", "_")


def _range(metric: Metric) -> str:
    if math.isinf(metric.most):
        return f"is {metric.least:g} or more"
    return f"is at most {metric.most:g}" if math.isinf(metric.least) else f"is {metric.least:g} to {metric.most:g}"
