"""One run: one strategy with one seed on one table, in simulated time."""

from __future__ import annotations

import heapq
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from netwright.benchmarks.condition import PLAIN, Condition
from netwright.benchmarks.table import Table
from netwright.objectives import Objectives
from netwright.strategies import AnyStrategy, Problem, generator
from netwright.trial import Trial

CHANCE = 2**40
"""Parts the streams of chance (noise, failures) from those of the strategies."""
SLACK = 1e-9


@dataclass(frozen=True)
class Setting:
    """What all strategies are given. queries: the budget, in full evaluations; scores: the names of the scores that
    they may ask for before an evaluation."""

    objectives: Objectives
    queries: int
    condition: Condition = PLAIN
    scores: tuple[str, ...] = ()


@dataclass(frozen=True)
class Run:
    """What happened, one entry a trial, in the order in which trials ended.

    rows: of the table; rungs: places of the fidelities; told: the quality that the strategy was told, None for a
    failure; spent: full evaluations paid for so far; times: simulated time at the end; ask_tell_s: processor seconds
    that the strategy took in all.
    """

    seed: int
    rows: list[int] = field(default_factory=list)
    rungs: list[int] = field(default_factory=list)
    told: list[float | None] = field(default_factory=list)
    spent: list[float] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    ask_tell_s: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        data = asdict(self)
        for name in ("spent", "times"):
            data[name] = [round(value, 6) for value in data[name]]
        return data

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Run:
        """TypeError for anything else."""
        return cls(**data)


def problem(table: Table, setting: Setting, seed: int) -> Problem:
    """What a strategy is asked to solve."""
    names = setting.scores
    return Problem(
        table.space,
        setting.objectives,
        seed,
        scores=(lambda architecture: table.score(architecture, names)) if names else None,
        fidelities=table.fidelities,
        trials=float(setting.queries),
    )


def run(strategy: AnyStrategy, table: Table, setting: Setting, seed: int) -> Run:
    """The whole search of one strategy. It ends when the budget is spent or the strategy has nothing more to ask."""
    return _Simulation(strategy, table, setting, seed).run()


class _Simulation:
    """Workers that take a proposal whenever they are free; the clock jumps from one end of a trial to the next."""

    def __init__(self, strategy: AnyStrategy, table: Table, setting: Setting, seed: int) -> None:
        self.strategy, self.table, self.setting, self.seed = strategy, table, setting, seed
        wanted = tuple(objective.metric for objective in setting.objectives.objectives)
        self.answers = setting.condition.answers(table, wanted)
        self.under_way: list[tuple[float, int, Trial]] = []
        self.clock = self.committed = self.paid = self.cpu_s = 0.0
        self.asked = 0

    def run(self) -> Run:
        record = Run(self.seed)
        began = time.process_time()
        self.state = self.strategy.init(problem(self.table, self.setting, self.seed))
        self.cpu_s += time.process_time() - began
        while True:
            while (free := self.setting.condition.workers - len(self.under_way)) > 0:
                if not self._start(free):
                    break
            if not self.under_way:
                return Run(**{**vars(record), "ask_tell_s": round(self.cpu_s, 6)})
            self._finish(record)

    def _start(self, free: int) -> bool:
        """Asks for proposals and sets them under way; False when there is none or the budget has no room for it."""
        left = self.setting.queries - self.committed
        if left <= SLACK:
            return False
        began = time.process_time()
        proposals = self.strategy.ask(self.state, free)
        self.cpu_s += time.process_time() - began
        new = []
        for proposal in proposals:
            cost = self.table.share(self.table.rung(proposal.fidelity))
            if self.committed + cost > self.setting.queries + SLACK:
                break
            self.committed += cost
            new.append(Trial(self.asked, proposal))
            self.asked += 1
        if not new:
            return False
        self._tell(new)
        for trial in new:
            row, rung = self.table.row(trial.proposal.architecture), self.table.rung(trial.proposal.fidelity)
            duration = float(self.table.durations[row]) * self.table.share(rung)
            heapq.heappush(self.under_way, (self.clock + duration, trial.number, trial))
        return len(new) == len(proposals)

    def _finish(self, record: Run) -> None:
        """The trial that ends next."""
        self.clock, number, trial = heapq.heappop(self.under_way)
        ended = self.answers.end(trial, generator(CHANCE + self.seed, number))
        rung = self.table.rung(trial.proposal.fidelity)
        self.paid += self.table.share(rung)
        record.rows.append(self.table.row(trial.proposal.architecture))
        record.rungs.append(rung)
        record.told.append(None if ended.measurement is None else ended.metric(self.table.quality))
        record.spent.append(self.paid)
        record.times.append(self.clock)
        self._tell([ended])

    def _tell(self, trials: list[Trial]) -> None:
        began = time.process_time()
        self.state = self.strategy.tell(self.state, trials)
        self.cpu_s += time.process_time() - began
