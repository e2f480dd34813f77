"""Language models see what came before only: no layer that is let in, and no network of the space, looks ahead."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.backends.test_torch_agreement import LAYERS, attributes

from netwright import spaces
from netwright.backends.torch.build import build
from netwright.errors import InputError
from netwright.operations import Signature, analyse
from netwright.space import OpGraph, OpNode
from netwright.tasks.baselines.offered import baselines

torch.set_num_threads(1)
LENGTH, WORDS = 12, 20
SIGNATURE = Signature((LENGTH,), WORDS, "language", vocabulary=WORDS)
LOOK_BACK = {"conv", "sepconv", "convnext", "front-end", "recurrent", "attention", "transformer", "language-head"}
LOOK_NOWHERE = {"norm", "activation", "dropout", "channel-split", "channel-shuffle"}


def in_a_row(*ops):
    nodes = [OpNode("input", "input", {}, (), "input")]
    nodes += [OpNode(f"at{place}", name, attrs, (place,), f"at{place}") for place, (name, attrs) in enumerate(ops)]
    return OpGraph(tuple(nodes), len(ops))


def changed(graph, place, until=LENGTH, whole=True, seed=0, signature=SIGNATURE):
    """At which places the answers change when the tokens from `place` to `until` do."""
    network = build(graph, signature, seed=seed, start_at_identity=False, whole=whole).eval()
    random = torch.Generator().manual_seed(seed)
    one = torch.randint(1, WORDS, (2, LENGTH), dtype=torch.int32, generator=random)
    other = one.clone()
    other[:, place:until] = 1 + one[:, place:until] % (WORDS - 1)
    with torch.no_grad():
        apart = (network(one) - network(other)).abs().amax(1).amax(0)
    return torch.nonzero(apart > 1e-6).flatten().tolist()


@pytest.mark.parametrize("name", sorted({*LAYERS} - {"embedding"}))
def test_a_layer_that_is_let_in_does_not_look_ahead(name):
    tried = []

    @settings(max_examples=200, deadline=None, derandomize=True)
    @given(attributes(name), st.integers(1, LENGTH - 1))
    def looks_back(attrs, place):
        graph = in_a_row(("embedding", {"channels": 8}), (name, attrs))
        try:
            analysis = analyse(graph, SIGNATURE)
        except InputError:
            return
        assert analysis.shapes[-1][1:] == (LENGTH,)
        assert min(changed(graph, place, whole=False), default=place) >= place
        tried.append(attrs)

    looks_back()
    assert bool(tried) == (name in LOOK_BACK | LOOK_NOWHERE)


@pytest.mark.parametrize(
    ("name", "attrs", "way_out"),
    [
        ("conv", {}, "give causal=True"),
        ("conv", {"causal": True}, 'give norm="layer"'),
        ("conv", {"causal": True, "norm": "layer", "stride": 2}, "give stride=1"),
        ("convnext", {}, "give causal=True"),
        ("recurrent", {}, "give bidirectional=False"),
        ("attention", {}, "give causal=True"),
        ("transformer", {"span": 2}, "give causal=True"),
        ("norm", {}, 'give kind="layer"'),
        ("front-end", {"every": 2}, "give every=1 and normalise=False"),
        ("mbconv", {}, "leave it out"),
        ("head", {}, r'end the space in op\("language-head"\)'),
    ],
)
def test_what_looks_ahead_is_refused_with_the_way_out(name, attrs, way_out):
    graph = in_a_row(("embedding", {"channels": 8}), (name, attrs))
    with pytest.raises(InputError, match=f"{name}.*sees what comes later.*: {way_out}"):
        analyse(graph, SIGNATURE)
    analyse(graph, Signature((LENGTH,), WORDS, vocabulary=WORDS))


def test_a_network_that_ends_elsewhere_is_told_where_to_end():
    with pytest.raises(InputError, match=r'ends in 8×12, not in 20×12: end the space in op\("language-head"\)'):
        build(in_a_row(("embedding", {"channels": 8})), SIGNATURE)


@pytest.mark.parametrize("number", range(24))
def test_networks_of_the_space_do_not_look_ahead(number):
    graph = spaces.get("language", SIGNATURE).sample(np.random.default_rng(number)).graph
    place = 1 + number % (LENGTH - 1)
    found = changed(graph, place, seed=number)
    assert found
    assert min(found) >= place


def test_hand_designed_networks_see_all_that_came_before():
    for one in baselines(SIGNATURE):
        assert changed(one.space.architecture({}).graph, 5, 6) == list(range(5, LENGTH)), one.name


@pytest.mark.parametrize("causal", [True, False])
def test_a_span_bounds_how_far_attention_sees(causal):
    graph = in_a_row(("embedding", {"channels": 8}), ("attention", {"heads": 2, "causal": causal, "span": 3}))
    signature = SIGNATURE if causal else Signature((LENGTH,), WORDS, vocabulary=WORDS)
    assert changed(graph, 5, 6, whole=False, signature=signature) == list(range(5 if causal else 3, 8))


def test_a_signature_of_a_language_needs_tokens():
    for outputs, vocabulary in ((4, 0), (4, 5)):
        with pytest.raises(
            InputError, match=f"4 outputs do not say which of {vocabulary} tokens comes next: give as many"
        ):
            Signature((8,), outputs, "language", vocabulary=vocabulary)
    assert Signature.from_dict(SIGNATURE.to_dict()) == SIGNATURE
    assert (SIGNATURE.causal, SIGNATURE.places, SIGNATURE.answer) == (True, (LENGTH,), (WORDS, LENGTH))
    assert not Signature((8,), 4, vocabulary=4).causal
