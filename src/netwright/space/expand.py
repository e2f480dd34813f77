"""Every decision a space may ask for, whatever was decided before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from netwright.errors import InputError
from netwright.space.decision import Decision, Value
from netwright.space.nodes import Dag, Optional, Program, Repeat
from netwright.space.parts import Node, check_node
from netwright.space.values import Choice, largest
from netwright.space.walk import Place, Walk

if TYPE_CHECKING:
    from netwright.space.space import Space

MOST_DECISIONS = 100_000
MOST_RUNS = 10_000


class _Expansion(Walk):
    """A walk that takes every turn."""

    def __init__(self, space: Space) -> None:
        super().__init__(space, lambda decision: decision.first, drawing=False)
        self._visits = 0

    def visit(self, node: Node, place: Place, source: int) -> int:
        self._visits += 1
        if self._visits > MOST_DECISIONS:
            raise InputError(
                f"space {self._space.name!r} has too many decisions to list",
                "share choices, or bound the recursion tighter",
            )
        return super().visit(node, place, source)

    def picks(self, node: Choice | Optional, name: str, allowed: tuple[int, ...] | None) -> Sequence[int]:
        super().picks(node, name, allowed)
        return allowed or range(len(node.options) if isinstance(node, Choice) else 2)

    def times(self, node: Repeat, path: str) -> int:
        self.value(node.times, path)
        return int(largest(node.times))

    def connected(self, node: Dag, path: str, i: int) -> Sequence[int]:
        super().connected(node, path, i)
        return range(i)

    def program(self, node: Program, place: Place) -> Sequence[Node]:
        return _Outcomes(self, place).of(node)


class _Outcomes:
    """The nodes a program can build: runs it again for every value of every decision that it turns out to make.

    Each run decides anew one decision of an earlier run, so what opens up only when two decisions of one run both
    leave their first values is found as long as the second is met after the first.
    """

    def __init__(self, walk: _Expansion, place: Place) -> None:
        self._walk = walk
        self._prefix = f"{place.choices}/" if place.choices else ""

    def of(self, node: Program) -> list[Node]:
        built: list[Node] = []
        todo: list[dict[str, Value]] = [{}]
        met: set[str] = set()
        while todo and len(built) < MOST_RUNS:
            fixed = todo.pop(0)
            fresh: list[Decision] = []
            built.append(check_node(node.fn(self._decide(fixed, met, fresh)), f"the result of program {node.name!r}"))
            todo.extend({**fixed, decision.name: value} for decision in fresh for value in _values(decision))
        return built

    def _decide(self, fixed: dict[str, Value], met: set[str], fresh: list[Decision]) -> Callable[[str, Any], Any]:
        def ask(decision: Decision) -> Value:
            if decision.name not in met:
                met.add(decision.name)
                fresh.append(decision)
            return fixed.get(decision.name, decision.first)

        run = Walk(self._walk._space, ask, drawing=False)

        def decide(name: str, value: Any) -> Any:
            path = f"{self._prefix}{name}"
            self._walk.value(value, path)
            return run.value(value, path)

        return decide


def _values(decision: Decision) -> list[Value]:
    if decision.kind == "real":
        return [decision.hi]
    return [value for value, _ in zip(decision.values(), range(100), strict=False)][1:]


def decisions(space: Space) -> tuple[Decision, ...]:
    """Every decision that may be met, in the order of a walk that takes every turn."""
    walk = _Expansion(space)
    walk.run()
    return tuple(walk.decisions.values())
