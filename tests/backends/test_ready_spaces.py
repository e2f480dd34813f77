"""Ready-made spaces: every architecture builds, and its analysis is exact."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from netwright import spaces
from netwright.backends.torch.build import build
from netwright.backends.torch.count import footprint
from netwright.errors import InputError
from netwright.operations import Signature, analyse
from netwright.space import Space

torch.set_num_threads(1)

CASES = [
    ("resnet", (1, 8, 8)),
    ("resnet", (1, 28, 28)),
    ("resnet", (3, 32, 32)),
    ("resnet", (3, 64, 48)),
    ("resnet", (3, 224, 224)),
    ("resnet", (3, 500, 400)),
    ("mlp", (13,)),
    ("mlp", (1, 8, 8)),
    ("tabular", (13,)),
    ("graph", (13,)),
    ("shallow", (13,)),
    ("shallow", (1, 8, 8)),
]


def drawn(space: Space, count: int):
    rng = np.random.default_rng(0)
    return [space.sample(rng) for _ in range(count)]


FURTHER = [("mobile", (1, 28, 28)), ("nb201", (3, 32, 32))]


@pytest.mark.parametrize(("name", "inputs"), CASES + FURTHER)
def test_architectures_are_what_they_say(name, inputs):
    signature = Signature(inputs, 7)
    for architecture in drawn(spaces.get(name, signature), 6):
        analysis = analyse(architecture.graph, signature)
        with torch.device("meta"):
            counted = footprint(build(architecture.graph, signature), inputs)
        assert counted.shape == (7,)
        assert (counted.params, counted.flops) == (analysis.params, analysis.flops)


@pytest.mark.parametrize(("name", "inputs"), CASES)
def test_spaces_are_named_large_and_plain(name, inputs):
    space = spaces.get(name, Signature(inputs, 7))
    assert space.name == name
    assert space.size() > 10_000
    first = drawn(space, 1)[0]
    assert Space.from_dict(space.to_dict()).architecture(first.to_dict()).key == first.key


@pytest.mark.parametrize(("side", "last"), [(4, 4), (8, 4), (28, 7), (32, 4), (48, 6), (64, 4), (224, 7), (512, 4)])
def test_resnet_keeps_enough_positions(side, last):
    signature = Signature((3, side, side), 10)
    for architecture in drawn(spaces.get("resnet", signature), 4):
        shapes = analyse(architecture.graph, signature).shapes
        assert shapes[-2][1:] == (last, last)


def test_resnet_has_both_kinds_of_block():
    space = spaces.get("resnet", Signature((3, 32, 32), 10))
    ops = {node.op for architecture in drawn(space, 20) for node in architecture.graph.nodes}
    assert {"resblock", "bottleneck"} <= ops


def test_mlp_shares_what_layers_have_in_common():
    for architecture in drawn(spaces.get("mlp", Signature((5,), 2)), 20):
        layers = [node.attrs for node in architecture.graph.nodes if "dropout" in node.attrs and node.op != "head"]
        assert len({(attrs["norm"], attrs["activation"], attrs["dropout"]) for attrs in layers}) == 1


def test_networks_of_the_mlp_space_are_plain_or_residual():
    space = spaces.get("mlp", Signature((5,), 2))
    ops = [{node.op for node in architecture.graph.nodes} for architecture in drawn(space, 20)]
    assert any("tabular-resblock" in kinds for kinds in ops)
    assert any("tabular-resblock" not in kinds for kinds in ops)


def test_names():
    assert list(spaces.NAMES) == sorted(spaces.NAMES)
    with pytest.raises(InputError, match="unknown space 'resnte': did you mean 'resnet'"):
        spaces.get("resnte", Signature((3, 8, 8), 2))
    with pytest.raises(InputError, match="the space 'resnet' is for images: for tables"):
        spaces.get("resnet", Signature((8,), 2))
