"""How much of the time of training goes into batches: shuffling, cutting, augmenting, normalising.

    python benchmarks/data_loading.py [DATA ...]

DATA: what `netwright search` takes, by default the sets that scikit-learn ships. For each, the smallest and the largest
of the hand-designed networks are trained for some steps on one thread, and the share of the time that is spent waiting
for the next batch is printed. Exit code 1 where a share is above a tenth.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from typing import Any

import torch

from netwright.backends.terms import Terms
from netwright.backends.torch.build import build
from netwright.backends.torch.device import default_device
from netwright.backends.torch.learner import Single
from netwright.backends.torch.network import place
from netwright.backends.torch.recipe import default_recipe
from netwright.backends.torch.train import Fitting
from netwright.operations import is_estimator
from netwright.space import OpGraph
from netwright.tasks import Task, open_task
from netwright.trial import Fidelity

SETS = ("digits", "wine")
MOST_SHARE = 0.1
SECONDS = 10.0
WARM_UP = 3
"""Steps that are not counted."""


class Clock:
    """Adds up the time that an iterator takes for its items, but for the first."""

    def __init__(self, items: Any) -> None:
        self.items, self.seconds, self.count = items, 0.0, 0

    def __call__(self, *settings: Any) -> Iterator[Any]:
        each = iter(self.items(*settings))
        while True:
            began = time.perf_counter()
            try:
                item = next(each)
            except StopIteration:
                return
            if self.count >= WARM_UP:
                self.seconds += time.perf_counter() - began
            self.count += 1
            if self.count == WARM_UP:
                self.began = time.perf_counter()
            yield item


def share(graph: OpGraph, task: Task) -> tuple[float, int]:
    """Of the time of training, and the steps that it was measured over."""
    network = build(graph, task.signature, seed=0)
    place(network, task.graph, default_device())
    recipe = default_recipe(task.kind, len(task.train))
    learner = Single(network, task, recipe, default_device())
    fitting = Fitting(learner, task, recipe, Fidelity(epochs=20), Terms(deadline=time.monotonic() + SECONDS))
    clock = Clock(fitting.batches.shuffled)
    fitting.batches.shuffled = clock  # type: ignore[method-assign]
    fitting.run()
    return clock.seconds / (time.perf_counter() - clock.began), clock.count - WARM_UP


def main() -> None:
    torch.set_num_threads(1)
    worst = 0.0
    print("data\tnetwork\tsteps\tin batches")
    for source in sys.argv[1:] or SETS:
        task = open_task(source)
        graphs = [(one.name, one.space.architecture({}).graph) for one in task.baselines()]
        trained = [(name, graph) for name, graph in graphs if not is_estimator(graph)]
        for name, graph in (trained[0], trained[-1]):
            found, steps = share(graph, task)
            worst = max(worst, found)
            print(f"{task.name}\t{name}\t{steps}\t{found:.1%}", flush=True)
    sys.exit(worst > MOST_SHARE)


if __name__ == "__main__":
    main()
