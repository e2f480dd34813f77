"""Supernets of networks for sequences: recurrent cells, attention and embeddings are shared like any other layer."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from netwright import spaces
from netwright.backends.torch.build import build
from netwright.backends.torch.recipe import Recipe
from netwright.backends.torch.train import Fitting
from netwright.operations import Signature
from netwright.space import Space, chain, choice, op, parallel
from netwright.supernet import sharing
from netwright.supernet.bank import Bank
from netwright.supernet.part import inherit
from netwright.supernet.policies import POLICIES, get
from netwright.supernet.rounds import halves
from netwright.supernet.sharing import Sharing
from netwright.tasks import Task
from netwright.tasks.task import Split
from netwright.trial import Fidelity

torch.set_num_threads(1)
SIGNATURES = {
    "text": Signature((12,), 2, vocabulary=30, padded=True),
    "language": Signature((12,), 30, "language", vocabulary=30),
    "series": Signature((2, 12), 2),
    "forecast": Signature((2, 12), 6, "forecast"),
    "tabular": Signature((12,), 2),
    "sound": Signature((40, 12), 2, padded=True),
    "speech": Signature((40, 24), 4, "transcript", padded=True),
    "voice": Signature((12,), 5, "frames", vocabulary=30, padded=True, steps=10),
}
WIDTHS = choice(4, 8, name="width")
LAYERS = {
    "lstm": op("recurrent", cell="lstm", channels=WIDTHS),
    "gru": op("recurrent", cell="gru", channels=WIDTHS),
    "convolution": op("conv", kernel=choice(3, 5), channels=WIDTHS, norm="layer"),
}


def made(name: str) -> Task:
    """A task that is quickly learnt: the first position is small or large; of a language, each token is one more."""
    signature = SIGNATURES[name]
    rng = np.random.default_rng(0)
    if signature.causal:
        x = rng.integers(1, 30, (192, 1)).astype(np.int32) + np.arange(12, dtype=np.int32)
        x = x % 29 + 1
        y = x.astype(np.int64) % 29 + 1
    elif signature.vocabulary:
        x = rng.integers(1, 30, (192, *signature.inputs)).astype(np.int32)
        y = (x[:, 0] > 15).astype(np.int64)
    else:
        x = rng.normal(size=(192, *signature.inputs)).astype(np.float32)
        y = (x.reshape(192, -1)[:, 0] > 0).astype(np.int64)
    if signature.kind == "transcript":
        y = (y[:, None] + 2).astype(np.int32)
    if signature.kind == "forecast":
        y = np.repeat(y[:, None], 6, axis=1).astype(np.float32)
    if signature.kind == "frames":
        y = np.where(np.arange(5)[:, None] < 4, y[:, None, None], np.arange(10) < 6).astype(np.float32)
    parts = [Split(x[at : at + 64], y[at : at + 64]) for at in (0, 64, 128)]
    if signature.causal:
        return Task(name, "language-model", signature, *parts, {}, "bits_per_token")
    return Task(name, "text-classification", signature, *parts, {}, "accuracy", ("low", "high"))


FURTHER = [
    (name, policy)
    for name in ("series", "forecast", "tabular", "sound", "speech", "voice", "language")
    for policy in ("bignas", "pc-darts")
]


@pytest.mark.parametrize(("name", "policy"), [*(("text", policy) for policy in POLICIES), *FURTHER])
def test_any_policy_trains_networks_for_sequences(name, policy, monkeypatch):
    monkeypatch.setattr(sharing, "RESERVED", 6)
    space, recipe = spaces.get(name, SIGNATURES[name]), Recipe(batch_size=16)
    at_once = {"begin": 0.0, "rate": 0.1} if POLICIES[policy].prefers else {}
    chosen = get(policy, **at_once)
    task, held = halves(made(name)) if chosen.prefers else (made(name), None)
    net = Sharing(Bank(task.signature), space, chosen, task, recipe, held=held)
    fitted = Fitting(net, task, recipe, Fidelity(epochs=0.5)).run()
    assert np.isfinite(fitted.curve[-1]["loss"])


@pytest.mark.parametrize("layer", LAYERS)
def test_the_first_units_of_a_layer_are_a_layer_by_themselves(layer):
    """A narrower layer on the bank has the first units of the wider one, gate by gate."""
    space = Space(chain(stem=op("embedding", channels=6), layer=LAYERS[layer], head=op("head")), "one")
    bank = Bank(SIGNATURES["text"])
    wide, slim = (
        bank.bind(space.architecture({"width": at, **({"layer/kernel": 0} if layer == "convolution" else {})}).graph)
        for at in (1, 0)
    )
    for (name, large), (_, small) in zip(wide.named_parameters(), slim.named_parameters(), strict=True):
        corner = tuple(slice(0, size) for size in small.shape)
        assert torch.equal(large[corner], small), name


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_a_recurrent_layer_that_grew_answers_what_it_did(cell):
    """One direction, so that its first channels stay the first; what is new comes after them."""

    def network(channels, seed):
        body = chain(
            stem=op("embedding", channels=6),
            layer=op("recurrent", cell=cell, channels=channels, bidirectional=False),
        )
        graph = Space(body, "one").architecture({}).graph
        return build(graph, SIGNATURES["text"], seed=seed, whole=False).eval()

    small, grown = network(4, 0), network(8, 1)
    inherit(grown, small.state_dict())
    x = torch.randint(1, 30, (3, 12), dtype=torch.int32, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        torch.testing.assert_close(grown(x)[:, :4], small(x))


def test_options_of_other_kinds_are_mixed():
    body = choice(op("recurrent"), op("transformer", heads=2), parallel(op("conv", kernel=3), op("identity")))
    space = Space(chain(stem=op("embedding", channels=8), body=body, head=op("head")), "mixed")
    task, held = halves(made("text"))
    recipe = Recipe(batch_size=16)
    net = Sharing(Bank(task.signature), space, get("darts", begin=0.0, rate=0.1), task, recipe, held=held)
    Fitting(net, task, recipe, Fidelity(epochs=0.5)).run()
    assert float(net.bank.preferences["body"].detach().abs().max()) > 0.01
