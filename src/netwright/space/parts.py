"""What every part of a search space has in common, and the plain values that may stand in it."""

from __future__ import annotations

import math
import re
from functools import cached_property
from typing import Any

from netwright.errors import InputError

Plain = str | int | float | bool | None | tuple["Plain", ...]
"""What an attribute may hold once every decision is made."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")


class Part:
    """A value node or a structure node of the tree. Immutable."""

    def parts(self) -> tuple[object, ...]:
        """The parts and plain values directly inside this one."""
        return ()

    @cached_property
    def settled(self) -> bool:
        """Whether nothing in here is left to decide."""
        return all(part.settled for part in self.parts() if isinstance(part, Part))


class ValueNode(Part):
    """Stands where a plain value stands, and becomes one when its decision is made."""


class Node(Part):
    """Stands for a piece of network: takes one input, gives one output."""


def item(value: Any) -> Any:
    """A numpy scalar as Python's, anything else as it is."""
    return value.item() if getattr(value, "shape", None) == () and hasattr(value, "item") else value


def freeze(value: Any, where: str) -> Plain:
    """A plain value made immutable: lists become tuples, numpy scalars become Python's.

    >>> freeze([1, [2.5, "a"]], "here")
    (1, (2.5, 'a'))
    """
    value = item(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise InputError(f"{where} is {value}", "use a finite number")
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    if isinstance(value, (list, tuple)):
        return tuple(freeze(inner, where) for inner in value)
    raise InputError(
        f"{where} holds a {type(value).__name__}", "use text, numbers, true/false, none, or lists of these"
    )


def freeze_value(value: Any, where: str) -> Plain | ValueNode:
    """A value node as it is, anything else as a plain value."""
    if isinstance(value, ValueNode):
        return value
    if isinstance(value, Part):
        raise InputError(
            f"{where} holds a {type(value).__name__.lower()}", "only values and value nodes may stand here"
        )
    return freeze(value, where)


def check_name(name: str | None, what: str) -> str | None:
    """A name for decisions: letters, digits, `_`, `.`, `-`, at most 64 long, beginning with a letter or `_`."""
    if name is None:
        return None
    if not isinstance(name, str) or not _NAME.fullmatch(name) or name == "hyper":
        raise InputError(
            f"{name!r} cannot be the name of {what}",
            "use up to 64 letters, digits, '_', '.' or '-', beginning with a letter; 'hyper' is taken",
        )
    return name


def check_node(node: Any, where: str) -> Node:
    """Refuses what cannot stand for a piece of network."""
    if isinstance(node, Node):
        return node
    raise InputError(f"{where} is {node!r:.100}", "a piece of network is needed, such as op('conv', kernel=3)")


def check_whole(number: Any, where: str, lo: int, hi: int) -> int:
    """A whole number within bounds."""
    if isinstance(number, bool) or not isinstance(number, int) or not lo <= number <= hi:
        raise InputError(f"{where} is {number!r}", f"use a whole number from {lo} to {hi:,}")
    return number
