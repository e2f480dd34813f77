"""What a surrogate is: something that learns from measured architectures what others are worth."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from netwright.predictors import Encodings
from netwright.predictors.encodings import EVERY
from netwright.space import Architecture, GraphEncoding, Space

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Described:
    """N architectures as surrogates see them. parts: arrays (N, width), see `Encodings`; graphs: N of them."""

    parts: tuple[Floats, ...]
    graphs: tuple[GraphEncoding, ...]

    def __len__(self) -> int:
        return len(self.graphs)

    @property
    def rows(self) -> Floats:
        """(N, D) All parts side by side."""
        return np.concatenate(self.parts, axis=1)

    def some(self, places: NDArray[np.int64]) -> Described:
        return Described(tuple(part[places] for part in self.parts), tuple(self.graphs[place] for place in places))


class Describer:
    """Makes what surrogates see of architectures of a space. scores: what is known of one before it is trained, such as
    its sizes and zero-cost proxies."""

    def __init__(self, space: Space, scores: Callable[[Architecture], Mapping[str, float]] | None = None) -> None:
        self._space, self._encodings = space, Encodings(space, scores, EVERY)

    def __call__(self, architectures: Sequence[Architecture]) -> Described:
        graphs = tuple(self._space.encode(one, "graph") for one in architectures)
        return Described(self._encodings(architectures), graphs)


Fitted = Callable[[Described], tuple[Floats, Floats]]
"""Means and standard deviations, (M,) each, of architectures that were not measured."""


class Surrogate(Protocol):
    """values: (N,) of the known ones; more than one differs."""

    name: ClassVar[str]

    def fit(self, known: Described, values: Floats, seed: int = 0) -> Fitted: ...
