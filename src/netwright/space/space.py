"""The search space: what can be built, and every way to move in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import yaml

from netwright.errors import InputError
from netwright.space import choices, count, encode, expand, feasible, moves, plain, reading
from netwright.space.architecture import Architecture
from netwright.space.check import check
from netwright.space.decision import Decision, Value
from netwright.space.feasible import Constraint
from netwright.space.memo import Memo
from netwright.space.parts import Node, Plain, ValueNode


@dataclass(frozen=True, eq=False)
class Space:
    """A tree of operations with choices in it.

    root: the network, one input to one output; name: how results refer to the space; hyper: hyperparameters, plain
    values or value nodes, decided together with the network.

    >>> from netwright.space import Space, chain, choice, op
    >>> space = Space(chain(op("conv", kernel=choice(3, 5), channels=8), op("head")), "tiny", {"lr": choice(0.1, 0.01)})
    >>> space.size()
    4
    >>> space.architecture({"0/kernel": 1, "hyper/lr": 0}).describe()
    '0/kernel=5, hyper/lr=0.1'
    """

    root: Node
    name: str = ""
    hyper: Mapping[str, Plain | ValueNode] = field(default_factory=dict)
    constraints: tuple[Constraint, ...] = ()
    memo: Memo = field(default_factory=Memo, init=False, repr=False)
    _known: dict[str, tuple[Any, Decision, bool]] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "hyper", MappingProxyType(check(self.root, self.name, self.hyper)))

    def __repr__(self) -> str:
        return f"<Space {self.name}>"

    def __reduce__(self) -> tuple[Any, ...]:
        """Constraints stay behind: what has been chosen can be built anywhere without them."""
        return type(self), (self.root, self.name, dict(self.hyper))

    def sample(self, rng: np.random.Generator) -> Architecture:
        """An architecture with each decision drawn at random when it is met: uniform over the options of each decision,
        so that options with many variants inside do not crowd out the others."""
        return feasible.sample(self, rng) if self.constraints else Architecture(self, moves.sample(self, rng))

    def decided(self, decide: Callable[[Decision], Value], rng: np.random.Generator) -> Architecture:
        """The architecture that comes of asking `decide` at every decision, in walk order; under constraints the
        first feasible one of several askings."""

        def once() -> Architecture:
            return Architecture(self, moves.trace(self, decide)[0])

        return feasible.first(self, once, rng) if self.constraints else once()

    def mutate(self, a: Architecture, rng: np.random.Generator, changes: int = 1) -> Architecture:
        """`a` with `changes` of its decisions made differently, and those that open up thereby at random."""

        def once() -> Architecture:
            return Architecture(self, moves.mutate(self, a.choices, self._decisions_of(a), rng, changes))

        return feasible.first(self, once, rng) if self.constraints else once()

    def crossover(self, a: Architecture, b: Architecture, rng: np.random.Generator) -> Architecture:
        """A child: each decision as one of the parents made it, by a fair coin where both did."""

        def once() -> Architecture:
            return Architecture(self, moves.crossover(self, a.choices, b.choices, rng))

        return feasible.first(self, once, rng) if self.constraints else once()

    def neighbours(self, a: Architecture, rng: np.random.Generator | None = None) -> Iterator[Architecture]:
        """The architectures one decision away; decisions that open up thereby take their first value. rng: in random
        order, else in that of the decisions."""
        return self._allowed(moves.neighbours(self, a.choices, self._decisions_of(a), rng))

    def enumerate(self) -> Iterator[Architecture]:
        """Every architecture, in a fixed order. A space with real numbers has too many: InputError."""
        return self._allowed(moves.enumerate_choices(self))

    def size(self) -> float:
        """The exact number of assignments (an int), constraints ignored; `math.inf` with real numbers.

        Programs can only be counted by running them: beyond 20,000 assignments their spaces count as `math.inf`.
        """
        return self._size

    def architecture(self, choices_: Mapping[str, Any], key: str | None = None) -> Architecture:
        """The architecture with these values by decision name. InputError names the decision that is wrong.

        key: the architecture's, where it is known from before, which spares making it."""
        return Architecture(self, choices.validated(self, choices_), key)

    def decisions(self) -> tuple[Decision, ...]:
        """Every decision that an architecture may have, in walk order: the frame of the one-hot encoding."""
        return self._decisions

    def encode(self, a: Architecture, encoding: str) -> Any:
        """ "one-hot": float32 vector, one length for the whole space; "path": float32 vector of 512, which sequences
        of operations occur; "graph": `GraphEncoding` (adjacency and labels) for graph kernels and networks."""
        return encode.encode(self, a, encoding)

    def allows(self, a: Architecture) -> bool:
        """Whether the architecture meets every constraint of this space."""
        return all(constraint.holds(a) for constraint in self.constraints)

    def restricted(self, feasible: Callable[[Architecture], bool], reason: str) -> Space:
        """The same space, where only architectures that are `feasible` are given out.

        reason: what is demanded, for the error when nothing feasible is found, such as "params < 300k".
        """
        return replace(self, constraints=(*self.constraints, Constraint(feasible, reason)))

    @cached_property
    def free(self) -> Space:
        """The same space without its constraints."""
        return replace(self, constraints=())

    def to_dict(self) -> dict[str, Any]:
        """The plain-data form, for JSON or YAML. Constraints are no part of it; a program has none: InputError."""
        return plain.to_dict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Space:
        """The space of a plain-data form. Anything unknown or absurd in it: InputError that names the path."""
        return cls(*reading.from_dict(data))

    def to_yaml(self) -> str:
        """The plain-data form as YAML text."""
        text: str = yaml.safe_dump(self.to_dict(), sort_keys=False, allow_unicode=True)
        return text

    @classmethod
    def from_file(cls, path: str | Path) -> Space:
        """The space in a YAML or JSON file."""
        return cls.from_dict(reading.read(Path(path)))

    @cached_property
    def _size(self) -> float:
        return count.size(self)

    @cached_property
    def _decisions(self) -> tuple[Decision, ...]:
        return expand.decisions(self)

    @cached_property
    def _slots(self) -> tuple[dict[str, tuple[int, Decision]], int]:
        return encode.slots(self._decisions)

    def _decisions_of(self, a: Architecture) -> Mapping[str, Decision]:
        if a.space is not self and a.space.name != self.name:
            raise InputError(f"the architecture is of space {a.space.name!r}", f"this is space {self.name!r}")
        return moves.met(self, a.choices)

    def _allowed(self, found: Iterator[moves.Choices]) -> Iterator[Architecture]:
        every = (Architecture(self, chosen) for chosen in found)
        return (a for a in every if self.allows(a)) if self.constraints else every
