"""What a user asks of a search, made of its settings: and whether that can be had at all."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from netwright import backends, spaces, strategies
from netwright.backends import Backend
from netwright.backends.torch.recipe import Recipe, default_recipe
from netwright.errors import InputError
from netwright.executors import executor_settings
from netwright.loop import methods, screening
from netwright.loop.budget import Budget
from netwright.loop.feasibility import Feasible, Scored, check_operations, operations_of, restrict, sized
from netwright.loop.governor import Governor
from netwright.loop.methods import Method, check_shareable, has_estimators
from netwright.loop.plan import OURS, SHARING_SHARE, Plan
from netwright.loop.prospects import Prospects
from netwright.loop.relative import given
from netwright.loop.settings import Settings
from netwright.objectives import METRICS, Constraint, Objective, Objectives
from netwright.operations import OPERATIONS
from netwright.space import Space
from netwright.strategies import Screened
from netwright.strategies.base import Problem
from netwright.tasks import Baseline, Task
from netwright.trial import Proposal

GIVEN = "baseline: the network given"
TOO_SLOW = "is left out: like networks that are as slow, a final training has no time for it"


@dataclass(frozen=True)
class Request:
    """The settings' texts as what they stand for. Raises InputError where they make no sense."""

    task: Task
    space: Space
    settings: Settings

    @property
    def objectives(self) -> Objectives:
        wanted = self.settings.objectives or (self.task.metric,)
        return Objectives(
            tuple(Objective.parse(text) for text in wanted),
            tuple(Constraint.parse(text) for text in self.settings.constraints),
        )

    @property
    def recipe(self) -> Recipe:
        return default_recipe(self.task.kind, len(self.task.train.y)).adapted(self.settings.recipe)

    @property
    def backend(self) -> Backend:
        """Raises InputError for an unknown name, and MissingExtra where it is not installed."""
        return backends.get(self.settings.backend)

    @property
    def method(self) -> Method:
        return methods.get(self.settings.method, self.settings.method_settings, len(self.objectives.objectives))

    @property
    def budget(self) -> Budget:
        return Budget.parse(self.settings.budget)

    @property
    def times(self) -> bool:
        """Is latency an objective or a constraint, so that every trial must measure it?"""
        return "latency_ms" in self.objectives.names

    @property
    def inherits(self) -> bool:
        return self.settings.inherit or bool(self.method.policy)

    @property
    def governor(self) -> Governor:
        settings = self.settings
        objectives = self.objectives
        alone = all(METRICS[one.metric].source == "quality" for one in objectives.objectives)
        ours = OURS + bool(self.method.policy) + len(self.given)
        return Governor(
            self.task,
            self.space,
            objectives.analytic,
            self.recipe,
            settings.workers,
            settings.seed,
            alone,
            ours,
            settings.backend,
        )

    @property
    def unscreened(self) -> str:
        """Why untrained networks are not ranked before the search; "" where they are."""
        if screening.choice(self.settings.evaluate) in ("train", "predictor"):
            return "untrained networks are not ranked, as asked"
        strategy, trials = self.method.strategy, self.budget.trials or math.inf
        if self.method.policy:
            return "untrained networks are not ranked: shared weights judge them"
        if not strategy.learns:
            return f"untrained networks are not ranked: {strategy.name} learns nothing from it"
        if self.settings.warm_start:
            return f"untrained networks are not ranked: the search in {self.settings.warm_start} tells more"
        if all(METRICS[one.metric].source != "quality" for one in self.objectives.objectives):
            return "untrained networks are not ranked: no quality is asked for"
        if has_estimators(self.space):
            return "untrained networks are not ranked: the space holds models that are fitted in one go"
        if self.task.graph is not None:
            return "untrained networks are not ranked: their proxies see no neighbours of a node"
        if trials < screening.FEWEST:
            return f"untrained networks are not ranked: a ranking is not worth its time for {trials:.0f} trials"
        return ""

    def check(self) -> None:
        """Everything that can be refused before training."""
        self.budget, self.recipe, self.backend  # noqa: B018  (parse or refuse)
        screening.choice(self.settings.evaluate)
        executor_settings(self.settings.executor, self.settings.executor_settings).check()
        objectives, method = self.objectives, self.method
        strategy = method.strategy
        if len(objectives.objectives) > 1 and not strategy.multi_objective:
            able = ", ".join(name for name in strategies.NAMES if strategies.get(name).multi_objective)
            raise InputError(f"{strategy.name} searches for one objective only", f"methods for several: {able}")
        strategy.init(Problem(self.space, objectives))  # refuses what it cannot do
        for name in objectives.names:
            if METRICS[name].source == "quality" and name not in self.task.metrics:
                raise InputError(
                    f"{name} is not a metric of {self.task.kind}", f"it has {', '.join(self.task.metrics)}"
                )
        if method.policy and self.task.graph is not None:
            others = f"use a method that trains each one: {', '.join(strategies.NAMES)}"
            raise InputError(f"{self.settings.method} does not share weights over the nodes of a graph", others)
        check_operations(self.space)
        self._check_backend()
        self._check_reachable()
        if self.settings.evaluate == "zero-cost" and self.unscreened:
            raise InputError(f"--evaluate zero-cost: {self.unscreened}", "leave it out")
        if self.settings.evaluate == "predictor" and method.policy:
            raise InputError("--evaluate predictor: shared weights judge networks already", "leave it out")
        check_shareable(method, self.space, self.task.signature, self.settings.method, objectives.names)

    def _check_backend(self) -> None:
        """Refuses what the backend lacks for this space, task, recipe or method."""
        backend = self.backend
        others = f"--backend {backends.DEFAULT}"
        refusal = backend.refusal(self.task, self.recipe)
        if refusal:
            raise InputError(f"the backend {backend.name} {refusal}", others)
        missing = backend.lacks(operations_of(self.space)) if backend.lacks(OPERATIONS) else []
        if missing:
            able = [one for one in spaces.NAMES if self._runs(one)]
            fitting = f", or --space {' or '.join(able)}" if able else ""
            raise InputError(
                f"the backend {backend.name} has no {', '.join(missing)}, which the space {self.space.name} has",
                f"{others}{fitting}",
            )
        if self.method.policy and not backend.shares:
            raise InputError(
                f"{self.settings.method} shares weights, and the backend {backend.name} trains each network by itself",
                f"{others}, or a method that trains each one: {', '.join(strategies.NAMES)}",
            )

    def _runs(self, name: str) -> bool:
        """Is that ready space for this task, and made of what the backend has?"""
        try:
            return not self.backend.lacks(operations_of(spaces.get(name, self.task.signature)))
        except InputError:
            return False

    def _check_reachable(self) -> None:
        """Refuses a space in which nothing can be built on this input, with the reason of a network that cannot, or
        nothing meets the constraints."""
        random = np.random.default_rng(0)
        try:
            restrict(self.space, Feasible(self.task.signature)).sample(random)
        except InputError:
            sized(self.space.sample(random), self.task.signature)
            raise
        restrict(self.space, self.governor.feasible()).sample(random)

    @property
    def given(self) -> list[Proposal]:
        """The user's own network that the space is all parts of, as it was; it need not meet the constraints."""
        whole = given(self.space)
        return [] if whole is None else [Proposal(whole, origin=GIVEN)]

    def rivals(self, plan: Plan) -> list[Baseline]:
        """The hand-designed networks that are trained."""
        return [one for one in self.governor.rivals() if plan.rivals is None or one.name in plan.rivals]

    def carried(self, plan: Plan) -> list[str]:
        """Lines on weights that networks take over from others."""
        lines = []
        if self.method.policy:
            time = "" if math.isinf(plan.search_s) else f" {SHARING_SHARE * plan.search_s:.0f} s of the search's time,"
            lines.append(f"the weights that all networks share are trained{time} in {plan.sharing.rounds} rounds")
            if self.method.derives:
                lines.append(
                    "half of the training data is held out from them, for preferences to learn from; the networks that "
                    "these favour are trained on all of it"
                )
        lines.append(self._foretold if self.foretells else self.unscreened or self._screened(plan))
        if self.stops:
            lines.append(
                "a training of several epochs is stopped early when its loss tells, by those before it, that it will "
                "hardly be among the best quarter"
            )
        lines.extend(self.backend.plan)
        for name, missing in self._foreign(plan).items():
            lines.append(f"hand-designed {name} is trained with {backends.DEFAULT}: {missing}")
        if self.inherits:
            lines.append(
                "networks begin with the weights that their parents left, and go on from there in further trainings; "
                "hand-designed ones begin from scratch"
            )
        return lines

    def _foreign(self, plan: Plan) -> dict[str, str]:
        """The hand-designed networks that the backend does not train, and what it lacks for them."""
        backend = self.backend
        found = {one.name: backend.lacks(one.space.architecture({}).graph.operations) for one in self.rivals(plan)}
        return {name: f"{backend.name} has no {', '.join(missing)}" for name, missing in found.items() if missing}

    @property
    def stops(self) -> bool:
        """Are trainings without prospects stopped early?"""
        if screening.choice(self.settings.evaluate) != "auto" or self.method.policy or has_estimators(self.space):
            return False
        sizes = Scored(self.task.signature)(self.space.sample(np.random.default_rng(0)))
        return Prospects.serve(self.objectives, sizes)

    @property
    def foretells(self) -> bool:
        """Does a predictor choose among several proposals for each that is trained?"""
        return self.settings.evaluate == "predictor"

    @property
    def _foretold(self) -> str:
        return (
            f"each network that is trained is the best of {Screened(self.method.strategy).ahead} proposals, as a "
            "predictor sees it that learns from those measured"
        )

    def _screened(self, plan: Plan) -> str:
        names = ", ".join(screening.proxies(self.task.signature))
        time = "" if math.isinf(plan.search_s) else f" in {screening.SHARE * plan.search_s:.0f} s of the search's time"
        return f"untrained networks are ranked first{time}, by {names}; the search begins with the best of them"

    def left_out(self, plan: Plan) -> list[str]:
        """A line for each hand-designed network that is not trained: why."""
        allowed = {one.name for one in self.governor.rivals()}
        trained = {one.name for one in self.rivals(plan)}
        return [
            f"hand-designed {one.name} {TOO_SLOW if one.name in allowed else 'does not meet the constraints'}"
            for one in self.task.baselines()
            if one.name not in trained
        ]
