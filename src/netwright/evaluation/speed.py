"""How fast this machine trains the networks of a space: a few steps of each, before the budget is planned."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass

from netwright.backends.torch.recipe import Recipe
from netwright.evaluation.base import Context
from netwright.operations import analyse
from netwright.space import Architecture
from netwright.tasks import Task
from netwright.trial import Cost, Fidelity, Measurement, Proposal

STEPS = 6


@dataclass(frozen=True)
class Speed:
    """Measures {"example_s", "flop_s"}: median seconds a training example takes, and a training example's FLOP, over
    the proposal's network and `others`."""

    recipe: Recipe = Recipe()
    others: tuple[Architecture, ...] = ()

    def evaluate(self, proposal: Proposal, task: Task, context: Context) -> Measurement:
        began = time.monotonic()
        measured = [self._time(architecture, task) for architecture in (proposal.architecture, *self.others)]
        metrics = {
            "example_s": statistics.median(seconds for seconds, _ in measured),
            "flop_s": statistics.median(seconds / max(flops, 1) for seconds, flops in measured),
        }
        return Measurement(metrics=metrics, cost=Cost(wall_s=time.monotonic() - began))

    def _time(self, architecture: Architecture, task: Task) -> tuple[float, int]:
        """Seconds a training example, and FLOPs an example."""
        from netwright.backends.torch.build import build
        from netwright.backends.torch.train import train

        recipe = self.recipe.adapted(architecture.hyper)
        network = build(architecture.graph, task.signature)
        batch = min(recipe.batch_size, len(task.train.y))
        fraction = min(1.0, STEPS * batch / len(task.train.y))
        train(network, task, recipe, Fidelity(epochs=1 / STEPS, data=fraction))
        trained = train(network, task, recipe, Fidelity(epochs=1, data=fraction))
        examples = fraction * len(task.train.y)
        return trained.seconds / examples, analyse(architecture.graph, task.signature).flops
