"""Things with settings that users ask for by name: strategies, training policies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from netwright.errors import InputError, unknown

T = TypeVar("T")


def named(what: str, name: str, known: Mapping[str, type[T]], settings: Mapping[str, Any]) -> T:
    """One of some dataclasses, with its settings. InputError with the nearest name, or with what is wrong in a setting.

    what: what they are called, for errors.
    """
    if name not in known:
        raise unknown(what, name, known)
    kinds = settings_of(known[name])
    for setting in settings:
        if setting not in kinds:
            raise unknown(f"setting of {name}", setting, kinds)
    return known[name](**{one: _checked(f"{one} of {name}", value, kinds[one]) for one, value in settings.items()})


def settings_of(kind: type[Any]) -> dict[str, Any]:
    """Setting -> its type, for a dataclass."""
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}


def _checked(label: str, value: Any, kind: Any) -> Any:
    """InputError where a value is not of a setting's type; whole numbers pass for real ones, booleans for none, lists
    for tuples."""
    if get_origin(kind) is tuple:
        parts = get_args(kind)
        if not isinstance(value, list | tuple) or len(value) != len(parts):
            raise InputError(f"{label} must be {len(parts)} values", f"got {value!r}")
        return tuple(_checked(label, one, part) for one, part in zip(value, parts, strict=True))
    allowed = get_args(kind) or (kind,)
    number = type(value) is int and float in allowed
    if not number and type(value) not in allowed:
        names = " or ".join("nothing" if one is type(None) else _WORDS.get(one, one.__name__) for one in allowed)
        raise InputError(f"{label} must be {names}", f"got {value!r}")
    return value


_WORDS = {int: "a whole number", float: "a number", bool: "true or false", str: "a text"}
