"""Counting what a torch module costs by running it without data: on the meta device, where tensors only have shapes."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any, TypeVar

import torch
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from netwright.backends.torch.columns import ColumnEmbedding
from netwright.backends.torch.sequences import Recurrent
from netwright.backends.torch.unfitted import Holder
from netwright.errors import InputError
from netwright.operations import Footprint, Shape

T = TypeVar("T")


def parameters(module: nn.Module) -> int:
    """Trainable parameters, each counted once however often it is used; and every number that was fitted."""
    trained = sum(parameter.numel() for parameter in module.parameters() if parameter.requires_grad)
    holders = (part for part in module.modules() if isinstance(part, Holder))
    return trained + sum(buffer.numel() for part in holders for buffer in part.buffers(recurse=False))


def flops(module: nn.Module, inputs: Shape, tokens: bool = False) -> int:
    """Multiply-accumulates for one example of shape `inputs` (without the batch), on the module's own device."""
    return footprint(module, inputs, tokens).flops


def footprint(module: nn.Module, inputs: Shape, tokens: bool = False) -> Footprint:
    """Shape and costs for one example of shape `inputs` (without the batch), run on the module's own device.

    Attention and recurrent layers count as their matrix products. `activations` counts the outputs of convolutions,
    linear layers and embeddings of columns, and the gates of recurrent ones. tokens: whether inputs are tokens, whole
    numbers.
    """
    tensors = chain(module.parameters(), module.buffers())
    device = next((tensor.device for tensor in tensors), torch.device("meta"))
    training, sizes = module.training, _Sizes()
    handles = [child.register_forward_hook(sizes) for child in module.modules() if isinstance(child, _WEIGHTED)]
    counter = FlopCounterMode(display=False)
    module.eval()
    try:
        with torch.no_grad(), _plain_kernels(), counter:
            output = module(torch.zeros((1, *inputs), dtype=torch.int32 if tokens else torch.float32, device=device))
    finally:
        module.train(training)
        for handle in handles:
            handle.remove()
    return Footprint(tuple(output.shape[1:]), parameters(module), counter.get_total_flops() // 2, sizes.total)


@contextlib.contextmanager
def _plain_kernels() -> Iterator[None]:
    """Attention and recurrent layers as the matrix products that they are made of, which the counter sees."""
    backend: Any = torch.backends.mkldnn
    enabled = backend.enabled
    backend.enabled = False
    try:
        with sdpa_kernel(SDPBackend.MATH):
            yield
    finally:
        backend.enabled = enabled


def without_data(work: Callable[[], T]) -> T:
    """What `work` gives on the meta device, or, where its code needs real numbers, on the CPU with the random generator
    put back afterwards."""
    try:
        with torch.device("meta"):
            return work()
    except (RuntimeError, NotImplementedError, TypeError, ValueError, InputError):
        with torch.random.fork_rng(devices=[]):
            return work()


_WEIGHTED = (nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.Linear, Recurrent, ColumnEmbedding)


class _Sizes:
    """A forward hook that adds up the elements of outputs."""

    def __init__(self) -> None:
        self.total = 0

    def __call__(self, module: nn.Module, inputs: object, output: torch.Tensor) -> None:
        self.total += output.numel() * (module.gates if isinstance(module, Recurrent) else 1)
