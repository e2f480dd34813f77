"""What a strategy costs per trial: ask and tell over a whole search, with and without the durable record.

    OMP_NUM_THREADS=1 python benchmarks/strategy_overhead.py --trials 10000 --space mobile

Prints milliseconds a trial for each strategy, in all and over the last tenth (so that growth shows), what of it the
space spends (drawing, building and identifying architectures), what the store adds, and the ratio to a bare
regularised evolution in plain Python on a deque of digit lists, timed in the same run.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from netwright import spaces, strategies
from netwright.objectives import Objective, Objectives
from netwright.operations import Signature
from netwright.space import Architecture, Space
from netwright.store import Store, open_store
from netwright.strategies.base import AnyStrategy, Problem
from netwright.trial import Measurement, Trial

OBJECTIVES = Objectives((Objective("accuracy"),))
SIGNATURE = Signature((3, 32, 32), 10, "classification")
SPACE_WORK = ("sample", "mutate", "crossover", "decided")


def score(text: str) -> float:
    """A number that depends on the text alone: what is timed is the strategy, not what it learns."""
    return zlib.crc32(text.encode()) / 2**32


def bare_evolution(trials: int, digits: int = 20, options: int = 4) -> float:
    """Milliseconds a trial of regularised evolution in plain Python (population 100, sample 25)."""
    rng = random.Random(0)
    population: deque[tuple[float, list[int]]] = deque()
    began = time.perf_counter()
    for _ in range(trials):
        if len(population) < 100:
            child = [rng.randrange(options) for _ in range(digits)]
        else:
            child = list(max(rng.sample(list(population), 25))[1])
            child[rng.randrange(digits)] = rng.randrange(options)
        population.append((score(str(child)), child))
        if len(population) > 100:
            population.popleft()
    return (time.perf_counter() - began) / trials * 1e3


class Clock:
    """Seconds spent in the space: deciding, and building and identifying what is keyed."""

    def __init__(self) -> None:
        self.spent, self._depth = 0.0, 0

    def timed(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            self._depth += 1
            began = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                self._depth -= 1
                if not self._depth:
                    self.spent += time.perf_counter() - began

        return call


@contextmanager
def watched() -> Iterator[Clock]:
    """A clock on every way in which strategies draw from a space. What a controller decides while a space walks counts
    as the space's; see `--strategies random` for what a walk costs by itself."""
    clock, kept = Clock(), {name: getattr(Space, name) for name in SPACE_WORK}
    key = Architecture.__dict__["key"]
    timed = cached_property(clock.timed(key.func))
    timed.__set_name__(Architecture, "key")
    try:
        for name, function in kept.items():
            setattr(Space, name, clock.timed(function))
        Architecture.key = timed  # type: ignore[method-assign, assignment]
        yield clock
    finally:
        for name, function in kept.items():
            setattr(Space, name, function)
        Architecture.key = key  # type: ignore[method-assign]


def overhead(strategy: AnyStrategy, space: Space, trials: int, store: Store | None) -> tuple[np.ndarray, float]:
    """(milliseconds of each trial, milliseconds a trial in the space). Ends early in an exhausted space."""
    spent, state = [], strategy.init(Problem(space, OBJECTIVES))
    with watched() as clock:
        for number in range(trials):
            began = time.perf_counter()
            proposals = strategy.ask(state, 1)
            if not proposals:
                break
            state = one(strategy, state, Trial(number, proposals[0]), store)
            spent.append(time.perf_counter() - began)
    return np.array(spent) * 1e3, clock.spent / max(1, len(spent)) * 1e3


def one(strategy: AnyStrategy, state: object, trial: Trial, store: Store | None) -> object:
    """Records and tells a trial as proposed and as completed."""
    if store:
        store.propose([trial])
    state = strategy.tell(state, [trial])
    done = trial.complete(Measurement({"accuracy": score(trial.key)}))
    if store:
        store.finish(done)
    return strategy.tell(state, [done])


def report(name: str, space: Space, trials: int, bare: float) -> str:
    strategy = strategies.get(name)
    alone, drawing = overhead(strategy, space, trials, None)
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "search.sqlite", create=True) as store:
        store.add_space(space)
        recorded, _ = overhead(strategy, space, trials, store)
    late = alone[-max(1, len(alone) // 10) :].mean()
    own = alone.mean() - drawing
    return (
        f"{name:22} {len(alone):6} {alone.mean():9.3f} {late:9.3f} {drawing:9.3f} {own:9.3f} {recorded.mean():9.3f} "
        f"{alone.mean() / bare:8.1f} {own / bare:8.1f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=10_000)
    parser.add_argument("--space", default="mobile", choices=spaces.NAMES)
    parser.add_argument("--strategies", nargs="+", default=strategies.NAMES, choices=strategies.NAMES)
    chosen = parser.parse_args()
    space = spaces.get(chosen.space, SIGNATURE)
    bare = bare_evolution(chosen.trials)
    print(f"{chosen.space}, {chosen.trials} trials; bare evolution {bare:.4f} ms a trial")
    columns = " ".join(f"{column:>9}" for column in ("ms", "ms late", "in space", "own", "recorded"))
    print(f"{'strategy':22} {'trials':>6} {columns} {'x bare':>8} {'own x':>8}")
    for name in chosen.strategies:
        print(report(name, space, chosen.trials, bare), flush=True)


if __name__ == "__main__":
    main()
