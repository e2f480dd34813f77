"""Networks with fewer channels everywhere."""

from __future__ import annotations

import numpy as np
import pytest

from netwright import spaces
from netwright.operations import Signature, analyse, check_output
from netwright.operations.narrowing import narrowed
from netwright.space import Space, chain, op

SIGNATURES = {
    **dict.fromkeys(("mlp", "tabular", "graph"), Signature((12,), 3)),
    "language": Signature((12,), 40, "language", vocabulary=40),
    "text": Signature((12,), 3, vocabulary=40, padded=True),
    "series": Signature((2, 70), 3),
    "sound": Signature((40, 31), 3, padded=True),
    "unet": Signature((3, 45, 61), 5, "segmentation"),
    "speech": Signature((40, 64), 3, "transcript", padded=True),
    "forecast": Signature((2, 48), 12, "forecast"),
    "detector": Signature((3, 64, 80), 3, "detection"),
    "voice": Signature((12,), 7, "frames", vocabulary=40, padded=True, steps=31),
}
NETWORKS = [name for name in spaces.NAMES if name != "shallow"]


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("width", [0.5, 0.25])
def test_networks_of_a_space_stay_whole(name: str, width: float) -> None:
    signature = SIGNATURES.get(name, Signature((3, 32, 32), 10))
    space, random = spaces.get(name, signature), np.random.default_rng(0)
    shrunk = []
    for _ in range(20):
        graph = space.sample(random).graph
        narrow = narrowed(graph, width)
        size = analyse(narrow, signature)
        check_output(narrow, size, signature)
        whole = analyse(graph, signature)
        if sum(node.params > 0 for node in whole.nodes) > 1:  # a linear map has no width of its own
            shrunk.append(size.params / whole.params)
    assert max(shrunk) < 1
    assert np.mean(shrunk) < 1.5 * width


def test_the_whole_width_is_the_graph_itself() -> None:
    graph = spaces.get("mlp", SIGNATURES["mlp"]).sample(np.random.default_rng(0)).graph
    assert narrowed(graph, 1.0) is graph


@pytest.mark.parametrize("width", [0.3, 0.1])
def test_heads_stay_whole(width: float) -> None:
    """Attention takes its channels from elsewhere; they stay as many as its heads can share."""
    signature = Signature((1, 28, 28), 10)
    body = chain(op("conv", channels=48), op("transformer", heads=4), op("attention", heads=3), op("head"))
    narrow = narrowed(Space(body, "s").architecture({}).graph, width)
    check_output(narrow, analyse(narrow, signature), signature)
    assert narrow.nodes[1].attrs["channels"] == 12
