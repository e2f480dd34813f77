"""The table that netwright ships: every network of a small space, trained on scikit-learn's digits.

1,797 images of 8×8 pixels: 719 to train on, 539 each for validation and test. Each of the 871 networks was trained for
9 epochs three times, an evaluation is those three trainings, and for 1 and 3 epochs once. Searched on the mean
validation accuracy, reported is the mean test accuracy. Simulated time is what the training took in processor seconds,
latency that of one image on one core of the same machine. Made by benchmarks/make_digits_table.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import numpy as np

from netwright.benchmarks.columns import Columns, numbers, read_columns, whole_numbers
from netwright.benchmarks.table import Floats, Table
from netwright.benchmarks.tables.digits_space import EDGES, EPOCHS, OPERATIONS, digits_space
from netwright.errors import InputError
from netwright.space import Architecture, Space
from netwright.trial import Fidelity

FILE = "digits.csv.gz"
FULL = EPOCHS[-1]
SEEDS = {epochs: 3 if epochs == FULL else 1 for epochs in EPOCHS}
"""Trainings for so many epochs."""
VALIDATION = {epochs: tuple(f"valid_{epochs}_s{seed}" for seed in range(SEEDS[epochs])) for epochs in EPOCHS}
TESTS = tuple(f"test_{FULL}_s{seed}" for seed in range(3))
COLUMNS = (*EDGES, *chain.from_iterable(VALIDATION.values()), *TESTS, "params", "flops", "latency_ms", "train_s")


def read(name: str, path: Path) -> Table:
    """InputError for missing columns, unknown, missing or repeated networks, and scores that are not there."""
    columns = read_columns(path, COLUMNS)
    digits = np.stack([whole_numbers(columns, edge, path) for edge in EDGES], axis=1)
    strange = np.argwhere((digits < 0) | (digits >= len(OPERATIONS)))
    if len(strange):
        row, edge = (int(place) for place in strange[0])
        raise InputError(
            f"{path}: row {row + 1}: {EDGES[edge]} is {digits[row, edge]}", f"give 0 to {len(OPERATIONS) - 1}"
        )
    sizes = {size: numbers(columns, size, path) for size in ("params", "flops")}
    table = Table(
        name=name,
        space=digits_space(),
        quality="accuracy",
        choices=[dict(zip(EDGES, map(int, row), strict=True)) for row in digits],
        fidelities=tuple(Fidelity(epochs=float(epochs)) for epochs in EPOCHS),
        validation=np.stack([_mean(columns, each, path) for each in VALIDATION.values()]),
        test=_mean(columns, TESTS, path),
        cost=numbers(columns, "train_s", path),
        clock="processor seconds of training",
        metrics={**sizes, "latency_ms": numbers(columns, "latency_ms", path)},
        scores=sizes,
        names=["".join(map(str, row)) for row in digits],
        protocol="searched on the mean validation accuracy of three trainings, reported their mean test accuracy",
    )
    if set(table.keys) != {architecture.key for architecture in table.space.enumerate()}:
        raise InputError(f"{path} does not hold every network of the space", "give the whole table")
    return table


def parse(space: Space, text: str) -> Architecture:
    """The network of six digits, one an edge, each an index into `OPERATIONS`."""
    if len(text) != len(EDGES) or not set(text) <= set("0123"):
        raise InputError(f"{text!r} is no network of digits", "give six digits from 0 to 3, such as 013320")
    return space.architecture(dict(zip(EDGES, map(int, text), strict=True)))


def _mean(columns: Columns, names: Sequence[str], path: Path) -> Floats:
    """Over seeds, as a fraction."""
    return np.asarray(np.stack([numbers(columns, name, path) for name in names]).mean(axis=0) / 100)
