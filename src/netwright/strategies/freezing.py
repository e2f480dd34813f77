"""A strategy's state as plain data and back, so that a search of a million trials goes on without telling it all again.

Whatever is made of netwright's own classes, plain containers, numbers and arrays can be frozen. What is thawed is built
of these classes attribute by attribute; nothing that the data name is called or evaluated.
"""

from __future__ import annotations

import base64
import importlib
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from netwright.errors import NetwrightError
from netwright.space import Architecture, Space
from netwright.strategies.base import Problem
from netwright.strategies.memory import Remaining

_SETS: dict[str, type[Any]] = {"set": set, "frozenset": frozenset, "tuple": tuple, "list": list}
_MAPS: dict[str, type[Any]] = {"dict": dict, "counter": Counter, "ordered": OrderedDict, "proxy": dict}
_MAP_NAMES: dict[type[Any], str] = {dict: "dict", Counter: "counter", OrderedDict: "ordered", MappingProxyType: "proxy"}
_OURS = tuple(f"netwright.{part}" for part in ("objectives", "predictors", "space", "strategies", "trial"))
"""Where the classes are that a state may be made of."""


class Unfreezable(NetwrightError):
    """The state holds what plain data cannot: the search will have to be told from its log."""


def freeze(state: Any, problem: Problem) -> Any:
    """The state as lists, dicts with text for keys, texts and numbers (which may be NaN). Raises Unfreezable."""
    return _Freezer(problem).plain(state)


def thaw(data: Any, problem: Problem) -> Any:
    """The state of frozen data, for the same problem. Raises NetwrightError for what `freeze` did not write."""
    try:
        return _Thawer(problem).living(data)
    except (KeyError, TypeError, ValueError, AttributeError, ImportError) as error:
        raise NetwrightError(f"the frozen state cannot be read: {error}") from error


class _Freezer:
    """Of one state. What occurs twice is written once, so that it is one thing again afterwards."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._numbers: dict[int, int] = {}
        self._kept: list[Any] = []

    def plain(self, value: Any) -> Any:
        if value is None or isinstance(value, (bool, str)):
            return value
        if isinstance(value, (int, float, np.generic)):
            return value if type(value) in (int, float) else self._scalar(value)
        if value is self._problem:
            return {"is": "problem"}
        if isinstance(value, tuple) and type(value) is tuple:
            return {"is": "tuple", "of": self._items(value)}
        if (known := self._numbers.get(id(value))) is not None:
            return {"is": "same", "as": known}
        number = self._numbers[id(value)] = len(self._numbers)
        self._kept.append(value)
        return {"id": number, **self._thing(value)}

    def _thing(self, value: Any) -> dict[str, Any]:
        if type(value) in (set, frozenset, list):
            return {"is": type(value).__name__, "of": self._items(value)}
        if type(value) is deque:
            return {"is": "deque", "of": self._items(value), "most": value.maxlen}
        if (name := _MAP_NAMES.get(type(value))) is not None:
            return {"is": name, "of": [[self.plain(key), self.plain(item)] for key, item in value.items()]}
        if isinstance(value, np.ndarray) and value.dtype.kind in "bifu":
            text = base64.b64encode(np.ascontiguousarray(value).tobytes()).decode()
            return {"is": "array", "dtype": value.dtype.str, "shape": list(value.shape), "of": text}
        if isinstance(value, Remaining):
            return {"is": "remaining"}
        if isinstance(value, Architecture) and value.space.name == self._problem.space.name:
            return {"is": "architecture", "of": self.plain(dict(value.choices))}
        if isinstance(value, slice):
            return {"is": "slice", "of": [value.start, value.stop, value.step]}
        if isinstance(value, Space):
            return {"is": self._space(value)}
        if isinstance(value, type) and value.__module__.startswith(_OURS):
            return {"is": "class", "of": _name(value)}
        if type(value).__module__.startswith(_OURS):
            parts = {name: self.plain(getattr(value, name)) for name in _attributes(value)}
            return {"is": _name(type(value)), "of": parts}
        raise Unfreezable(f"a {type(value).__name__} cannot be frozen")

    def _space(self, space: Space) -> str:
        if space is self._problem.space:
            return "space"
        if space.root is self._problem.space.root and not space.constraints:
            return "free space"
        raise Unfreezable(f"the space {space.name!r} is another one than the search's")

    def _items(self, values: Any) -> list[Any]:
        if all(type(value) is str for value in values):
            return list(values)
        return [self.plain(value) for value in values]

    def _scalar(self, value: Any) -> dict[str, Any]:
        if not isinstance(value, np.generic) or value.dtype.kind not in "bifu":
            raise Unfreezable(f"a {type(value).__name__} cannot be frozen")
        return {"is": "scalar", "dtype": value.dtype.str, "of": value.item()}


class _Thawer:
    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._things: dict[int, Any] = {}
        self._makers: dict[str, Callable[[Mapping[str, Any]], Any]] = {
            "problem": lambda _: problem,
            "same": lambda data: self._things[data["as"]],
            "remaining": lambda _: Remaining(problem.space.enumerate),
            "architecture": lambda data: Architecture(problem.space, self.living(data["of"])),
            "deque": lambda data: deque(map(self.living, data["of"]), data["most"]),
            "scalar": lambda data: np.dtype(data["dtype"]).type(data["of"]),
            "array": _array,
            "slice": lambda data: slice(*data["of"]),
            "space": lambda _: problem.space,
            "free space": lambda _: problem.space.free,
            "class": lambda data: _class(data["of"]),
            **{name: self._collection(kind) for name, kind in _SETS.items()},
            **{name: self._mapping(kind) for name, kind in _MAPS.items()},
        }

    def living(self, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        make = self._makers.get(data["is"])
        value = self._instance(data) if make is None else make(data)
        if "id" in data:
            self._things[data["id"]] = value
        return value

    def _collection(self, kind: type[Any]) -> Callable[[Mapping[str, Any]], Any]:
        return lambda data: kind(map(self.living, data["of"]))

    def _mapping(self, kind: type[Any]) -> Callable[[Mapping[str, Any]], Any]:
        return lambda data: kind((self.living(key), self.living(item)) for key, item in data["of"])

    def _instance(self, data: Mapping[str, Any]) -> Any:
        kind, parts = _class(data["is"]), data["of"]
        if is_dataclass(kind) and {field.name for field in fields(kind)} != set(parts):
            raise NetwrightError(f"{data['is']!r} has other fields now")
        value = object.__new__(kind)
        for name, part in parts.items():
            object.__setattr__(value, name, self.living(part))
        return value


def _attributes(value: Any) -> list[str]:
    return [field.name for field in fields(value)] if is_dataclass(value) else list(vars(value))


def _name(kind: type[Any]) -> str:
    return f"{kind.__module__}:{kind.__qualname__}"


def _class(name: str) -> type[Any]:
    """The class of a name. Raises NetwrightError for one that is none of those a state is made of."""
    module, _, of = name.partition(":")
    if not module.startswith(_OURS):
        raise NetwrightError(f"{name!r} is none of the classes that a state is made of")
    kind = getattr(importlib.import_module(module), of)
    if not isinstance(kind, type) or kind.__module__ != module:
        raise NetwrightError(f"{name!r} is no class")
    return kind


def _array(data: Mapping[str, Any]) -> np.ndarray:
    flat = np.frombuffer(base64.b64decode(data["of"]), dtype=np.dtype(data["dtype"]))
    return flat.reshape(data["shape"]).copy()
