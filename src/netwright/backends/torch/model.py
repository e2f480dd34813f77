"""A torch network as functions of its weights."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from netwright.backends.base import Arrays, Gradients
from netwright.backends.torch.build import build
from netwright.operations import Shape, Signature
from netwright.space import OpGraph


class TorchModel:
    """See `netwright.backends.Model`."""

    def __init__(self, graph: OpGraph, signature: Signature) -> None:
        self.signature = signature
        self.network = build(graph, signature, seed=0)

    @property
    def shapes(self) -> Mapping[str, Shape]:
        return {name: tuple(weight.shape) for name, weight in self.network.named_parameters()}

    @torch.no_grad()
    def answers(self, weights: Arrays, x: np.ndarray) -> np.ndarray:
        fill(self.network, weights)
        self.network.eval()
        found: np.ndarray = self.network(torch.from_numpy(x)).numpy()
        return found

    def gradients(self, weights: Arrays, x: np.ndarray, y: np.ndarray, smoothing: float = 0.0) -> Gradients:
        fill(self.network, weights)
        self.network.eval()
        for module in self.network.modules():
            if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
                module.train()
        self.network.zero_grad()
        answers, targets = self.network(torch.from_numpy(x)), torch.from_numpy(y)
        if self.signature.kind == "regression":
            loss = F.mse_loss(answers[:, 0], targets)
        else:
            loss = F.cross_entropy(answers, targets, label_smoothing=smoothing)
        loss.backward()  # type: ignore[no-untyped-call]
        found = {name: _of(weight.grad, weight) for name, weight in self.network.named_parameters()}
        statistics = {name: array for name, array in arrays(self.network).items() if name not in found}
        return Gradients(loss.item(), found, statistics)


def _of(gradient: torch.Tensor | None, weight: torch.Tensor) -> np.ndarray:
    return (torch.zeros_like(weight) if gradient is None else gradient.clone()).detach().numpy()


def arrays(network: nn.Module) -> dict[str, np.ndarray]:
    """Copies of a network's weights and running statistics, by their names; without the norms' counts of steps, which
    nothing reads."""
    state = network.state_dict().items()
    return {name: tensor.cpu().numpy().copy() for name, tensor in state if tensor.is_floating_point()}


@torch.no_grad()
def fill(network: nn.Module, found: Arrays) -> None:
    """Puts arrays in the place of a network's weights and running statistics. Raises KeyError where one is missing."""
    for name, tensor in network.state_dict().items():
        if tensor.is_floating_point():
            tensor.copy_(torch.from_numpy(np.array(found[name])))
