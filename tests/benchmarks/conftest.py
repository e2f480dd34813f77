"""A table small enough to reckon with by hand, and files in the format of the large ones."""

from __future__ import annotations

import csv
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from netwright.benchmarks.plan import make_plan
from netwright.benchmarks.table import Table
from netwright.space import Space, chain, choice, op
from netwright.spaces.nb201 import OPERATIONS
from netwright.trial import Fidelity

SPACE = Space(chain(*(op("conv", kernel=choice(1, 3, 5, 7), channels=8) for _ in range(3)), op("head")), "small-chains")
DECISIONS = tuple(decision.name for decision in SPACE.decisions())


def small_table(**changes):
    """64 chains. Quality rises with the sum of the digits, by a hundredth each; the test is what a full evaluation
    shows, minus half a point for odd sums; a short evaluation shows the first digit alone."""
    digits = np.array(list(product(range(4), repeat=3)))
    total = digits.sum(axis=1).astype(float)
    given = {
        "name": "digits",
        "space": SPACE,
        "quality": "accuracy",
        "choices": [dict(zip(DECISIONS, map(int, row), strict=True)) for row in digits],
        "fidelities": (Fidelity(epochs=10.0), Fidelity(epochs=100.0)),
        "validation": np.stack([0.5 + 0.01 * digits[:, 0], 0.8 + 0.01 * total]),
        "test": 0.8 + 0.01 * total - 0.005 * (total % 2),
        "cost": 1.0 + total,
        "clock": "sum of digits",
        "metrics": {"params": 100.0 * (1 + total), "latency_toy": np.where(total == 8, np.nan, 1 + digits[:, 2])},
        "scores": {"params": 100.0 * (1 + total), "guess": digits[:, 1].astype(float)},
        "names": ["".join(map(str, row)) for row in digits],
        "protocol": "made up",
    }
    return Table(**{**given, **changes})


@pytest.fixture
def table():
    return small_table()


@pytest.fixture
def make_table():
    return small_table


@pytest.fixture
def plan(table):
    """Of the small table."""

    def make(names=("random", "genetic"), objectives=(), seeds=3, queries=20, conditions=(), scores="all"):
        return make_plan(table, names, objectives, seeds, queries, conditions, scores)

    return make


def nb201_rows():
    """Made-up results of every cell, in the columns of the real file."""
    rows = []
    for index, digits in enumerate(product(range(5), repeat=6)):
        edges = [f"{OPERATIONS[digit]}~{source}" for digit, source in zip(digits, (0, 0, 1, 0, 1, 2), strict=True)]
        text = f"|{edges[0]}|+|{'|'.join(edges[1:3])}|+|{'|'.join(edges[3:])}|"
        quality = 50 + sum(digits)
        results = {"c10_valid_200_s0": quality, "c10_valid_12": quality / 2, "c10_test_200": quality + 0.5}
        rows.append({"arch_idx": index, "arch_str": text, **results, "c10_params_M": 0.1, "c10_flops_M": 10 + index})
    return rows


@pytest.fixture(scope="session")
def every_cell():
    return nb201_rows()


@pytest.fixture
def write_csv(tmp_path):
    """Writes rows under a name, and returns the path."""

    def write(rows, name="table.csv") -> Path:
        path = tmp_path / name
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return path

    return write
