"""Architectures as arrays for predictors: their decisions, their graph, and what is known of them before training."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Literal
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from netwright.predictors.scale import Scale
from netwright.space import PATH_WIDTH, Architecture, GraphEncoding, Space
from netwright.space.memo import Memo

Floats = NDArray[np.float64]
Rows = tuple[Floats, ...]
"""One array (N, width) for each part, a row for each architecture."""
Part = Literal["decisions", "paths", "subtrees", "scores"]
EVERY: tuple[Part, ...] = ("decisions", "paths", "subtrees", "scores")

SUBTREE_WIDTH = 512
SUBTREE_DEPTH = 2
WIDTHS: Mapping[Part, int] = {"paths": PATH_WIDTH, "subtrees": 2 * SUBTREE_WIDTH}
REFERENCES = 64
"""Random architectures that say what is usual for a score."""


class Encodings:
    """Parts of architectures.

    decisions: one-hot (D,); paths: which operations follow each other (512,); subtrees: how often each neighbourhood of
    up to 2 steps occurs in the graph, with and without attributes (1024,), as in Weisfeiler-Lehman kernels; scores:
    the cheap ones (S,), standardised, 0 where not known, left out where there are none.
    """

    def __init__(
        self,
        space: Space,
        scores: Callable[[Architecture], Mapping[str, float]] | None = None,
        parts: Sequence[Part] = EVERY,
    ) -> None:
        self.parts = tuple(part for part in parts if part != "scores" or scores is not None)
        self._space, self._ask = space, scores
        self._memo = Memo()
        self._scale: Scale | None = None

    def __call__(self, architectures: Sequence[Architecture]) -> Rows:
        """
        >>> from netwright.space import Space, choice, op
        >>> space = Space(op("conv", kernel=choice(1, 3, 5)), "tiny")
        >>> Encodings(space, parts=["decisions"])([space.architecture({"kernel": 1})])[0].tolist()
        [[0.0, 1.0, 0.0]]
        """
        return tuple(self._rows(part, architectures) for part in self.parts)

    def _rows(self, part: Part, architectures: Sequence[Architecture]) -> Floats:
        if part == "scores":
            return self._scores(architectures)
        if part == "decisions":
            return np.stack([self._space.encode(one, "one-hot") for one in architectures]).astype(np.float64)
        rows = np.zeros((len(architectures), WIDTHS[part]))
        for row, one in zip(rows, architectures, strict=True):
            places, values = self._space.memo(part, one.choices, partial(self._sparse, part, one))
            row[places] = values
        return rows

    def _sparse(self, part: Part, architecture: Architecture) -> tuple[NDArray[np.intp], Floats]:
        """The places of a row that are not 0, and what is there: few, so that many rows can be kept."""
        if part == "subtrees":
            row = subtrees(self._space.encode(architecture, "graph"))
        else:
            row = _unit(self._space.encode(architecture, "path").astype(np.float64))
        places = np.flatnonzero(row)
        return places, row[places]

    def _scores(self, architectures: Sequence[Architecture]) -> Floats:
        if self._scale is None:
            rng = np.random.default_rng(0)
            self._scale = Scale(np.stack([self._asked(self._space.sample(rng)) for _ in range(REFERENCES)]))
        return self._scale(np.stack([self._asked(one) for one in architectures]))

    def _asked(self, architecture: Architecture) -> Floats:
        return self._memo("scores", architecture.choices, partial(self._fresh, architecture))

    def _fresh(self, architecture: Architecture) -> Floats:
        values = self._ask(architecture).values() if self._ask is not None else ()
        return np.array([float(value) for value in values])


def subtrees(graph: GraphEncoding) -> Floats:
    """(1024,) How often each subtree of depth 0 to 2 occurs, hashed into 512 places: first with attributes, then by
    operations alone. Each half has length 1."""
    sources = [np.flatnonzero(column).tolist() for column in graph.adjacency.T]
    return np.concatenate([_unit(_counts(labels, sources)) for labels in (graph.labels, graph.operations)])


def _counts(labels: Iterable[str], sources: Sequence[Sequence[int]]) -> Floats:
    counts = np.zeros(SUBTREE_WIDTH)
    codes = [crc32(label.encode()) for label in labels]
    for depth in range(SUBTREE_DEPTH + 1):
        if depth:
            below = [sorted(codes[j] for j in feeds) for feeds in sources]
            codes = [crc32(repr((code, feeds)).encode()) for code, feeds in zip(codes, below, strict=True)]
        np.add.at(counts, np.array(codes) % SUBTREE_WIDTH, 1.0)
    return counts


def _unit(rows: Floats) -> Floats:
    length = np.sqrt((rows**2).sum(-1, keepdims=True))
    return np.asarray(rows / np.where(length > 0, length, 1.0))
