"""How big a space can get: refuses trees too deep and networks too large, before anything walks them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from netwright.errors import InputError
from netwright.space.nodes import Chain, Dag, Grammar, Op, Optional, Parallel, Repeat, Rule, Tied
from netwright.space.parts import Part
from netwright.space.values import Choice, largest

MOST_OPERATIONS = 100_000
DEEPEST = 64


def weigh(root: Part) -> None:
    """InputError where the tree is deeper than 64, or holds or can grow to more than 100,000 nodes."""
    _height(root, {}, 0)
    if _count(root, {}) > MOST_OPERATIONS:
        raise InputError(f"the space holds more than {MOST_OPERATIONS:,} parts", "use repeat, or fewer options")
    if _Growth().of(root, None, 0) > MOST_OPERATIONS:
        raise InputError(
            f"a network of this space can grow to more than {MOST_OPERATIONS:,} operations",
            "repeat less, or bound the recursion tighter",
        )


def _height(part: Part, known: dict[int, int], above: int) -> int:
    if above > DEEPEST:
        raise InputError(f"the space is nested deeper than {DEEPEST}", "flatten it")
    if id(part) not in known:
        known[id(part)] = 1 + max(
            (_height(p, known, above + 1) for p in part.parts() if isinstance(p, Part)), default=0
        )
    if above + known[id(part)] > DEEPEST + 1:
        raise InputError(f"the space is nested deeper than {DEEPEST}", "flatten it")
    return known[id(part)]


def _count(part: object, known: dict[int, int]) -> int:
    if not isinstance(part, Part):
        return 1
    if id(part) not in known:
        known[id(part)] = 1 + sum(_count(inner, known) for inner in part.parts())
    return known[id(part)]


class _Growth:
    """The most operations that a part can become."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int, int], float] = {}

    def of(self, part: Any, grammar: Grammar | None, depth: int) -> float:
        key = (id(part), id(grammar), depth)
        if key not in self._known:
            rule = _GROWTH.get(type(part))
            self._known[key] = rule(self, part, grammar, depth) if rule else 0
        return self._known[key]


def _rule(growth: _Growth, part: Rule, grammar: Grammar | None, depth: int) -> float:
    body = grammar.bodies.get(part.name) if grammar else None
    return growth.of(body, grammar, depth - 1) if depth > 0 else 0


_GROWTH: dict[type, Callable[[_Growth, Any, Grammar | None, int], float]] = {
    Op: lambda growth, part, grammar, depth: 1,
    Chain: lambda growth, part, grammar, depth: sum(growth.of(item, grammar, depth) for item in part.items),
    Parallel: lambda growth, part, grammar, depth: 1 + sum(growth.of(b, grammar, depth) for b in part.branches),
    Choice: lambda growth, part, grammar, depth: max(growth.of(option, grammar, depth) for option in part.options),
    Repeat: lambda growth, part, grammar, depth: largest(part.times) * growth.of(part.block, grammar, depth),
    Optional: lambda growth, part, grammar, depth: growth.of(part.body, grammar, depth),
    Tied: lambda growth, part, grammar, depth: growth.of(part.body, grammar, depth),
    Grammar: lambda growth, part, grammar, depth: growth.of(part.start, part, part.depth),
    Rule: _rule,
    Dag: lambda growth, part, grammar, depth: (
        part.nodes
        + 1
        + sum(growth.of(entry, grammar, depth) for entry in part.entries)
        + max(growth.of(inside, grammar, depth) for inside in (part.node, part.edge, part.entry_edge) if inside)
        * (part.nodes if part.edge is None else sum(part.numbers))
    ),
}
