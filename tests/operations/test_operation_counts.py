"""Shapes, parameters and multiply-accumulates of every operation, worked out by hand."""

from __future__ import annotations

import pytest

from netwright.errors import InputError
from netwright.operations import OPERATIONS, Footprint, Signature, analyse, get

IMAGE = (16, 10, 8)
TABLE = (12,)
SEQUENCE = (8, 10)
TOKENS = (10,)

# operation, attributes, input, output, parameters, multiply-accumulates
COUNTS = [
    ("identity", {}, IMAGE, IMAGE, 0, 0),
    ("none", {}, IMAGE, IMAGE, 0, 0),
    ("none", {"channels": 5, "stride": 2}, IMAGE, (5, 5, 4), 0, 0),
    ("conv", {}, IMAGE, IMAGE, 16 * 16 * 9 + 32, 16 * 16 * 9 * 80),
    ("conv", {"kernel": 5, "channels": 24, "stride": 2}, IMAGE, (24, 5, 4), 16 * 24 * 25 + 48, 16 * 24 * 25 * 20),
    ("conv", {"kernel": 3, "norm": "none"}, IMAGE, IMAGE, 16 * 16 * 9 + 16, 16 * 16 * 9 * 80),
    ("conv", {"kernel": 1, "norm": "none", "bias": False}, IMAGE, IMAGE, 256, 256 * 80),
    ("conv", {"kernel": 1, "bias": True, "norm": "layer"}, IMAGE, IMAGE, 256 + 16 + 32, 256 * 80),
    ("conv", {"kernel": 3, "groups": 4, "dilation": 2}, IMAGE, IMAGE, 4 * 16 * 9 + 32, 4 * 16 * 9 * 80),
    ("conv", {"kernel": 5, "channels": 6, "padding": "valid"}, IMAGE, (6, 6, 4), 16 * 6 * 25 + 12, 16 * 6 * 25 * 24),
    ("conv", {"kernel": 2, "stride": 2, "channels": 8}, IMAGE, (8, 5, 4), 16 * 8 * 4 + 16, 16 * 8 * 4 * 20),
    ("sepconv", {"kernel": 3, "channels": 20}, IMAGE, (20, 10, 8), 144 + 320 + 40, (144 + 320) * 80),
    (
        "sepconv",
        {"kernel": 5, "channels": 20, "stride": 2, "repeats": 2, "preactivation": True},
        IMAGE,
        (20, 5, 4),
        (400 + 256 + 32) + (400 + 320 + 40),
        (400 + 256) * 20 + (400 + 320) * 20,
    ),
    ("factorized-reduce", {"channels": 6}, (16, 9, 8), (6, 5, 4), 16 * 6 + 12, 16 * 6 * 20),
    ("factorized-reduce", {"stride": 3, "norm": "none"}, SEQUENCE, (8, 4), 8 * 8 + 8, 8 * 8 * 4),
    (
        "mbconv",
        {"kernel": 3, "expansion": 4},
        IMAGE,
        IMAGE,
        (16 * 64 + 128) + (64 * 9 + 128) + (64 * 16 + 32),
        (16 * 64 + 64 * 9 + 64 * 16) * 80,
    ),
    (
        "mbconv",
        {"kernel": 5, "channels": 24, "stride": 2, "expansion": 2, "se": True},
        IMAGE,
        (24, 5, 4),
        (16 * 32 + 64) + (32 * 25 + 64) + (32 * 8 + 8 + 8 * 32 + 32) + (32 * 24 + 48),
        16 * 32 * 80 + 32 * 25 * 20 + 2 * 32 * 8 + 32 * 24 * 20,
    ),
    ("mbconv", {"expansion": 1}, IMAGE, IMAGE, (16 * 9 + 32) + (16 * 16 + 32), (16 * 9 + 16 * 16) * 80),
    ("resblock", {}, IMAGE, IMAGE, 2 * (16 * 16 * 9 + 32), 2 * 16 * 16 * 9 * 80),
    (
        "resblock",
        {"channels": 32, "stride": 2},
        IMAGE,
        (32, 5, 4),
        (16 * 32 * 9 + 64) + (32 * 32 * 9 + 64) + (16 * 32 + 64),
        (16 * 32 * 9 + 32 * 32 * 9 + 16 * 32) * 20,
    ),
    ("resblock", {"stride": 2, "norm": "none"}, (4, 1, 1), (4, 1, 1), 2 * (144 + 4) + 16 + 4, 2 * 144 + 16),
    (
        "resblock",
        {"channels": 32, "preactivation": True, "se": True},
        IMAGE,
        (32, 10, 8),
        (32 + 16 * 32 * 9) + (64 + 32 * 32 * 9) + (2 * 32 * 8 + 8 + 32) + 16 * 32,
        (16 * 32 * 9 + 32 * 32 * 9 + 16 * 32) * 80 + 2 * 32 * 8,
    ),
    (
        "bottleneck",
        {"channels": 32, "stride": 2, "groups": 2, "shortcut": "pool"},
        IMAGE,
        (32, 5, 4),
        (16 * 8 + 16) + (4 * 8 * 9 + 16) + (8 * 32 + 64) + (16 * 32 + 64),
        16 * 8 * 80 + (4 * 8 * 9 + 8 * 32 + 16 * 32) * 20,
    ),
    (
        "convnext",
        {},
        IMAGE,
        IMAGE,
        (16 * 49 + 16) + 32 + (16 * 64 + 64) + (64 * 16 + 16),
        (16 * 49 + 16 * 64 + 64 * 16) * 80,
    ),
    (
        "convnext",
        {"channels": 24, "stride": 2, "expansion": 2, "kernel": 5},
        IMAGE,
        (24, 5, 4),
        (32 + 16 * 24 * 4 + 24) + (24 * 25 + 24) + 48 + (24 * 48 + 48) + (48 * 24 + 24),
        (16 * 24 * 4 + 24 * 25 + 24 * 48 + 48 * 24) * 20,
    ),
    ("squeeze-excite", {"reduction": 8}, IMAGE, IMAGE, 16 * 2 + 2 + 2 * 16 + 16, 2 * 16 * 2),
    ("max-pool", {"kernel": 2, "stride": 2}, (16, 7, 8), (16, 4, 4), 0, 0),
    ("max-pool", {"kernel": 2, "stride": 4}, (16, 4, 9), (16, 1, 3), 0, 0),
    ("max-pool", {"kernel": 3, "stride": 2, "padding": "valid"}, IMAGE, (16, 4, 3), 0, 0),
    ("avg-pool", {}, IMAGE, IMAGE, 0, 0),
    ("channel-shuffle", {}, (4, 8, 8), (4, 8, 8), 0, 0),
    ("channel-split", {"parts": 4}, (8, 6, 6), (2, 6, 6), 0, 0),
    ("channel-split", {"parts": 4, "part": 2, "others": True}, (8, 6, 6), (6, 6, 6), 0, 0),
    ("global-pool", {}, IMAGE, (16,), 0, 0),
    ("flatten", {}, IMAGE, (1280,), 0, 0),
    ("upsample", {}, IMAGE, (16, 20, 16), 0, 0),
    ("upsample", {"factor": 3, "mode": "nearest"}, SEQUENCE, (8, 30), 0, 0),
    ("upsample", {"halvings": 2}, (16, 9, 5), (16, 3, 2), 0, 0),
    ("linear", {"units": 7}, TABLE, (7,), 12 * 7 + 7, 12 * 7),
    ("linear", {"units": 7, "norm": "batch", "dropout": 0.5}, TABLE, (7,), 12 * 7 + 7 + 14, 12 * 7),
    ("tabular-resblock", {"expansion": 1.5}, TABLE, TABLE, 24 + (12 * 18 + 18) + (18 * 12 + 12), 2 * 12 * 18),
    ("head", {}, IMAGE, (10,), 16 * 10 + 10, 160),
    ("head", {"dropout": 0.1}, TABLE, (10,), 12 * 10 + 10, 120),
    ("detection-head", {"depth": 0}, IMAGE, (14, 10, 8), 17 * 14, 16 * 14 * 80),
    (
        "detection-head",
        {"depth": 2, "channels": 6},
        IMAGE,
        (14, 10, 8),
        (16 * 6 * 9 + 12) + (6 * 6 * 9 + 12) + 7 * 14,
        (16 * 6 * 9 + 6 * 6 * 9 + 6 * 14) * 80,
    ),
    (
        "detection-head",
        {"shared": False, "separable": True, "kernel": 5, "norm": "none"},
        IMAGE,
        (14, 10, 8),
        2 * (16 * 25 + 16 * 16 + 16) + 17 * 14,
        (2 * (16 * 25 + 16 * 16) + 16 * 14) * 80,
    ),
    ("norm", {}, IMAGE, IMAGE, 32, 0),
    ("norm", {"kind": "layer"}, TABLE, TABLE, 24, 0),
    ("norm", {"kind": "none"}, TABLE, TABLE, 0, 0),
    ("activation", {"function": "gelu"}, IMAGE, IMAGE, 0, 0),
    ("dropout", {"rate": 0.3}, TABLE, TABLE, 0, 0),
    ("column-embedding", {"width": 4}, TABLE, (48,), 2 * 12 * 4, 0),
    (
        "column-embedding",
        {"width": 4, "embedding": "periodic", "waves": 3},
        TABLE,
        (48,),
        12 * 3 + 12 * 6 * 4 + 12 * 4,
        12 * 6 * 4,
    ),
    (
        "ft-transformer",
        {"width": 6, "heads": 2, "layers": 2, "expansion": 1.5},
        TABLE,
        (6,),
        2 * 12 * 6 + 6 + 2 * (4 * 42 + (6 * 18 + 18) + (9 * 6 + 6) + 2 * 12) + 12,
        2 * (13 * (4 * 36 + 6 * 18 + 9 * 6) + 2 * 13 * 13 * 6),
    ),
    ("gcn", {"units": 6}, TABLE, (6,), 12 * 6 + 6, 72),
    ("gat", {"units": 6, "heads": 2}, TABLE, (6,), 12 * 6 + 6 + 12, 72),
    ("sage", {"units": 6}, TABLE, (6,), 2 * 12 * 6 + 6, 144),
    ("gin", {"units": 6}, TABLE, (6,), 12 * 6 + 6 + 1 + 6 * 6 + 6, 72 + 36),
    ("cheb", {"units": 6, "order": 3}, TABLE, (6,), 3 * 12 * 6 + 6, 216),
    ("arma", {"units": 6}, TABLE, (6,), 2 * 12 * 6 + 6, 144),
    ("k-gnn", {"units": 6}, TABLE, (6,), 2 * 12 * 6 + 6, 144),
    ("lightgbm", {"iterations": 20}, TABLE, (10,), 20 * 10 * (30 * 4 + 31) + 10, 0),
    ("gradient-boosting", {"iterations": 20}, TABLE, (10,), 20 * 10 * (30 * 4 + 31) + 10, 0),
    ("gradient-boosting", {"iterations": 20, "depth": 3}, TABLE, (10,), 20 * 10 * (7 * 4 + 8) + 10, 0),
    ("forest", {"trees": 20, "leaves": 8}, TABLE, (10,), 20 * (7 * 4 + 8 * 10), 0),
    ("linear-model", {}, TABLE, (10,), 12 * 10 + 10, 120),
    ("neighbours", {"examples": 50}, TABLE, (10,), 50 * (12 + 10 + 1), 50 * 12),
    ("quantiles", {"knots": 9}, TABLE, TABLE, 2 * 12 * 9, 0),
    ("components", {"count": 4}, TABLE, (4,), 12 * 4 + 4, 48),
    ("kernel-features", {"count": 30}, TABLE, (30,), 30 * 12 + 30 * 30, 30 * 12 + 30 * 30),
    ("select", {"share": 0.25}, TABLE, (3,), 3, 0),
    ("conv", {"kernel": 5, "channels": 6, "stride": 3}, SEQUENCE, (6, 4), 8 * 6 * 5 + 12, 8 * 6 * 5 * 4),
    ("sepconv", {"kernel": 3, "channels": 6}, SEQUENCE, (6, 10), 24 + 48 + 12, (24 + 48) * 10),
    ("mbconv", {"expansion": 2}, SEQUENCE, SEQUENCE, (128 + 32) + (48 + 32) + (128 + 16), (128 + 48 + 128) * 10),
    ("resblock", {}, SEQUENCE, SEQUENCE, 2 * (8 * 8 * 3 + 16), 2 * 8 * 8 * 3 * 10),
    ("max-pool", {"kernel": 3, "stride": 2}, SEQUENCE, (8, 5), 0, 0),
    ("global-pool", {}, SEQUENCE, (8,), 0, 0),
    ("head", {}, SEQUENCE, (10,), 90, 80),
    ("embedding", {"channels": 6}, TOKENS, (6, 10), 50 * 6, 0),
    ("embedding", {"channels": 6, "positions": "learned"}, TOKENS, (6, 10), 60 * 6, 0),
    ("recurrent", {"cell": "lstm", "bidirectional": False}, SEQUENCE, SEQUENCE, 4 * (64 + 64 + 8), 4 * 128 * 10),
    ("recurrent", {"cell": "gru", "channels": 6}, SEQUENCE, (6, 10), 2 * 3 * (24 + 9 + 3), 2 * 3 * (24 + 9) * 10),
    ("attention", {}, SEQUENCE, SEQUENCE, 16 + 4 * (64 + 8), 4 * 64 * 10 + 2 * 10 * 10 * 8),
    (
        "transformer",
        {"heads": 2, "expansion": 2},
        SEQUENCE,
        SEQUENCE,
        16 + 4 * (64 + 8) + 16 + (128 + 16) + (128 + 8),
        4 * 64 * 10 + 2 * 10 * 10 * 8 + 2 * 128 * 10,
    ),
    ("conv", {"kernel": 4, "channels": 6, "causal": True}, SEQUENCE, (6, 10), 8 * 6 * 4 + 12, 8 * 6 * 4 * 10),
    ("sepconv", {"kernel": 2, "causal": True}, SEQUENCE, SEQUENCE, 16 + 64 + 16, (16 + 64) * 10),
    (
        "convnext",
        {"kernel": 5, "expansion": 2, "causal": True},
        SEQUENCE,
        SEQUENCE,
        (8 * 5 + 8) + 16 + (8 * 16 + 16) + (16 * 8 + 8),
        (40 + 128 + 128) * 10,
    ),
    ("attention", {"causal": True, "span": 3}, SEQUENCE, SEQUENCE, 16 + 4 * (64 + 8), 4 * 64 * 10 + 2 * 10 * 10 * 8),
    ("language-head", {}, SEQUENCE, (10, 10), 16 + 8 * 10 + 10, 8 * 10 * 10),
    ("attention-pool", {}, SEQUENCE, (8,), 9, 80),
    ("spec-augment", {}, SEQUENCE, SEQUENCE, 0, 0),
    ("front-end", {"merge": 2, "every": 3, "deltas": 1, "normalise": True}, SEQUENCE, (8, 4), 0, 0),
    ("transcript-head", {}, SEQUENCE, (10, 10), 8 * 10 + 10, 8 * 10 * 10),
    ("attention", {"heads": 8}, IMAGE, IMAGE, 32 + 4 * (256 + 16), 4 * 256 * 80 + 2 * 80 * 80 * 16),
    (
        "transformer",
        {"expansion": 0.5},
        IMAGE,
        IMAGE,
        32 + 4 * (256 + 16) + 32 + (128 + 8) + (128 + 16),
        4 * 256 * 80 + 2 * 80 * 80 * 16 + 2 * 128 * 80,
    ),
    ("attention-pool", {}, IMAGE, (16,), 17, 16 * 80),
    ("positions", {}, IMAGE, IMAGE, 16 * 80, 0),
    ("positions", {}, SEQUENCE, SEQUENCE, 80, 0),
    ("positions", {"kind": "sinusoidal"}, IMAGE, IMAGE, 0, 0),
    ("positions", {"kind": "conditional"}, IMAGE, IMAGE, 16 * 9 + 16, 16 * 9 * 80),
    ("positions", {"kind": "conditional"}, SEQUENCE, SEQUENCE, 8 * 3 + 8, 8 * 3 * 10),
    ("positions", {"kind": "none"}, IMAGE, IMAGE, 0, 0),
    ("class-token", {}, IMAGE, (16, 81), 16, 0),
    ("class-token", {}, SEQUENCE, (8, 11), 8, 0),
    ("stretch", {"heads": 2}, SEQUENCE, (8, 20), 16 + 3 * (64 + 8) + 20 * 8, 2 * 64 * 10 + 2 * 20 * 10 * 8 + 64 * 20),
    ("frames-head", {}, SEQUENCE, (10, 10), 8 * 10 + 10, 8 * 10 * 10),
    ("lift", {}, SEQUENCE, (1, 8, 10), 0, 0),
    ("fold", {}, IMAGE, (160, 8), 0, 0),
    ("fold", {}, SEQUENCE, SEQUENCE, 0, 0),
]

FURTHER = {"stretch": {"kind": "frames", "steps": 20}}
"""What else is said of networks that an operation is for."""


@pytest.mark.parametrize(("op", "attrs", "given", "shape", "params", "flops"), COUNTS)
def test_counts_by_hand(op, attrs, given, shape, params, flops):
    signature = Signature(given, 10, vocabulary=50 if given == TOKENS else 0, **FURTHER.get(op, {}))
    footprint = get(op).footprint(attrs, (given,), signature)
    assert (footprint.shape, footprint.params, footprint.flops) == (shape, params, flops)


def test_every_operation_is_counted_by_hand():
    elsewhere = {"input", "sum", "concat", "module"}
    assert {op for op, *_ in COUNTS} | elsewhere == set(OPERATIONS)


def test_structure():
    signature = Signature(IMAGE, 10)
    assert get("input").footprint({}, (), signature) == Footprint(IMAGE)
    assert get("sum").footprint({}, (IMAGE, IMAGE), signature) == Footprint(IMAGE)
    assert get("concat").footprint({}, (IMAGE, (4, 10, 8)), signature) == Footprint((20, 10, 8))
    assert get("concat").footprint({}, (TABLE, (3,)), signature) == Footprint((15,))


def test_activations_are_the_outputs_of_weighted_layers():
    mbconv = get("mbconv").footprint({"expansion": 4, "se": True}, (IMAGE,), Signature(IMAGE, 10))
    assert mbconv.activations == (64 + 64 + 16) * 80 + 64 + 16
    assert get("max-pool").footprint({}, (IMAGE,), Signature(IMAGE, 10)).activations == 0


@pytest.mark.parametrize(
    ("op", "attrs", "given", "message"),
    [
        ("recurrent", {"channels": 5}, SEQUENCE, "two directions cannot share 5 channels: give an even number"),
        ("attention", {"heads": 3}, SEQUENCE, "8 channels cannot be shared by 3 heads: give a divisor"),
        ("recurrent", {}, IMAGE, r"needs a sequence \(C, T\), but gets 16×10×8"),
        ("transformer", {}, TABLE, r"needs an image \(C, H, W\) or a sequence \(C, T\), but gets 12"),
        ("class-token", {}, TABLE, r"needs an image \(C, H, W\) or a sequence \(C, T\), but gets 12"),
        ("conv", {"causal": True}, IMAGE, "only along a sequence is there a before and an after: leave causal out"),
        (
            "attention",
            {"causal": True},
            IMAGE,
            "only along a sequence is there a before and an after: leave causal out",
        ),
        ("transformer", {"span": 2}, IMAGE, "only along a sequence do positions see so far: leave span out"),
        ("conv", {"causal": True, "padding": "valid"}, SEQUENCE, "a causal convolution has zeros before the sequence"),
        ("conv", {}, TABLE, r"needs an image \(C, H, W\) or a sequence \(C, T\), but gets 12"),
        ("embedding", {"channels": 4}, TABLE, "needs tokens, but gets numbers"),
        ("stretch", {}, SEQUENCE, "makes frames of sound, and this network is for none: leave it out"),
    ],
)
def test_what_sequences_cannot_have(op, attrs, given, message):
    with pytest.raises(InputError, match=message):
        get(op).footprint(attrs, (given,), Signature(given, 10))


@pytest.mark.parametrize(
    ("given", "features", "answer"),
    [((3, 9, 7), (4, 3, 2), (10, 9, 7)), ((5, 12), (4, 3), (10, 12)), ((12,), (4, 3), (10, 12))],
)
def test_a_head_for_each_place(given, features, answer):
    """Its products are those where there are features: more places cost none."""
    signature = Signature(given, 10, "segmentation", vocabulary=50 if len(given) == 1 else 0)
    positions = features[1] * (features[2] if len(features) == 3 else 1)
    found = get("head").footprint({}, (features,), signature)
    assert found == Footprint(answer, 4 * 10 + 10, 4 * 10 * positions, 10 * positions)
    assert answer == signature.answer
    with pytest.raises(InputError, match=r"answers for each of .* places, but gets 4: leave out what pools"):
        get("head").footprint({}, ((4,),), signature)


def test_upsampling_to_the_inputs_places(line):
    """What three layers of stride 2 leave of 45 x 30 places, and back."""
    down = [("conv", {"channels": 2, "stride": 2})] * 3
    up = [("upsample", {"halvings": times}) for times in (2, 1, 0)]
    shapes = analyse(line(*down, *up), Signature((3, 45, 30), 10)).shapes
    assert [shape[1:] for shape in shapes] == [(45, 30), (23, 15), (12, 8), (6, 4), (12, 8), (23, 15), (45, 30)]
    with pytest.raises(InputError, match="other places than 1×8×10: give a factor"):
        analyse(line(("lift", {}), ("upsample", {"halvings": 0})), Signature(SEQUENCE, 10))
    with pytest.raises(InputError, match="cannot tell where padded sequences end"):
        get("upsample").footprint({}, (SEQUENCE,), Signature(SEQUENCE, 10, padded=True))


def test_tokens_are_no_numbers(line):
    tokens = Signature(TOKENS, 10, vocabulary=50)
    with pytest.raises(InputError, match=r'linear.*needs numbers, but gets tokens: put op\("embedding"\) before it'):
        analyse(line(("linear", {"units": 3}), ("head", {})), tokens)
    with pytest.raises(InputError, match=r"embedding.*needs tokens, but gets numbers: put it first"):
        analyse(line(("embedding", {"channels": 4}), ("global-pool", {}), ("embedding", {"channels": 4})), tokens)
