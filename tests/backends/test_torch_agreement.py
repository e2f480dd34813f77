"""What `analyse` counts is what torch builds, for random attributes of every operation and random graphs."""

from __future__ import annotations

import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from torch import nn

from netwright.backends.torch.build import build
from netwright.backends.torch.count import flops, footprint, parameters
from netwright.errors import InputError
from netwright.operations import OPERATIONS, REQUIRED, Signature, analyse
from netwright.operations.messages import DOCS as MESSAGES
from netwright.space import OpGraph, OpNode

torch.set_num_threads(1)

LAYERS = sorted(
    name
    for name, operation in OPERATIONS.items()
    if operation.family == "network" and operation.arity == (1, 1) and name not in ("module", "none", "identity")
)
TABULAR = {"linear", "tabular-resblock", "column-embedding", "ft-transformer", *MESSAGES}
ALONG = {"recurrent", "language-head", "lift", "stretch"}
FURTHER = {"stretch": {"kind": "frames", "steps": 7}}
"""What else is said of networks that an operation is for."""
WORDS = 20
LARGEST = {
    "channels": 12,
    "units": 12,
    "groups": 4,
    "kernel": 7,
    "stride": 4,
    "dilation": 3,
    "repeats": 3,
    "reduction": 6,
    "parts": 4,
    "part": 3,
    "width": 8,
    "waves": 4,
    "layers": 2,
    "heads": 4,
    "merge": 4,
    "every": 3,
    "deltas": 2,
    "order": 3,
    "factor": 3,
    "halvings": 3,
    "depth": 3,
    "span": 9,
    "frames": 9,
}


def values(name, attribute):
    if attribute.options:
        options = attribute.options if name != "kernel" else attribute.options[:4]
        plain = st.sampled_from(options)
    elif attribute.type is bool:
        plain = st.booleans()
    elif attribute.type is int:
        plain = st.integers(int(attribute.low), LARGEST[name])
    else:
        plain = st.floats(attribute.low, min(attribute.high, 4.0))
    return st.none() | plain if attribute.default is None else plain


def attributes(op):
    required, optional = {}, {}
    for name, attribute in OPERATIONS[op].attributes.items():
        kind = required if attribute.default is REQUIRED else optional
        kind[name] = values(name, attribute)
    return st.fixed_dictionaries(required, optional=optional)


images = st.tuples(st.integers(1, 8), st.integers(1, 11), st.integers(1, 11))
sequences = st.tuples(st.integers(1, 8), st.integers(1, 11))
tables = st.tuples(st.integers(1, 9))


def inputs(op):
    """Shapes that an operation takes."""
    return tables if op in TABULAR | {"embedding"} else sequences if op in ALONG else images | sequences


def agree(graph, signature):
    """Builds and runs the graph and compares everything with its analysis; skips graphs that cannot work."""
    try:
        analysis = analyse(graph, signature)
    except InputError:
        assume(False)
    with torch.device("meta"):
        network = build(graph, signature, whole=False)
        counted = footprint(network, signature.inputs, bool(signature.vocabulary))
    assert counted.shape == analysis.shapes[graph.output]
    assert counted.params == analysis.params == parameters(network)
    assert counted.flops == analysis.flops
    assert counted.activations == analysis.activations
    return network


@pytest.mark.parametrize("op", LAYERS)
def test_an_operation_is_what_it_says(op):
    @settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.filter_too_much])
    @given(attributes(op), inputs(op), st.booleans())
    def agrees(attrs, shape, padded):
        graph = OpGraph((OpNode("input", "input", {}, (), "input"), OpNode("op", op, attrs, (0,), "op")), 1)
        words, padded = WORDS if op == "embedding" else 0, padded and len(shape) == 2
        agree(graph, Signature(shape, 3, vocabulary=words, padded=padded, **FURTHER.get(op, {})))

    agrees()


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_a_recurrent_layer_is_torchs_own(cell):
    """Against torch's layer with the same weights, in one direction and without padding."""
    attrs = {"cell": cell, "channels": 6, "bidirectional": False}
    graph = OpGraph((OpNode("input", "input", {}, (), "input"), OpNode("op", "recurrent", attrs, (0,), "op")), 1)
    ours = build(graph, Signature((4, 9), 3), whole=False, seed=0)
    theirs = {"lstm": nn.LSTM, "gru": nn.GRU}[cell](4, 6, batch_first=True)
    joined = [*ours.op.forth()]
    with torch.no_grad():
        for own, weight in zip(theirs.parameters(), joined, strict=True):
            own.copy_(weight)
        x = torch.randn(3, 4, 9, generator=torch.Generator().manual_seed(0))
        expected = theirs(x.transpose(1, 2))[0].transpose(1, 2)
        torch.testing.assert_close(ours(x), expected)


POOLS = [*(("head", {"pool": pool}) for pool in ("avg", "max", "first")), ("attention-pool", {})]
LAYERS_ALONG = [
    ("conv", {"kernel": 5}),
    ("sepconv", {"stride": 2}),
    ("convnext", {"kernel": 3}),
    ("squeeze-excite", {}),
    ("norm", {"kind": "layer"}),
    ("activation", {"function": "sigmoid"}),
    ("recurrent", {"cell": "lstm"}),
    ("recurrent", {"cell": "gru"}),
    ("attention", {}),
    ("attention", {"causal": True, "span": 3}),
    ("conv", {"kernel": 4, "causal": True}),
    ("transformer", {}),
    ("positions", {"kind": "learned"}),
    ("positions", {"kind": "sinusoidal"}),
    ("positions", {"kind": "conditional"}),
    ("class-token", {}),
    ("factorized-reduce", {}),
]


@pytest.mark.parametrize("pool", POOLS)
@pytest.mark.parametrize(("op", "attrs"), LAYERS_ALONG)
def test_padding_changes_nothing(op, attrs, pool):
    ops = [("embedding", {"channels": 8, "positions": "learned"}), (op, attrs), pool]
    nodes = [OpNode("input", "input", {}, (), "input")]
    nodes += [OpNode(f"at{i}", name, given, (i,), f"at{i}") for i, (name, given) in enumerate(ops)]
    network = build(OpGraph(tuple(nodes), 3), Signature((16,), 3, vocabulary=WORDS, padded=True), whole=False, seed=0)
    for part in network.modules():
        if isinstance(part, nn.BatchNorm1d | nn.LayerNorm):
            nn.init.normal_(part.bias)
    short = torch.randint(1, WORDS, (4, 7), dtype=torch.int32, generator=torch.Generator().manual_seed(0))
    longer = torch.cat([short, short.new_zeros(4, 9)], 1)
    with torch.no_grad():
        network.eval()
        torch.testing.assert_close(network(longer), network(short), atol=1e-5, rtol=1e-4)
        assert torch.isfinite(network(torch.zeros_like(longer))).all()


@st.composite
def graphs(draw):
    """Random graphs of image operations, with zeros, dead nodes, merges and shared weights."""
    weighted = ["conv", "mbconv", "resblock", "sepconv", "convnext", "norm"]
    layers = st.sampled_from([*weighted, "avg-pool", "none", "identity"])
    nodes = [OpNode("input", "input", {}, (), "input")]
    for index in range(1, draw(st.integers(2, 12))):
        name = f"n/{index}"
        earlier = st.integers(0, index - 1)
        if draw(st.booleans()) and index > 1:
            sources = tuple(draw(st.lists(earlier, min_size=1, max_size=3)))
            nodes.append(OpNode(name, draw(st.sampled_from(["sum", "concat"])), {}, sources, name))
        else:
            op = draw(layers)
            weights = draw(st.sampled_from([name, f"shared/{op}"]))
            nodes.append(OpNode(name, op, {}, (draw(earlier),), weights))
    last = len(nodes) - 1
    nodes.append(OpNode("head", "head", {}, (last,), "head"))
    return OpGraph(tuple(nodes), last + 1)


@pytest.mark.parametrize("mode", ["linear", "nearest"])
@pytest.mark.parametrize("places", [(9, 7), (8, 8), (13,)])
def test_a_network_answers_for_each_place_of_what_it_is_given(places, mode):
    """Of the task's size and of half of it, as at low resolution; what goes down comes up to the places it had."""
    ops = [
        ("conv", {"channels": 4, "stride": 2}),
        ("conv", {"channels": 6, "stride": 2}),
        ("upsample", {"halvings": 1, "mode": mode}),
    ]
    nodes = [OpNode("input", "input", {}, (), "input")]
    nodes += [OpNode(f"at{i}", name, attrs, (i,), f"at{i}") for i, (name, attrs) in enumerate(ops)]
    nodes += [OpNode("both", "concat", {}, (1, 3), "both"), OpNode("out", "head", {"dropout": 0.2}, (4,), "out")]
    graph, signature = OpGraph(tuple(nodes), 5), Signature((3, *places), 5, "segmentation")
    agree(graph, signature)
    network = build(graph, signature, seed=0)
    for sizes in (places, tuple((size + 1) // 2 for size in places)):
        assert network(torch.zeros(2, 3, *sizes)).shape == (2, 5, *sizes)


@settings(max_examples=120, deadline=None, derandomize=True)
@given(graphs())
def test_random_graphs_are_what_they_say(graph):
    signature = Signature((2, 6, 5), 3)
    network = agree(graph, signature)
    assert network.to_empty(device="cpu")(torch.zeros(2, 2, 6, 5)).shape == (2, 3)


def test_counts_of_a_network_of_plain_torch_layers():
    plain = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 16, 5))
    assert flops(plain, (3, 8, 8)) == 3 * 8 * 9 * 16 + 128 * 5
    assert parameters(plain) == (3 * 8 * 9 + 8) + (128 * 5 + 5)
