"""Latencies of a space's networks from those of few of them."""

from __future__ import annotations

import numpy as np
import pytest

from netwright import spaces
from netwright.devices.foretold import foretell
from netwright.operations import Signature, analyse
from netwright.operations.liveness import live, zero

SIGNATURES = {
    "mobile": Signature((1, 28, 28), 10),
    "nb201": Signature((3, 32, 32), 10),
    "tabular": Signature((13,), 7),
    "text": Signature((30,), 7, vocabulary=40, padded=True),
    "unet": Signature((3, 45, 61), 7, "segmentation"),
}
OVERHEAD = {"conv": 0.02, "mbconv": 0.05, "recurrent": 0.4, "transformer": 0.3}


def made_up(graph, signature):
    """As on a device where each operation takes time to begin, then some by its products and some by its outputs."""
    size = analyse(graph, signature)
    done = [(graph.nodes[index].op, size.nodes[index]) for index in live(graph, zero(graph))]
    return sum(OVERHEAD.get(op, 0.01) + cost.flops / 1e7 + np.prod(cost.shape) / 1e6 for op, cost in done)


@pytest.mark.parametrize("name", SIGNATURES)
def test_few_networks_tell_of_others(name):
    rng, space, signature = np.random.default_rng(0), spaces.get(name, SIGNATURES[name]), SIGNATURES[name]
    measured, others = ([space.sample(rng).graph for _ in range(count)] for count in (48, 60))
    told = foretell(measured, signature, made_up)(others)
    true = np.array([made_up(graph, signature) for graph in others])
    assert np.corrcoef(told, true)[0, 1] > 0.95
    assert np.median(np.abs(told / true - 1)) < 0.1


def test_networks_are_measured_on_this_cpu():
    rng, signature = np.random.default_rng(0), SIGNATURES["mobile"]
    graphs = [spaces.get("mobile", signature).sample(rng).graph for _ in range(4)]
    assert np.all(foretell(graphs, signature)(graphs) > 0)
