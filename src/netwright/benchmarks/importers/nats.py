"""NAS-Bench-201 from the official download of NATS-Bench (Dong et al. 2021, https://arxiv.org/abs/2009.00437), whose
topology space it is: the folder `NATS-tss-v1_0-3ffb9-simple`, one pickle for each architecture.

https://github.com/D-X-Y/NATS-Bench
"""

from __future__ import annotations

import csv
import gzip
import io
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import fmean
from typing import Any

from netwright.benchmarks.importers.unpickle import read_pickle
from netwright.benchmarks.tables.nb201 import SIZE
from netwright.errors import InputError

SHORT, FULL = "12", "200"
SETS = {
    "c10": (("cifar10-valid", "x-valid"), ("cifar10", "ori-test")),
    "c100": (("cifar100", "x-valid"), ("cifar100", "x-test")),
    "in16": (("ImageNet16-120", "x-valid"), ("ImageNet16-120", "x-test")),
}
"""The beginning of the columns -> the data set and split of validation and of test."""
SURE = 888
"""The seed whose sizes are right where those of several seeds differ."""


def convert(folder: Path, out: Path, tell: Callable[[int, int], None] = lambda done, total: None) -> None:
    """Writes the table of a download as CSV (gzip). tell: hears how many of how many architectures are done.

    Raises InputError for a folder that lacks some, and for files that hold something else; then nothing is written.
    """
    missing = [index for index in range(SIZE) if not _file(folder, index).is_file()]
    if missing:
        raise InputError(
            f"{folder} has {SIZE - len(missing)} of {SIZE} architectures; {_file(folder, missing[0]).name} is missing",
            "unpack the whole of NATS-tss-v1_0-3ffb9-simple.tar",
        )
    rows = []
    for index in range(SIZE):
        rows.append(read_row(_file(folder, index)))
        tell(index + 1, SIZE)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    partial = out.with_name(f".{out.name}.partial")
    partial.write_bytes(gzip.compress(text.getvalue().encode(), mtime=0))
    os.replace(partial, out)


def read_row(path: Path) -> dict[str, Any]:
    """The columns of one architecture."""
    data = read_pickle(path)
    try:
        row = {"arch_idx": int(data[FULL]["arch_index"]), "arch_str": str(data[FULL]["arch_str"])}
        for prefix, (valid, test) in SETS.items():
            row |= {f"{prefix}_{name}": value for name, value in _results(data, valid, test).items()}
    except (KeyError, TypeError, IndexError, ValueError, ZeroDivisionError, AttributeError) as error:
        raise InputError(f"{path} holds no results of NATS-Bench ({error!r})", "download it again") from None
    return row


def _results(data: Mapping[str, Any], valid: tuple[str, str], test: tuple[str, str]) -> dict[str, float]:
    """Accuracies in percent, sizes in millions, and the seconds of a full training."""
    full = _runs(data[FULL], valid[0])
    first = full[min(full)]
    sizes = full.get(SURE, first)
    return {
        "valid_200_s0": _last(first, valid[1]),
        "valid_12": _mean(_last(run, valid[1]) for run in _runs(data[SHORT], valid[0]).values()),
        "test_200": _mean(_last(run, test[1]) for run in _runs(data[FULL], test[0]).values()),
        "params_M": float(sizes["params"]),
        "flops_M": float(sizes["flop"]),
        "train_s": sum(float(seconds) for seconds in sizes["train_times"].values()),
    }


def _runs(results: Mapping[str, Any], data_set: str) -> dict[int, Mapping[str, Any]]:
    """Seed -> its training."""
    return {int(seed): run for (name, seed), run in results["all_results"].items() if name == data_set}


def _last(run: Mapping[str, Any], split: str) -> float:
    """The accuracy after the last epoch; it is kept under "SPLIT@EPOCH"."""
    return float(run["eval_acc1es"][f"{split}@{int(run['epochs']) - 1}"])


def _mean(values: Any) -> float:
    return fmean(values)


def _file(folder: Path, index: int) -> Path:
    return folder / f"{index:06d}.pickle.pbz2"
