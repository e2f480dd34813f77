"""Refuses spaces that cannot work: misplaced parts, contradictory ties, absurd sizes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netwright.errors import InputError, unknown
from netwright.space.marks import Mark, Recall
from netwright.space.nodes import Chain, Dag, Grammar, Op, Parallel, Program, Repeat, Rule, Tied
from netwright.space.parts import Node, Part, Plain, ValueNode, check_name, check_node, freeze_value
from netwright.space.recursion import Recursion
from netwright.space.values import Choice, Integer, Real, Scale, Subset
from netwright.space.weigh import weigh


def check(root: Any, name: Any, hyper: Mapping[str, Any]) -> dict[str, Plain | ValueNode]:
    """Checks a whole space; returns its hyperparameters, frozen. InputError names the place."""
    if not isinstance(name, str) or len(name) > 200:
        raise InputError(f"the name of a space is {name!r}", "use a text of at most 200 characters")
    weigh(check_node(root, "the root of a space"))
    frozen: dict[str, Plain | ValueNode] = {}
    for key, value in hyper.items():
        check_name(key or "", "a hyperparameter")
        frozen[key] = freeze_value(value, f"hyperparameter {key!r}")
    visit = _Check()
    visit.structure(root, "root", None)
    visit.marks()
    for key, value in frozen.items():
        visit.value(value, f"hyper/{key}")
    return frozen


class _Check:
    """One pass over the tree; parts that occur more than once are looked at once for each grammar."""

    def __init__(self) -> None:
        self._seen: set[tuple[int, int, bool]] = set()
        self._named: dict[str, Part] = {}
        self._marked: set[str] = set()
        self._recalled: dict[str, str] = {}
        self._programs = False

    def structure(self, node: Any, path: str, grammar: Grammar | None) -> None:
        """A part that stands for a piece of network."""
        check_node(node, path)
        if self._again(node, grammar, False):
            return
        self._name(node, path, grammar)
        if isinstance(node, Rule):
            self._rule(node, path, grammar)
        if isinstance(node, Mark):
            self._marked.add(node.name)
        if isinstance(node, Recall):
            self._recalled.setdefault(node.name, path)
        self._programs = self._programs or isinstance(node, Program)
        if isinstance(node, Grammar):
            Recursion.of(node)
            grammar = node
        for i, (part, structural) in enumerate(_inside(node)):
            if structural:
                self.structure(part, f"{path}/{i}", grammar)
            else:
                self.value(part, f"{path}/{i}")

    def value(self, value: Any, path: str) -> None:
        """A part that stands for a plain value."""
        if not isinstance(value, Part) or self._again(value, None, True):
            return
        if not isinstance(value, ValueNode):
            raise InputError(f"{path} is a {type(value).__name__.lower()}", "a value or a value node is needed here")
        self._name(value, path, None)
        if isinstance(value, (Choice, Scale)):
            for i, part in enumerate(value.parts()):
                self.value(part, f"{path}/{i}")

    def marks(self) -> None:
        """Refuses what is recalled and nowhere marked, as far as that can be seen without running programs."""
        for name, path in self._recalled.items():
            if name not in self._marked and not self._programs:
                raise InputError(f"{path}: nothing is marked {name!r}", f"put mark({name!r}) before it")

    def _again(self, part: Part, grammar: Grammar | None, as_value: bool) -> bool:
        key = (id(part), id(grammar), as_value)
        if key in self._seen:
            return True
        self._seen.add(key)
        return False

    def _name(self, part: Part, path: str, grammar: Grammar | None) -> None:
        name = getattr(part, "name", None) if isinstance(part, (ValueNode, Tied)) else None
        if name is None:
            return
        before = self._named.setdefault(name, part)
        if before is not part and _skeleton(before) != _skeleton(part):
            raise InputError(f"{path}: {name!r} ties pieces with different decisions", "use one name for each")
        if grammar is not None and _recurs(part):
            raise InputError(f"{path}: {name!r} ties a piece that recurs", "tie only pieces without rules")

    def _rule(self, node: Rule, path: str, grammar: Grammar | None) -> None:
        if grammar is None:
            raise InputError(f"{path}: rule {node.name!r} stands outside a grammar", "put it inside grammar(...)")
        if node.name not in grammar.bodies:
            raise unknown("rule", node.name, grammar.bodies)


def _inside(node: Node) -> list[tuple[object, bool]]:
    """The parts inside a structure node, each with whether it is structure too."""
    if isinstance(node, Repeat):
        return [(node.times, False), (node.block, True)]
    if isinstance(node, Parallel):
        return [*((branch, True) for branch in node.branches), (node.merge, False)]
    return [(part, not isinstance(node, Op)) for part in node.parts()]


def _recurs(part: object) -> bool:
    if isinstance(part, (Rule, Program)):
        return True
    return isinstance(part, Part) and any(_recurs(inner) for inner in part.parts())


def _skeleton(part: object) -> object:
    """What is to be decided in a part: what tied pieces must agree in, while plain values may differ."""
    if not isinstance(part, Part) or (part.settled and not isinstance(part, Choice)):
        return None
    if isinstance(part, (Integer, Real, Rule, Program)):
        return part
    if isinstance(part, Subset):
        return Subset, part.name, len(part.options), part.k
    if isinstance(part, Op):
        return Op, tuple((key, bones) for key, value in part.attrs if (bones := _skeleton(value)) is not None)
    detail: object = getattr(part, "name", None)
    if isinstance(part, Chain):
        detail = part.labels
    elif isinstance(part, Repeat):
        detail = part.share, part.times if isinstance(part.times, int) else None
    elif isinstance(part, Dag):
        detail = part.nodes, part.inputs, part.edge is None, len(part.entries), part.entry_edge is None
    elif isinstance(part, Grammar):
        detail = part.depth, tuple(name for name, _ in part.rules)
    return type(part), detail, tuple(_skeleton(inner) for inner in part.parts())
