"""jax: networks of images and vectors as XLA programs (Frostig, Johnson & Leary 2018, "Compiling machine learning
programs via high-level tracing", SysML)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from netwright.backends.base import Backend, Model
from netwright.backends.terms import Terms
from netwright.operations import Signature
from netwright.space import OpGraph
from netwright.trial import Fidelity

if TYPE_CHECKING:
    from torch import nn

    from netwright.backends.torch.recipe import Recipe
    from netwright.backends.torch.train import Trained
    from netwright.tasks import Task


class Jax(Backend):
    name = "jax"
    operations: ClassVar = frozenset(
        {
            "activation",
            "avg-pool",
            "bottleneck",
            "channel-shuffle",
            "channel-split",
            "column-embedding",
            "conv",
            "convnext",
            "dropout",
            "flatten",
            "ft-transformer",
            "global-pool",
            "head",
            "linear",
            "max-pool",
            "mbconv",
            "norm",
            "resblock",
            "sepconv",
            "squeeze-excite",
            "tabular-resblock",
        }
    )
    compiles = True
    timed = 3
    packages = ("jax", "optax")
    extra = "jax"
    plan = (
        "networks are trained with jax, which compiles each of them first; torch ranks untrained ones and has the "
        "trained ones: it scores, times and exports them",
    )

    def prepare(self) -> None:
        import netwright.backends.jax.train  # noqa: F401

    def model(self, graph: OpGraph, signature: Signature) -> Model:
        from netwright.backends.jax.model import JaxModel

        return JaxModel(graph, signature)

    def train(
        self,
        graph: OpGraph,
        network: nn.Module,
        task: Task,
        recipe: Recipe,
        fidelity: Fidelity = Fidelity(),
        terms: Terms = Terms(),
    ) -> Trained:
        from netwright.backends.jax.train import train

        return train(graph, network, task, recipe, fidelity, terms)


BACKEND = Jax()
