"""Graphs: an .npz with features, edges and labels, or a folder with nodes.csv and edges.csv."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from netwright.errors import InputError
from netwright.tasks import digest, tables
from netwright.tasks.examples import Array, Table, listed
from netwright.tasks.nodes import NodeExamples, NodeGraph, apply, checked_edges, undirected
from netwright.tasks.readers import csv
from netwright.tasks.readers.arrays import target_of
from netwright.tasks.readers.npz import opened
from netwright.tasks.targets import labels

FEATURES, EDGES, LABELS = ("x", "features", "attr"), ("edges", "edge_index"), ("y", "labels", "label")
SPLITS = {"train": ("train",), "valid": ("val", "valid", "validation"), "test": ("test",)}
NODES_FILE, EDGES_FILE = "nodes.csv", "edges.csv"
ID = "id"


def is_graph(path: Path) -> bool:
    """Whether an .npz file or a folder holds a graph."""
    if path.is_dir():
        return (path / NODES_FILE).is_file() and (path / EDGES_FILE).is_file()
    with opened(path) as archive:
        return any(name in archive for name in EDGES)


def read(path: Path, target: str | None, name: str) -> NodeExamples:
    """Raises InputError naming the file, and the array or line, that cannot be used."""
    return _read_folder(path, target, name) if path.is_dir() else _read_npz(path, name)


def _read_npz(path: Path, name: str) -> NodeExamples:
    with opened(path) as archive:
        features = _features(archive, path)
        y = _one(archive, LABELS, path, "labels")
        edges = checked_edges(_one(archive, EDGES, path, "edges"), len(features), f"{path}: the edges")
        splits = {split: found for split, words in SPLITS.items() if (found := _nodes(archive, words)) is not None}
    if len(y) != len(features):
        raise InputError(f"{path}: {len(features)} nodes have features and {len(y)} labels", "give one label each")
    known = labels(np.where(np.asarray(y) < 0, np.nan, y) if np.asarray(y).dtype.kind in "if" else y)
    source = {"origin": str(path), "sha256": digest.of_file(path)}
    return NodeExamples(name, features, edges, known, splits, source)


def read_unlabelled(path: Path, prepare: Mapping[str, Any]) -> NodeGraph:
    """A graph for a network that has learnt in another one, or in this. Raises InputError."""
    if not path.exists() or not (path.is_dir() or path.suffix.lower() == ".npz") or not is_graph(path):
        raise InputError(
            f"{path} holds no graph", f"give an .npz with features and edges, or {NODES_FILE} and {EDGES_FILE}"
        )
    if path.is_dir():
        whole = csv.read_table(path / NODES_FILE)
        edges = read_edges(path, whole)
        if prepare["features"] != "ready":
            raise InputError(f"{path}: the network was not trained on nodes in CSV files", "give an .npz")
        features = tables.apply(whole, prepare["columns"])
    else:
        with opened(path) as archive:
            features = _features(archive, path)
            edges = checked_edges(_one(archive, EDGES, path, "edges"), len(features), f"{path}: the edges")
    return NodeGraph(apply(features, prepare), undirected(edges)[0])


def _one(archive: Mapping[str, Array], names: tuple[str, ...], path: Path, what: str) -> Array:
    found = next((name for name in names if name in archive), None)
    if found is None:
        raise InputError(f"{path}: no {what} of nodes", f"name them {names[0]}; it has {listed(sorted(archive))}")
    return np.asarray(archive[found])


def _features(archive: Mapping[str, Array], path: Path) -> Array:
    """Dense, or sparse in compressed rows as x_data, x_indices, x_indptr, x_shape."""
    stem = next((name for name in FEATURES if f"{name}_indptr" in archive), None)
    if stem is None:
        dense = _one(archive, FEATURES, path, "features")
        if dense.ndim != 2 or dense.dtype.kind not in "biuf":
            raise InputError(f"{path}: the features have the shape {dense.shape}", "give numbers: (nodes, features)")
        return dense
    from scipy.sparse import csr_matrix

    try:
        parts = tuple(archive[f"{stem}_{part}"] for part in ("data", "indices", "indptr"))
        whole = csr_matrix(parts, shape=tuple(archive[f"{stem}_shape"]))
        whole.check_format()
    except (KeyError, ValueError, IndexError) as error:
        raise InputError(
            f"{path}: {stem} is no sparse matrix ({error})", "save data, indices, indptr and shape"
        ) from None
    return np.asarray(whole.toarray())


def _nodes(archive: Mapping[str, Array], words: tuple[str, ...]) -> Array | None:
    for word in words:
        if f"{word}_mask" in archive:
            return np.flatnonzero(archive[f"{word}_mask"])
        if f"{word}_idx" in archive:
            return np.asarray(archive[f"{word}_idx"])
    return None


def _read_folder(path: Path, target: str | None, name: str) -> NodeExamples:
    whole = csv.read_table(path / NODES_FILE)
    made = target_of(_without(whole, ID), target)
    assert isinstance(made.x, Table)
    encoders, warnings = tables.fit(made.x)
    features, edges = tables.apply(made.x, encoders), read_edges(path, whole)
    source = {"origin": str(path), "target": made.name, "sha256": digest.of_file(path / NODES_FILE)}
    prepare = {"features": "ready", "columns": encoders, "names": list(made.x.columns)}
    return NodeExamples(name, features, edges, made.y, {}, source, prepare, warnings=tuple(warnings))


def read_edges(path: Path, nodes: Table) -> Array:
    """(E, 2) of edges.csv: its first two columns, as values of the nodes' column "id" or numbers of lines from 0."""
    table = csv.read_table(path / EDGES_FILE)
    if len(table.columns) < 2:
        raise InputError(f"{path / EDGES_FILE} has one column", "give two: the nodes of each edge")
    names = nodes.columns.get(ID, np.array([str(place) for place in range(len(nodes))], dtype=object))
    places = {name: place for place, name in enumerate(names.tolist())}
    if len(places) < len(names):
        raise InputError(f"{path / NODES_FILE}: two nodes have the same {ID}", "give each its own")
    first, second = list(table.columns.values())[:2]
    for row, pair in enumerate(zip(first, second, strict=True)):
        strange = next((one for one in pair if one not in places), None) if None not in pair else "nothing"
        if strange is not None:
            raise InputError(
                f"{table.where(row)}: no node is called {strange!r}", f"correct it, or add it to {NODES_FILE}"
            )
    return np.array([[places[one], places[other]] for one, other in zip(first, second, strict=True)], dtype=np.int64)


def _without(table: Table, name: str) -> Table:
    columns = {one: values for one, values in table.columns.items() if one != name}
    return Table(columns, table.origin, table.unit, table.numbers)
