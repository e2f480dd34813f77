"""How many workers one driver can keep busy: the real loop, strategies and store, with workers that only seem to work.

    OMP_NUM_THREADS=1 python benchmarks/simulated_scale.py --workers 10 100 1000 --trials 10000 --seconds 60
    OMP_NUM_THREADS=1 python benchmarks/simulated_scale.py --workers 1000 --trials 100000 --durations runs/mnist5k-1

Time is simulated by events: a trial takes as long as one of a search's (--durations: its folder), or is drawn about
`--seconds` (log-normal, spread by a factor of 1.5), and whatever the driver really takes to record results, ask the
strategy and record proposals passes too, while workers that have ended wait for it. Prints a Markdown row for each
number of workers: the share of their time that workers spend on trials, the driver's milliseconds a trial, and how many
workers would take all of its time.
"""

from __future__ import annotations

import argparse
import heapq
import itertools
import resource
import tempfile
import time
import zlib
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from netwright import spaces, strategies
from netwright.evaluation.base import Context
from netwright.executors import Event, Finished, Job
from netwright.insight.status import open_search
from netwright.loop.loop import Loop
from netwright.loop.phase import Running
from netwright.objectives import Objective, Objectives
from netwright.operations import Signature, analyse
from netwright.store import open_store
from netwright.trial import Cost, Measurement, Proposal

SIGNATURE = Signature((1, 28, 28), 10)
OBJECTIVES = Objectives((Objective("accuracy"),))
SPREAD = 1.5


class Drawn:
    """Accuracy by the network's name: an evaluator that takes no time."""

    def evaluate(self, proposal: Proposal, task: Any, context: Context) -> Measurement:
        size = analyse(proposal.architecture.graph, SIGNATURE).metrics
        luck = zlib.crc32(proposal.architecture.key.encode()) / 2**32
        return Measurement({"accuracy": 0.9 + 0.1 * luck, **size}, cost=Cost(1.0, 1.0))


class Simulated:
    """The executor protocol in simulated time. now: seconds; spans: when each trial began and ended; driving: seconds
    that the driver took."""

    def __init__(self, workers: int, durations: np.ndarray, seed: int = 0) -> None:
        self.workers, self._durations = workers, durations
        self._random = np.random.default_rng(seed)
        self._due: list[tuple[float, int, Job]] = []
        self._count = itertools.count()
        self._running: set[int] = set()
        self._left = time.perf_counter()
        self.now = self.driving = 0.0
        self.spans: list[tuple[float, float]] = []

    def submit(self, job: Job) -> None:
        began = self.clock()
        self.spans.append((began, began + float(self._random.choice(self._durations))))
        self._running.add(job.number)
        heapq.heappush(self._due, (self.spans[-1][1], next(self._count), job))

    @property
    def busy(self) -> float:
        """The share of their time that workers spent on trials, until the last one began."""
        begins, ends = np.array(self.spans).T
        last = begins.max()
        return float((np.minimum(ends, last) - begins).sum() / (self.workers * last))

    def clock(self) -> float:
        """The driver's time passes in earnest."""
        return self.now + time.perf_counter() - self._left

    @property
    def running(self) -> frozenset[int]:
        return frozenset(self._running)

    def wait(self, timeout: float) -> Sequence[Event]:
        self.driving += time.perf_counter() - self._left
        self.now = self.clock()
        if self._due:
            self.now = max(self.now, self._due[0][0])
        events: list[Event] = []
        while self._due and self._due[0][0] <= self.now:
            job = heapq.heappop(self._due)[2]
            self._running.discard(job.number)
            events.append(Finished(job.number, job.evaluator.evaluate(job.proposal, None, Context(seed=job.seed))))
        self._left = time.perf_counter()
        return events

    def cancel(self, number: int) -> None:
        self._running.discard(number)
        self._due = [one for one in self._due if one[2].number != number]
        heapq.heapify(self._due)

    def __enter__(self) -> Simulated:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        return


def simulate(workers: int, trials: int, durations: np.ndarray, method: str, place: str, folder: Path) -> Simulated:
    """A search of so many trials; the executor at its end."""
    space, strategy = spaces.get("mobile", SIGNATURE), strategies.get(method)
    executor = Simulated(workers, durations)
    with open_store(place, create=True) as store:
        store.add_space(space)
        store.judge_by(OBJECTIVES)
        loop = Loop(store, executor, folder, executor.clock, seed=0)
        phase = Running("search", strategy, Drawn(), space, OBJECTIVES, seed=0, most=trials, trials=trials)
        assert loop.run(phase)
        assert store.count() == {"completed": trials}
    return executor


def durations_of(folder: Path) -> np.ndarray:
    """Seconds that the trials of a search took."""
    with open_search(folder) as store:
        found = [trial.measurement.cost.wall_s for trial in store.trials("search", "completed") if trial.measurement]
    if not found:
        raise SystemExit(f"{folder} holds no finished trial")
    return np.array(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, nargs="+", default=[10, 100, 1000])
    parser.add_argument("--trials", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=60.0, help="median of a trial")
    parser.add_argument("--durations", type=Path, help="a search's folder, whose trials' durations are drawn from")
    parser.add_argument("--method", default="regularized-evolution")
    parser.add_argument("--store", default="", help="URL of a PostgreSQL server's database, by default SQLite files")
    wanted = parser.parse_args()
    random = np.random.default_rng(0)
    durations = wanted.seconds * np.exp(np.log(SPREAD) * random.standard_normal(1000))
    if wanted.durations:
        durations = durations_of(wanted.durations)
    print("| workers | trials | a trial | workers' time on trials | driver, a trial | it is full at | memory |")
    print("|---:|---:|---:|---:|---:|---:|---:|")
    for workers in wanted.workers:
        with tempfile.TemporaryDirectory() as name:
            place = f"{wanted.store}?search=scale-{workers}" if wanted.store else str(Path(name) / "search.sqlite")
            end = simulate(workers, wanted.trials, durations, wanted.method, place, Path(name))
        mean, each = float(durations.mean()), end.driving / wanted.trials
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"| {workers:,} | {wanted.trials:,} | {mean:.3g} s | {end.busy:.1%} | "
            f"{1e3 * each:.1f} ms | {mean / each:,.0f} workers | {memory:.0f} MiB |",
            flush=True,
        )


if __name__ == "__main__":
    main()
