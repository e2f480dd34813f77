"""torch: every operation, and what all backends hand their networks to."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from netwright.backends.base import FORMS, Backend, Model
from netwright.operations import OPERATIONS, Signature
from netwright.operations.base import KINDS
from netwright.operations.structure import STRUCTURAL
from netwright.space import OpGraph
from netwright.trial import Fidelity

if TYPE_CHECKING:
    from torch import nn

    from netwright.backends.torch.recipe import Recipe
    from netwright.backends.torch.train import Target, Trained
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
        *,
        seed: int = 0,
        deadline: float = math.inf,
        target: Target | None = None,
        scored: int = 0,
        report: Callable[[Mapping[str, Any]], None] = lambda _: None,
    ) -> Trained:
        from netwright.backends.torch.train import train

        return train(
            network,
            task,
            recipe,
            fidelity,
            seed=seed,
            deadline=deadline,
            target=target,
            scored=scored,
            report=report,
        )


BACKEND = Torch()
