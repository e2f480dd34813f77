"""NAS-Bench-201 (Dong & Yang, ICLR 2020, https://arxiv.org/abs/2001.00326): 15,625 cells on three data sets.

Searched on the validation accuracy of one training seed after 200 epochs, and of the runs of 12 epochs as the cheap
fidelity; reported is the mean test accuracy over seeds. Simulated time is that of the training where the file has it
(`c10_train_s`, ...), FLOPs times epochs otherwise.

Beside the main file may lie the latency and energy of HW-NAS-Bench (Li et al., ICLR 2021,
https://arxiv.org/abs/2103.10584) and the zero-cost scores of NAS-Bench-Suite-Zero (Krishnakumar et al., NeurIPS 2022,
https://arxiv.org/abs/2210.03230); those are joined by the official index `arch_idx`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from netwright.benchmarks.columns import Columns, column_names, loose_numbers, numbers, read_columns, whole_numbers
from netwright.benchmarks.table import Floats, Table
from netwright.errors import InputError
from netwright.space import Space
from netwright.spaces.nb201 import EDGES, OPERATIONS, cell
from netwright.trial import Fidelity

FILE = "nb201_acc.parquet"
DEVICES, SCORES = "nb201_hwnasbench.parquet", "nb201_zerocost_9445.parquet"
EPOCHS = (12.0, 200.0)
SIZE = 15_625
NOWHERE = -1e7
"""Scores below this mark a failed computation."""


@dataclass(frozen=True)
class DataSet:
    """How the columns of a data set begin: those of its results, of its sizes, and of its zero-cost scores. Images of
    CIFAR-100 are those of CIFAR-10 in kind, so sizes and scores are its."""

    prefix: str
    sizes: str
    scores: str

    @property
    def columns(self) -> tuple[str, ...]:
        """Of the main file, all needed."""
        results = tuple(f"{self.prefix}_{name}" for name in ("valid_200_s0", "valid_12", "test_200"))
        return ("arch_idx", "arch_str", *results, f"{self.sizes}_params_M", f"{self.sizes}_flops_M")


DATA_SETS = {
    "nb201-cifar10": DataSet("c10", "c10", "c10"),
    "nb201-cifar100": DataSet("c100", "c10", "c10"),
    "nb201-imagenet16": DataSet("in16", "in16", "in16"),
}


def read(name: str, path: Path) -> Table:
    """The table of a data set from the main file; the other two are looked for beside it.

    Raises InputError for missing columns, unknown, missing or repeated cells, and scores that are not there.
    """
    data = DATA_SETS[name]
    seconds = f"{data.prefix}_train_s"
    columns = read_columns(path, data.columns, [seconds])
    order = np.argsort(_indices(columns, path))
    columns = {column: values[order] for column, values in columns.items()}
    cells = [edges(str(text), place) for place, text in enumerate(columns["arch_str"])]
    found = {column: numbers(columns, column, path) for column in data.columns[2:]}
    sizes = {size: found[f"{data.sizes}_{size}_M"] * 1e6 for size in ("params", "flops")}
    table = Table(
        name=name,
        space=Space(cell(16), "nb201-cells"),
        quality="accuracy",
        choices=[dict(zip(_DECISIONS, digits, strict=True)) for digits in cells],
        fidelities=tuple(Fidelity(epochs=epochs) for epochs in EPOCHS),
        validation=np.stack([found[f"{data.prefix}_valid_12"], found[f"{data.prefix}_valid_200_s0"]]) / 100,
        test=found[f"{data.prefix}_test_200"] / 100,
        cost=numbers(columns, seconds, path) if seconds in columns else sizes["flops"],
        clock="seconds of training" if seconds in columns else "FLOPs × epochs",
        metrics={**sizes, **_devices(path.with_name(DEVICES), data)},
        scores=sizes,
        names=[str(text) for text in columns["arch_str"]],
        protocol=f"searched on {data.prefix}_valid_200_s0, reported {data.prefix}_test_200",
    )
    if len(table) < SIZE:
        raise InputError(f"{path} holds {len(table)} of the {SIZE} cells", "give the whole table")
    return _with_scores(table, path.with_name(SCORES), data)


_DECISIONS = tuple(f"cell/{node}/{source}" for node, source in EDGES)
_OPERATIONS = {name: place for place, name in enumerate(OPERATIONS)}


def edges(text: str, row: int) -> tuple[int, ...]:
    """The digits of an official string, written as published: edges in their order.

    >>> edges("|nor_conv_3x3~0|+|none~0|skip_connect~1|+|nor_conv_1x1~0|avg_pool_3x3~1|nor_conv_3x3~2|", 0)
    (3, 0, 1, 2, 4, 3)
    """
    terms = text.replace("+", "").strip("|").replace("||", "|").split("|")
    digits = tuple(
        _OPERATIONS.get(operation, -1) if source == str(edge[1]) else -1
        for edge, (operation, _, source) in zip(EDGES, (term.partition("~") for term in terms), strict=False)
    )
    if len(terms) != len(EDGES) or -1 in digits:
        raise InputError(
            f"row {row + 1}: {text!r} is no cell of NAS-Bench-201", "write |op~0|+|op~0|op~1|+|op~0|op~1|op~2|"
        )
    return digits


def _indices(columns: Columns, path: Path) -> NDArray[np.int64]:
    indices = whole_numbers(columns, "arch_idx", path)
    values, counts = np.unique(indices, return_counts=True)
    if (counts > 1).any():
        raise InputError(f"{path} has arch_idx {values[counts > 1][0]} twice", "give each cell once")
    if values[0] < 0 or values[-1] >= SIZE:
        raise InputError(f"{path} has arch_idx {values[0]} to {values[-1]}", f"the official index is 0 to {SIZE - 1}")
    return indices


def _devices(path: Path, data: DataSet) -> dict[str, Floats]:
    """ "latency_DEVICE" in ms and "energy_DEVICE" in mJ; NaN where nothing was measured. Empty without the file."""
    if not path.is_file():
        return {}
    found = {}
    wanted = [name for name in column_names(path) if name.startswith(f"{data.prefix}_")]
    columns = read_columns(path, ["arch_idx", *wanted])
    for column in wanted:
        device, _, kind = column.removeprefix(f"{data.prefix}_").rpartition("_")
        if kind in ("latency", "energy"):
            values = _joined(columns, column, path)
            found[f"{kind}_{device}"] = np.where(values > 0, values, np.nan)
    return found


def _with_scores(table: Table, path: Path, data: DataSet) -> Table:
    """The table with its zero-cost scores, where the file is there. The file holds one of several cells that compute
    the same; the others get its scores."""
    if not path.is_file():
        return table
    wanted = [name for name in column_names(path) if name.startswith(f"{data.scores}_")]
    columns = read_columns(path, ["arch_idx", *wanted])
    _, place = np.unique(table.keys, return_inverse=True)
    scores = dict(table.scores)
    for column in wanted:
        name = column.removeprefix(f"{data.scores}_")
        if name not in scores:
            values = _joined(columns, column, path)
            scores[name] = _shared(np.where(values > NOWHERE, values, np.nan), place)
    return replace(table, scores=scores)


def _joined(columns: Columns, column: str, path: Path) -> Floats:
    """(15,625,) the column by the official index, NaN where a cell is not in the file."""
    values = np.full(SIZE, np.nan)
    values[_indices(columns, path)] = loose_numbers(columns, column, path)
    return values


def _shared(values: Floats, place: NDArray[np.intp]) -> Floats:
    """Missing values from the first cell of the same place that has one."""
    known = np.flatnonzero(np.isfinite(values))[::-1]
    first = np.full(place.max() + 1, np.nan)
    first[place[known]] = values[known]
    return np.where(np.isfinite(values), values, first[place])
