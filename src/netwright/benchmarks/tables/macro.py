"""NAS-Bench-Macro (Su et al., "Prioritized Architecture Sampling with Monto-Carlo Tree Search", CVPR 2021,
https://arxiv.org/abs/2103.11922): 6,561 chains of eight layers on CIFAR-10.

Each layer is left out, or an inverted bottleneck of kernel 3 and expansion 3 or of kernel 5 and expansion 6; the first
layer of each of the three stages halves the image, and a plain projection stands there for nothing. The table has test
accuracies alone: searched on that of the first seed, reported is the mean of the three.
"""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np

from netwright.benchmarks.columns import numbers, read_columns
from netwright.benchmarks.table import Table
from netwright.errors import InputError
from netwright.space import Node, Space, chain, choice, op
from netwright.trial import Fidelity

FILE = "nasbench_macro.parquet"
SEEDS = ("c10_test_s0", "c10_test_s1", "c10_test_s2")
COLUMNS = ("arch", *SEEDS, "params", "flops")
STAGES = ((64, 2), (128, 3), (256, 3))
"""Channels and layers."""


def macro_space() -> Space:
    """The space.

    >>> macro_space().size()
    6561
    """
    layers = [_layer(channels, place == 0) for channels, depth in STAGES for place in range(depth)]
    return Space(chain(stem=op("conv", kernel=3, channels=32), layers=chain(*layers), head=op("head")), "macro-chains")


def read(name: str, path: Path) -> Table:
    """InputError for missing columns, unknown, missing or repeated chains, and scores that are not there."""
    columns = read_columns(path, COLUMNS)
    texts = [_text(value) for value in columns["arch"]]
    known = set(map("".join, product("012", repeat=8)))
    strange = [place for place, text in enumerate(texts) if text not in known]
    if strange:
        raise InputError(
            f"{path}: row {strange[0] + 1}: {texts[strange[0]]!r} is no chain of NAS-Bench-Macro",
            "eight digits from 0 to 2, such as 01220112",
        )
    decisions = [decision.name for decision in macro_space().decisions()]
    accuracies = np.stack([numbers(columns, column, path) for column in SEEDS]) / 100
    sizes = {name: numbers(columns, name, path) for name in ("params", "flops")}
    table = Table(
        name=name,
        space=macro_space(),
        quality="accuracy",
        choices=[dict(zip(decisions, map(int, text), strict=True)) for text in texts],
        fidelities=(Fidelity(),),
        validation=accuracies[:1],
        test=accuracies.mean(axis=0),
        cost=sizes["flops"],
        clock="FLOPs",
        metrics=sizes,
        scores=sizes,
        names=texts,
        protocol=f"searched on {SEEDS[0]}, reported the mean of the three seeds (the table has test accuracies alone)",
    )
    if len(table) < len(known):
        raise InputError(f"{path} holds {len(table)} of the {len(known)} chains", "give the whole table")
    return table


def _layer(channels: int, halves: bool) -> Node:
    stride = 2 if halves else 1
    nothing = op("conv", kernel=1, channels=channels, stride=2, activation="none") if halves else op("identity")
    return choice(
        nothing,
        op("mbconv", kernel=3, channels=channels, stride=stride, expansion=3),
        op("mbconv", kernel=5, channels=channels, stride=stride, expansion=6),
    )


def _text(value: object) -> str:
    """The digits, also where a reader took them for a number."""
    return value if isinstance(value, str) else f"{int(float(str(value))):08d}"
