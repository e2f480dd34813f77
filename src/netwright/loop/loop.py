"""The ask-evaluate-record-tell loop. Every phase of a search is a strategy asked on the same loop:

    ask -> record the proposal -> evaluate in a worker -> record the outcome -> tell

The log is the truth: the loop keeps nothing that it could not rebuild from the store. Any number of drivers may run the
same loop on one store: each tells its strategy what the others have written before it asks.
"""

from __future__ import annotations

import contextlib
import math
import shutil
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from netwright.executors.base import Event, Executor, Failed, Finished, Job, Report
from netwright.loop.heart import BEAT_S, LEASE_S, Heart
from netwright.loop.known import Known
from netwright.loop.phase import Running
from netwright.store import Record, Store
from netwright.strategies.freezing import Unfreezable
from netwright.trial import Cost, Measurement, Phase, Trial

TICK_S = 0.25
FREEZE_EVERY = 20_000
"""Records between two frozen states, at least."""
SHARED: tuple[Phase, ...] = ("search", "control")
"""Phases that take each other's measurements of the same network."""


class Loop:
    """Runs phases on an executor and records everything in a store.

    clock: seconds since the search began, over all its runs; stopped: asked between events, True to stop early; driver:
    this one's name among those on the store.
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
        driver: str = "driver",
    ) -> None:
        self.store, self.executor, self.directory = store, executor, directory
        self.clock, self.seed, self.observe, self.stopped = clock, seed, observe, stopped
        self.driver = driver
        with store.batch():
            self.trials = Known(store)
            self._seen = store.last_seq()
        self.reports: dict[int, Mapping[str, Any]] = {}
        self.failures: deque[str] = deque(maxlen=5)
        self.phase: Running
        self._told = self._frozen = 0
        self._tokens: dict[int, int] = {}
        self._lost: set[int] = set()
        self._next_beat = 0.0

    def run(self, phase: Running) -> bool:
        """Runs a phase to its end; False when stopped early."""
        self.phase = phase
        self._replay()
        heart = Heart(self.store, self.driver, lambda: dict(self._tokens))
        heart.start()
        try:
            return self._run(phase)
        finally:
            heart.stop()

    def _run(self, phase: Running) -> bool:
        events: Sequence[Event] = ()
        while True:
            jobs: list[Job] = []
            with self.store.batch():
                self._beat()
                self._catch_up()
                for event in events:
                    self._take(event)
                stopping = self.stopped()
                while not stopping and len(self.executor.running) + len(jobs) < self.executor.workers:
                    job = self._due() or self._propose()
                    if job is None:
                        break
                    jobs.append(job)
                self._seen = self._told = self.store.last_seq()
            for job in jobs:
                self.executor.submit(job)
            self._freeze(FREEZE_EVERY)
            self.observe(self)
            if stopping or phase.over(self.clock()):
                self._freeze(FREEZE_EVERY // 10)
                return not stopping
            events = self.executor.wait(TICK_S)
            if not self.executor.running and not events:
                time.sleep(TICK_S)  # what is under way is another driver's

    def _replay(self) -> None:
        """Tells the phase what the log holds, from where its state was frozen last."""
        self._told = self.store.last_seq()
        kept = self.store.frozen(self.phase.name)
        since = kept[0] if kept is not None and self.phase.thaw(kept[1]) else 0
        for record in self.store.log(since=since, until=self._told, phase=self.phase.name):
            self.phase.tell([record.trial])
        self._frozen = since

    def _freeze(self, least: int) -> None:
        """Keeps the phase's state, once the log has grown by `least` records and a twentieth."""
        if self._told - self._frozen < max(least, self._told // 20):
            return
        self._frozen = self._told
        with contextlib.suppress(Unfreezable):  # it will be told from the log
            self.store.freeze(self.phase.name, self._told, self.phase.freeze())

    def _catch_up(self) -> None:
        """Takes in what other drivers have written."""
        for record in self.store.log(since=min(self._seen, self._told)):
            if record.seq > self._seen:
                self._note(record)
            if record.seq > self._told and record.trial.phase == self.phase.name:
                self.phase.tell([record.trial])

    def _note(self, record: Record) -> None:
        trial = record.trial
        self.trials.note(trial)
        if trial.status != "pending" and self._tokens.pop(trial.number, None) is not None:
            self.executor.cancel(trial.number)

    def _due(self) -> Job | None:
        """The next trial that was proposed and that nobody works on: one that was under way when the search ended, or
        whose driver or worker died."""
        if self.trials.unfinished <= len(self._tokens):
            return None
        found = self.store.claim(self.phase.name, self.driver, LEASE_S, self.clock())
        return None if found is None else self._job(*found)

    def _propose(self) -> Job | None:
        """The next trial to train, recorded. Networks that were measured before end at once."""
        while self.phase.open(self.clock()):
            proposal = self.phase.ask()
            if proposal is None:
                return None
            trial = Trial(self.trials.following, proposal, self.phase.name)
            self.store.propose([trial])
            self.trials.note(trial)
            self.phase.tell([trial])
            twin = self._twin(trial)
            if twin is None:
                return self._job(trial, self.store.start(trial.number, self.driver, LEASE_S, self.clock()))
            self._end(trial.complete(_again(twin), self.clock()), None)
        return None

    def _twin(self, trial: Trial) -> Trial | None:
        """An earlier trial of the same network, trained in the same way from scratch; what it left counts for both."""
        if trial.phase not in SHARED or trial.proposal.inherit:
            return None
        twin = self.store.twin(trial, SHARED)
        if twin is not None and self.phase.keeps and (self.directory / twin.folder).is_dir():
            shutil.copytree(self.directory / twin.folder, self.directory / trial.folder, dirs_exist_ok=True)
        return twin

    def _job(self, trial: Trial, token: int) -> Job:
        """The leased trial as a job."""
        phase = self.phase
        seed = trial.proposal.seed if trial.proposal.seed is not None else self.seed * 1_000_003 + trial.number
        folder = self.directory / trial.folder
        self._tokens[trial.number] = token
        self.trials.note(trial.begin(self.clock()))
        if phase.keeps:
            folder.mkdir(parents=True, exist_ok=True)
        kept = str(folder) if phase.keeps else ""
        seconds = phase.limit(trial.proposal)
        evaluator = phase.evaluator_of(trial.proposal)
        return Job(trial.number, trial.proposal, evaluator, seed, seconds, _grace(seconds), kept)

    def _take(self, event: Event) -> None:
        token = self._tokens.get(event.number)
        if token is None:
            return  # another driver has it by now
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
        del self._tokens[event.number]
        self._end(trial, token)

    def _give_back(self, trial: Trial) -> None:
        """A worker died: no fault of the network's, so its trial is due again, once."""
        self._lost.add(trial.number)
        self.reports.pop(trial.number, None)
        self.store.renew(trial.number, self._tokens.pop(trial.number), -1.0)
        self.trials.note(replace(trial, status="pending", started=None))

    def _end(self, trial: Trial, token: int | None) -> None:
        """Records an outcome. One that comes after another driver took the trial over is dropped: that one's counts."""
        self.reports.pop(trial.number, None)
        if self.store.finish(trial, token):
            self.trials.note(trial)
            self.phase.tell([trial])

    def _beat(self) -> None:
        """Renews what is held before anything else is done, lest this driver takes its own trials for lapsed. Trials
        that another has taken over meanwhile, because this one was stopped for long, are given up."""
        if self.clock() < self._next_beat:
            return
        self._next_beat = self.clock() + BEAT_S
        for number in self.store.attend(self.driver, LEASE_S, self._tokens):
            del self._tokens[number]
            self.reports.pop(number, None)
            self.executor.cancel(number)


def _grace(seconds: float) -> float:
    """Seconds over its limit that a trial is suffered before it is killed."""
    return 10.0 if math.isinf(seconds) else max(10.0, seconds / 4)


def _again(twin: Trial) -> Measurement:
    """The measurement of a network that was measured before, at no cost."""
    assert twin.measurement is not None
    return replace(twin.measurement, cost=Cost(), artifacts={}, notes=(f"the same network as trial {twin.number}",))
