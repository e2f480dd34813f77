"""Takes an architecture's choices from outside: complete, possible, and nothing besides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from netwright.errors import InputError, unknown
from netwright.space.decision import Decision, Value
from netwright.space.moves import Choices, trace
from netwright.space.parts import item

if TYPE_CHECKING:
    from netwright.space.space import Space


def validated(space: Space, given: Mapping[str, Any]) -> Choices:
    """The choices in walk order. InputError where one is missing, impossible, or belongs to no active decision."""
    if not isinstance(given, Mapping):
        raise InputError(f"an architecture is {type(given).__name__}", "give a mapping of decision names to values")
    values, _ = trace(space, lambda decision: _value(decision, given))
    for name in given:
        if name not in values:
            raise unknown(f"or inactive decision of space {space.name!r}", str(name), values)
    return values


def _value(decision: Decision, given: Mapping[str, Any]) -> Value:
    if decision.name not in given:
        raise InputError(f"decision {decision.name!r} is missing", f"give it {decision.domain()}")
    value = item(given[decision.name])
    if decision.kind == "subset" and isinstance(value, (list, tuple)):
        value = tuple(item(index) for index in value)
    if not decision.allows(value):
        raise InputError(f"decision {decision.name!r} is {value!r}", f"give it {decision.domain()}")
    settled: Value = float(value) if decision.kind == "real" else value
    return settled
