"""How a smaller tensor of weights lies in a larger one of the same operation.

Channels and features count from the first (Yu et al. 2019, "Slimmable Neural Networks", https://arxiv.org/abs/1812.08928);
a smaller kernel is the middle of a larger one (Cai et al. 2020, "Once-for-All", https://arxiv.org/abs/1908.09791).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

SPATIAL = 2
"""The first dimension of a convolution's weights that is of its kernel."""


def part(tensor: Tensor, shape: Sequence[int]) -> Tensor:
    """The part of a tensor that a tensor of `shape`, nowhere larger, has in it. A view.

    >>> part(torch.arange(5).reshape(1, 1, 1, 5), (1, 1, 1, 3)).flatten().tolist()
    [1, 2, 3]
    """
    for axis, (whole, size) in enumerate(zip(tensor.shape, shape, strict=True)):
        if whole != size:
            tensor = tensor.narrow(axis, (whole - size) // 2 if axis >= SPATIAL else 0, size)
    return tensor


def covers(whole: Sequence[int], shape: Sequence[int]) -> bool:
    """Whether a tensor of `shape` is a part of one of shape `whole`."""
    return len(whole) == len(shape) and all(mine >= theirs for mine, theirs in zip(whole, shape, strict=True))


def union(one: Sequence[int], other: Sequence[int]) -> tuple[int, ...]:
    """The smallest shape that both are parts of."""
    return tuple(max(pair) for pair in zip(one, other, strict=True))


@torch.no_grad()
def carry(source: Tensor, target: Tensor) -> None:
    """Writes what two tensors have in common from one to the other."""
    common = [min(pair) for pair in zip(source.shape, target.shape, strict=True)]
    part(target, common).copy_(part(source, common))


@torch.no_grad()
def inherit(network: nn.Module, weights: Mapping[str, Tensor]) -> int:
    """Fills a network with what another one's weights (its `state_dict`) have in common with it: the same operations
    under the same paths of the space, in whatever width and kernel. New outputs of a layer stay as they were
    initialised; what a layer had makes nothing of new inputs and of a kernel's new rim. So a network that only has
    wider layers, larger kernels or further residual blocks answers what the other one did (Chen et al. 2016, "Net2Net",
    https://arxiv.org/abs/1511.05641; Wei et al. 2016, "Network Morphism", https://arxiv.org/abs/1603.01670).

    Returns how many of the network's tensors were filled, at least in part.
    """
    filled = 0
    for name, tensor in network.state_dict().items():
        source = weights.get(name)
        if source is not None and source.ndim == tensor.ndim:
            if tensor.ndim > 1:
                tensor[: len(source)] = 0.0
            carry(source, tensor)
            filled += 1
    return filled
