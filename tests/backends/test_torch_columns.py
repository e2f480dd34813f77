"""Layers that know a table's columns."""

from __future__ import annotations

import pytest
import torch

from netwright.backends.torch.build import build
from netwright.backends.torch.count import footprint
from netwright.devices.conversion import program
from netwright.devices.runtime import open_session, run
from netwright.errors import InputError
from netwright.operations import Signature, analyse
from netwright.operations.columns import layout
from netwright.space import Space, chain, op

torch.set_num_threads(1)

TABLES = {
    "numbers": Signature((5,), 3),
    "mixed": Signature((14,), 3, columns=(1, 5, 1, 1, 6)),
    "categories": Signature((9,), 3, columns=(4, 5)),
}
LAYERS = {
    "linear": op("column-embedding", embedding="linear", width=6),
    "periodic": op("column-embedding", embedding="periodic", width=6, waves=4),
    "transformer": op("ft-transformer", width=8, heads=2, layers=2),
    "periodic transformer": op("ft-transformer", width=8, heads=4, layers=1, embedding="periodic"),
}


def network(layer: str, table: str):
    graph = Space(chain(LAYERS[layer], op("head")), "test").architecture({}).graph
    return graph, TABLES[table], build(graph, TABLES[table], seed=0).eval()


def test_columns_are_where_they_are():
    where = layout((14,), TABLES["mixed"])
    assert where.numbers == (0, 6, 7)
    assert where.categories == ((1, 5), (8, 6))
    assert layout((5,), TABLES["numbers"]).count == 5


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("layer", LAYERS)
def test_counts(layer, table):
    graph, signature, built = network(layer, table)
    size, counted = analyse(graph, signature), footprint(built, signature.inputs)
    assert (counted.params, counted.flops) == (size.params, size.flops)


@pytest.mark.parametrize("layer", LAYERS)
def test_onnx_answers_alike(layer):
    _, signature, built = network(layer, "mixed")
    x = torch.randn(7, *signature.inputs)
    session = open_session(program(built, x[:2]).model_proto.SerializeToString())
    assert abs(run(session, x.numpy()) - built(x).detach().numpy()).max() < 1e-5


@pytest.mark.parametrize("kind", ["linear", "linear-relu", "periodic"])
def test_a_column_changes_its_own_vector_only(kind):
    signature, width = TABLES["mixed"], 4
    graph = Space(op("column-embedding", embedding=kind, width=width, sigma=1.0), "test").architecture({}).graph
    built = build(graph, signature, seed=0, whole=False).eval()
    x = torch.zeros(1, *signature.inputs)
    x[0, 1] = x[0, 9] = 1.0
    before = built(x).reshape(-1, width)
    for place, (changed, value) in enumerate([(0, 0.3), (6, 0.3), (7, 0.3), (2, 1.0), (10, 1.0)]):
        other = x.clone()
        other[0, changed] = value
        moved = (built(other).reshape(-1, width) != before).any(1)
        assert moved.nonzero().flatten().tolist() in ([place], [])
    assert moved.any()


def test_embeddings_come_first():
    with pytest.raises(InputError, match="needs the columns of a table, but gets 8: let it be the first layer"):
        analyse(
            Space(chain(op("linear", units=8), op("column-embedding")), "test").architecture({}).graph, TABLES["mixed"]
        )
    with pytest.raises(InputError, match="3 heads do not divide a width of 8"):
        analyse(Space(op("ft-transformer", width=8, heads=3), "test").architecture({}).graph, TABLES["mixed"])


def test_columns_must_make_the_inputs():
    with pytest.raises(InputError, match="do not make inputs"):
        Signature((14,), 3, columns=(1, 5))
