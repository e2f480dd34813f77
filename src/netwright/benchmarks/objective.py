"""Objectives on a table's columns, beside the metrics that every search knows: "latency_edgegpu", "energy_fpga"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netwright.benchmarks.table import Table
from netwright.errors import InputError, unknown
from netwright.objectives import METRICS, Objective, Objectives


@dataclass(frozen=True)
class Column(Objective):
    """A column of a table to make as small as possible: a latency or an energy on one device.

    >>> Column("latency_edgegpu").loss(3.0)
    3.0
    """

    def __post_init__(self) -> None:
        """Any name will do."""

    @property
    def maximise(self) -> bool:
        return False


def objectives_of(table: Table, names: Sequence[str]) -> Objectives:
    """The objectives with these names, which the table must know; by default its quality alone.

    Raises InputError for an unknown one, and where the quality is not the first.
    """
    asked = [name.strip().lower().replace("-", "_") for name in names] or [table.quality]
    for name in asked:
        if name not in (table.quality, *table.metrics):
            raise unknown(f"objective of {table.name}", name, (table.quality, *table.metrics))
    if asked[0] != table.quality:
        raise InputError(
            f"the first objective is {asked[0]}", f"begin with {table.quality}, by which regret is reckoned"
        )
    return Objectives(tuple(Objective(name) if name in METRICS else Column(name) for name in asked))
