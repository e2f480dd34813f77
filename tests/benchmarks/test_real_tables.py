"""The published tables, where they are, and the one that netwright ships."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from netwright.benchmarks import tables
from netwright.benchmarks.tables import digits_space, open_table
from netwright.benchmarks.tables.digits_space import EPOCHS

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "tables"


@pytest.fixture
def published():
    pytest.importorskip("pyarrow.parquet")
    if not FOLDER.exists():
        pytest.skip("needs the published tables in ../shared/data/tables")
    return lambda name: open_table(name, FOLDER)


@pytest.mark.parametrize(
    ("name", "optimum", "floor"),
    [("nb201-cifar10", 94.373, 0.0), ("nb201-cifar100", 73.513, 0.42), ("nb201-imagenet16", 47.311, 0.0)],
)
def test_nas_bench_201_has_the_published_optima(published, name, optimum, floor):
    table = published(name)
    assert len(table) == 15_625
    assert 100 * table.test.max() == pytest.approx(optimum, abs=1e-3)
    assert 100 * (table.test.max() - table.test[table.validation[-1].argmax()]) == pytest.approx(floor, abs=1e-3)
    assert len([column for column in table.metrics if column.startswith("latency_")]) == 6
    assert len(table.scores) == 13
    assert np.isfinite(table.scores["synflow"]).all()


def test_nas_bench_macro_has_its_optimum(published):
    table = published("nasbench-macro")
    assert len(table) == 6_561
    assert 100 * table.test.max() == pytest.approx(93.127, abs=1e-3)


def test_chains_that_compute_the_same_have_the_same_results(published):
    table = published("nasbench-macro")
    assert len(table.by_key) == 3_969
    assert all(table.test[row] == table.test[table.by_key[key]] for row, key in enumerate(table.keys))


def test_the_shipped_table_is_whole_and_small():
    table = open_table("digits")
    assert len(table) == len(table.by_key) == 871
    assert {table.row(architecture) for architecture in digits_space.digits_space().enumerate()} == set(range(871))
    assert (Path(tables.__file__).parent / "digits.csv.gz").stat().st_size < 300_000
    assert [fidelity.epochs for fidelity in table.fidelities] == list(EPOCHS)


def test_the_shipped_table_tells_networks_apart():
    table = open_table("digits")
    low, middle, high = np.quantile(table.test, [0.0, 0.5, 1.0])
    assert low < 0.6 < 0.9 < middle < 0.97 < high < 1
    agreement = [np.corrcoef(values, table.test)[0, 1] for values in table.validation]
    assert agreement == sorted(agreement)
    assert agreement[-1] > 0.9
    assert (table.metrics["latency_ms"] > 0).all()
    assert (table.cost > 0).all()
