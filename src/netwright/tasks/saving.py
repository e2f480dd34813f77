"""A task on disk: task.json, and an .npy file for each split's x and y."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import numpy as np

from netwright.errors import InputError
from netwright.operations import Signature
from netwright.tasks.answers import answer_of
from netwright.tasks.examples import NO_ARRAY, Array
from netwright.tasks.nodes import KIND as NODES
from netwright.tasks.nodes import NodeGraph
from netwright.tasks.placing import put
from netwright.tasks.task import Split, Task

SCHEMA = 1
FILE = "task.json"
SPLITS = ("train", "valid", "test")
FEATURES, EDGES = "features.npy", "edges.npy"


def save(task: Task, directory: Path) -> None:
    """Arrays first and task.json last, each moved into place whole."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, split in task.splits.items():
        put(directory / f"{name}_x.npy", _saver(split.x))
        put(directory / f"{name}_y.npy", _saver(split.y))
    if task.graph is not None:
        put(directory / FEATURES, _saver(task.graph.features))
        put(directory / EDGES, _saver(task.graph.edges))
    plain = {
        "schema": SCHEMA,
        "name": task.name,
        "kind": task.kind,
        "signature": task.signature.to_dict(),
        "classes": list(task.classes),
        "metric": task.metric,
        "prepare": task.prepare,
        "augment": task.augment,
        "source": task.source,
        "fingerprint": task.fingerprint,
    }
    text = json.dumps(plain, indent=1)
    put(directory / FILE, lambda file: file.write(text.encode()))


def _saver(array: Array) -> Callable[[IO[bytes]], None]:
    return lambda file: np.save(file, array, allow_pickle=False)


def load(directory: Path) -> Task:
    """Raises InputError for a file that is missing, damaged, or doesn't fit the others."""
    path = directory / FILE
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
        if plain["schema"] != SCHEMA:
            raise InputError(f"{path} has the schema {plain['schema']!r}", f"this version reads schema {SCHEMA}")
        splits = {name: _split(directory, name, plain) for name in SPLITS}
        task = Task(
            name=plain["name"],
            kind=plain["kind"],
            signature=Signature.from_dict(plain["signature"]),
            train=splits["train"],
            valid=splits["valid"],
            test=splits["test"],
            prepare=plain["prepare"],
            metric=plain["metric"],
            classes=tuple(plain["classes"]),
            augment=plain["augment"],
            source=plain["source"],
            graph=_graph(directory) if plain["kind"] == NODES else None,
        )
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}", "give the folder that a task was saved to") from None
    except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError) as error:
        raise InputError(f"{path} is damaged ({type(error).__name__}: {error})", "open the data again") from None
    return task


def _split(directory: Path, name: str, plain: dict[str, Any]) -> Split:
    signature, nodes = Signature.from_dict(plain["signature"]), plain["kind"] == NODES
    x = _array(directory / f"{name}_x.npy", np.dtype("int64" if nodes else signature.stored), mapped=True)
    answer = answer_of(signature.kind)
    y = _array(directory / f"{name}_y.npy", np.dtype(answer.stored), mapped=False)
    sizes = answer.places(signature)
    fit = len(y) == len(x) and y.ndim == 1 + len(sizes)
    fit = fit and all(size in (None, own) for size, own in zip(sizes, y.shape[1:], strict=True))
    if x.shape[1:] != ((1,) if nodes else signature.inputs) or not fit:
        problem = f"{directory}: {name}_x.npy {x.shape} and {name}_y.npy {y.shape} do not fit {FILE}"
        raise InputError(problem, "open the data again")
    return Split(x, y)


def _graph(directory: Path) -> NodeGraph:
    features = _array(directory / FEATURES, np.dtype("float32"), mapped=True)
    return NodeGraph(features, _array(directory / EDGES, np.dtype("int64"), mapped=False))


def _array(path: Path, dtype: np.dtype[Any], mapped: bool) -> Array:
    try:
        array: Array = np.load(path, mmap_mode="r" if mapped else None, allow_pickle=False)
    except FileNotFoundError:
        raise InputError(f"{path} is missing", "open the data again") from None
    except (OSError, *NO_ARRAY) as error:
        raise InputError(f"{path} is damaged ({error})", "open the data again") from None
    if array.dtype != dtype:
        raise InputError(f"{path} holds {array.dtype} instead of {dtype}", "open the data again")
    return array
