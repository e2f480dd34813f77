"""The ask-evaluate-record-tell loop. Every phase of a search is a strategy asked on the same loop:

    ask -> record the proposal -> evaluate in a worker -> record the outcome -> tell

The log is the truth: the loop keeps nothing that it could not rebuild from the store.
"""

from __future__ import annotations

import math
import shutil
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from netwright.executors.base import Event, Executor, Failed, Finished, Job, Report
from netwright.loop.phase import Running
from netwright.store import Store
from netwright.trial import Cost, Fidelity, Measurement, Trial

LEASE_S = 60.0
TICK_S = 0.25
SHARED = ("search", "control")
"""Phases that take each other's measurements of the same network."""


class Loop:
    """Runs phases on an executor and records everything in a store.

    clock: seconds since the search began, over all its runs; stopped: asked between events, True to stop early.
    """

    def __init__(
        self,
        store: Store,
        executor: Executor,
        directory: Path,
        clock: Callable[[], float],
        seed: int,
        observe: Callable[[Loop], None] = lambda _: None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        self.store, self.executor, self.directory = store, executor, directory
        self.clock, self.seed, self.observe, self.stopped = clock, seed, observe, stopped
        self.trials: dict[int, Trial] = {trial.number: trial for trial in store.trials()}
        self.reports: dict[int, Mapping[str, Any]] = {}
        self.failures: deque[str] = deque(maxlen=5)
        self.phase: Running
        self._measured: dict[tuple[str, Fidelity, int | None], Trial] = {}
        self._tokens: dict[int, int] = {}
        self._lost: set[int] = set()
        self.waiting: deque[Trial] = deque()
        self._next_beat = 0.0

        for trial in self.trials.values():
            self._remember(trial)

    def run(self, phase: Running) -> bool:
        """Runs a phase to its end; False when stopped early."""
        self.phase = phase
        self.waiting = self._replay()
        events: Sequence[Event] = ()
        while True:
            jobs: list[Job] = []
            with self.store.batch():
                for event in events:
                    self._take(event)
                stopping = self.stopped()
                while not stopping and len(self.executor.running) + len(jobs) < self.executor.workers:
                    trial = self.waiting.popleft() if self.waiting else self._propose()
                    if trial is None:
                        break
                    jobs.append(self._job(trial))
            for job in jobs:
                self.executor.submit(job)
            self.observe(self)
            if stopping or phase.over(self.clock()):
                return not stopping
            events = self.executor.wait(TICK_S)
            self._beat()

    def _replay(self) -> deque[Trial]:
        """Tells the phase what the log holds; the trials that were under way when the search ended are due again."""
        due: dict[int, Trial] = {}
        for record in self.store.log():
            if record.trial.phase != self.phase.name:
                continue
            self.phase.tell([record.trial])
            if record.trial.status == "pending":
                due[record.trial.number] = record.trial
            else:
                due.pop(record.trial.number, None)
        return deque(due.values())

    def _propose(self) -> Trial | None:
        """The next trial to train, recorded. Networks that were measured before end at once."""
        while self.phase.open(self.clock()):
            proposal = self.phase.ask()
            if proposal is None:
                return None
            trial = Trial(len(self.trials), proposal, self.phase.name)
            self.store.propose([trial])
            self.trials[trial.number] = trial
            self.phase.tell([trial])
            twin = self._twin(trial)
            if twin is None:
                return trial
            self._end(trial.complete(_again(twin), self.clock()), None)
        return None

    def _twin(self, trial: Trial) -> Trial | None:
        """An earlier trial of the same network, trained in the same way from scratch; what it left counts for both."""
        if trial.phase not in SHARED or trial.proposal.inherit:
            return None
        twin = self._measured.get((trial.key, trial.proposal.fidelity, trial.proposal.seed))
        if twin is not None and self.phase.keeps and (self.directory / twin.folder).is_dir():
            shutil.copytree(self.directory / twin.folder, self.directory / trial.folder, dirs_exist_ok=True)
        return twin

    def _job(self, trial: Trial) -> Job:
        """The trial, leased, as a job."""
        phase = self.phase
        seed = trial.proposal.seed if trial.proposal.seed is not None else self.seed * 1_000_003 + trial.number
        folder = self.directory / trial.folder
        self._tokens[trial.number] = self.store.start(trial.number, "driver", LEASE_S, self.clock())
        self.trials[trial.number] = trial.begin(self.clock())
        if phase.keeps:
            folder.mkdir(parents=True, exist_ok=True)
        kept = str(folder) if phase.keeps else ""
        seconds = phase.limit(trial.proposal)
        return Job(trial.number, trial.proposal, phase.evaluator, seed, seconds, _grace(seconds), kept)

    def _take(self, event: Event) -> None:
        if isinstance(event, Report):
            self.reports[event.number] = event.data
            self.store.progress(event.number, event.data)
            return
        trial = self.trials[event.number]
        if isinstance(event, Failed) and event.failure.reason == "killed" and event.number not in self._lost:
            self._give_back(trial)
            return
        if isinstance(event, Finished):
            trial = trial.complete(event.measurement, self.clock())
        elif isinstance(event, Failed):
            trial = trial.fail(event.failure, self.clock())
            self.failures.append(f"trial {trial.number}: {event.failure.reason}: {event.failure.message}")
        self._end(trial, self._tokens.pop(event.number))

    def _give_back(self, trial: Trial) -> None:
        """A worker died: no fault of the network's, so its trial is due again, once."""
        self._lost.add(trial.number)
        self.reports.pop(trial.number, None)
        self.store.renew(trial.number, self._tokens.pop(trial.number), -1.0)
        self.store.reclaim()
        self.trials[trial.number] = again = replace(trial, status="pending", started=None)
        self.waiting.append(again)

    def _end(self, trial: Trial, token: int | None) -> None:
        self.reports.pop(trial.number, None)
        self.store.finish(trial, token)
        self.trials[trial.number] = trial
        self._remember(trial)
        self.phase.tell([trial])

    def _remember(self, trial: Trial) -> None:
        if trial.status == "completed" and trial.phase in SHARED and not trial.proposal.inherit:
            self._measured[trial.key, trial.proposal.fidelity, trial.proposal.seed] = trial

    def _beat(self) -> None:
        """Renews the leases of what runs."""
        if self.clock() < self._next_beat:
            return
        self._next_beat = self.clock() + LEASE_S / 4
        for number, token in self._tokens.items():
            self.store.renew(number, token, LEASE_S)


def _grace(seconds: float) -> float:
    """Seconds over its limit that a trial is suffered before it is killed."""
    return 10.0 if math.isinf(seconds) else max(10.0, seconds / 4)


def _again(twin: Trial) -> Measurement:
    """The measurement of a network that was measured before, at no cost."""
    assert twin.measurement is not None
    return replace(twin.measurement, cost=Cost(), artifacts={}, notes=(f"the same network as trial {twin.number}",))
