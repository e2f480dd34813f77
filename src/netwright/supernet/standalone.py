"""A network cut out of the bank, ready to be scored: with weights of its own, and its norms' statistics measured
anew."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from netwright.backends.torch.build import build
from netwright.backends.torch.device import precision, precision_for
from netwright.space import OpGraph
from netwright.supernet.bank import Bank
from netwright.supernet.part import inherit


def standalone(bank: Bank, graph: OpGraph) -> nn.Module:
    """The graph as a network with a copy of its part of the bank."""
    network = build(graph, bank.signature)
    inherit(network, bank.state_dict())
    return network.to(bank.device)


@torch.no_grad()
def recalibrate(network: nn.Module, batches: Iterable[Tensor]) -> None:
    """Measures the statistics of the batch norms on some batches of training data: those in the bank are of all its
    networks together (Yu & Huang 2019, "Universally Slimmable Networks", https://arxiv.org/abs/1903.05134)."""
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d)]
    if not norms:
        return
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None
    device = next(network.parameters()).device
    network.train()
    with precision(precision_for(network, device), device):
        for x in batches:
            network(x)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    network.eval()
