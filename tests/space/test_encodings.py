"""Encodings of architectures."""

from __future__ import annotations

import numpy as np
import pytest

from netwright.errors import InputError
from netwright.space import Space, chain, op, parallel

CHOICES = {
    "body": 1,
    "body/1/0/times": 1,
    "body/1/0/0/kernel": 1,
    "tail/channels": 16,
    "tail/extras": [0, 2],
    "hyper/lr": 1,
}


def test_one_hot_by_hand(tiny: Space) -> None:
    a = tiny.architecture(CHOICES)
    names = [decision.name for decision in tiny.decisions()]
    assert names == [*list(CHOICES)[:3], "body/1/0/1/kernel", *list(CHOICES)[3:]]
    body, times, first, second = [0, 1], [1, 0], [0, 1], [0, 0]
    channels, extras, rate = [1, 1 / 3], [1, 0, 1], [0, 1]
    expected = np.array([*body, *times, *first, *second, *channels, *extras, *rate], dtype=np.float32)
    assert np.array_equal(tiny.encode(a, "one-hot"), expected)


def test_graphs_are_simplified() -> None:
    space = Space(chain(op("identity"), parallel(op("conv", kernel=3), op("none"), op("pool"))))
    graph = space.encode(space.architecture({}), "graph")
    assert graph.operations == ("input", "conv", "pool", "sum")
    assert graph.labels[1] == "conv[('kernel', 3)]"
    assert [tuple(map(int, edge)) for edge in np.argwhere(graph.adjacency)] == [(0, 1), (0, 2), (1, 3), (2, 3)]


def test_paths_go_through_merges() -> None:
    def paths(*items: object) -> set[int]:
        space = Space(chain(*items))
        return set(np.flatnonzero(space.encode(space.architecture({}), "path")).tolist())

    both = paths(parallel(op("a"), op("b")))
    assert both == paths(op("a")) | paths(op("b"))
    assert paths(op("a"), op("b")) != paths(op("b"), op("a"))
    assert len(paths(op("a"))) == 5


def test_an_unknown_encoding_is_named(tiny: Space) -> None:
    with pytest.raises(InputError, match="one-hot"):
        tiny.encode(tiny.architecture(CHOICES), "onehot")
