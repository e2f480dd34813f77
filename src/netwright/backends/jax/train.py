"""Training a network with JAX: the schedule, the batches and the augmentation are those of the torch backend, each step
is one compiled program.

All batches have one size, because each further one would be compiled anew: the last of a pass is filled up.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor, nn

from netwright.backends.jax.descent import Rules, begin, compiled
from netwright.backends.jax.model import parted
from netwright.backends.terms import Terms
from netwright.backends.torch.model import arrays, fill
from netwright.backends.torch.recipe import Recipe
from netwright.backends.torch.train import Schedule, Trained
from netwright.space import OpGraph
from netwright.tasks import Task
from netwright.trial import Fidelity


def train(
    graph: OpGraph,
    network: nn.Module,
    task: Task,
    recipe: Recipe,
    fidelity: Fidelity = Fidelity(),
    terms: Terms = Terms(),
) -> Trained:
    """See `netwright.backends.Backend.train`."""
    fitting = JaxFitting(graph, network, task, recipe, fidelity, terms)
    fitted = fitting.run()
    fill(network, fitting.found)
    if task.train.x.ndim == 4:
        network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return Trained(network.eval(), **vars(fitted))


class JaxFitting(Schedule):
    """A training of what JAX learns, from a torch network's weights on."""

    def __init__(
        self,
        graph: OpGraph,
        network: nn.Module,
        task: Task,
        recipe: Recipe,
        fidelity: Fidelity,
        terms: Terms,
    ) -> None:
        super().__init__(task, recipe, fidelity, terms, device=torch.device("cpu"))
        self.batches.whole = True
        self.seed = np.int32(terms.seed % 2**31)
        rules = Rules.of(recipe)
        self.state = begin(*parted(arrays(network)), rules)
        x, y = self._like()
        self.descent = compiled(graph, task.signature, rules, x, y, self.state)

    def _like(self) -> tuple[np.ndarray, np.ndarray]:
        """What a batch looks like."""
        size = min(self.batch_size, len(self.batches))
        x = _inputs(self.batches.prepared(self.batches.x[:1]))
        y = _targets(self.batches.y[:1])
        return np.zeros((size, *x.shape[1:]), np.float32), np.zeros(size, y.dtype)

    @property
    def found(self) -> Mapping[str, np.ndarray]:
        """The weights and running statistics as they are now, or their average where the recipe wants it."""
        now = self.state.average or {**self.state.weights, **self.state.statistics}
        return {name: np.asarray(value) for name, value in now.items()}

    def descend(self, x: Tensor, y: Tensor, rate: float, progress: float) -> float:
        number = np.int32(self.step)
        self.state, loss = self.descent.run(self.state, _inputs(x), _targets(y), np.float32(rate), number, self.seed)
        return float(loss)


def _inputs(x: Tensor) -> np.ndarray:
    """Channels last, as they lie in memory."""
    return x.movedim(1, -1).numpy()


def _targets(y: Tensor) -> np.ndarray:
    """Classes as whole numbers of 32 bits, values as real ones."""
    return y.numpy().astype(np.float32 if y.is_floating_point() else np.int32)
