"""One search from start to its last final training: create it, open it again, run it."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from netwright.errors import InputError, NetwrightError
from netwright.executors import executor_settings, make_executor
from netwright.executors.base import Executor
from netwright.executors.limits import memory_share_mb
from netwright.loop.earlier import read_earlier
from netwright.loop.loop import Loop
from netwright.loop.phases import Phases
from netwright.loop.plan import Plan, counted_plan, plan_from_dict, plan_to_dict
from netwright.loop.progress import Observer
from netwright.loop.provenance import describe, this_machine
from netwright.loop.relative import parts_of
from netwright.loop.request import Request
from netwright.loop.settings import Settings
from netwright.loop.watch import LOCK_S, Watch
from netwright.space import Space
from netwright.store import FILE, Lost, Store, check_free, create_in, holds_search, open_in
from netwright.tasks import Task
from netwright.trial import Phase

STORE = FILE
AWAY_S = 600.0
"""How long a driver waits for the store's server to come back."""


@dataclass
class Search:
    """A search in its folder. `Search.create(...)` begins one, `Search.open(...)` finds one, `run()` takes it to its
    end."""

    directory: Path
    task: Task
    space: Space
    settings: Settings
    store: Store
    leads: bool = field(default=True, repr=False)
    _began: float = field(default=0.0, repr=False)
    _before: float = field(default=0.0, repr=False)

    @classmethod
    def create(cls, directory: Path, task: Task, space: Space, settings: Settings, store: str = "") -> Search:
        """Checks everything that can be checked before training, then makes the folder.

        Raises InputError for unknown names, contradicting or unreachable constraints, and a folder or store that is in
        use. store: the URL of a database to keep the log in, by default a file in the folder.
        """
        if holds_search(directory):
            raise _in_use(directory, settings)
        if directory.exists() and any(directory.iterdir()):
            raise InputError(f"{directory} is not empty", "choose another --out")
        search = cls(directory, task, space, settings, store=None)  # type: ignore[arg-type]
        earlier = read_earlier(Path(settings.warm_start)) if settings.warm_start else None
        search.request.check()
        if store:
            check_free(store)
        directory.mkdir(parents=True, exist_ok=True)
        task.save(directory / "data")
        search.store = create_in(directory, store)
        search.store.judge_by(search.request.objectives)
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
        store = open_in(directory)
        settings, task = Settings.from_dict(store.get("settings")), Task.load(directory / "data")
        if space is None and settings.model:
            space = parts_of(settings.model, settings.weights, task.signature)
        if space is not None:
            store.add_space(space)
        search = cls(directory, task, space or store.spaces()[store.get("space")], settings, store)
        search.request.backend  # noqa: B018  (refuses what is not installed)
        store.judge_by(search.request.objectives)
        return search

    @property
    def request(self) -> Request:
        return Request(self.task, self.space, self.settings)

    # What happens ----------------------------------------------------------------------------------------------

    def clock(self) -> float:
        """Seconds since the search began, over all its runs."""
        return self._before + time.monotonic() - self._began

    def run(self, observer: Observer = lambda _: None, join: bool = False) -> bool:
        """Runs every phase that is not done yet. False when it was stopped (`netwright stop`) before its end.

        join: beside other drivers, if there are any. One of them leads, and another takes over when it is gone.
        """
        owner = f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self.leads = self.store.lock(owner, LOCK_S)
        if not self.leads and not join:
            raise InputError(
                f"another process is running the search in {self.directory}",
                f"wait for it, help it (netwright resume {self.directory} --join), or end it: netwright stop",
            )
        self._begin()
        watch = Watch(
            self.store,
            owner,
            self.clock,
            self.request.objectives,
            self.settings.budget,
            self.request.budget.seconds,
            observer,
        )
        watch.leads = self.leads
        try:
            with self._executor() as executor:
                return self._persistently(executor, watch)
        finally:
            self.leads = watch.leads
            if self.leads:
                self.store.put("elapsed", self.clock())
            self.store.unlock(owner)
            self.store.leave(owner)

    def _begin(self) -> None:
        """Sets the clock, and gives back what earlier runs were at when they died."""
        self._began, self._before = time.monotonic(), float(self.store.get("elapsed", 0.0))
        with self.store.batch():
            self.store.reclaim(all=self.leads and not self.store.drivers())
        if self.leads:
            (self.directory / "stop").unlink(missing_ok=True)

    def _persistently(self, executor: Executor, watch: Watch) -> bool:
        """Runs the phases, and goes on from the log when the store's server comes back after it went away."""
        while True:
            try:
                return self._phases(executor, watch)
            except Lost as lost:
                for number in executor.running:
                    executor.cancel(number)
                self._await(lost)
                self.store.leave(watch.owner)

    def delivered(self) -> dict[str, Any]:
        """What the driver that leads has made of the end of the search; {} where it has not within a minute."""
        for _ in range(int(LOCK_S * 2)):
            summary: dict[str, Any] | None = self.store.get("summary")
            if summary is not None:
                return summary
            time.sleep(1.0)
        return {}

    def _await(self, lost: Lost) -> None:
        """Waits until the store can be read again. Raises what it waits for after ten minutes."""
        give_up = time.monotonic() + AWAY_S
        while time.monotonic() < give_up and not self._stop_wanted():
            time.sleep(1.0)
            with contextlib.suppress(Lost):
                self.store.last_seq()
                return
        raise lost

    def _phases(self, executor: Executor, watch: Watch) -> bool:
        plan = self._plan(executor)
        watch.notes = tuple(self.store.get("plan", ()))
        loop = Loop(
            self.store,
            executor,
            self.directory,
            self.clock,
            self.settings.seed,
            watch.observe,
            self._stop_wanted,
            watch.owner,
        )
        phases = Phases(self.request, self.store, self.directory, plan, loop)
        for prepare in phases:
            running = prepare()
            watch.notes = tuple(self.store.get("plan", ()))
            if not loop.run(running):
                return False
            if running.name == "search" and phases.screens:
                phases.judge_screening()
            if running.name == "control":
                phases.judge_prospects()
            if running.name in ("sharing", "search"):
                self._require_success(loop, running.name)
        if watch.leads:
            self._tidy(loop)
        return True

    def _tidy(self, loop: Loop) -> None:
        """Removes the weights that were only kept for others to begin with."""
        for trial in loop.trials.values():
            if trial.phase != "final":
                shutil.rmtree(self.directory / trial.folder, ignore_errors=True)

    def _plan(self, executor: Executor) -> Plan:
        stored = self.store.get("budget plan")
        if stored is not None:
            return plan_from_dict(stored)
        seconds = self.request.budget.seconds
        if seconds is None:
            plan = counted_plan(self.request.recipe.epochs)
        else:
            plan = self.request.governor.plan(executor, seconds, self.clock)
        with self.store.batch():
            stored = self.store.get("budget plan")
            if stored is not None:  # another driver was quicker
                return plan_from_dict(stored)
            self.store.put("budget plan", plan_to_dict(plan))
            self.store.put("plan", [*plan.lines, *self.request.carried(plan), *self.request.left_out(plan)])
        return plan

    def _require_success(self, loop: Loop, phase: Phase) -> None:
        if any(trial.status == "completed" and trial.phase == phase for trial in loop.trials.values()):
            return
        reasons = "; ".join(loop.failures) or "no trial could start"
        if self.request.budget.seconds is not None and not loop.failures:
            raise InputError(f"the budget {self.settings.budget} fits no trial", "give more time")
        raise NetwrightError(f"every trial of the search failed: {reasons}")

    def _stop_wanted(self) -> bool:
        return (self.directory / "stop").exists()

    def _executor(self) -> Executor:
        settings = self.settings
        here = executor_settings(settings.executor, settings.executor_settings).here
        return make_executor(
            settings.executor,
            task_directory=self.directory / "data",
            directory=self.directory,
            workers=settings.workers,
            memory_mb=settings.memory_mb or (memory_share_mb(1 / settings.workers) if here else None),
            settings=settings.executor_settings,
        )


def _in_use(directory: Path, settings: Settings) -> InputError:
    """The error for a folder that holds a search: how it differs from the one asked for, and the ways out."""
    with open_in(directory) as store:
        differences = settings.differences(Settings.from_dict(store.get("settings")))
    asked = f"asked for {'; '.join(differences)}" if differences else "with the same settings"
    return InputError(
        f"{directory} holds another search ({asked})", f"choose another --out, or go on: netwright resume {directory}"
    )
