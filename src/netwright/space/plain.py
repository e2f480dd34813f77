"""The plain-data form of a space: what JSON and YAML hold. Written here, read and checked in `netwright.space.reading`.

A node is a mapping whose first key says what it is: {"choice": [3, 5]}, {"op": "conv", "kernel": 3}, ...
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from netwright.errors import InputError
from netwright.space.marks import Mark, Recall
from netwright.space.nodes import Chain, Dag, Grammar, Op, Optional, Parallel, Program, Repeat, Rule, Tied
from netwright.space.parts import Part
from netwright.space.values import Choice, Integer, Real, Scale, Subset

if TYPE_CHECKING:
    from netwright.space.space import Space

SCHEMA = 1


def to_dict(space: Space) -> dict[str, Any]:
    """See `Space.to_dict`."""
    data: dict[str, Any] = {"schema": SCHEMA, "name": space.name, "root": write(space.root)}
    if space.hyper:
        data["hyper"] = {name: write(value) for name, value in space.hyper.items()}
    return data


def write(part: Any) -> Any:
    """The plain form of a node, a value node or a plain value."""
    if isinstance(part, tuple):
        return [write(item) for item in part]
    if not isinstance(part, Part):
        return part
    return _WRITERS[type(part)](part)


def _named(data: dict[str, Any], part: Any) -> dict[str, Any]:
    return data if part.name is None else {**data, "name": part.name}


def _chain(part: Chain) -> dict[str, Any]:
    if all(label == str(i) for i, label in enumerate(part.labels)):
        return {"chain": [write(item) for item in part.items]}
    return {"chain": {label: write(item) for label, item in zip(part.labels, part.items, strict=True)}}


def _dag(part: Dag) -> dict[str, Any]:
    data: dict[str, Any] = {"dag": part.nodes}
    data |= {"edge": write(part.edge)} if part.edge is not None else {"node": write(part.node)}
    if part.inputs is not None:
        data["inputs"] = list(part.inputs)
    if part.entries:
        data["entries"] = [write(entry) for entry in part.entries]
    if part.entry_edge is not None:
        data["entry_edge"] = write(part.entry_edge)
    return {**data, "merge": part.merge, "output": part.output}


def _program(part: Program) -> dict[str, Any]:
    raise InputError(
        f"program {part.name!r} is Python code", "it has no plain-data form; keep it in a module of your own"
    )


_WRITERS: dict[type, Callable[[Any], dict[str, Any]]] = {
    Choice: lambda part: _named({"choice": [write(option) for option in part.options]}, part),
    Integer: lambda part: _named({"integer": [part.lo, part.hi], "step": part.step}, part),
    Real: lambda part: _named({"real": [part.lo, part.hi], "log": part.log}, part),
    Subset: lambda part: _named({"subset": [write(option) for option in part.options], "k": list(part.k)}, part),
    Scale: lambda part: {"scale": write(part.value), "factor": write(part.factor), "step": part.step},
    Op: lambda part: {"op": part.name, **{key: write(value) for key, value in part.attrs}},
    Chain: _chain,
    Repeat: lambda part: {"repeat": write(part.block), "times": write(part.times), "share": part.share},
    Parallel: lambda part: {"parallel": [write(branch) for branch in part.branches], "merge": write(part.merge)},
    Dag: _dag,
    Optional: lambda part: {"optional": write(part.body)},
    Tied: lambda part: {"tied": part.name, "node": write(part.body)},
    Mark: lambda part: {"mark": part.name},
    Recall: lambda part: {"recall": part.name},
    Rule: lambda part: {"rule": part.name},
    Grammar: lambda part: {
        "grammar": write(part.start),
        "rules": {name: write(body) for name, body in part.rules},
        "depth": part.depth,
    },
    Program: _program,
}
