"""What an executor costs per trial: trials that only sleep, on each executor in the same run, beside `processes`.

    python benchmarks/executor_overhead.py --trials 100 --workers 2 --executors processes ray slurm

Prints for each executor the seconds until its workers have ended their first trial each; then, for the trials after
that, seconds in all, what a trial costs beyond its sleep, and the ratio of the whole to `processes`. Ray runs on a
cluster that is started here (or on the one at --address), Slurm on submitit's stand-in for one.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from netwright.evaluation.base import Context
from netwright.executors import Executor, Finished, make_executor
from netwright.testing.executors import job, outcomes
from netwright.trial import Measurement, Proposal

FEWER = {"slurm": 5}
"""Executors that start a worker for each trial have a fifth of the trials."""


@dataclass(frozen=True)
class Sleeps:
    """A trial that takes so many seconds of no processor's time."""

    seconds: float

    def evaluate(self, proposal: Proposal, task: Any, context: Context) -> Measurement:
        time.sleep(self.seconds)
        return Measurement({"accuracy": 0.5})


def nothing(directory: Path) -> None:
    """No task."""


def timed(executor: Executor, numbers: range, seconds: float) -> float:
    """Seconds that the trials take, as many at a time as there are workers."""
    began = time.perf_counter()
    ends = outcomes(executor, [job(number, Sleeps(seconds)) for number in numbers])
    assert len(ends) == len(numbers)
    assert all(isinstance(end, Finished) for end in ends.values())
    return time.perf_counter() - began


def measure(name: str, settings: dict[str, Any], workers: int, trials: int, seconds: float) -> tuple[float, float]:
    """Seconds of the first trials with all that starts, and of the others."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        began = time.perf_counter()
        with make_executor(name, place / "data", place, workers, load=nothing, settings=settings) as executor:
            timed(executor, range(workers), seconds)
            first = time.perf_counter() - began
            return first, timed(executor, range(workers, workers + trials), seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=0.1, help="of a trial")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--executors", nargs="+", default=["processes", "ray", "slurm"])
    parser.add_argument("--address", default="local", help="of the Ray cluster")
    wanted = parser.parse_args()
    own: dict[str, dict[str, Any]] = {
        "ray": {"address": wanted.address, "num_cpus": 0.5},
        "slurm": {"cluster": "local"},
    }
    print(f"{wanted.trials} trials of {wanted.seconds:g} s, {wanted.workers} workers")
    beside: float | None = None
    for name in wanted.executors:
        trials = max(wanted.workers, wanted.trials // FEWER.get(name, 1))
        first, rest = measure(name, own.get(name, {}), wanted.workers, trials, wanted.seconds)
        each = rest * wanted.workers / trials
        beside = each if name == "processes" else beside
        ratio = "" if beside is None else f", {each / beside:.2f} times processes"
        extra = 1e3 * (each - wanted.seconds)
        print(f"{name}: first {first:.1f} s; {trials} trials {rest:.2f} s, {extra:.1f} ms beyond its sleep{ratio}")


if __name__ == "__main__":
    main()
