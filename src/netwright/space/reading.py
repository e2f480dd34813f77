"""Reads the plain-data form of a space. The data may come from anyone: whatever is not exactly as expected is refused
with the path to it, and nothing in it is ever run or imported."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from netwright.errors import InputError, unknown
from netwright.space import marks, nodes, values
from netwright.space.plain import SCHEMA
from netwright.space.weigh import DEEPEST, MOST_OPERATIONS

_LARGEST_FILE = 16 * 2**20
_KEYS: dict[str, frozenset[str]] = {
    "choice": frozenset({"name"}),
    "integer": frozenset({"step", "name"}),
    "real": frozenset({"log", "name"}),
    "subset": frozenset({"k", "name"}),
    "scale": frozenset({"factor", "step"}),
    "chain": frozenset(),
    "repeat": frozenset({"times", "share"}),
    "parallel": frozenset({"merge"}),
    "dag": frozenset({"edge", "node", "inputs", "merge", "output", "entries", "entry_edge"}),
    "optional": frozenset(),
    "tied": frozenset({"node"}),
    "mark": frozenset(),
    "recall": frozenset(),
    "rule": frozenset(),
    "grammar": frozenset({"rules", "depth"}),
}
_KINDS = ("op", *_KEYS)


def from_dict(data: Any) -> tuple[Any, str, dict[str, Any]]:
    """Root, name and hyperparameters of a space in plain form."""
    _mapping(data, "the space", {"schema", "name", "root", "hyper"})
    if data.get("schema", SCHEMA) != SCHEMA:
        raise InputError(f"the space has schema {data['schema']!r}", f"this version reads schema {SCHEMA}")
    if "root" not in data:
        raise InputError("the space has no root", "put the network under 'root'")
    reader = _Reader()
    hyper = _mapping(data.get("hyper", {}), "hyper", None)
    root = reader.read(data["root"], "root")
    return root, data.get("name", ""), {key: reader.read(value, f"hyper/{key}") for key, value in hyper.items()}


def read(path: Path) -> Any:
    """The plain data in a YAML or JSON file."""
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise InputError(f"{path} is larger than 16 MiB", "a space is a small file")
        text = path.read_text(encoding="utf-8")
        return json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror})", "check the path") from error
    except (ValueError, yaml.YAMLError, RecursionError) as error:
        line = " ".join(str(error).split()) or "nested too deep"
        raise InputError(f"{path} is no valid YAML or JSON ({line})", "correct the file") from error


class _Reader:
    """Builds nodes from the leaves up; counts what it has seen and where it stands."""

    def __init__(self) -> None:
        self._seen = 0
        self._open: list[int] = []

    def read(self, data: Any, path: str) -> Any:
        """A node, a value node or a plain value."""
        self._seen += 1
        if self._seen > MOST_OPERATIONS:
            raise InputError(f"{path}: the space holds more than {MOST_OPERATIONS:,} nodes", "use repeat")
        if not isinstance(data, (dict, list, tuple)):
            return _scalar(data, path)
        if id(data) in self._open:
            raise InputError(f"{path} contains itself", "a space is a tree; for recursion use grammar and rule")
        if len(self._open) >= 2 * DEEPEST:
            raise InputError(f"{path} is nested deeper than {DEEPEST}", "flatten it")
        self._open.append(id(data))
        result = self._node(data, path) if isinstance(data, dict) else self._items(data, path)
        self._open.pop()
        return result

    def _items(self, data: Any, path: str) -> tuple[Any, ...]:
        if not isinstance(data, (list, tuple)):
            raise InputError(f"{path} is {data!r:.60}", "a list is needed here")
        return tuple(self.read(item, f"{path}/{i}") for i, item in enumerate(data))

    def _node(self, data: dict[Any, Any], path: str) -> Any:
        kinds = [kind for kind in _KINDS if kind in data]
        if not all(isinstance(key, str) for key in data) or not kinds:
            keys = ", ".join(sorted(map(repr, data)))
            raise InputError(f"{path}: a node with the keys {keys:.100} is unknown", f"use one of {', '.join(_KINDS)}")
        kind = "op" if "op" in kinds else kinds[0]
        if kind != "op":
            for key in data.keys() - _KEYS[kind] - {kind}:
                raise InputError(
                    f"{path}: a {kind} has no key {key!r}", f"it has {', '.join(sorted(_KEYS[kind])) or 'none'}"
                )
        try:
            return getattr(self, f"_{kind}")(data, path)
        except InputError as error:
            raise _located(error, path) from error

    def _part(self, data: dict[str, Any], key: str, path: str) -> Any:
        if key not in data:
            raise InputError(f"{path}: {key!r} is missing", "add it")
        return self.read(data[key], f"{path}/{key}")

    def _op(self, data: dict[str, Any], path: str) -> Any:
        attrs = {key: self.read(value, f"{path}/{key}") for key, value in data.items() if key != "op"}
        return nodes.op(data["op"], **attrs)

    def _choice(self, data: dict[str, Any], path: str) -> Any:
        return values.choice(*self._items(data["choice"], path), name=data.get("name"))

    def _integer(self, data: dict[str, Any], path: str) -> Any:
        lo, hi = _pair(data["integer"], path)
        return values.integer(lo, hi, data.get("step", 1), data.get("name"))

    def _real(self, data: dict[str, Any], path: str) -> Any:
        lo, hi = _pair(data["real"], path)
        return values.real(lo, hi, data.get("log", False), data.get("name"))

    def _subset(self, data: dict[str, Any], path: str) -> Any:
        return values.subset(self._items(data["subset"], path), self._part(data, "k", path), data.get("name"))

    def _scale(self, data: dict[str, Any], path: str) -> Any:
        factor = self._part(data, "factor", path)
        return values.scale(self._part(data, "scale", path), factor, data.get("step", 1))

    def _chain(self, data: dict[str, Any], path: str) -> Any:
        items = data["chain"]
        if isinstance(items, dict):
            labelled = _mapping(items, path, None)
            return nodes.labelled_chain({key: self.read(value, f"{path}/{key}") for key, value in labelled.items()})
        return nodes.chain(*self._items(items, path))

    def _repeat(self, data: dict[str, Any], path: str) -> Any:
        block = self._part(data, "repeat", path)
        return nodes.repeat(block, self._part(data, "times", path), data.get("share", False))

    def _parallel(self, data: dict[str, Any], path: str) -> Any:
        merge: Any = self._part(data, "merge", path) if "merge" in data else "sum"
        return nodes.parallel(*self._items(data["parallel"], path), merge=merge)

    def _dag(self, data: dict[str, Any], path: str) -> Any:
        inside: dict[str, Any] = {
            key: self._part(data, key, path) for key in ("edge", "node", "inputs", "entry_edge") if key in data
        }
        if "entries" in data:
            inside["entries"] = self._items(data["entries"], f"{path}/entries")
        options = {key: data[key] for key in ("merge", "output") if key in data}
        return nodes.dag(data["dag"], **inside, **options)

    def _optional(self, data: dict[str, Any], path: str) -> Any:
        return nodes.optional(self._part(data, "optional", path))

    def _tied(self, data: dict[str, Any], path: str) -> Any:
        return nodes.tied(data["tied"], self._part(data, "node", path))

    def _mark(self, data: dict[str, Any], path: str) -> Any:
        return marks.mark(data["mark"])

    def _recall(self, data: dict[str, Any], path: str) -> Any:
        return marks.recall(data["recall"])

    def _rule(self, data: dict[str, Any], path: str) -> Any:
        return nodes.rule(data["rule"])

    def _grammar(self, data: dict[str, Any], path: str) -> Any:
        rules = _mapping(data.get("rules", {}), f"{path}/rules", None)
        bodies = {name: self.read(body, f"{path}/rules/{name}") for name, body in rules.items()}
        return nodes.grammar(self._part(data, "grammar", path), bodies, data.get("depth", 0))


def _scalar(data: Any, path: str) -> Any:
    if data is None or isinstance(data, (str, bool, int, float)):
        return data
    raise InputError(f"{path} is a {type(data).__name__}", "use text, numbers, true/false, null, lists or nodes")


def _mapping(data: Any, path: str, keys: set[str] | None) -> Mapping[str, Any]:
    if not isinstance(data, Mapping) or not all(isinstance(key, str) for key in data):
        raise InputError(f"{path} is {data!r:.60}", "a mapping with names as keys is needed here")
    for key in data:
        if keys is not None and key not in keys:
            raise unknown(f"key of {path}", key, keys)
    return data


def _pair(data: Any, path: str) -> tuple[Any, Any]:
    if not isinstance(data, (list, tuple)) or len(data) != 2:
        raise InputError(f"{path} is {data!r:.60}", "give [lowest, highest]")
    return data[0], data[1]


def _located(error: InputError, path: str) -> InputError:
    """The error with the path in front, once."""
    return (
        error if error.problem.startswith(("root", "hyper/")) else InputError(f"{path}: {error.problem}", error.way_out)
    )
