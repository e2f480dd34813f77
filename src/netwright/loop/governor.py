"""Plans a search's budget by measurement: how fast the networks of its space train on this machine."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import fmean

import numpy as np

from netwright import backends
from netwright.backends.torch.recipe import Recipe, most_epochs
from netwright.errors import InputError
from netwright.evaluation.pace import Pace
from netwright.evaluation.speed import Speed
from netwright.executors.base import Event, Executor, Failed, Finished, Job, Report
from netwright.loop.feasibility import Feasible, restrict
from netwright.loop.loop import TICK_S
from netwright.loop.plan import OURS, Clock, Plan, timed_plan
from netwright.objectives import Constraint
from netwright.operations import analyse, is_estimator
from netwright.space import Architecture, Space
from netwright.tasks import Baseline, Task
from netwright.trial import Proposal

TYPICAL_OF = 32
"""Networks whose average is foretold from those that are timed before planning."""
ANY = (0.0, math.inf)
"""No limits."""
WORTHWHILE = 2.0
"""Times the recipe's epochs: who sees the data more often in a final training is too small for the time at hand."""
ESTIMATORS = (
    "estimators are fitted in one go, to all of the training data where a trial has time for it; the figures above are "
    "of networks"
)
LEAST_S = 3.0
"""Seconds that must be left after starting for a search to make sense."""


@dataclass(frozen=True)
class Governor:
    """constraints: those that are decided before training; quality_alone: size and speed are no objectives; ours:
    final trainings beside those of the hand-designed networks; backend: what trains networks."""

    task: Task
    space: Space
    constraints: tuple[Constraint, ...]
    recipe: Recipe
    workers: int
    seed: int
    quality_alone: bool = False
    ours: int = OURS
    backend: str = backends.DEFAULT

    def feasible(self, pace: Pace | None = None, limits: tuple[float, float] = ANY) -> Feasible:
        """limits: seconds a training example, least and most."""
        quickest, slowest = limits
        return Feasible(self.task.signature, self.constraints, None if limits == ANY else pace, slowest, quickest)

    def allowed(self, plan: Plan) -> Space:
        """The space without what breaks a constraint, is too slow for the budget or too small to make use of it."""
        return restrict(self.space, self.feasible(plan.pace, (plan.quickest_s, plan.slowest_s)))

    def plan(self, executor: Executor, seconds: float, clock: Callable[[], float]) -> Plan:
        """The plan for a time budget. Raises InputError when it fits no trial."""
        pace = self._measured_pace(executor, seconds)
        examples, epochs = len(self.task.train.y), (self.recipe.epochs, most_epochs(self.recipe))
        rivals = self._by_speed(pace)
        left = Clock(seconds, clock(), self.workers, len(rivals), self.ours, pace.starting_s)
        if left.usable < LEAST_S:
            raise InputError(f"the budget of {seconds:g} s fits no trial", "starting alone takes most of it")
        while len(rivals) > 1 and rivals[-1][0] > left.an_example(examples, epochs[0]):
            rivals.pop()
            left = replace(left, rivals=len(rivals))
        if left.starting_s >= left.one_final:
            reason = f"each takes {left.starting_s:.1f} s to its first step, of {left.one_final:.1f} s that there are"
            raise InputError(f"the budget of {seconds:g} s fits no final trainings: {reason}", "give more time")
        slowest = left.an_example(examples, epochs[0])
        drawn = self._samples(self.feasible(), TYPICAL_OF)
        networks = _trained(drawn)
        limits, typical = self._limits(pace, (0.0, slowest) if networks else ANY, ANY)
        scarce = left.an_example(examples, epochs[1]) < typical
        if self.quality_alone and scarce and limits != ANY:
            limits, typical = self._limits(pace, (slowest / WORTHWHILE, slowest), limits)
        names = tuple(name for _, name in rivals)
        plan = timed_plan(left, examples, epochs, typical, limits, pace, names)
        return plan if len(networks) == len(drawn) else replace(plan, lines=(*plan.lines, ESTIMATORS))

    def rivals(self) -> list[Baseline]:
        """The hand-designed networks that meet the constraints."""
        feasible = self.feasible()
        return [baseline for baseline in self.task.baselines() if feasible(baseline.space.architecture({}))]

    def _by_speed(self, pace: Pace) -> list[tuple[float, str]]:
        """Seconds a training example and name of each hand-designed model, the quickest first: an estimator is
        fitted to as many examples as there is time for, so it is never too slow."""
        graphs = [(baseline.name, baseline.space.architecture({}).graph) for baseline in self.rivals()]
        trained = ((name, graph) for name, graph in graphs if not is_estimator(graph))
        timed = sorted((pace.seconds(analyse(graph, self.task.signature)), name) for name, graph in trained)
        return [*((0.0, name) for name, graph in graphs if is_estimator(graph)), *timed]

    def _limits(
        self, pace: Pace, wanted: tuple[float, float], otherwise: tuple[float, float]
    ) -> tuple[tuple[float, float], float]:
        """The limits wanted, or where no network keeps to them others, with the typical seconds a training example."""
        try:
            return wanted, self._typical_seconds(pace, wanted)
        except InputError:
            return otherwise, self._typical_seconds(pace, otherwise)

    def _measured_pace(self, executor: Executor, seconds: float) -> Pace:
        """Trains a few steps of some networks of the space, the smaller half of those drawn, in a worker."""
        count = backends.get(self.backend).timed
        drawn = self._timeable(self.feasible(), 2 * count)
        drawn.sort(key=lambda architecture: analyse(architecture.graph, self.task.signature).flops)
        first, *others = drawn[:count]
        speed = Speed(self.recipe, tuple(others), self.backend)
        executor.submit(Job(-1, Proposal(first), speed, seed=0, seconds=seconds))
        events: list[Event] = []
        while not events:
            events = [event for event in executor.wait(TICK_S) if not isinstance(event, Report)]
        if isinstance(events[0], Finished):
            found = events[0].measurement.metrics
            starting_s = found["starting_s"] if backends.get(self.backend).compiles else 0.0
            return Pace(found["flop_s"], found["activation_s"], starting_s)
        message = events[0].failure.message if isinstance(events[0], Failed) else ""
        raise InputError(f"the budget of {seconds:g} s fits no trial", f"give more time ({message})")

    def _typical_seconds(self, pace: Pace, limits: tuple[float, float]) -> float:
        """Seconds a training example, on average over the networks within the limits."""
        drawn = self._timeable(self.feasible(pace, limits), TYPICAL_OF)
        return fmean(pace.seconds(analyse(architecture.graph, self.task.signature)) for architecture in drawn)

    def _samples(self, feasible: Feasible, count: int) -> list[Architecture]:
        random = np.random.default_rng(self.seed)
        space = restrict(self.space, feasible)
        return [space.sample(random) for _ in range(count)]

    def _timeable(self, feasible: Feasible, count: int) -> list[Architecture]:
        """Networks, whose training time can be foretold: those among some drawn from the space, or else the
        hand-designed ones. Where all are estimators, these."""
        drawn = self._samples(feasible, count)
        rivals = [baseline.space.architecture({}) for baseline in self.rivals()]
        return _trained(drawn) or _trained(rivals) or drawn


def _trained(architectures: list[Architecture]) -> list[Architecture]:
    return [architecture for architecture in architectures if not is_estimator(architecture.graph)]
