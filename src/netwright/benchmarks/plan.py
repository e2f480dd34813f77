"""What is compared on what: checked before anything runs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from netwright import strategies
from netwright.benchmarks.condition import PLAIN, Condition
from netwright.benchmarks.objective import objectives_of
from netwright.benchmarks.run import Setting, problem
from netwright.benchmarks.table import Table
from netwright.errors import InputError, unknown
from netwright.objectives import Objectives
from netwright.strategies import AnyStrategy

CHECKPOINTS = (10, 25, 50, 100, 200)
SIZES = ("params", "flops")
SCORES = ("all", "sizes", "none")


@dataclass(frozen=True)
class Plan:
    """strategies: by the name that results bear; seeds: runs of each, with seeds 0, 1, ...; queries: the budget of a
    run, in full evaluations; conditions: beside the plain one; scores: which of the table's scores strategies may ask
    for before an evaluation ("sizes": parameters and FLOPs).

    Raises InputError for what cannot be compared: nothing, or a strategy without what is asked of it.
    """

    table: Table
    strategies: Mapping[str, AnyStrategy]
    objectives: Objectives
    seeds: int = 10
    queries: int = 200
    conditions: Sequence[Condition] = field(default=())
    scores: str = "all"

    def __post_init__(self) -> None:
        for name, value in (("seeds", self.seeds), ("queries", self.queries)):
            if value < 1:
                raise InputError(f"{name} is {value}", "give 1 or more")
        if self.scores not in SCORES:
            raise unknown("choice of scores", self.scores, SCORES)
        if not self.strategies:
            raise InputError("no strategy to run", f"known: {', '.join(strategies.NAMES)}")
        for name, strategy in self.strategies.items():
            self._check(name, strategy)

    def _check(self, name: str, strategy: AnyStrategy) -> None:
        """Refuses a strategy for what its class says or what it says itself when it is given the problem."""
        if len(self.objectives.objectives) > 1 and not strategy.multi_objective:
            raise InputError(
                f"{name} handles one objective", f"several: {', '.join(able('multi_objective'))}; or one --objective"
            )
        if strategy.uses_fidelity and len(self.table.fidelities) < 2:
            raise InputError(
                f"{name} chooses among fidelities, and {self.table.name} has one",
                f"without: {', '.join(name for name in strategies.NAMES if name not in able('uses_fidelity'))}",
            )
        for setting in self.settings:
            setting.condition.region(self.table)
            strategy.init(problem(self.table, setting, seed=0))

    @property
    def settings(self) -> tuple[Setting, ...]:
        """One a condition, the plain one first."""
        distinct = dict.fromkeys((PLAIN, *self.conditions))
        names = self.score_names
        return tuple(Setting(self.objectives, self.queries, condition, names) for condition in distinct)

    @property
    def score_names(self) -> tuple[str, ...]:
        """Of the scores that strategies may ask for."""
        wanted = {"all": tuple(self.table.scores), "sizes": SIZES, "none": ()}[self.scores]
        return tuple(name for name in wanted if name in self.table.scores)

    @property
    def checkpoints(self) -> tuple[int, ...]:
        """Numbers of queries at which results are told: the last one is the budget."""
        return (*(queries for queries in CHECKPOINTS if queries < self.queries), self.queries)

    def to_dict(self) -> dict[str, Any]:
        """What runs depend on, beside their strategy, condition and seed."""
        return {
            "table": self.table.name,
            "digest": self.table.digest,
            "objectives": [objective.metric for objective in self.objectives.objectives],
            "queries": self.queries,
            "scores": list(self.score_names),
        }


def make_plan(
    table: Table,
    names: Sequence[str],
    objectives: Sequence[str],
    seeds: int,
    queries: int,
    conditions: Sequence[Condition] = (),
    scores: str = "all",
) -> Plan:
    """The plan as asked for in words. names: registered strategies; none or "all": all that suit."""
    wanted = objectives_of(table, objectives)
    chosen = suitable(table, wanted) if list(names) in ([], ["all"]) else names
    found = {name: strategies.get(name) for name in chosen}
    return Plan(table, found, wanted, seeds, queries, tuple(conditions), scores)


def able(capability: str) -> list[str]:
    """The registered strategies whose class has a capability."""
    return [name for name, kind in strategies.STRATEGIES.items() if getattr(kind, capability)]


def suitable(table: Table, objectives: Objectives) -> list[str]:
    """The registered strategies that can be run on a table with these objectives and need nothing but their name."""
    several, ladder = len(objectives.objectives) > 1, len(table.fidelities) > 1
    return [
        name
        for name, kind in strategies.STRATEGIES.items()
        if (kind.multi_objective or not several) and (ladder or not kind.uses_fidelity)
    ]


def finite(value: float) -> float | None:
    """The value for JSON: None where it is not finite."""
    return float(value) if math.isfinite(value) else None
