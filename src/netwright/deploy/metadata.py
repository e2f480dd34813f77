"""architecture.json: everything about a saved network but its weights, as plain data that is checked when read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import metadata as packages
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netwright.deploy.preparation import check_prepare
from netwright.errors import InputError
from netwright.operations import Signature
from netwright.space import OpGraph, OpNode
from netwright.tasks.answers import Answer, answer_of
from netwright.tasks.nodes import KIND as NODES

if TYPE_CHECKING:
    from netwright.tasks import Task

FILE = "architecture.json"
SCHEMA = "netwright.network/1"
LARGEST = 64 * 2**20
"""Bytes of the largest architecture.json that is read."""
_PLAIN = (str, int, float, bool, type(None))


@dataclass(frozen=True)
class Metadata:
    """What a saved network is.

    graph: its operations; signature: what it takes and gives; name, kind, classes, prepare: of the task it was trained
    on (see `netwright.tasks.Task`); sha256: of the weights' file, in hex; further: anything else, as plain data.
    """

    graph: OpGraph
    signature: Signature
    name: str
    kind: str
    prepare: Mapping[str, Any]
    classes: tuple[str, ...] = ()
    sha256: str = ""
    further: Mapping[str, Any] = field(default_factory=dict)

    @property
    def images(self) -> bool:
        """Does the network take images, uint8 (N, C, H, W)?"""
        return self.signature.form == "image"

    @property
    def rows(self) -> bool:
        """Does a file to predict on hold several examples, such as the rows of a table or the lines of a text?"""
        return not self.images and self.prepare.get("unit") != "file"

    @property
    def nodes(self) -> bool:
        """Does the network take numbers of a graph's nodes, int64 (N, 1)?"""
        return self.kind == NODES

    @property
    def takes(self) -> tuple[int, ...]:
        """The shape of one example as the network is given it."""
        return (1,) if self.nodes else self.signature.inputs

    @property
    def dtype(self) -> str:
        """numpy's name for the numbers of an example."""
        return "int64" if self.nodes else self.signature.stored

    @property
    def answer(self) -> Answer:
        """What the network's outputs mean."""
        return answer_of(self.signature.kind)

    @property
    def regression(self) -> bool:
        return self.signature.kind == "regression"

    @property
    def own_classes(self) -> list[str]:
        """Names of the user's own module classes that the network is made of."""
        return sorted({str(node.attrs.get("name", "")) for node in self.graph.nodes if node.op == "module"})

    @classmethod
    def of(cls, graph: OpGraph, task: Task, sha256: str = "", further: Mapping[str, Any] | None = None) -> Metadata:
        return cls(graph, task.signature, task.name, task.kind, task.prepare, task.classes, sha256, dict(further or {}))

    def to_json(self) -> str:
        """The text of architecture.json."""
        data = {
            "schema": SCHEMA,
            "netwright": _version(),
            "name": self.name,
            "kind": self.kind,
            "signature": self.signature.to_dict(),
            "classes": list(self.classes),
            "prepare": self.prepare,
            "graph": _graph_to_dict(self.graph),
            "weights": {"sha256": self.sha256},
            "further": self.further,
        }
        return json.dumps(data, indent=1)

    @classmethod
    def read(cls, path: Path) -> Metadata:
        """What `to_json` wrote. Raises InputError naming the file, and the field that is missing or cannot be."""
        data = _read_json(path)
        try:
            _check_schema(data.get("schema"))
            signature = Signature.from_dict(data["signature"])
            classes = _classes(data["classes"], signature)
            check_prepare(data["prepare"], signature, str(data["kind"]))
            return cls(
                graph=_graph_from_dict(data["graph"]),
                signature=signature,
                name=str(data["name"]),
                kind=str(data["kind"]),
                prepare=data["prepare"],
                classes=classes,
                sha256=str(data["weights"]["sha256"]),
                further=dict(data["further"]),
            )
        except InputError as error:
            raise InputError(f"{path}: {error.problem}", error.way_out) from None
        except KeyError as error:
            raise InputError(f"{path}: {error.args[0]!r} is missing", "copy the file again") from None
        except (TypeError, ValueError, AttributeError) as error:
            raise InputError(f"{path} is damaged ({error})", "copy the file again") from None


def _version() -> str | None:
    try:
        return packages.version("netwright")
    except packages.PackageNotFoundError:
        return None


def _read_json(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > LARGEST:
            raise InputError(f"{path} is larger than {LARGEST >> 20} MiB", "that is no network's architecture")
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}", "give a folder with a saved network") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is damaged ({error})", "copy the file again") from None
    if not isinstance(data, dict):
        raise InputError(f"{path} describes no network", "give a folder with a saved network")
    return data


def _check_schema(schema: Any) -> None:
    if schema != SCHEMA:
        raise InputError(f"its schema is {schema!r}", f"this version reads {SCHEMA!r}")


def _classes(given: Any, signature: Signature) -> tuple[str, ...]:
    if not isinstance(given, list) or not all(isinstance(name, str) for name in given):
        raise InputError("classes are not a list of names", "copy the file again")
    expected = signature.outputs if answer_of(signature.kind).classes else 0
    if len(given) != expected:
        raise InputError(f"{len(given)} classes do not fit {signature.outputs} outputs", "copy the file again")
    return tuple(given)


def _graph_to_dict(graph: OpGraph) -> dict[str, Any]:
    nodes = [
        {"name": n.name, "op": n.op, "attrs": dict(n.attrs), "inputs": list(n.inputs), "weights": n.weights}
        for n in graph.nodes
    ]
    return {"nodes": nodes, "output": graph.output}


def _graph_from_dict(data: Any) -> OpGraph:
    nodes = tuple(_node(index, node) for index, node in enumerate(data["nodes"]))
    if type(data["output"]) is not int:
        raise InputError(f"the graph's output is {data['output']!r}", "copy the file again")
    return OpGraph(nodes, data["output"])


def _node(index: int, data: Any) -> OpNode:
    words = [data[key] for key in ("name", "op", "weights")]
    attrs, inputs = data["attrs"], data["inputs"]
    plain = isinstance(attrs, dict) and all(isinstance(value, _PLAIN) for value in attrs.values())
    if not plain or not all(isinstance(word, str) for word in words) or not all(type(i) is int for i in inputs):
        raise InputError(f"node {index} of the graph is not one", "copy the file again")
    return OpNode(words[0], words[1], attrs, tuple(inputs), words[2])
