"""The driver's eyes: shows a running search to an observer, keeps its lock and its clock."""

from __future__ import annotations

from collections.abc import Callable

from netwright.loop.loop import Loop
from netwright.loop.progress import Observer, Snapshot
from netwright.objectives import Objectives
from netwright.store import Store

LOCK_S = 30.0
LOOK_S = 0.3


class Watch:
    """Called by the loop between events. owner: who holds the search's lock, or takes it over when its holder is gone;
    clock: seconds since the search began; seconds: the budget's, None without a clock.

    leads: this driver holds the lock.
    """

    def __init__(
        self,
        store: Store,
        owner: str,
        clock: Callable[[], float],
        objectives: Objectives,
        budget: str,
        seconds: float | None,
        observer: Observer,
    ) -> None:
        self.store, self.owner, self.clock, self.objectives = store, owner, clock, objectives
        self.budget, self.seconds, self.observer = budget, seconds, observer
        self.notes: tuple[str, ...] = ()
        self.leads = False
        self._next_beat = self._next_look = 0.0

    def observe(self, loop: Loop) -> None:
        now = self.clock()
        if now >= self._next_beat:
            self._next_beat = now + LOCK_S / 6
            self.leads = self.store.lock(self.owner, LOCK_S)
            if self.leads:
                self.store.put("elapsed", now)
        if now >= self._next_look:
            self._next_look = now + LOOK_S
            self.observer(self.snapshot(loop, now))

    def snapshot(self, loop: Loop, now: float) -> Snapshot:
        """The incumbent and the front are those of the present phase, whose measurements are comparable."""
        several = len(self.objectives.objectives) > 1
        best = self.store.best(loop.phase.name, 1)
        return Snapshot(
            phase=loop.phase.name,
            elapsed=now,
            budget=self.budget,
            seconds_left=None if self.seconds is None else max(0.0, self.seconds - now),
            counts=+loop.trials.counts,
            running=tuple(
                (number, loop.trials[number].proposal.architecture.describe(), loop.reports.get(number, {}))
                for number in sorted(loop.executor.running)
                if number in loop.trials
            ),
            incumbent=best[0] if best else None,
            front=tuple(self.store.front(loop.phase.name)) if several else (),
            failures=tuple(loop.failures),
            notes=self.notes,
        )
