"""How deep a grammar must recur: what keeps recursion within its bound."""

from __future__ import annotations

import math
from functools import lru_cache

from netwright.errors import InputError, unknown
from netwright.space.nodes import Grammar, Optional, Rule
from netwright.space.parts import Part
from netwright.space.values import Choice


class Recursion:
    """A grammar with, for each of its parts, the least number of rule expansions inside each other that it needs."""

    def __init__(self, grammar: Grammar) -> None:
        self.grammar = grammar
        self._rules: dict[str, float] = dict.fromkeys(grammar.bodies, math.inf)
        for _ in grammar.bodies:
            for name, body in grammar.rules:
                self._rules[name] = self.need(body)
        self._offers: dict[tuple[int, int], tuple[int, ...] | None] = {}
        if self.need(grammar.start) > grammar.depth:
            raise InputError(
                f"a grammar of depth {grammar.depth} can never finish",
                "raise the depth, or give its rules an option that needs no rule",
            )

    @staticmethod
    def of(grammar: Grammar) -> Recursion:
        """The recursion of a grammar, worked out once."""
        return _of(_ById(grammar))

    def need(self, part: object) -> float:
        """Expansions needed: inf for what never ends."""
        if isinstance(part, Rule):
            if part.name not in self._rules:
                raise unknown("rule", part.name, self._rules)
            return 1 + self._rules[part.name]
        if not isinstance(part, Part) or isinstance(part, (Optional, Grammar)):
            return 0
        needs = [self.need(inner) for inner in part.parts()]
        return min(needs) if isinstance(part, Choice) else max(needs, default=0)

    def options(self, node: Choice | Optional, depth: int) -> tuple[int, ...] | None:
        """The options that fit into the expansions left; None for all of them."""
        key = (id(node), depth)
        if key not in self._offers:
            inner = node.options if isinstance(node, Choice) else (None, node.body)
            fitting = tuple(i for i, option in enumerate(inner) if self.need(option) <= depth)
            self._offers[key] = None if len(fitting) == len(inner) else fitting
        return self._offers[key]


class _ById:
    """Makes a grammar a cheap cache key: its own identity."""

    __slots__ = ("grammar",)

    def __init__(self, grammar: Grammar) -> None:
        self.grammar = grammar

    def __hash__(self) -> int:
        return id(self.grammar)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ById) and other.grammar is self.grammar


@lru_cache(maxsize=256)
def _of(grammar: _ById) -> Recursion:
    return Recursion(grammar.grammar)
