"""Small tasks and networks to score."""

from __future__ import annotations

import numpy as np
import pytest

from netwright.operations import Signature
from netwright.space import OpGraph, OpNode
from netwright.tasks import Split, Task


def images(kind: str = "image-classification", count: int = 80, channels: int = 3, size: int = 12) -> Task:
    """Noise with a bright corner that tells the class."""
    random = np.random.default_rng(0)
    y = random.integers(4, size=count)
    x = random.integers(0, 200, size=(count, channels, size, size)).astype(np.uint8)
    x[np.arange(count), 0, y, y] = 255
    split = Split(x, y.astype(np.int64))
    prepare = {"mean": [0.4] * channels, "std": [0.25] * channels}
    signature = Signature((channels, size, size), 4)
    return Task("noise", kind, signature, split, split, split, prepare, "accuracy", ("a", "b", "c", "d"))


def table(count: int = 80, features: int = 7) -> Task:
    random = np.random.default_rng(0)
    x = random.normal(size=(count, features)).astype(np.float32)
    split = Split(x, (x[:, 0] - x[:, 1]).astype(np.float32))
    prepare = {"target_mean": 0.0, "target_std": 1.0}
    return Task(
        "sums", "tabular-regression", Signature((features,), 1, "regression"), split, split, split, prepare, "rmse"
    )


def line(*ops: tuple[str, dict[str, object]]) -> OpGraph:
    """Operations in a row."""
    nodes = [OpNode("input", "input", {}, (), "input")]
    nodes += [OpNode(f"at/{i}", name, attrs, (i,), f"at/{i}") for i, (name, attrs) in enumerate(ops)]
    return OpGraph(tuple(nodes), len(ops))


@pytest.fixture(scope="session")
def pictures() -> Task:
    return images()


@pytest.fixture(scope="session")
def numbers() -> Task:
    return table()


@pytest.fixture(scope="session")
def plain() -> OpGraph:
    """A network without norms, of which a batch's halves behave like the batch."""
    conv = {"norm": "none", "activation": "relu"}
    return line(
        ("conv", {"kernel": 3, "channels": 6, **conv}),
        ("conv", {"kernel": 3, "channels": 8, "stride": 2, **conv}),
        ("conv", {"kernel": 3, "channels": 8, "groups": 2, **conv}),
        ("conv", {"kernel": 1, "channels": 5, **conv}),
        ("head", {}),
    )
