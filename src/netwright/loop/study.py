"""Which cheap setting ranks networks like the full training: random networks are trained at all of them.

Networks are taken one after the other through all settings, so that whenever the study ends, what there is can be
compared. Nothing of it is ever trained twice: a study that is begun again in its folder goes on.
"""

from __future__ import annotations

import math
import os
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from netwright.backends.torch.recipe import Recipe
from netwright.backends.torch.train import batch_size
from netwright.errors import InputError
from netwright.evaluation.training import Training
from netwright.evaluation.zero_cost import ZeroCost
from netwright.executors import executor_settings, make_executor
from netwright.loop.feasibility import Feasible, distinct, restrict
from netwright.loop.loop import Loop
from netwright.loop.phase import Running
from netwright.loop.progress import Observer
from netwright.loop.watch import LOCK_S, Watch
from netwright.objectives import Constraint, Objective, Objectives
from netwright.proxies import applicable
from netwright.space import Architecture, Space
from netwright.store import Store, open_store
from netwright.strategies import Listed
from netwright.tasks import Task
from netwright.trial import UNTRAINED, Fidelity, Phase, Proposal, Trial

FULL, AGAIN = "full training", "full training, another seed"
STORE = "search.sqlite"


@dataclass(frozen=True)
class Setting:
    """name: for people; fidelity: at which networks are trained."""

    name: str
    fidelity: Fidelity


@dataclass(frozen=True)
class Study:
    """networks: how many; settings: the cheap ones; epochs: of the full training; seconds: after which no training
    starts."""

    task: Task
    space: Space
    recipe: Recipe
    networks: int = 12
    settings: tuple[Setting, ...] = ()
    constraints: tuple[str, ...] = ()
    seconds: float = math.inf
    workers: int = 1
    executor: str = "processes"
    seed: int = 0
    executor_settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def full(self) -> Fidelity:
        return Fidelity(epochs=self.recipe.epochs)

    @property
    def objectives(self) -> Objectives:
        return Objectives((Objective.parse(self.task.metric),), tuple(map(Constraint.parse, self.constraints)))

    def check(self) -> None:
        """Refuses what could tell nothing. Raises InputError."""
        executor_settings(self.executor, self.executor_settings).check()
        if self.networks < 3:
            raise InputError(f"{self.networks} networks cannot be ranked", "take at least 3, better 12")
        examples = len(self.task.train.y)
        batch = batch_size(self.task, examples, self.recipe.batch_size)
        for setting in self.settings:
            seen = setting.fidelity.data * examples * min(1.0, setting.fidelity.epochs or 1.0)
            if seen < batch:
                raise InputError(
                    f"{setting.name} is less than one batch of {batch} examples",
                    f"take at least {batch / examples:.2g} of an epoch of all data",
                )

    def run(self, directory: Path, observer: Observer = lambda _: None) -> tuple[Trial, ...]:
        """Trains everything that is not trained yet, and gives all trials."""
        self.check()
        with self._opened(directory) as store:
            owner = f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
            if not store.lock(owner, LOCK_S):
                raise InputError(f"another process is at work in {directory}", "wait for it")
            store.judge_by(self.objectives)
            began, before = time.monotonic(), float(store.get("elapsed", 0.0))
            store.reclaim(all=True)
            try:
                self._run(store, directory, owner, lambda: before + time.monotonic() - began, observer)
            finally:
                store.put("elapsed", before + time.monotonic() - began)
                store.unlock(owner)
            return tuple(store.trials())

    def _opened(self, directory: Path) -> Store:
        about: dict[str, Any] = {"space": self.space.name, "task": self.task.fingerprint}
        about |= {"recipe": asdict(self.recipe), "seed": self.seed, "constraints": list(self.constraints)}
        if not (directory / STORE).exists():
            directory.mkdir(parents=True, exist_ok=True)
            self.task.save(directory / "data")
            store = open_store(directory / STORE, create=True)
            store.put("study", about)
            store.add_space(self.space)
            return store
        store = open_store(directory / STORE)
        known = store.get("study")
        if known != about:
            store.close()
            different = [name for name in about if (known or {}).get(name) != about[name]]
            raise InputError(f"{directory} holds something else ({', '.join(different)})", "choose another --out")
        return store

    def _run(self, store: Store, directory: Path, owner: str, clock: Callable[[], float], observer: Observer) -> None:
        watch = Watch(store, owner, clock, self.objectives, "fidelity study", None, observer)
        settings = self.executor_settings
        with make_executor(self.executor, directory / "data", directory, self.workers, settings=settings) as executor:
            loop = Loop(store, executor, directory, clock, self.seed, watch.observe)
            for phase in (self._untrained, self._trained):
                loop.run(phase)

    @cached_property
    def drawn(self) -> list[Architecture]:
        """The networks: random and distinct, those that meet the constraints."""
        allowed = restrict(self.space, Feasible(self.task.signature, self.objectives.analytic))
        return distinct(allowed, self.networks, self.seed, 20 * self.networks)

    @property
    def _untrained(self) -> Running:
        listed = [Proposal(one, UNTRAINED, origin="zero-cost") for one in self.drawn]
        return self._phase("screening", listed, ZeroCost(applicable(self.task.signature)))

    @property
    def _trained(self) -> Running:
        wanted = [Setting(FULL, self.full), *self.settings, Setting(AGAIN, self.full)]
        listed = [
            Proposal(one, setting.fidelity, origin=setting.name, seed=self.seed + (setting.name == AGAIN))
            for one in self.drawn
            for setting in wanted
        ]
        return self._phase("search", listed, Training(self.recipe))

    def _phase(self, name: Phase, listed: Sequence[Proposal], evaluator: Training | ZeroCost) -> Running:
        return Running(
            name=name,
            strategy=Listed(tuple(listed)),
            evaluator=evaluator,
            space=self.space,
            objectives=self.objectives,
            seed=self.seed,
            until=self.seconds,
        )
