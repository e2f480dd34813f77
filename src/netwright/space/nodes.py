"""Structure nodes: how pieces of network are put together."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from netwright.errors import InputError
from netwright.space.parts import (
    Node,
    Part,
    Plain,
    ValueNode,
    check_name,
    check_node,
    check_whole,
    freeze_value,
)
from netwright.space.values import Choice, Integer, Scale, bounds

Merge = Literal["sum", "concat"]
Output = Literal["last", "sum", "concat"]
Share = Literal[False, "choices", True]
Decide = Callable[[str, Any], Any]

_OPERATION = re.compile(r"[a-z][a-z0-9-]{0,63}")
_ATTRIBUTE = re.compile(r"[a-z][a-z0-9_]{0,63}")


@dataclass(frozen=True)
class Op(Node):
    """An operation; see `op`."""

    name: str
    attrs: tuple[tuple[str, Plain | ValueNode], ...] = ()

    def parts(self) -> tuple[object, ...]:
        return tuple(value for _, value in self.attrs)

    @cached_property
    def plain(self) -> dict[str, Plain] | None:
        """The attributes where none is open, else None."""
        if any(isinstance(value, Part) for _, value in self.attrs):
            return None
        return dict(self.attrs)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Chain(Node):
    """One after the other; see `chain`."""

    items: tuple[Node, ...]
    labels: tuple[str, ...]

    def parts(self) -> tuple[object, ...]:
        return self.items


@dataclass(frozen=True)
class Repeat(Node):
    """The same again and again; see `repeat`."""

    block: Node
    times: Plain | ValueNode
    share: Share = False

    def parts(self) -> tuple[object, ...]:
        return self.times, self.block


@dataclass(frozen=True)
class Parallel(Node):
    """Side by side; see `parallel`."""

    branches: tuple[Node, ...]
    merge: Merge | Choice = "sum"

    def parts(self) -> tuple[object, ...]:
        return self.branches if isinstance(self.merge, str) else (*self.branches, self.merge)


@dataclass(frozen=True)
class Dag(Node):
    """A cell; see `dag`."""

    nodes: int
    edge: Node | None = None
    node: Node | None = None
    inputs: tuple[int, int] | None = None
    merge: Merge = "sum"
    output: Output = "last"
    entries: tuple[Node, ...] = ()
    entry_edge: Node | None = None

    def parts(self) -> tuple[object, ...]:
        further = () if self.entry_edge is None else (self.entry_edge,)
        return (self.edge if self.node is None else self.node, *self.entries, *further)

    @cached_property
    def settled(self) -> bool:
        connected = all(self.sizes(i)[0] == i for i in self.numbers)
        return connected and all(part.settled for part in self.parts() if isinstance(part, Part))

    @cached_property
    def numbers(self) -> range:
        """Those of the computed nodes; what comes before them is given."""
        first = max(1, len(self.entries))
        return range(first, first + self.nodes)

    def edge_from(self, j: int) -> Node | None:
        """What stands on an edge that leaves node j."""
        return self.entry_edge if self.entry_edge is not None and j < self.numbers.start else self.edge

    def sizes(self, i: int) -> tuple[int, int]:
        """How many of the i earlier nodes the i-th node takes in, at least and at most."""
        lo, hi = self.inputs or (i, i)
        return min(lo, i), min(hi, i)


@dataclass(frozen=True)
class Optional(Node):
    """There or not; see `optional`."""

    body: Node

    def parts(self) -> tuple[object, ...]:
        return (self.body,)

    @property
    def settled(self) -> bool:
        return False


@dataclass(frozen=True)
class Tied(Node):
    """Decided once; see `tied`."""

    name: str
    body: Node

    def parts(self) -> tuple[object, ...]:
        return (self.body,)


@dataclass(frozen=True)
class Rule(Node):
    """A place where a rule of the enclosing grammar is expanded; see `grammar`."""

    name: str

    @property
    def settled(self) -> bool:
        return False


@dataclass(frozen=True)
class Grammar(Node):
    """Bounded recursion; see `grammar`."""

    start: Node
    rules: tuple[tuple[str, Node], ...]
    depth: int

    def parts(self) -> tuple[object, ...]:
        return (self.start, *(body for _, body in self.rules))

    @property
    def settled(self) -> bool:
        return False

    @cached_property
    def bodies(self) -> dict[str, Node]:
        """Rule name -> what it expands to."""
        return dict(self.rules)


@dataclass(frozen=True)
class Program(Node):
    """A Python function that builds the node; see `program`."""

    fn: Callable[[Decide], Node]
    name: str

    @property
    def settled(self) -> bool:
        return False


def op(name: str, /, **attrs: Any) -> Op:
    """An operation by its name, with attributes that are plain values or value nodes.

    >>> op("conv", kernel=3, channels=16).plain
    {'kernel': 3, 'channels': 16}
    """
    if not isinstance(name, str) or not _OPERATION.fullmatch(name):
        raise InputError(
            f"{name!r} cannot be an operation's name", "use small letters, digits and '-', as in 'max-pool'"
        )
    for attribute in attrs:
        if not _ATTRIBUTE.fullmatch(attribute) or attribute == "op":
            raise InputError(f"{attribute!r} cannot be an attribute of {name!r}", "use small letters, digits and '_'")
    return Op(name, tuple((key, freeze_value(value, f"{key} of {name}")) for key, value in attrs.items()))


def chain(*items: Any, **labelled: Any) -> Chain:
    """One after the other. Keyword items come last and give their decisions readable names.

    >>> chain(op("conv", kernel=3), head=op("head")).labels
    ('0', 'head')
    """
    for label in labelled:
        check_name(label, "an item of a chain")
    return labelled_chain({**{str(i): item for i, item in enumerate(items)}, **labelled})


def labelled_chain(items: Mapping[str, Any]) -> Chain:
    """A chain of these items, which are numbers or names -> node."""
    for i, label in enumerate(items):
        if label != str(i):
            check_name(label, "an item of a chain")
    return Chain(tuple(check_node(item, f"item {label} of a chain") for label, item in items.items()), tuple(items))


def repeat(block: Any, times: Any, share: Share = False) -> Repeat:
    """The block `times` over (0 to 1,000; a number or a value node).

    share: False gives each its own choices and weights; "choices" the same choices, own weights; True the same of both.

    >>> from netwright.space import integer
    >>> repeat(op("conv", kernel=3), integer(1, 4), share="choices").share
    'choices'
    """
    if share not in (False, "choices", True):
        raise InputError(f"share of a repeat is {share!r}", "use False, 'choices' or True")
    kept = freeze_value(times, "times of a repeat")
    _check_times(kept)
    return Repeat(check_node(block, "the block of a repeat"), kept, share if share == "choices" else bool(share))


def parallel(*branches: Any, merge: Merge | Choice = "sum") -> Parallel:
    """Side by side from the same input, then merged: "sum", "concat" along channels (features), or a choice of them.

    >>> parallel(op("identity"), op("conv", kernel=3)).merge
    'sum'
    """
    if not branches:
        raise InputError("a parallel has no branches", "give at least one")
    kept = tuple(check_node(branch, f"branch {i} of a parallel") for i, branch in enumerate(branches))
    for way in merge.options if isinstance(merge, Choice) else (merge,):
        _one_of(way, ("sum", "concat"), "merge of a parallel")
    return Parallel(kept, merge)


def dag(
    nodes: int,
    *,
    edge: Any = None,
    node: Any = None,
    inputs: int | tuple[int, int] | None = None,
    merge: Merge = "sum",
    output: Output = "last",
    entries: Sequence[Any] = (),
    entry_edge: Any = None,
) -> Dag:
    """A cell of `nodes` computed nodes (1 to 64), numbered from 1; node 0 is the cell's input.

    edge: what stands on every edge j -> i (j < i), each with its own copy of the choices; the results are merged.
    node: instead, what is applied to the merged inputs of a node.
    inputs: how many earlier nodes each node takes in; which ones is then a decision (a number, (min, max), None: all).
    output: the last node, or all computed ones, summed or concatenated.
    entries: what the first nodes make of the cell's input, in its place; those that are computed follow in number.
    entry_edge: what stands on the edges that leave these (else the input), where that is not `edge`.

    >>> from netwright.space import choice
    >>> dag(3, edge=choice(op("none"), op("identity"), op("conv", kernel=3, channels=16))).output
    'last'
    """
    if (edge is None) == (node is None):
        raise InputError("a dag needs edge or node", "give exactly one of them")
    check_whole(nodes, "nodes of a dag", 1, 64)
    if entry_edge is not None and edge is None:
        raise InputError("a dag has entry_edge but no edge", "give both, or neither")
    if not isinstance(entries, (list, tuple)) or len(entries) > 64:
        raise InputError(f"entries of a dag are {entries!r:.60}", "give a list of up to 64 pieces of network")
    sizes = None if inputs is None else bounds(inputs, "inputs of a dag")
    if sizes is not None and sizes[0] < 1:
        raise InputError("a node of a dag may be left without inputs", "let inputs be at least 1")
    return Dag(
        nodes,
        None if edge is None else check_node(edge, "edge of a dag"),
        None if node is None else check_node(node, "node of a dag"),
        sizes,
        _one_of(merge, ("sum", "concat"), "merge of a dag"),
        _one_of(output, ("last", "sum", "concat"), "output of a dag"),
        tuple(check_node(entry, f"entry {i} of a dag") for i, entry in enumerate(entries)),
        None if entry_edge is None else check_node(entry_edge, "entry_edge of a dag"),
    )


def optional(body: Any) -> Optional:
    """The body, or nothing: its input is passed on unchanged.

    >>> optional(op("dropout", rate=0.2)).body.name
    'dropout'
    """
    return Optional(check_node(body, "the body of an optional"))


def tied(name: str, body: Any) -> Tied:
    """A piece whose decisions are made once and hold wherever the name occurs. Its weights stay its own.

    >>> from netwright.space import choice
    >>> cell = tied("cell", op("conv", kernel=choice(3, 5), channels=16))
    >>> chain(cell, op("max-pool", kernel=2, stride=2), cell).labels
    ('0', '1', '2')
    """
    check_name(name or "", "a tied piece")
    return Tied(name, check_node(body, f"the tied {name!r}"))


def rule(name: str) -> Rule:
    """Where the rule of that name is expanded, inside a `grammar`."""
    check_name(name or "", "a rule")
    return Rule(name)


def grammar(start: str | Node, rules: Mapping[str, Any], depth: int) -> Grammar:
    """Bounded recursion: `rule(NAME)` expands to `rules[NAME]`, with at most `depth` (1 to 32) expansions nested.

    Options that would need more are not offered at the bound.

    >>> from netwright.space import choice
    >>> block = choice(op("conv", kernel=3), chain(rule("block"), op("conv", kernel=1)))
    >>> grammar("block", rules={"block": block}, depth=3).depth
    3
    """
    check_whole(depth, "depth of a grammar", 1, 32)
    bodies = tuple((name, check_node(body, f"rule {name!r}")) for name, body in rules.items())
    for name, _ in bodies:
        check_name(name or "", "a rule")
    first = rule(start) if isinstance(start, str) else check_node(start, "start of a grammar")
    return Grammar(first, bodies, depth)


def program(fn: Callable[[Decide], Any], name: str) -> Program:
    """A Python function `fn(decide)` that draws values with `decide(name, value_node)` and returns a node.

    It must be deterministic given the values. It has no plain-data form.

    >>> from netwright.space import choice
    >>> def build(decide):
    ...     return op("linear", units=decide("units", choice(8, 16)))
    >>> program(build, "mlp").name
    'mlp'
    """
    if not callable(fn):
        raise InputError(f"program {name!r} is {fn!r}", "give a function of one argument, decide")
    check_name(name or "", "a program")
    return Program(fn, name)


def _check_times(times: Any) -> None:
    if isinstance(times, Choice):
        for option in times.options:
            _check_times(option)
    elif isinstance(times, Integer):
        check_whole(times.lo, "the least times of a repeat", 0, 1000)
        check_whole(times.hi, "the greatest times of a repeat", 0, 1000)
    elif not isinstance(times, Scale):
        check_whole(times, "times of a repeat", 0, 1000)


def _one_of(value: Any, known: tuple[str, ...], where: str) -> Any:
    if value not in known:
        raise InputError(f"{where} is {value!r}", f"use {' or '.join(map(repr, known))}")
    return value
