"""Ready-made spaces: every architecture builds, and its analysis is exact."""

from __future__ import annotations

import math

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
    ("tabular", Signature((13,), 7)),
    ("graph", Signature((13,), 7)),
    ("shallow", Signature((13,), 7)),
    ("shallow", Signature((1, 8, 8), 7)),
    ("resnet", Signature((1, 8, 8), 7)),
    ("resnet", Signature((1, 28, 28), 7)),
    ("resnet", Signature((3, 32, 32), 7)),
    ("resnet", Signature((3, 64, 48), 7)),
    ("resnet", Signature((3, 224, 224), 7)),
    ("resnet", Signature((3, 500, 400), 7)),
    ("mlp", Signature((13,), 7)),
    ("mlp", Signature((1, 8, 8), 7)),
    ("text", Signature((8,), 7, vocabulary=40, padded=True)),
    ("text", Signature((30,), 7, vocabulary=40, padded=True)),
    ("language", Signature((4,), 40, "language", vocabulary=40)),
    ("language", Signature((64,), 40, "language", vocabulary=40)),
    ("series", Signature((1, 4), 7)),
    ("series", Signature((1, 70), 7)),
    ("series", Signature((6, 29), 7, padded=True)),
    ("series", Signature((2, 1024), 7)),
    ("forecast", Signature((2, 48), 12, "forecast")),
    ("forecast", Signature((1, 8), 3, "forecast")),
    ("sound", Signature((40, 8), 7, padded=True)),
    ("sound", Signature((40, 31), 7, padded=True)),
    ("detector", Signature((1, 32, 32), 7, "detection")),
    ("detector", Signature((3, 128, 160), 7, "detection")),
    ("detector", Signature((3, 90, 131), 7, "detection")),
    ("unet", Signature((1, 8, 8), 7, "segmentation")),
    ("unet", Signature((3, 45, 61), 7, "segmentation")),
    ("unet", Signature((3, 180, 240), 7, "segmentation")),
    ("speech", Signature((40, 64), 7, "transcript", padded=True, steps=8)),
    ("speech", Signature((40, 333), 7, "transcript", padded=True, steps=40)),
    ("voice", Signature((1,), 7, "frames", vocabulary=12, padded=True, steps=24)),
    ("voice", Signature((30,), 41, "frames", vocabulary=40, padded=True, steps=60)),
]


def drawn(space: Space, count: int):
    rng = np.random.default_rng(0)
    return [space.sample(rng) for _ in range(count)]


FURTHER = [
    ("mobile", Signature((1, 28, 28), 7)),
    ("nb201", Signature((3, 32, 32), 7)),
    ("mobile", Signature((3, 45, 30), 7, "segmentation")),
    ("resnet", Signature((3, 45, 30), 7, "segmentation")),
]
SIZES = [(1, 4, 4), (1, 8, 8), (1, 28, 28), (3, 32, 32), (3, 64, 48), (3, 224, 224), (3, 500, 400)]
IMAGES = [(name, Signature(size, 7)) for name in ("vit", "hybrid", "darts") for size in SIZES]


@pytest.mark.parametrize(("name", "signature"), CASES + FURTHER + IMAGES)
def test_architectures_are_what_they_say(name, signature):
    for architecture in drawn(spaces.get(name, signature), 6):
        analysis = analyse(architecture.graph, signature)
        with torch.device("meta"):
            counted = footprint(build(architecture.graph, signature), signature.inputs, bool(signature.vocabulary))
        assert signature.answered_by(counted.shape)
        assert counted.shape == analysis.shapes[architecture.graph.output]
        assert (counted.params, counted.flops) == (analysis.params, analysis.flops)


@pytest.mark.parametrize(("name", "signature"), CASES + IMAGES)
def test_spaces_are_named_large_and_plain(name, signature):
    space = spaces.get(name, signature)
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


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("text", {"conv", "recurrent", "transformer", "attention-pool"}),
        ("series", {"conv", "recurrent", "transformer", "attention-pool", "resblock", "concat"}),
        ("sound", {"lift", "fold", "conv", "recurrent", "transformer"}),
        ("speech", {"lift", "fold", "conv", "recurrent", "transformer", "transcript-head"}),
        ("voice", {"embedding", "conv", "recurrent", "transformer", "stretch", "frames-head"}),
        ("language", {"conv", "convnext", "recurrent", "transformer", "language-head"}),
    ],
)
def test_spaces_for_sequences_mix_families(name, kinds):
    """Networks of one kind of layer, and hybrids of several, come of the same tree."""
    signature = next(signature for case, signature in CASES if case == name)
    drawn_ops = [{node.op for node in one.graph.nodes} for one in drawn(spaces.get(name, signature), 60)]
    assert kinds <= set().union(*drawn_ops)
    assert any({"recurrent", "transformer"} <= ops for ops in drawn_ops)
    assert any(not {"recurrent", "transformer"} & ops for ops in drawn_ops)


@pytest.mark.parametrize("name", ["text", "series", "sound", "speech", "voice", "language"])
def test_spaces_for_sequences_refuse_what_is_none(name):
    for signature in (Signature((8,), 2), Signature((3, 8, 8), 2)):
        with pytest.raises(InputError, match=f"the space '{name}' is for .*: leave --space out"):
            spaces.get(name, signature)


def test_networks_with_masks_go_down_and_up_in_many_ways():
    signature = Signature((3, 180, 240), 7, "segmentation")
    graphs = [architecture.graph for architecture in drawn(spaces.get("unet", signature), 60)]
    ops = [{node.op for node in graph.nodes} for graph in graphs]
    every = {"conv", "resblock", "mbconv", "convnext", "max-pool", "upsample", "sum", "concat", "squeeze-excite"}
    assert every <= set().union(*ops)
    fewest = [min(shape[1] for shape in analyse(graph, signature).shapes) for graph in graphs]
    assert len(set(fewest)) > 2
    assert min(fewest) >= 4
    assert all(any(shape[1:] == (90, 120) for shape in analyse(graph, signature).shapes[2:]) for graph in graphs)


def test_detectors_have_pyramids_and_none():
    signature = Signature((3, 128, 160), 7, "detection")
    graphs = [architecture.graph for architecture in drawn(spaces.get("detector", signature), 60)]
    ops = [{node.op for node in graph.nodes} for graph in graphs]
    assert {"conv", "resblock", "mbconv", "sepconv", "upsample", "sum", "concat", "detection-head"} <= set().union(*ops)
    assert any(not {"sum", "concat"} & kinds for kinds in ops)
    fewest = {min(shape[1] for shape in analyse(graph, signature).shapes) for graph in graphs}
    assert fewest == {4, 8, 16}


def test_detectors_answer_at_any_resolution():
    signature = Signature((3, 128, 160), 7, "detection")
    for architecture in drawn(spaces.get("detector", signature), 10):
        network = build(architecture.graph, signature).eval()
        for height, width in ((128, 160), (64, 80), (45, 61)):
            assert network(torch.zeros(1, 3, height, width)).shape == (1, 11, -(-height // 4), -(-width // 4))


def test_heads_of_classes_find_no_boxes():
    boxes = Signature((3, 32, 32), 7, "detection")
    for name in ("mobile", "resnet"):
        with pytest.raises(InputError, match=r'finds no boxes: end the space in op\("detection-head"\)'):
            analyse(drawn(spaces.get(name, boxes), 1)[0].graph, boxes)
    with pytest.raises(InputError, match="the space 'detector' finds boxes: leave --space out"):
        spaces.get("detector", Signature((3, 32, 32), 7))
    with pytest.raises(InputError, match="the space 'unet' is for images with masks"):
        spaces.get("unet", boxes)


def test_networks_with_masks_answer_at_any_resolution():
    signature = Signature((3, 45, 61), 7, "segmentation")
    for architecture in drawn(spaces.get("unet", signature), 10):
        network = build(architecture.graph, signature).eval()
        for height, width in ((45, 61), (23, 31), (20, 32)):
            assert network(torch.zeros(1, 3, height, width)).shape == (1, 7, height, width)


def test_networks_without_places_are_refused_where_each_has_an_answer():
    masks = Signature((3, 32, 32), 7, "segmentation")
    with pytest.raises(InputError, match="answers for each of 32×32 places, but gets"):
        analyse(drawn(spaces.get("mlp", masks), 1)[0].graph, masks)
    with pytest.raises(InputError, match="the space 'unet' is for images with masks: leave --space out"):
        spaces.get("unet", Signature((3, 32, 32), 7))


def test_names():
    assert list(spaces.NAMES) == sorted(spaces.NAMES)
    with pytest.raises(InputError, match="unknown space 'resnte': did you mean 'resnet'"):
        spaces.get("resnte", Signature((3, 8, 8), 2))
    with pytest.raises(InputError, match="the space 'resnet' is for images: for tables"):
        spaces.get("resnet", Signature((8,), 2))


@pytest.mark.parametrize("side", [28, 32, 64, 224])
@pytest.mark.parametrize(("name", "most"), [("vit", 8), ("hybrid", 16), ("darts", 16)])
def test_images_become_small_early(name, most, side):
    """But for the stem, whose convolutions halve them. Attention sees few positions, and perhaps a class token."""
    signature = Signature((3, side, side), 10)
    for one in drawn(spaces.get(name, signature), 8):
        shapes = analyse(one.graph, signature).shapes
        for node, shape in zip(one.graph.nodes[1:], shapes[1:], strict=True):
            if not node.name.startswith("stem"):
                assert math.prod(shape[1:]) <= most**2 + (name == "vit")
            if node.op == "transformer":
                assert math.prod(shape[1:]) <= 65


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("vit", {"transformer", "class-token", "attention-pool", "positions"}),
        ("hybrid", {"convnext", "mbconv", "transformer", "positions"}),
        ("darts", {"sepconv", "max-pool", "avg-pool", "none", "concat"}),
    ],
)
def test_spaces_for_images_offer_what_they_say(name, kinds):
    space = spaces.get(name, Signature((3, 32, 32), 7))
    assert kinds <= {node.op for architecture in drawn(space, 60) for node in architecture.graph.nodes}


def test_a_hybrid_network_may_be_of_all_families():
    space = spaces.get("hybrid", Signature((1, 28, 28), 7))
    ops = [{node.op for node in one.graph.nodes} for one in drawn(space, 60)]
    assert any({"convnext", "mbconv", "transformer"} <= kinds for kinds in ops)
    assert any("transformer" not in kinds for kinds in ops)


def test_transformers_over_patches_refuse_to_answer_for_places():
    with pytest.raises(InputError, match="the space 'vit' is for one answer an image: leave --space out"):
        spaces.get("vit", Signature((3, 32, 32), 2, "segmentation"))


def test_a_readout_is_one_decision():
    """The class token is there exactly where it is read."""
    space, met = spaces.get("vit", Signature((3, 32, 32), 7)), set()
    for architecture in drawn(space, 30):
        ops = [(node.op, node.attrs.get("kind")) for node in architecture.graph.nodes]
        assert ("class-token" in dict(ops)) == (("global-pool", "first") in ops)
        met.add(architecture.decisions["readout"].label(architecture.choices["readout"]))
    assert met == {"mean", "attention", "class-token"}


@pytest.mark.parametrize("name", ["mobile", "resnet", "nb201", "vit", "hybrid", "darts"])
@pytest.mark.parametrize("resolution", [0.25, 0.5, 0.8])
def test_networks_take_images_of_a_lower_resolution(name, resolution):
    """What they were made for, smaller: codes for positions are resized with them."""
    signature = Signature((1, 28, 28), 7)
    size = round(28 * resolution)
    for architecture in drawn(spaces.get(name, signature), 5):
        network = build(architecture.graph, signature, seed=0).eval()
        with torch.no_grad():
            assert torch.isfinite(network(torch.randn(2, 1, size, size))).all()
