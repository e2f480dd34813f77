"""torch: every operation, and what all backends hand their networks to."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from netwright.backends.base import FORMS, Backend, Model
from netwright.backends.terms import Terms
from netwright.operations import OPERATIONS, Signature
from netwright.operations.base import KINDS
from netwright.operations.structure import STRUCTURAL
from netwright.space import OpGraph
from netwright.trial import Fidelity

if TYPE_CHECKING:
    from torch import nn

    from netwright.backends.torch.recipe import Recipe
    from netwright.backends.torch.train import Trained
    from netwright.tasks import Task


class Torch(Backend):
    name = "torch"
    operations: ClassVar = frozenset(
        name for name, one in OPERATIONS.items() if one.family == "network" and name not in STRUCTURAL
    )
    forms: ClassVar = frozenset(FORMS)
    kinds: ClassVar = frozenset(KINDS)
    graphs = True
    shares = True
    balances = True
    precisions: ClassVar = frozenset({"auto", "float32", "bfloat16"})

    def prepare(self) -> None:
        import netwright.backends.torch.train  # noqa: F401

    def model(self, graph: OpGraph, signature: Signature) -> Model:
        from netwright.backends.torch.model import TorchModel

        return TorchModel(graph, signature)

    def train(
        self,
        graph: OpGraph,
        network: nn.Module,
        task: Task,
        recipe: Recipe,
        fidelity: Fidelity = Fidelity(),
        terms: Terms = Terms(),
    ) -> Trained:
        from netwright.backends.torch.train import train

        return train(network, task, recipe, fidelity, terms)


BACKEND = Torch()
