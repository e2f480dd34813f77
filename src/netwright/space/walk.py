"""The one interpreter of a space: walks the tree, asks `decide` at every decision, and draws the op graph.

Everything else (sampling, mutation, enumeration, encodings, ...) is a way to decide.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from netwright.errors import InputError, unknown
from netwright.space.decision import Decision, Value
from netwright.space.graph import INPUT, OpGraph, OpNode, live
from netwright.space.labels import labels
from netwright.space.marks import Mark, Recall
from netwright.space.nodes import Chain, Dag, Grammar, Op, Optional, Parallel, Program, Repeat, Rule, Tied
from netwright.space.parts import Node, Plain, ValueNode, check_node, check_whole
from netwright.space.recursion import Recursion
from netwright.space.values import Choice, Integer, Real, Scale, Subset
from netwright.space.weigh import MOST_OPERATIONS

if TYPE_CHECKING:
    from netwright.space.space import Space

Decider = Callable[[Decision], Value]


class Place(NamedTuple):
    """Where the walk is: the paths of decisions, of names, and of weights (they part where choices or weights are
    shared), and the grammar around it with the expansions left."""

    choices: str
    name: str
    weights: str
    recursion: Recursion | None = None
    depth: int = 0

    def down(self, step: str) -> Place:
        choices, name, weights, recursion, depth = self
        below = f"{name}/{step}" if name else step
        if choices == name == weights:
            return Place(below, below, below, recursion, depth)
        return Place(
            f"{choices}/{step}" if choices else step,
            below,
            f"{weights}/{step}" if weights else step,
            recursion,
            depth,
        )


class Walk:
    """One walk. drawing: also build the op graph; otherwise only meet the decisions, which is faster.

    values: decision -> value in the order met; decisions: the same for the decisions themselves.
    """

    def __init__(self, space: Space, decide: Decider, drawing: bool) -> None:
        self.decide = decide
        self.drawing = drawing
        self.values: dict[str, Value] = {}
        self.decisions: dict[str, Decision] = {}
        self.nodes: list[OpNode] = [INPUT]
        self._space = space
        self._known = space._known
        self._ties: set[str] = set()
        self.marks: dict[str, int] = {}

    def run(self) -> tuple[OpGraph, dict[str, Plain]]:
        """The graph (just the input when not drawing) and the resolved hyperparameters."""
        top = Place("", "", "")
        output = self.visit(self._space.root, top, 0)
        hyper = {name: self.value(node, f"hyper/{name}") for name, node in self._space.hyper.items()}
        return live(self.nodes, output), hyper

    def visit(self, node: Node, place: Place, source: int) -> int:
        """Walks a structure node whose input is node `source`; returns the index of its output."""
        if not self.drawing and node.settled:
            return source
        visitor = _VISITORS.get(type(node))
        if visitor is None:
            raise InputError(f"{place.name or 'the root'} is {node!r:.100}", "a piece of network is needed here")
        return visitor(self, node, place, source)

    def value(self, node: Any, path: str) -> Any:
        """The plain value of a value node (or of a plain value: itself)."""
        if not isinstance(node, ValueNode):
            return node
        if isinstance(node, Choice):
            result = None
            for index in self.picks(node, node.name or path, None):
                result = self.value(node.options[index], f"{path}/{index}")
            return result
        if isinstance(node, Scale):
            return node.apply(self.value(node.value, path), self.value(node.factor, f"{path}/factor"))
        value = self.settle(node.name or path, node, _number if isinstance(node, (Integer, Real)) else _subset)  # type: ignore[attr-defined]
        return tuple(node.options[i] for i in value) if isinstance(node, Subset) else value

    def picks(self, node: Choice | Optional, name: str, allowed: tuple[int, ...] | None) -> Sequence[int]:
        """The option to follow, as a sequence of one index. allowed: the options on offer (None: all)."""
        value = self.settle(name, node, _options, allowed)
        return (value if allowed is None else allowed[value],)

    def settle(
        self, name: str, owner: Any, build: Callable[..., Decision], detail: tuple[int, ...] | None = None
    ) -> Any:
        """The value of the decision of that name, asked for when it is met first. One value only: no decision."""
        name = name or "root"
        value = self.values.get(name)
        if value is not None:
            return value
        known = self._known.get(name)
        if known is None or known[0] is not owner:
            decision = build(name, owner, detail)
            known = self._known[name] = (owner, decision, decision.cardinality == 1)
        if known[2]:
            return known[1].first
        self.decisions[name] = known[1]
        value = self.values[name] = self.decide(known[1])
        return value

    def emit(self, name: str, kind: str, attrs: Mapping[str, Plain], inputs: tuple[int, ...], weights: str) -> int:
        if len(self.nodes) > MOST_OPERATIONS:
            raise InputError(f"{name}: the network has more than {MOST_OPERATIONS:,} operations", "build a smaller one")
        self.nodes.append(OpNode(name, kind, attrs, inputs, weights))
        return len(self.nodes) - 1

    def merge(self, kind: str, inputs: list[int], name: str, connections: str = "") -> int:
        """connections: the decision by which the inputs were chosen, if any."""
        if len(inputs) == 1 or not self.drawing:
            return inputs[0]
        return self.emit(name, kind, {}, tuple(inputs), name)

    def entered(self, source: int) -> int:
        """The input of a choice between pieces of network, as its options see it."""
        return source

    def join(self, outputs: Sequence[int], name: str, place: Place) -> int:
        """The output of a choice between pieces of network, from those of the options that were followed."""
        return outputs[-1]

    def times(self, node: Repeat, path: str) -> int:
        times = node.times if isinstance(node.times, int) else self.value(node.times, path)
        return check_whole(times, path, 0, 1000)

    def connected(self, node: Dag, path: str, i: int) -> Sequence[int]:
        """The earlier nodes that feed the i-th node of a dag."""
        lo, hi = node.sizes(i)
        if lo == i:
            return range(i)
        connected: Sequence[int] = self.settle(path, node, _connections, (i, lo, hi))
        return connected

    def program(self, node: Program, place: Place) -> Sequence[Node]:
        """The node that a program builds, as a sequence of one."""

        def decide(name: str, value: Any) -> Any:
            return self.value(value, f"{place.choices}/{name}" if place.choices else name)

        return (check_node(node.fn(decide), f"the result of program {node.name!r}"),)

    def tie(self, name: str) -> bool:
        """Whether there is still something to do for a tied piece."""
        if not self.drawing and name in self._ties:
            return False
        self._ties.add(name)
        return True


def _op(walk: Walk, node: Op, place: Place, source: int) -> int:
    attrs: Mapping[str, Plain] | None = node.plain
    if attrs is None:
        prefix = f"{place.choices}/" if place.choices else ""
        attrs = {key: walk.value(value, prefix + key) for key, value in node.attrs}
    if not walk.drawing:
        return source
    return walk.emit(place.name or "op", node.name, attrs, (source,), place.weights or "op")


def _chain(walk: Walk, node: Chain, place: Place, source: int) -> int:
    for label, item in zip(node.labels, node.items, strict=True):
        source = walk.visit(item, place.down(label), source)
    return source


def _repeat(walk: Walk, node: Repeat, place: Place, source: int) -> int:
    times = walk.times(node, place.down("times").choices)
    block = place.down("block")
    if node.share and not walk.drawing:
        times = min(times, 1)
    for i in range(times):
        here = place.down(str(i))
        if node.share:
            here = here._replace(choices=block.choices)
        if node.share is True:
            here = here._replace(weights=block.weights)
        source = walk.visit(node.block, here, source)
    return source


def _parallel(walk: Walk, node: Parallel, place: Place, source: int) -> int:
    outputs = [walk.visit(branch, place.down(str(i)), source) for i, branch in enumerate(node.branches)]
    merge = node.merge if isinstance(node.merge, str) else walk.value(node.merge, place.down("merge").choices)
    return walk.merge(merge, outputs, place.down("merge").name)


def _choice(walk: Walk, node: Choice, place: Place, source: int) -> int:
    allowed = place.recursion.options(node, place.depth) if place.recursion else None
    name, outputs = node.name or place.choices, []
    picked = walk.picks(node, name, allowed)
    source = walk.entered(source)
    for index in picked:
        option = check_node(node.options[index], place.name or "the root")
        outputs.append(walk.visit(option, place.down(str(index)), source))
    return walk.join(outputs, name, place)


def _optional(walk: Walk, node: Optional, place: Place, source: int) -> int:
    allowed = place.recursion.options(node, place.depth) if place.recursion else None
    outputs = []
    picked = walk.picks(node, place.choices, allowed)
    source = walk.entered(source)
    for index in picked:
        outputs.append(walk.visit(node.body, place.down("body"), source) if index else source)
    return walk.join(outputs, place.choices, place)


def _dag(walk: Walk, node: Dag, place: Place, source: int) -> int:
    states = [walk.visit(entry, place.down(f"entry{i}"), source) for i, entry in enumerate(node.entries)] or [source]
    for i in node.numbers:
        here = place.down(str(i))
        connections = here.down("inputs").choices
        feeds = walk.connected(node, connections, i)
        if node.node is None:
            outputs = [
                walk.visit(check_node(node.edge_from(j), here.name), here.down(str(j)), states[j]) for j in feeds
            ]
            states.append(walk.merge(node.merge, outputs, here.name, connections))
        else:
            merged = walk.merge(node.merge, [states[j] for j in feeds], here.down("merge").name, connections)
            states.append(walk.visit(node.node, here.down("node"), merged))
    if node.output == "last":
        return states[-1]
    return walk.merge(node.output, states[node.numbers.start :], place.down("output").name)


def _tied(walk: Walk, node: Tied, place: Place, source: int) -> int:
    if not walk.tie(node.name):
        return source
    return walk.visit(node.body, place._replace(choices=node.name), source)


def _mark(walk: Walk, node: Mark, place: Place, source: int) -> int:
    walk.marks[node.name] = source
    return source


def _recall(walk: Walk, node: Recall, place: Place, source: int) -> int:
    if node.name not in walk.marks:
        where = place.name or "the root"
        raise InputError(
            f"{where}: nothing was marked {node.name!r} before", "put its mark where every network passes it first"
        )
    return walk.marks[node.name]


def _grammar(walk: Walk, node: Grammar, place: Place, source: int) -> int:
    return walk.visit(node.start, place._replace(recursion=Recursion.of(node), depth=node.depth), source)


def _rule(walk: Walk, node: Rule, place: Place, source: int) -> int:
    where = place.name or "the root"
    if place.recursion is None:
        raise InputError(f"{where}: rule {node.name!r} stands outside a grammar", "put it inside grammar(...)")
    body = place.recursion.grammar.bodies.get(node.name)
    if body is None:
        raise unknown("rule", node.name, place.recursion.grammar.bodies)
    if place.depth < 1:
        raise InputError(f"{where}: rule {node.name!r} recurs deeper than the grammar allows", "raise the depth")
    return walk.visit(body, place._replace(depth=place.depth - 1), source)


def _program(walk: Walk, node: Program, place: Place, source: int) -> int:
    output = source
    for built in walk.program(node, place):
        output = walk.visit(built, place, source)
    return output


_VISITORS: dict[type, Callable[[Walk, Any, Place, int], int]] = {
    Op: _op,
    Chain: _chain,
    Repeat: _repeat,
    Parallel: _parallel,
    Choice: _choice,
    Optional: _optional,
    Dag: _dag,
    Tied: _tied,
    Mark: _mark,
    Recall: _recall,
    Grammar: _grammar,
    Rule: _rule,
    Program: _program,
}


def _options(name: str, node: Choice | Optional, allowed: tuple[int, ...] | None) -> Decision:
    options = labels(node.options) if isinstance(node, Choice) else (False, True)
    return Decision(name, "choice", options=options if allowed is None else tuple(options[i] for i in allowed))


def _number(name: str, node: Integer | Real, _: object) -> Decision:
    if isinstance(node, Integer):
        return Decision(name, "integer", lo=node.lo, hi=node.hi, step=node.step)
    return Decision(name, "real", lo=node.lo, hi=node.hi, log=node.log)


def _subset(name: str, node: Subset, _: object) -> Decision:
    return Decision(name, "subset", options=node.options, k=node.k)


def _connections(name: str, _: Dag, sizes: tuple[int, int, int]) -> Decision:
    i, lo, hi = sizes
    return Decision(name, "subset", options=tuple(range(i)), k=(lo, hi))


def walk(space: Space, decide: Decider) -> OpGraph:
    """Interprets the space: calls `decide(decision)` whenever a decision is met, in a fixed order, and gives the graph.

    >>> from netwright.space import Space, chain, choice, op
    >>> space = Space(chain(op("conv", kernel=choice(3, 5)), op("head")), "tiny")
    >>> [(node.op, dict(node.attrs)) for node in walk(space, lambda decision: 1).nodes]
    [('input', {}), ('conv', {'kernel': 5}), ('head', {})]
    """
    graph, _ = Walk(space, decide, drawing=True).run()
    return graph
