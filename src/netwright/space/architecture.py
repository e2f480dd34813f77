"""An architecture: a space with every decision made."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from netwright.space.decision import Decision, Value
from netwright.space.graph import OpGraph
from netwright.space.identity import key
from netwright.space.parts import Plain
from netwright.space.walk import Walk

if TYPE_CHECKING:
    from netwright.space.space import Space


class Architecture:
    """Immutable. Made by a `Space` (`sample`, `architecture`, ...), never directly.

    choices: decision -> value for the active decisions, in walk order; equal when the space's name and these are.
    """

    def __init__(self, space: Space, choices: Mapping[str, Value], key: str | None = None) -> None:
        """key: where it is known from before."""
        self._space = space
        self._choices = MappingProxyType(dict(choices))
        if key is not None:
            self.__dict__["key"] = key

    @property
    def space(self) -> Space:
        return self._space

    @property
    def choices(self) -> Mapping[str, Value]:
        return self._choices

    @cached_property
    def _walk(self) -> tuple[OpGraph, Mapping[str, Plain], Mapping[str, Decision]]:
        walk = Walk(self._space, lambda decision: self._choices[decision.name], drawing=True)
        graph, hyper = walk.run()
        return graph, MappingProxyType(hyper), MappingProxyType(walk.decisions)

    @property
    def graph(self) -> OpGraph:
        """The operations."""
        return self._walk[0]

    @property
    def hyper(self) -> Mapping[str, Plain]:
        """Hyperparameter -> value."""
        return self._walk[1]

    @property
    def decisions(self) -> Mapping[str, Decision]:
        """The active decisions by name, in walk order."""
        return self._walk[2]

    @cached_property
    def key(self) -> str:
        """Canonical identity, SHA-256 in hex: equal for architectures that compute the same with the same
        hyperparameters. See `netwright.space.identity`."""
        return self._space.memo("key", self._choices, lambda: key(self.graph, self.hyper))

    def to_dict(self) -> dict[str, Any]:
        """Plain data that `Space.architecture` takes back."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in self._choices.items()}

    def describe(self) -> str:
        """One line: every decision with what was decided; the operations where nothing was open."""
        if not self._choices:
            return " > ".join(node.op for node in self.graph.nodes[1:])
        return ", ".join(f"{name}={self.decisions[name].label(value)}" for name, value in self._choices.items())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Architecture):
            return NotImplemented
        return self._space.name == other._space.name and self._choices == other._choices

    def __hash__(self) -> int:
        return hash((self._space.name, frozenset(self._choices.items())))

    def __repr__(self) -> str:
        return f"<Architecture of {self._space.name or 'a space'}: {self.describe()}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return Architecture, (self._space, dict(self._choices))
