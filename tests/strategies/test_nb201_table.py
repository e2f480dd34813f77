"""Evolution against random search on the published results of NAS-Bench-201 (CIFAR-10, validation)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from netwright import strategies
from netwright.space import Space
from netwright.spaces.nb201 import EDGES, cell, to_digits
from netwright.testing.strategies import best_accuracy, search

TABLE = Path(__file__).parents[3] / "shared" / "data" / "tables" / "nb201_acc.parquet"
QUERIES, SEEDS = 200, range(10)
SPACE = Space(cell(16), "nb201-cells")


@pytest.fixture(scope="module")
def measure():
    if not TABLE.exists():
        pytest.skip("needs the table of NAS-Bench-201 in ../shared/data/tables/nb201_acc.parquet")
    parquet = pytest.importorskip("pyarrow.parquet")
    edges = [f"e{node}{source}" for node, source in EDGES]
    table = parquet.read_table(TABLE, columns=[*edges, "c10v_validation_mean200_v11"])
    *digits, accuracy = (column.to_numpy() for column in table.columns)
    known = {tuple(map(int, row)): float(value) / 100 for *row, value in zip(*digits, accuracy, strict=True)}
    return lambda architecture: {"accuracy": known[to_digits(architecture)]}


@pytest.fixture(scope="module")
def found(measure):
    """Strategy name -> (seeds,) best validation accuracy."""

    def run(name):
        return np.array([best_accuracy(search(strategies.get(name), SPACE, measure, QUERIES, seed=s)) for s in SEEDS])

    return {name: run(name) for name in ("random", "regularized-evolution", "genetic")}


@pytest.mark.parametrize("name", ["regularized-evolution", "genetic"])
def test_evolution_beats_random_search_at_200_queries(found, name):
    gains = found[name] - found["random"]
    assert gains.mean() > 0
    assert (gains >= 0).sum() >= 8, f"gains over random search in points: {(100 * gains).round(2)}"
