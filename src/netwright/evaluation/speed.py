"""How fast this machine trains: one network, or the networks of a space, by a few steps of each."""

from __future__ import annotations

import time
from dataclasses import dataclass

from netwright.backends.torch.recipe import Recipe
from netwright.evaluation import pace
from netwright.evaluation.base import Context
from netwright.evaluation.fitting import FIRST, fit
from netwright.operations import analyse, is_estimator
from netwright.space import Architecture, OpGraph
from netwright.tasks import Task
from netwright.trial import Cost, Fidelity, Measurement, Proposal

WARM_UP, STEPS = 2, 6


def example_seconds(graph: OpGraph, task: Task, recipe: Recipe) -> float:
    """Seconds that a training example takes, measured over a few steps of a network that is thrown away. An estimator
    is fitted to a few examples, which stands for all the recipe's epochs."""
    if is_estimator(graph):
        began, share = time.monotonic(), min(1.0, FIRST / len(task.train))
        fit(graph, task, share, seed=0)
        return (time.monotonic() - began) / (share * len(task.train) * recipe.epochs)
    from netwright.backends.torch.build import build
    from netwright.backends.torch.device import default_device
    from netwright.backends.torch.network import place
    from netwright.backends.torch.train import batch_size, train

    network = build(graph, task.signature)
    place(network, task.graph, default_device())
    examples = len(task.train.y)
    batch = batch_size(task, examples, recipe.batch_size)
    train(network, task, recipe, Fidelity(epochs=WARM_UP * batch / examples))
    trained = train(network, task, recipe, Fidelity(epochs=STEPS * batch / examples))
    return trained.seconds / (trained.epochs * examples)


@dataclass(frozen=True)
class Speed:
    """Measures {"flop_s", "activation_s"}: the `pace` fitted to the proposal's network and the `others`."""

    recipe: Recipe = Recipe()
    others: tuple[Architecture, ...] = ()

    def prepare(self) -> None:
        """Imports torch: seconds that are not the first trial's."""
        import netwright.backends.torch.train  # noqa: F401

    def evaluate(self, proposal: Proposal, task: Task, context: Context) -> Measurement:
        began = time.monotonic()
        found = pace.fit([self._time(architecture, task) for architecture in (proposal.architecture, *self.others)])
        metrics = {"flop_s": found.flop_s, "activation_s": found.activation_s}
        return Measurement(metrics=metrics, cost=Cost(wall_s=time.monotonic() - began))

    def _time(self, architecture: Architecture, task: Task) -> tuple[float, float, float]:
        """Seconds a training example, FLOPs and activations."""
        seconds = example_seconds(architecture.graph, task, self.recipe.adapted(architecture.hyper))
        size = analyse(architecture.graph, task.signature)
        return seconds, float(size.flops), float(size.activations)
