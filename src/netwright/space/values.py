"""Value nodes: the decisions a space may leave open, and values derived from them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from netwright.errors import InputError
from netwright.space.parts import Node, Part, Plain, ValueNode, check_name, check_whole, freeze, freeze_value

Option = Plain | ValueNode | Node


@dataclass(frozen=True)
class Choice(ValueNode, Node):
    """One of several options; see `choice`."""

    options: tuple[Option, ...]
    name: str | None = None

    def parts(self) -> tuple[object, ...]:
        return self.options

    @property
    def settled(self) -> bool:
        return len(self.options) == 1 and (not isinstance(self.options[0], Part) or self.options[0].settled)


@dataclass(frozen=True)
class Integer(ValueNode):
    """A whole number; see `integer`."""

    lo: int
    hi: int
    step: int = 1
    name: str | None = None

    @property
    def settled(self) -> bool:
        return self.lo + self.step > self.hi


@dataclass(frozen=True)
class Real(ValueNode):
    """A number; see `real`."""

    lo: float
    hi: float
    log: bool = False
    name: str | None = None

    @property
    def settled(self) -> bool:
        return self.lo == self.hi


@dataclass(frozen=True)
class Subset(ValueNode):
    """Some of several options; see `subset`."""

    options: tuple[Plain, ...]
    k: tuple[int, int]
    name: str | None = None

    @property
    def settled(self) -> bool:
        return self.k == (len(self.options), len(self.options)) or self.k == (0, 0)


@dataclass(frozen=True)
class Scale(ValueNode):
    """A value derived from another; see `scale`."""

    value: Plain | ValueNode
    factor: Plain | ValueNode
    step: float = 1

    def parts(self) -> tuple[object, ...]:
        return self.value, self.factor

    def apply(self, value: Any, factor: Any) -> float:
        """`value * factor`, rounded half up to a multiple of `step` that is at least `step`."""
        steps: int = math.floor(value * factor / self.step + 0.5)
        return max(self.step, steps * self.step)


def choice(*options: Any, name: str | None = None) -> Choice:
    """One of the options: plain values, or nodes. An option may hold decisions of its own.

    `name` ties: wherever the name occurs in the space there is one decision.

    >>> choice(3, 5, 7).options
    (3, 5, 7)
    """
    if not options:
        raise InputError("a choice has no options", "give at least one, such as choice(3, 5)")
    kept = tuple(option if isinstance(option, (ValueNode, Node)) else freeze(option, "a choice") for option in options)
    return Choice(kept, check_name(name, "a choice"))


def integer(lo: int, hi: int, step: int = 1, name: str | None = None) -> Integer:
    """A whole number of lo, lo + step, ... up to hi.

    >>> integer(8, 64, step=8).step
    8
    """
    limit = 10**12
    check_whole(lo, "the lower bound of an integer", -limit, limit)
    check_whole(hi, "the upper bound of an integer", lo, limit)
    check_whole(step, "the step of an integer", 1, limit)
    return Integer(lo, lo + (hi - lo) // step * step, step, check_name(name, "an integer"))


def real(lo: float, hi: float, log: bool = False, name: str | None = None) -> Real:
    """A number between lo and hi; `log`: uniform in its logarithm (lo > 0).

    >>> real(1e-4, 1e-1, log=True).log
    True
    """
    for bound in (lo, hi):
        if isinstance(bound, bool) or not isinstance(bound, (int, float)) or not math.isfinite(bound):
            raise InputError(f"a bound of a real is {bound!r}", "use finite numbers")
    if lo > hi:
        raise InputError(f"a real runs from {lo} to {hi}", "put the smaller bound first")
    if log and lo <= 0:
        raise InputError(f"a logarithmic real begins at {lo}", "begin above 0")
    return Real(float(lo), float(hi), bool(log), check_name(name, "a real"))


def subset(options: Iterable[Any], k: int | tuple[int, int], name: str | None = None) -> Subset:
    """k of the options, or between k[0] and k[1] of them; becomes the tuple of the chosen ones, in order.

    >>> subset(["flip", "crop", "cutout"], (0, 2)).k
    (0, 2)
    """
    kept = tuple(freeze(option, "a subset") for option in options)
    lo, hi = bounds(k, "a subset")
    if hi > len(kept):
        raise InputError(f"a subset takes {hi} of {len(kept)} options", f"take at most {len(kept)}")
    return Subset(kept, (lo, hi), check_name(name, "a subset"))


def scale(value: Any, factor: Any, step: float = 1) -> Scale:
    """`value * factor` rounded to a multiple of `step` (at least one step): a derived value, no decision of its own.

    >>> scale(integer(8, 32, step=8, name="width"), 2).apply(24, 2)
    48
    """
    if isinstance(step, bool) or not isinstance(step, (int, float)) or not 0 < step < math.inf:
        raise InputError(f"the step of a scale is {step!r}", "use a number above 0")
    return Scale(_number(value, "value"), _number(factor, "factor"), step)


def bounds(k: Any, what: str) -> tuple[int, int]:
    """`k` as (min, max)."""
    if isinstance(k, (tuple, list)):
        if len(k) != 2:
            raise InputError(f"the size of {what} is {k!r}", "use a number or (min, max)")
        lo = check_whole(k[0], f"the least size of {what}", 0, 10_000)
        return lo, check_whole(k[1], f"the greatest size of {what}", lo, 10_000)
    size = check_whole(k, f"the size of {what}", 0, 10_000)
    return size, size


def _number(value: Any, what: str) -> Plain | ValueNode:
    kept = freeze_value(value, f"the {what} of a scale")
    numeric = isinstance(kept, (int, float)) and not isinstance(kept, bool)
    if isinstance(kept, Subset) or not (numeric or isinstance(kept, ValueNode)):
        raise InputError(f"the {what} of a scale is {value!r}", "use a number or a value node that becomes one")
    if isinstance(kept, Choice):
        for option in kept.options:
            _number(option, what)
    return kept


def largest(value: Any) -> float:
    """The largest number a value can become (0 where it is none)."""
    if isinstance(value, (Integer, Real)):
        return value.hi
    if isinstance(value, Choice):
        return max(largest(option) for option in value.options)
    if isinstance(value, Scale):
        return value.apply(largest(value.value), largest(value.factor))
    return value if isinstance(value, (int, float)) else 0
