"""Under what conditions strategies are compared: plain, or with noise, parallel workers, failures, lost regions."""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netwright.benchmarks.answers import Answers, Failing, Infeasible, Lookup, Noisy
from netwright.benchmarks.table import Table
from netwright.errors import InputError, unknown

_HOLDS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_REGION = re.compile(r"\s*([a-z][a-z_0-9-]*)\s*(<=|>=|<|>)\s*([0-9.]+(?:e[+-]?[0-9]+)?)\s*([kmg%]?)\s*", re.IGNORECASE)
_SUFFIX = {"": 1.0, "k": 1e3, "m": 1e6, "g": 1e9, "%": 0.01}


@dataclass(frozen=True)
class Condition:
    """noise: standard deviation added to the quality that is searched on, in points; workers: trials under way at a
    time, in simulated time; failing: the share of trials that fail by chance; infeasible: a region such as
    "flops>100M" whose architectures always fail ("": none).

    >>> Condition(workers=8).name, Condition().name
    ('8 workers', 'plain')
    """

    noise: float = 0.0
    workers: int = 1
    failing: float = 0.0
    infeasible: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.noise < np.inf:
            raise InputError(f"noise is {self.noise}", "give its standard deviation in points, such as 0.5")
        if self.workers < 1:
            raise InputError(f"workers is {self.workers}", "give 1 or more")
        if not 0 <= self.failing < 1:
            raise InputError(f"failing is {self.failing}", "give the share of trials that fail, such as 0.1")
        if self.infeasible and _REGION.fullmatch(self.infeasible) is None:
            raise InputError(f"cannot read the region {self.infeasible!r}", "write it like flops>100M")

    @property
    def name(self) -> str:
        """In a few words."""
        parts = [
            f"noise {self.noise:g}" if self.noise else "",
            f"{self.workers} workers" if self.workers > 1 else "",
            f"failing {self.failing:.3g}" if self.failing else "",
            f"infeasible {self.infeasible}" if self.infeasible else "",
        ]
        return ", ".join(filter(None, parts)) or "plain"

    def answers(self, table: Table, wanted: tuple[str, ...]) -> Answers:
        """How trials end. wanted: the metrics that an evaluation must give."""
        found: Answers = Lookup(table, wanted)
        if self.noise:
            found = Noisy(found, table.quality, self.noise / table.scale)
        if self.infeasible:
            found = Infeasible(found, table, self.region(table))
        return Failing(found, self.failing) if self.failing else found

    def region(self, table: Table) -> NDArray[np.bool_]:
        """(N,) which rows are infeasible. InputError where the table does not have the column, or all rows are."""
        if not self.infeasible:
            return np.zeros(len(table), dtype=np.bool_)
        match = _REGION.fullmatch(self.infeasible)
        assert match is not None
        name, op, number, suffix = match.groups()
        name = name.lower().replace("-", "_")
        if name not in table.metrics:
            raise unknown(f"column of {table.name}", name, table.metrics)
        region = np.asarray(_HOLDS[op](table.metrics[name], float(number) * _SUFFIX[suffix.lower()]))
        if region.all():
            raise InputError(f"every architecture of {table.name} has {self.infeasible}", "give a smaller region")
        return region


PLAIN = Condition()
"""As it is."""
