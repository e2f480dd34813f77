"""One search from start to its last final training: create it, open it again, run it."""

from __future__ import annotations

import math
import os
import shutil
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from netwright import strategies
from netwright.backends.torch.recipe import most_epochs, useful_epochs
from netwright.errors import InputError, NetwrightError
from netwright.evaluation.sharing import Round, Shared
from netwright.evaluation.training import Training
from netwright.executors import make_executor
from netwright.executors.base import Executor
from netwright.loop.earlier import earlier_trials, read_earlier
from netwright.loop.feasibility import Scored
from netwright.loop.finalists import UNTRAINED, Trainings, baseline_proposals, control_pool, finals, promotion
from netwright.loop.loop import Loop
from netwright.loop.phase import Running
from netwright.loop.plan import SHARING_SHARE, Plan, counted_plan, plan_from_dict, plan_to_dict
from netwright.loop.progress import Observer
from netwright.loop.provenance import describe, this_machine
from netwright.loop.relative import parts_of
from netwright.loop.request import Request
from netwright.loop.settings import Settings
from netwright.loop.watch import LOCK_S, Watch
from netwright.space import Space
from netwright.store import Store, open_store
from netwright.strategies import Listed, Rounds, WarmStarted
from netwright.strategies.base import AnyStrategy
from netwright.supernet import BANK
from netwright.supernet.extremes import largest
from netwright.tasks import Task
from netwright.trial import Phase, Proposal, Trial

STORE = "search.sqlite"
MOST_DERIVED = 8
"""Networks that are derived from a supernet's preferences, and trained."""
COLLAPSED = 0.02
"""Share of random networks that are smaller than the one favoured, up to which preferences are said to have collapsed:
to options without weights, which have nothing to learn and are quick to be of use."""
COLLAPSE = (
    "the preferences may have collapsed: {:.0%} of random networks have fewer parameters than the favoured one; known "
    "cures: --setting noise=0.3, --setting dropped=0.5, --setting narrowing=true"
)
MEMORY_SHARE = 0.85
"""Of the machine's memory, for all workers together, where nothing else is asked for."""


@dataclass
class Search:
    """A search in its folder. `Search.create(...)` begins one, `Search.open(...)` finds one, `run()` takes it to its
    end."""

    directory: Path
    task: Task
    space: Space
    settings: Settings
    store: Store
    _began: float = field(default=0.0, repr=False)
    _before: float = field(default=0.0, repr=False)

    @classmethod
    def create(cls, directory: Path, task: Task, space: Space, settings: Settings) -> Search:
        """Checks everything that can be checked before training, then makes the folder.

        Raises InputError for unknown names, contradicting or unreachable constraints, and a folder that is in use.
        """
        if (directory / STORE).exists():
            raise _in_use(directory, settings)
        if directory.exists() and any(directory.iterdir()):
            raise InputError(f"{directory} is not empty", "choose another --out")
        search = cls(directory, task, space, settings, store=None)  # type: ignore[arg-type]
        earlier = read_earlier(Path(settings.warm_start)) if settings.warm_start else None
        search.request.check()
        directory.mkdir(parents=True, exist_ok=True)
        task.save(directory / "data")
        search.store = open_store(directory / STORE, create=True)
        search.store.put("settings", settings.to_dict())
        search.store.put("earlier", earlier)
        search.store.put("task", describe(task))
        search.store.put("machine", this_machine())
        search.store.put("space", space.name)
        search.store.add_space(space)
        for baseline in task.baselines():
            search.store.add_space(baseline.space)
        return search

    @classmethod
    def open(cls, directory: Path, space: Space | None = None) -> Search:
        """An existing search. `space`: needed where the space is made by the user's own Python code."""
        if not (directory / STORE).exists():
            raise InputError(f"{directory} holds no search", "it should contain search.sqlite")
        store = open_store(directory / STORE)
        settings, task = Settings.from_dict(store.get("settings")), Task.load(directory / "data")
        if space is None and settings.model:
            space = parts_of(settings.model, settings.weights, task.signature)
        if space is not None:
            store.add_space(space)
        return cls(directory, task, space or store.spaces()[store.get("space")], settings, store)

    @property
    def request(self) -> Request:
        return Request(self.task, self.space, self.settings)

    def _started(self) -> AnyStrategy:
        """The strategy, with what an earlier search found. Its values are never taken as they are: it may have trained
        on other data, longer, or on another machine."""
        earlier, strategy = self.store.get("earlier"), self.request.method.strategy
        if earlier is None:
            return strategy
        return WarmStarted(strategy, earlier_trials(earlier), same_task=False)

    # What happens ----------------------------------------------------------------------------------------------

    def clock(self) -> float:
        """Seconds since the search began, over all its runs."""
        return self._before + time.monotonic() - self._began

    def run(self, observer: Observer = lambda _: None) -> bool:
        """Runs every phase that is not done yet. False when it was stopped (`netwright stop`) before its end."""
        owner = f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
        if not self.store.lock(owner, LOCK_S):
            raise InputError(
                f"another process is running the search in {self.directory}", "wait for it, or: netwright stop"
            )
        self._began, self._before = time.monotonic(), float(self.store.get("elapsed", 0.0))
        self.store.reclaim(all=True)
        (self.directory / "stop").unlink(missing_ok=True)
        try:
            with self._executor() as executor:
                watch = Watch(
                    self.store,
                    owner,
                    self.clock,
                    self.request.objectives,
                    self.settings.budget,
                    self.request.budget.seconds,
                    observer,
                )
                return self._phases(executor, watch)
        finally:
            self.store.put("elapsed", self.clock())
            self.store.unlock(owner)

    def _phases(self, executor: Executor, watch: Watch) -> bool:
        plan = self._plan(executor)
        watch.notes = tuple(self.store.get("plan", ()))
        loop = Loop(
            self.store, executor, self.directory, self.clock, self.settings.seed, watch.observe, self._stop_wanted
        )
        phases = (self._search_phase, self._control_phase, self._promotion_phase, self._final_phase)
        for prepare in (self._sharing_phase, *phases) if self.request.method.policy else phases:
            if not loop.run(prepare(plan, loop)):
                return False
            if prepare in (self._sharing_phase, self._search_phase):
                self._require_success(loop)
        self._tidy(loop)
        return True

    def _tidy(self, loop: Loop) -> None:
        """Removes the weights that were only kept for others to begin with."""
        for trial in loop.trials.values():
            if trial.phase != "final":
                shutil.rmtree(self.directory / trial.folder, ignore_errors=True)

    def _sharing_phase(self, plan: Plan, loop: Loop) -> Running:
        """The supernet's training, in rounds."""
        space, method = self.request.governor.allowed(plan), self.request.method
        course, settings = plan.sharing, self.settings
        evaluator = Round(
            space, method.policy, course.rounds, self.request.recipe, dict(method.settings), settings.seed
        )
        shown = largest(space, self.task.signature)
        return Running(
            name="sharing",
            strategy=Rounds(shown, course.rounds, settings.workers, course.fidelity),
            evaluator=evaluator,
            space=space,
            objectives=self.request.objectives,
            seed=settings.seed,
            seconds=3 * (course.fidelity.seconds or math.inf) + 30,
            keeps=True,
        )

    def _search_phase(self, plan: Plan, loop: Loop) -> Running:
        budget, shared = self.request.budget, self._shared(loop)
        cheap = {"strategy": self._started()} | self._cheap(plan)
        if shared and self.request.method.derives:
            trainings = self._decided("derived", lambda: self._derived(plan, shared))
            cheap |= {"strategy": Listed(trainings.proposals), "promised": trainings.promised}
        elif shared:
            banks = tuple(str((self.directory / trial.folder / BANK).absolute()) for trial in shared)
            cheap |= {
                "evaluator": Shared(banks, self.request.times),
                "fidelity": UNTRAINED,
                "keeps": False,
                "inherits": False,
            }
        return Running(
            name="search",
            until=self._phase_end("search_end", plan.search_s * (1 - SHARING_SHARE if shared else 1)),
            most=budget.trials or math.inf,
            most_epochs=budget.epochs or math.inf,
            fidelities=plan.ladder,
            **cheap,
        )

    def _derived(self, plan: Plan, shared: Sequence[Trial]) -> Trainings:
        """The networks that a supernet's preferences favour, to be trained: as many as there is time for."""
        from netwright.supernet.derive import derive, smaller
        from netwright.supernet.rounds import loaded, merged

        bank = merged([loaded(self.directory / trial.folder / BANK, self.task) for trial in shared])
        room = self.request.budget.trials or (1 - SHARING_SHARE) * plan.trials(self.settings.workers)
        count = int(min(MOST_DERIVED, max(1, room)))
        space, rng = self.request.governor.allowed(plan), np.random.default_rng(self.settings.seed)
        parents = tuple(trial.number for trial in shared)
        favoured = derive(bank, space, count, rng)
        share = smaller(favoured[0], space, self.task.signature, rng)
        if share <= COLLAPSED:
            self.store.put("plan", [*self.store.get("plan", ()), COLLAPSE.format(share)])
        return Trainings(tuple(Proposal(one, parents=parents, origin="derived") for one in favoured), promised=1)

    def _control_phase(self, plan: Plan, loop: Loop) -> Running:
        """Random search with what the search had, less what the search itself spent on random draws."""
        found = [trial for trial in loop.trials.values() if trial.phase == "search"]
        drawn = control_pool(found)
        share = 1 - sum(map(_seconds, drawn)) / max(1e-9, sum(map(_seconds, found)))
        return Running(
            name="control",
            strategy=strategies.get("random"),
            until=self._phase_end("control_end", plan.search_s * share),
            most=len(found) - len(drawn) if math.isinf(plan.search_s) else math.inf,
            **self._cheap(plan) | {"seed": self.settings.seed + 1},
        )

    def _promotion_phase(self, plan: Plan, loop: Loop) -> Running:
        trials = list(loop.trials.values())
        trainings = self._decided(
            "promotion",
            lambda: promotion(
                trials,
                self.request.objectives,
                plan.promotion_s,
                self.settings.workers,
                plan.longer,
                tuple(trial.number for trial in self._shared(loop)),
            ),
        )
        return self._listed("promotion", trainings, **self._trained)

    def _final_phase(self, plan: Plan, loop: Loop) -> Running:
        trials = [trial for trial in loop.trials.values() if trial.phase == "promotion"]
        timed = not math.isinf(plan.final_end)
        trainings = self._decided(
            "final",
            lambda: finals(
                trials,
                [*baseline_proposals(self.request.rivals(plan)), *self.request.given],
                self.request.objectives,
                max(1.0, plan.final_end - self.clock()),
                self.settings.workers,
                (useful_epochs(self.request.recipe), most_epochs(self.request.recipe))
                if timed
                else (self.request.recipe.epochs,) * 2,
                self.settings.seed,
                self.request.inherits,
                bool(self.request.method.policy),
            ),
        )
        evaluator = Training(self.request.recipe, test=True, keep=True, latency=True)
        until = plan.final_end - trainings.seconds if timed else math.inf
        return self._listed("final", trainings, evaluator=evaluator, until=until, keeps=True)

    # Parts of it ------------------------------------------------------------------------------------------------

    def _cheap(self, plan: Plan) -> dict[str, Any]:
        """What the search and its control have in common."""
        return self._trained | {
            "space": self.request.governor.allowed(plan),
            "objectives": self.request.objectives,
            "seed": self.settings.seed,
            "fidelity": plan.fidelity,
            "seconds": 3 * plan.trial_s + 2,
            "slack": 3.0,
            "scores": Scored(self.task.signature, plan.pace),
            "trials": self.request.budget.trials or plan.trials(self.settings.workers),
        }

    def _shared(self, loop: Loop) -> list[Trial]:
        """The trials that left the supernet's weights: those of the last round."""
        done = [one for one in loop.trials.values() if one.phase == "sharing" and one.status == "completed"]
        last = done[-1].proposal.origin if done else ""
        return [trial for trial in done if trial.proposal.origin == last]

    @property
    def _trained(self) -> dict[str, Any]:
        """How networks are trained before the end: their weights are kept where others are to begin with them."""
        inherit = self.request.inherits
        evaluator = Training(self.request.recipe, latency=self.request.times, keep=inherit)
        return {"evaluator": evaluator, "keeps": inherit, "inherits": inherit}

    def _listed(self, name: Phase, trainings: Trainings, **further: Any) -> Running:
        return Running(
            name=name,
            strategy=Listed(trainings.proposals),
            space=self.space,
            objectives=self.request.objectives,
            seed=self.settings.seed,
            promised=trainings.promised,
            seconds=trainings.seconds,
            **further,
        )

    def _decided(self, name: str, decide: Callable[[], Trainings]) -> Trainings:
        """A decision is made once and kept, so that a resumed search goes on with it."""
        stored = self.store.get(name)
        if stored is None:
            stored = decide().to_dict()
            self.store.put(name, stored)
        return Trainings.from_dict(stored, self.store.spaces() | {self.space.name: self.space})

    def _phase_end(self, name: str, seconds: float) -> float:
        """The second at which a phase stops starting trials: decided when it first begins."""
        if math.isinf(seconds):
            return math.inf
        end = self.store.get(name)
        if end is None:
            end = self.clock() + seconds
            self.store.put(name, end)
        return float(end)

    def _plan(self, executor: Executor) -> Plan:
        stored = self.store.get("budget plan")
        if stored is not None:
            return plan_from_dict(stored)
        seconds = self.request.budget.seconds
        if seconds is None:
            plan = counted_plan(self.request.recipe.epochs)
        else:
            plan = self.request.governor.plan(executor, seconds, self.clock)
        self.store.put("budget plan", plan_to_dict(plan))
        self.store.put("plan", [*plan.lines, *self.request.carried(plan), *self.request.left_out(plan)])
        return plan

    def _require_success(self, loop: Loop) -> None:
        if any(trial.status == "completed" for trial in loop.trials.values()):
            return
        reasons = "; ".join(loop.failures) or "no trial could start"
        if self.request.budget.seconds is not None and not loop.failures:
            raise InputError(f"the budget {self.settings.budget} fits no trial", "give more time")
        raise NetwrightError(f"every trial of the search failed: {reasons}")

    def _stop_wanted(self) -> bool:
        return (self.directory / "stop").exists()

    def _executor(self) -> Executor:
        return make_executor(
            self.settings.executor,
            task_directory=self.directory / "data",
            directory=self.directory,
            workers=self.settings.workers,
            memory_mb=self.settings.memory_mb or MEMORY_SHARE * _memory_mb() / self.settings.workers,
        )


def _memory_mb() -> float:
    return float(psutil.virtual_memory().total / 2**20)


def _in_use(directory: Path, settings: Settings) -> InputError:
    """The error for a folder that holds a search: how it differs from the one asked for, and the ways out."""
    with open_store(directory / STORE) as store:
        differences = settings.differences(Settings.from_dict(store.get("settings")))
    asked = f"asked for {'; '.join(differences)}" if differences else "with the same settings"
    return InputError(
        f"{directory} holds another search ({asked})", f"choose another --out, or go on: netwright resume {directory}"
    )


def _seconds(trial: Trial) -> float:
    return trial.measurement.cost.wall_s if trial.measurement else 0.0
