"""What was worked out of an architecture, kept for when the same choices come again: searches look at the same networks
many times."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from netwright.space.decision import Value

T = TypeVar("T")
REMEMBERED = 20_000
"""Architectures, for each kind of thing; the oldest are forgotten first."""


class Memo:
    """The memo of one space, in which the values of an architecture's choices, in walk order, tell it from all others.

    >>> memo = Memo()
    >>> [memo("size", {"width": 3}, lambda: found) for found in (10, 20)]
    [10, 10]
    """

    def __init__(self) -> None:
        self._known: dict[str, dict[tuple[Value, ...], Any]] = {}

    def __call__(self, kind: str, choices: Mapping[str, Value], make: Callable[[], T]) -> T:
        """What `make` gave when these choices first came. kind: what it is of them."""
        known, at = self._known.setdefault(kind, {}), tuple(choices.values())
        if at in known:
            found: T = known[at]
            return found
        made = known[at] = make()
        if len(known) > REMEMBERED:
            del known[next(iter(known))]
        return made
