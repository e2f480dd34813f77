"""Layers of graph networks against the formulas of their papers on dense matrices, and a whole search among nodes."""

from __future__ import annotations

from pathlib import Path

import networkx
import numpy as np
import pytest
import torch
from torch.nn import functional as F

import netwright
from netwright.backends.torch.build import build
from netwright.backends.torch.count import footprint
from netwright.backends.torch.messages import MessageLayer, World
from netwright.deploy.network import Network
from netwright.errors import InputError
from netwright.operations import Signature, analyse, get
from netwright.operations.messages import DOCS
from netwright.space import Space, chain, choice, op
from netwright.tasks import open_task
from netwright.tasks.nodes import undirected

torch.set_num_threads(1)

CLUB = networkx.karate_club_graph()
A = torch.tensor(networkx.to_numpy_array(CLUB, weight=None), dtype=torch.float32)
EDGES = undirected(np.array(CLUB.edges()))[0]
X = torch.randn(34, 5, generator=torch.Generator().manual_seed(0))


def balanced(matrix):
    scale = matrix.sum(1).rsqrt()
    return scale[:, None] * matrix * scale


def attention(layer, x):
    """Softmax over neighbours and oneself, head by head."""
    values = x.reshape(34, layer.heads, -1)
    scores = F.leaky_relu((values * layer.receiver).sum(2)[:, None] + (values * layer.sender).sum(2)[None], 0.2)
    near = (A + torch.eye(34) > 0)[:, :, None]
    shares = scores.masked_fill(~near, -torch.inf).softmax(1)
    return torch.einsum("tsh,shd->thd", shares, values).flatten(1)


def chebyshev(layer, parts):
    laplacian = -balanced(A)
    terms = [torch.eye(34), laplacian, 2 * laplacian @ laplacian - torch.eye(34)]
    terms.append(2 * laplacian @ terms[2] - laplacian)
    return sum(term @ part for term, part in zip(terms, parts, strict=False))


FORMULAS = {
    "gcn": lambda layer, parts: balanced(A + torch.eye(34)) @ parts[0] + layer.bias,
    "gat": lambda layer, parts: attention(layer, parts[0]) + layer.bias,
    "sage": lambda layer, parts: parts[0] + A @ parts[1] / A.sum(1, keepdim=True) + layer.bias,
    "gin": lambda layer, parts: layer.second(((1 + layer.own) * parts[0] + A @ parts[0] + layer.bias).relu()),
    "cheb": lambda layer, parts: chebyshev(layer, parts) + layer.bias,
    "arma": lambda layer, parts: (balanced(A) @ parts[0] + parts[1] + layer.bias).relu(),
    "k-gnn": lambda layer, parts: parts[0] + A @ parts[1] + layer.bias,
}
ATTRS = {"gat": {"heads": 2}, "cheb": {"order": 4}}


@pytest.mark.parametrize("kind", DOCS)
def test_formulas(kind):
    layer = MessageLayer(kind, get(kind).resolve({"units": 6, **ATTRS.get(kind, {})}), 5)
    with torch.no_grad():
        layer.bias.uniform_(-1, 1)
        found = layer(X, World.of(X, EDGES))
        torch.testing.assert_close(found, FORMULAS[kind](layer, [one(X) for one in layer.maps]), atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("kind", DOCS)
def test_counts(kind):
    graph = Space(chain(op(kind, units=8, **ATTRS.get(kind, {})), op("head")), "test").architecture({}).graph
    signature = Signature((5,), 3)
    size, counted = analyse(graph, signature), footprint(build(graph, signature), (5,))
    assert (counted.params, counted.flops, counted.activations) == (size.params, size.flops, size.activations)


def test_heads_divide_the_units():
    with pytest.raises(InputError, match="8 heads do not divide 12 units"):
        analyse(Space(op("gat", units=12), "test").architecture({}).graph, Signature((5,), 3))


@pytest.fixture(scope="module")
def club(tmp_path_factory):
    path = tmp_path_factory.mktemp("club") / "club.npz"
    labels = [CLUB.nodes[node]["club"] for node in CLUB]
    np.savez(path, x=np.eye(34), edges=EDGES.T, y=labels)
    return path


@pytest.fixture(scope="module")
def found(club, tmp_path_factory):
    space = Space(chain(choice(*(op(kind, units=8) for kind in ("gcn", "sage", "gat"))), op("head")), "small")
    return netwright.search(
        open_task(club),
        space=space,
        budget="3trials",
        recipe={"epochs": 20},
        objectives=("accuracy", "latency_ms"),
        method="nsga2",
        executor="inline",
        workers=1,
        out=tmp_path_factory.mktemp("nodes") / "search",
    )


def test_a_search_among_nodes_delivers(found: netwright.Result, club: Path) -> None:
    network = Network.load(found.directory)
    test = found.task.test
    answers = network.outputs(np.asarray(test.x))
    assert found.best is not None
    assert found.best.measurement is not None
    assert found.task.score(answers, test.y)["accuracy"] == found.best.measurement.test["accuracy"]
    assert found.summary["delivered"]["onnx"]["difference"] < 1e-4
    assert found.summary["best"]["latency_ms"] > 0
    assert network.predict([0, 33]) == network.within(club).predict([0, 33])
    assert "graph.npz" in (found.directory / "model_card.md").read_text()


def test_nodes_of_another_graph(found: netwright.Result, tmp_path: Path) -> None:
    network = Network.load(found.directory)
    np.savez(tmp_path / "two.npz", x=np.eye(34)[[0, 33, 5]], edges=[[0, 1], [1, 2]])
    other = network.within(tmp_path / "two.npz")
    assert len(other.predict([0, 1, 2])) == 3
    assert len(network.predict(range(34))) == 34
    with pytest.raises(InputError, match="give numbers from 0 to 2"):
        other.predict([3])
    np.savez(tmp_path / "narrow.npz", x=np.eye(3), edges=[[0, 1]])
    with pytest.raises(InputError, match="nodes have 3 features: there were 34"):
        network.within(tmp_path / "narrow.npz")
    with pytest.raises(InputError, match="holds no graph"):
        network.within(tmp_path / "none.npz")


def test_one_shot_methods_are_refused(club: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="spos does not share weights over the nodes of a graph"):
        netwright.search(club, method="spos", out=tmp_path / "new")


def test_a_damaged_graph_beside_a_network(found: netwright.Result, tmp_path: Path) -> None:
    for name in ("model.safetensors", "architecture.json"):
        (tmp_path / name).write_bytes((found.directory / name).read_bytes())
    with pytest.raises(InputError, match=r"graph\.npz"):
        Network.load(tmp_path)
    np.savez(tmp_path / "graph.npz", features=np.eye(34, dtype=np.float32), edges=np.array([[0], [99]]))
    with pytest.raises(InputError, match="names a node that is not there"):
        Network.load(tmp_path)


@pytest.mark.parametrize("share", [0.1, 0.9])
def test_dropout_of_few_features_is_dropout(share):
    features = (torch.rand(200, 50, generator=torch.Generator().manual_seed(1)) < share).float()
    world = World.of(features, EDGES)
    assert (world.filled is not None) == (share < 0.3)
    torch.manual_seed(0)
    found = world.dropped(0.25)
    assert found.unique().tolist() == pytest.approx([0.0, 1 / 0.75])
    assert not found[features == 0].any()
    assert (found > 0).sum() / features.sum() == pytest.approx(0.75, abs=0.03)
