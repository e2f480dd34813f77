"""The weights of a network with the channels of each group in the order of their importance, which changes nothing of
what it computes."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from netwright.backends.torch.elastic.trace import NORMS, Trace

State = dict[str, dict[str, Tensor]]


@torch.no_grad()
def sorted_channels(trace: Trace) -> State:
    """Weights and statistics of each module, by its name and theirs. Important is what has large weights (L1: Li et al.
    2017, "Pruning Filters for Efficient ConvNets", https://arxiv.org/abs/1608.08710)."""
    state = {
        name: {key: value.detach().clone() for key, value in _own(module)} for name, module in trace.modules.items()
    }
    for group in trace.free:
        order = _importance(trace, state, group).argsort(descending=True, stable=True)
        for name, module in trace.modules.items():
            made, taken = trace.made[name], trace.taken[name]
            norm, held = isinstance(module, NORMS), state[name]
            depthwise = isinstance(module, nn.Conv2d) and module.groups > 1
            if trace.find(made.group) == group:
                rows = _spread(order, made.spread)
                for key, value in held.items():
                    if value.ndim:
                        held[key] = value[rows]
            if trace.find(taken.group) == group and not norm and not depthwise:
                held["weight"] = held["weight"][:, _spread(order, taken.spread)]
    return state


def _own(module: nn.Module) -> list[tuple[str, Tensor]]:
    return [*module.named_parameters(recurse=False), *module.named_buffers(recurse=False)]


def _importance(trace: Trace, state: State, group: int) -> Tensor:
    total = torch.zeros(trace.sizes[group])
    for name in trace.makers(group):
        weight = state[name].get("weight")
        if weight is not None and weight.ndim > 1:
            total += weight.abs().flatten(1).mean(1).cpu()
    return total


def _spread(order: Tensor, spread: int) -> Tensor:
    """The order of channels that come `spread` times in a row each."""
    return (order[:, None] * spread + torch.arange(spread)[None]).flatten()
