"""Nodes of a graph with features, edges between them, and labels to predict: one graph, of which a split is some nodes.

Every split's x holds the numbers of its nodes (N, 1); features and edges of the whole graph belong to the task, as in
Kipf & Welling 2017, https://arxiv.org/abs/1609.02907: the labels of other splits stay hidden, their features do not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from netwright.errors import InputError
from netwright.operations import Signature
from netwright.tasks import targets
from netwright.tasks.examples import Array, Part
from netwright.tasks.splits import check_shares, share_of, split

if TYPE_CHECKING:
    from netwright.tasks.task import Task

KIND: Final = "node-classification"
FEWEST_ZEROS = 0.5
"""From this share of zeros on, features that are nowhere negative are taken for counts of words."""


@dataclass(frozen=True, eq=False)
class NodeGraph:
    """features: (N, F) float32, prepared; edges: (2, E) int64, sources and targets, each edge in both directions, no
    node with itself."""

    features: Array
    edges: Array

    def __len__(self) -> int:
        return len(self.features)


@dataclass(frozen=True, eq=False)
class NodeExamples:
    """A graph as a reader found it.

    edges: (E, 2) numbers of nodes; y: (N,) labels, None or NaN where there is none; splits: name -> nodes, as given.
    """

    name: str
    features: Array
    edges: Array
    y: Array
    splits: Mapping[str, Array] = field(default_factory=dict)
    source: Mapping[str, Any] = field(default_factory=dict)
    prepare: Mapping[str, Any] = field(default_factory=dict)
    classes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def make(found: NodeExamples, *, seed: int, valid: float | None, test: float | None) -> Task:
    """Raises InputError when the nodes cannot be learnt from."""
    from netwright.tasks.task import Split, Task

    labels = targets.texts(found.y)
    known = np.flatnonzero([label is not None for label in labels])
    if not len(known):
        raise InputError(f"{found.name}: no node has a label", "label some of the nodes")
    chosen = _splits(found, known, seed, valid, test)
    trained = Part(found.features[chosen["train"]], labels[chosen["train"]], "the training nodes")
    names, classes = targets.class_names(trained.y, found.classes)
    y = {
        split: targets.codes(Part(nodes[:, None], labels[nodes], "the nodes"), names, split)
        for split, nodes in chosen.items()
    }
    splits = {name: Split(nodes[:, None].astype(np.int64), y[name]) for name, nodes in chosen.items()}
    prepare = dict(found.prepare) or fit(found.features, chosen["train"])
    counts = {split: len(nodes) for split, nodes in chosen.items()}
    given = "as given" if {"train", "valid", "test"} <= set(found.splits) else f"stratified, seed {seed}"
    both, warnings = undirected(found.edges)
    features = apply(found.features, prepare)
    unlabelled = len(features) - sum(counts.values())
    further = [f"{unlabelled} of {len(features)} nodes are in no split: only their features count"] * (unlabelled > 0)
    return Task(
        name=found.name,
        kind=KIND,
        signature=Signature((features.shape[1],), len(classes)),
        train=splits["train"],
        valid=splits["valid"],
        test=splits["test"],
        prepare=prepare | {"nodes": True},
        metric="accuracy",
        classes=classes,
        source={
            **found.source,
            "counts": counts,
            "split": given,
            "nodes": len(features),
            "edges": both.shape[1] // 2,
            "warnings": [*found.warnings, *warnings, *further],
        },
        graph=NodeGraph(features, both),
    )


def _splits(found: NodeExamples, known: Array, seed: int, valid: float | None, test: float | None) -> dict[str, Array]:
    """The nodes of each split: those given, the rest of the labelled ones drawn by class."""
    chosen = {name: np.asarray(nodes, dtype=np.int64) for name, nodes in found.splits.items()}
    _check_apart(chosen, len(found.y))
    missing = [name for name in ("valid", "test") if name not in chosen]
    if "train" in chosen and not missing:
        return {name: chosen[name] for name in ("train", "valid", "test")}
    others = np.concatenate([*chosen.values(), np.zeros(0, np.int64)]) if "train" not in chosen else np.zeros(0)
    pool = chosen.get("train", np.setdiff1d(known, others))
    shares = {"valid": share_of(len(pool), valid), "test": share_of(len(pool), test)}
    check_shares(shares["valid"], shares["test"])
    _, codes = np.unique(targets.texts(found.y)[pool].astype(str), return_inverse=True)
    parts = split(codes, [shares[name] for name in missing], [str(code) for code in range(codes.max() + 1)], seed)
    drawn = dict(zip(("train", *missing), (pool[part] for part in parts), strict=True))
    return {name: drawn.get(name, chosen.get(name)) for name in ("train", "valid", "test")}  # type: ignore[misc]


def _check_apart(chosen: Mapping[str, Array], nodes: int) -> None:
    """Raises InputError for nodes that do not exist or are in two splits."""
    seen: dict[int, str] = {}
    for name, members in chosen.items():
        if not len(members):
            raise InputError(f"the {name} split has no nodes", "give some, or leave it out")
        wrong = members[(members < 0) | (members >= nodes)]
        if len(wrong):
            raise InputError(f"the {name} split has node {wrong[0]}", f"there are nodes 0 to {nodes - 1}")
        for node in members.tolist():
            if node in seen:
                raise InputError(f"node {node} is in the {seen[node]} and in the {name} split", "let it be in one")
            seen[node] = name


def checked_edges(edges: Any, nodes: int, origin: str, places: Sequence[int] | None = None) -> Array:
    """(E, 2) int64 from (E, 2) or (2, E). places: line of each edge, for messages. Raises InputError."""
    array = np.asarray(edges)
    if array.ndim == 2 and array.shape[1] != 2 and array.shape[0] == 2:
        array = array.T
    if array.ndim != 2 or array.shape[1] != 2:
        raise InputError(f"{origin} has the shape {array.shape}", "give the two nodes of each edge: (E, 2)")
    if array.dtype.kind not in "iu" and not np.equal(np.mod(array, 1), 0).all():
        raise InputError(f"{origin} holds {array.dtype}", "give whole numbers of nodes")
    whole = array.astype(np.int64)
    wrong = np.flatnonzero(((whole < 0) | (whole >= nodes)).any(1))
    if len(wrong):
        place = f"line {places[wrong[0]]}" if places is not None else f"edge {wrong[0]}"
        pair = whole[wrong[0]].tolist()
        raise InputError(f"{origin}, {place}: {pair} names a node that is not there", f"nodes are 0 to {nodes - 1}")
    return whole


def undirected(edges: Array) -> tuple[Array, list[str]]:
    """(2, E) with every edge once in both directions, and what was dropped."""
    loops = edges[:, 0] == edges[:, 1]
    kept = edges[~loops]
    both = np.unique(np.concatenate([kept, kept[:, ::-1]]), axis=0)
    lines = [f"{int(loops.sum())} edges of a node with itself are left out"] if loops.any() else []
    if not len(both):
        raise InputError("the graph has no edges", "without any, use a table")
    return np.ascontiguousarray(both.T), lines


def fit(features: Array, train: Array) -> dict[str, Any]:
    """How raw features become numbers, as plain data: counts of words as shares of the row, others standardised."""
    values = np.asarray(features, dtype=np.float64)
    if not np.isfinite(values).all():
        node = int(np.flatnonzero(~np.isfinite(values).all(1))[0])
        raise InputError(f"node {node} has a feature that is missing or infinite", "fill it in")
    if values.min() >= 0 and (values == 0).mean() >= FEWEST_ZEROS:
        return {"features": "shares"}
    mean, std = values[train].mean(0), values[train].std(0)
    return {"features": "standard", "mean": mean.tolist(), "std": np.where(std > 0, std, 1.0).tolist()}


def apply(features: Array, prepare: Mapping[str, Any]) -> Array:
    """(N, F) float32. Raises InputError for another number of features."""
    if prepare["features"] == "ready":
        return np.asarray(features, dtype=np.float32)
    values = np.asarray(features, dtype=np.float64)
    if prepare["features"] == "shares":
        sums = values.sum(1, keepdims=True)
        shares: Array = np.divide(values, sums, out=np.zeros_like(values), where=sums != 0).astype(np.float32)
        return shares
    mean, std = np.array(prepare["mean"]), np.array(prepare["std"])
    if values.shape[1:] != mean.shape:
        raise InputError(f"nodes have {values.shape[1]} features", f"there were {len(mean)} in training")
    scaled: Array = np.clip((values - mean) / std, -20, 20).astype(np.float32)
    return scaled
