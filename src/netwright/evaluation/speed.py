"""How fast this machine trains: one network, or the networks of a space, by a few steps of each."""

from __future__ import annotations

import time
from dataclasses import dataclass
from statistics import fmean
from typing import NamedTuple

from netwright import backends
from netwright.backends import Backend
from netwright.backends.torch.recipe import Recipe
from netwright.evaluation import pace
from netwright.evaluation.base import Context
from netwright.evaluation.fitting import FIRST, fit
from netwright.operations import analyse, is_estimator
from netwright.space import Architecture, OpGraph
from netwright.tasks import Task
from netwright.trial import Cost, Fidelity, Measurement, Proposal

WARM_UP, STEPS = 2, 6


class Timed(NamedTuple):
    """example_s: seconds that a training example takes; starting_s: that go by before the first step."""

    example_s: float
    starting_s: float = 0.0


def timed(graph: OpGraph, task: Task, recipe: Recipe, backend: Backend) -> Timed:
    """What is measured over a few steps of a network that is thrown away. An estimator is fitted to a few examples,
    which stands for all the recipe's epochs."""
    if is_estimator(graph):
        began, share = time.monotonic(), min(1.0, FIRST / len(task.train))
        fit(graph, task, share, seed=0)
        return Timed((time.monotonic() - began) / (share * len(task.train) * recipe.epochs))
    from netwright.backends.torch.build import build
    from netwright.backends.torch.device import default_device
    from netwright.backends.torch.network import place
    from netwright.backends.torch.train import batch_size

    network = build(graph, task.signature)
    place(network, task.graph, default_device())
    examples = len(task.train.y)
    batch = batch_size(task, examples, recipe.batch_size)
    began = time.monotonic()
    warmed = backend.train(graph, network, task, recipe, Fidelity(epochs=WARM_UP * batch / examples))
    starting_s = time.monotonic() - began - warmed.seconds
    trained = backend.train(graph, network, task, recipe, Fidelity(epochs=STEPS * batch / examples))
    return Timed(trained.seconds / (trained.epochs * examples), starting_s)


@dataclass(frozen=True)
class Speed:
    """Measures {"flop_s", "activation_s", "starting_s"}: the `pace` fitted to the proposal's network and the `others`.
    backend: the name of what trains them."""

    recipe: Recipe = Recipe()
    others: tuple[Architecture, ...] = ()
    backend: str = backends.DEFAULT

    def prepare(self) -> None:
        """Imports what trains: seconds that are not the first trial's."""
        backends.get(self.backend).prepare()

    def evaluate(self, proposal: Proposal, task: Task, context: Context) -> Measurement:
        began = time.monotonic()
        every = (proposal.architecture, *self.others)
        found = [self._time(architecture, task) for architecture in every]
        sizes = [analyse(architecture.graph, task.signature) for architecture in every]
        rows = [
            (one.example_s, float(size.flops), float(size.activations)) for one, size in zip(found, sizes, strict=True)
        ]
        fitted = pace.fit(rows)
        metrics = {"flop_s": fitted.flop_s, "activation_s": fitted.activation_s}
        metrics["starting_s"] = fmean(one.starting_s for one in found)
        return Measurement(metrics=metrics, cost=Cost(wall_s=time.monotonic() - began))

    def _time(self, architecture: Architecture, task: Task) -> Timed:
        graph = architecture.graph
        backend = backends.able(self.backend, graph.operations)
        return timed(graph, task, self.recipe.adapted(architecture.hyper), backend)
