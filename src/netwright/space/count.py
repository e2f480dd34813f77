"""The exact number of assignments of a space, without walking them.

Counts multiply along the tree and add up over options. Ties break that, so a count is kept apart by which tied
pieces it has met (a `Tally`), and every tied piece is counted once at the end.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from netwright.space.decision import Endless
from netwright.space.moves import enumerate_choices
from netwright.space.nodes import Chain, Dag, Grammar, Op, Optional, Parallel, Program, Repeat, Rule, Tied
from netwright.space.parts import Part, ValueNode
from netwright.space.recursion import Recursion
from netwright.space.values import Choice, Integer, Real, Scale, Subset

if TYPE_CHECKING:
    from netwright.space.space import Space

Met = frozenset[tuple[str, Any]]
"""(name, value) of a named decision whose value matters elsewhere, (name, None) of any other tied piece."""
Tally = dict[Met, int]

_ONE: Tally = {frozenset(): 1}
MOST_RUNS = 20_000


def size(space: Space) -> float:
    """An int, or `math.inf`; see `Space.size`."""
    parts = list(_everything((space.root, *space.hyper.values()), set()))
    if any(isinstance(part, Real) and not part.settled for part in parts):
        return math.inf
    if any(isinstance(part, Program) for part in parts):
        return _by_running(space)
    counting = _Counting(parts)
    tally = counting.of(space.root, None, 0)
    for value in space.hyper.values():
        tally = _both(tally, counting.value(value))
    return counting.total(tally)


def _by_running(space: Space) -> float:
    count = 0
    try:
        for _ in enumerate_choices(space):
            count += 1
            if count > MOST_RUNS:
                return math.inf
    except Endless:
        return math.inf
    return count


class _Counting:
    """Tallies of every part, each worked out once."""

    def __init__(self, parts: list[Part]) -> None:
        named = [part for part in parts if isinstance(part, (ValueNode, Tied)) and getattr(part, "name", None)]
        self._named: dict[str, Any] = {part.name: part for part in named}  # type: ignore[union-attr]
        self._telling: set[str] = {
            part.name for part in parts if isinstance(part, Choice) and part.name and _holds_parts(part)
        }
        for part in parts:
            if isinstance(part, Repeat):
                inside = _everything((part.times,), set())
                self._telling.update(name for name in (getattr(p, "name", None) for p in inside) if name)
        self._known: dict[tuple[int, int, int], Tally] = {}

    def of(self, node: Any, recursion: Recursion | None, depth: int) -> Tally:
        """The tally of a structure node, with the expansions left to the grammar around it."""
        if node.settled:
            return _ONE
        key = (id(node), id(recursion), depth)
        if key not in self._known:
            self._known[key] = _RULES[type(node)](self, node, recursion, depth)
        return self._known[key]

    def value(self, node: Any) -> Tally:
        """The tally of a value node."""
        if not isinstance(node, ValueNode):
            return _ONE
        if isinstance(node, Scale):
            return _both(self.value(node.value), self.value(node.factor))
        name = getattr(node, "name", None)
        if isinstance(node, Choice) and (_holds_parts(node) or name in self._telling):
            each = (_both(self.decided(node, i), self.value(option)) for i, option in enumerate(node.options))
            return _either(each)
        if name in self._telling:
            return _either(self.decided(node, value) for value in range(_cardinality(node)))
        cardinality = _cardinality(node)
        return {frozenset({(name, None)}): 1} if name and cardinality > 1 else {frozenset(): cardinality}

    def decided(self, node: Any, value: int) -> Tally:
        """One value of a decision: remembered where it is named."""
        return {frozenset({(node.name, value)}): 1} if getattr(node, "name", None) else _ONE

    def outcomes(self, node: Any) -> list[tuple[float, Tally]]:
        """The numbers a value node can become, each with its tally."""
        if isinstance(node, Choice):
            return [
                (number, _both(self.decided(node, i), tally))
                for i, option in enumerate(node.options)
                for number, tally in self.outcomes(option)
            ]
        if isinstance(node, Integer):
            numbers = range(node.lo, node.hi + 1, node.step)
            return [(number, self.decided(node, i)) for i, number in enumerate(numbers)]
        if isinstance(node, Scale):
            return [
                (node.apply(value, factor), _both(tally, other))
                for value, tally in self.outcomes(node.value)
                for factor, other in self.outcomes(node.factor)
            ]
        return [(node, _ONE)]

    def total(self, tally: Tally) -> int:
        return sum(count * self._resolve(met, frozenset()) for met, count in tally.items())

    def _resolve(self, met: Met, done: frozenset[str]) -> int:
        """The assignments of the tied pieces that were met, those they lead to included."""
        tied = [name for name, _ in met if isinstance(self._named[name], Tied) and name not in done]
        if not tied:
            return math.prod(
                _cardinality(self._named[name])
                for name, value in met
                if value is None and not isinstance(self._named[name], Tied)
            )
        tally: Tally = {met: 1}
        for name in tied:
            tally = _both(tally, self.of(self._named[name].body, None, 0))
        return sum(count * self._resolve(more, done | set(tied)) for more, count in tally.items())


def _repeat(counting: _Counting, node: Repeat, recursion: Recursion | None, depth: int) -> Tally:
    block = counting.of(node.block, recursion, depth)
    powers = [_ONE]
    each = []
    for times, tally in counting.outcomes(node.times):
        wanted = min(int(times), 1) if node.share else int(times)
        while len(powers) <= wanted:
            powers.append(_both(powers[-1], block))
        each.append(_both(tally, powers[wanted]))
    return _either(each)


def _choice(counting: _Counting, node: Choice, recursion: Recursion | None, depth: int) -> Tally:
    allowed = recursion.options(node, depth) if recursion else None
    return _either(
        _both(counting.decided(node, i), counting.of(node.options[i], recursion, depth))
        for i in (range(len(node.options)) if allowed is None else allowed)
    )


def _optional(counting: _Counting, node: Optional, recursion: Recursion | None, depth: int) -> Tally:
    allowed = recursion.options(node, depth) if recursion else None
    if allowed == (0,):
        return _ONE
    return _either((_ONE, counting.of(node.body, recursion, depth)))


def _dag(counting: _Counting, node: Dag, recursion: Recursion | None, depth: int) -> Tally:
    tally = _ONE
    for entry in node.entries:
        tally = _both(tally, counting.of(entry, recursion, depth))
    if node.node is not None:
        inside = counting.of(node.node, recursion, depth)
        for i in node.numbers:
            lo, hi = node.sizes(i)
            tally = _both(tally, _times(sum(math.comb(i, k) for k in range(lo, hi + 1)), inside))
        return tally
    first, last = node.numbers.start, node.numbers.stop
    entering = _powers(counting.of(node.edge_from(0), recursion, depth), first)
    inner = _powers(counting.of(node.edge, recursion, depth), last)
    for i in node.numbers:
        lo, hi = node.sizes(i)
        ways = (
            _times(math.comb(first, a) * math.comb(i - first, k - a), _both(entering[a], inner[k - a]))
            for k in range(lo, hi + 1)
            for a in range(max(0, k - i + first), min(first, k) + 1)
        )
        tally = _both(tally, _either(ways))
    return tally


def _powers(tally: Tally, most: int) -> list[Tally]:
    """The tallies of none up to `most` pieces side by side."""
    powers = [_ONE]
    for _ in range(most):
        powers.append(_both(powers[-1], tally))
    return powers


def _times(number: int, tally: Tally) -> Tally:
    return {met: number * count for met, count in tally.items()}


def _all(counting: _Counting, node: Part, recursion: Recursion | None, depth: int) -> Tally:
    tally = _ONE
    for part in node.parts():
        tally = _both(tally, counting.of(part, recursion, depth))
    return tally


def _parallel(counting: _Counting, node: Parallel, recursion: Recursion | None, depth: int) -> Tally:
    tally = counting.value(node.merge)
    for branch in node.branches:
        tally = _both(tally, counting.of(branch, recursion, depth))
    return tally


def _op(counting: _Counting, node: Op, recursion: Recursion | None, depth: int) -> Tally:
    tally = _ONE
    for _, value in node.attrs:
        tally = _both(tally, counting.value(value))
    return tally


def _rule(counting: _Counting, node: Rule, recursion: Recursion, depth: int) -> Tally:
    return counting.of(recursion.grammar.bodies[node.name], recursion, depth - 1)


def _grammar(counting: _Counting, node: Grammar, recursion: Recursion | None, depth: int) -> Tally:
    return counting.of(node.start, Recursion.of(node), node.depth)


def _tied(counting: _Counting, node: Tied, recursion: Recursion | None, depth: int) -> Tally:
    return {frozenset({(node.name, None)}): 1}


_RULES: dict[type, Callable[[_Counting, Any, Any, int], Tally]] = {
    Op: _op,
    Chain: _all,
    Parallel: _parallel,
    Repeat: _repeat,
    Choice: _choice,
    Optional: _optional,
    Dag: _dag,
    Tied: _tied,
    Grammar: _grammar,
    Rule: _rule,
}


def _both(a: Tally, b: Tally) -> Tally:
    """The tally of two pieces side by side: counts multiply where the ties agree."""
    tally: Tally = {}
    for met, count in a.items():
        for other, more in b.items():
            if _agree(met, other):
                together = met | other
                tally[together] = tally.get(together, 0) + count * more
    return tally


def _either(tallies: Iterable[Tally]) -> Tally:
    """The tally of one piece or another: counts add up."""
    total: Tally = {}
    for tally in tallies:
        for met, count in tally.items():
            total[met] = total.get(met, 0) + count
    return total


def _agree(met: Met, other: Met) -> bool:
    if not met or not other:
        return True
    values = dict(met)
    return all(values.get(name, value) == value for name, value in other)


def _cardinality(node: Any) -> int:
    if isinstance(node, Choice):
        return len(node.options)
    if isinstance(node, Integer):
        return (node.hi - node.lo) // node.step + 1
    if isinstance(node, Subset):
        return sum(math.comb(len(node.options), k) for k in range(node.k[0], node.k[1] + 1))
    return 1


def _holds_parts(node: Choice) -> bool:
    return any(isinstance(option, Part) for option in node.options)


def _everything(roots: Iterable[Any], seen: set[int]) -> Iterator[Part]:
    """Every part below the roots, each once."""
    for part in roots:
        if isinstance(part, Part) and id(part) not in seen:
            seen.add(id(part))
            yield part
            yield from _everything(part.parts(), seen)
