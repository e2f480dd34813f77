"""What one batch tells of an untrained network: every pass that some proxy needs, run once for all of them.

The batch is halved. Each half runs forward once and backward once from its loss, so gradients come with an idea of how
much they vary; a further backward pass from the outputs gives Jacobians. Batch norm uses the half's own statistics.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from netwright.backends.torch.network import Network
from netwright.backends.torch.spec_augment import SpecAugment

Need = Literal[
    "activations", "outputs", "blocks", "gradients", "salience", "curvature", "jacobian", "tangents", "passed"
]
"""activations: which units are on; outputs: of weighted layers; blocks: what they put out; gradients: of the loss, for
weights; salience: of channels for the loss; curvature: the Hessian times the gradient; jacobian: gradients of the
answers for the inputs; tangents: of each example's answers for weights; passed: how gradients pass through blocks."""

WEIGHTED = (nn.Conv1d, nn.Conv2d, nn.Linear)
ACTIVATIONS = (
    nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.ELU, nn.SELU, nn.GELU, nn.SiLU, nn.Mish, nn.Hardswish, nn.Tanh, nn.Sigmoid,
)  # fmt: skip
NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.LayerNorm)


@dataclass(frozen=True)
class Batch:
    """x: (B, *inputs), prepared; y: (B,) targets; loss: (answers, targets) -> scalar. B is even."""

    x: Tensor
    y: Tensor
    loss: Callable[[Tensor, Tensor], Tensor]

    def halves(self) -> list[tuple[Tensor, Tensor]]:
        return list(zip(self.x.chunk(2), self.y.chunk(2), strict=True))


@dataclass
class Half:
    """What one half of the batch left behind. Lists go over layers, in the order in which they ran.

    codes: (B/2, units) bool, which are above zero, each with how many activations read it; gradients: of the loss, for
    each weight; ran, inputs, outputs: the weighted layers and what went in and came out; salience: (B/2, channels)
    output times gradient of the whole batch's loss, summed over places; slopes: gradients of the answers' sum, for
    outputs; curvature: Hessian times gradient, for each weight; jacobian: (B/2, inputs); blocks: what blocks put out,
    the last but for the answers; passed: for blocks, the gradient at the end and what of it arrives at the beginning.
    """

    codes: list[tuple[Tensor, int]] = field(default_factory=list)
    gradients: list[Tensor] = field(default_factory=list)
    ran: list[nn.Module] = field(default_factory=list)
    inputs: list[Tensor] = field(default_factory=list)
    outputs: list[Tensor] = field(default_factory=list)
    salience: list[Tensor] = field(default_factory=list)
    curvature: list[Tensor] = field(default_factory=list)
    jacobian: Tensor | None = None
    slopes: list[Tensor] = field(default_factory=list)
    blocks: list[Tensor] = field(default_factory=list)
    passed: list[tuple[Tensor, Tensor]] = field(default_factory=list)


class Passes:
    """The passes through one network, each run when first asked for but for those of the loss, which are run together.

    needs: everything that will be asked for.
    """

    def __init__(self, network: Network, batch: Batch, needs: frozenset[Need], seed: int = 0) -> None:
        self.network, self.batch, self.needs = untrained(network), batch, needs
        self.random = torch.Generator(device=batch.x.device).manual_seed(seed)
        self.layers = [module for module in network.modules() if isinstance(module, WEIGHTED)]

    @property
    def weights(self) -> list[Tensor]:
        return [layer.get_parameter("weight") for layer in self.layers]

    @cached_property
    def halves(self) -> list[Half]:
        torch.manual_seed(0)
        with _plain_attention():
            made = [_Run(self, x, y) for x, y in self.batch.halves()]
            if "curvature" in self.needs:
                pairs = zip(*(run.half.gradients for run in made), strict=True)
                mean = [(one + other).detach() / 2 for one, other in pairs]
                for run in made:
                    run.curve(mean)
        return [run.half for run in made]

    def gradients(self) -> list[Tensor]:
        """Of the loss, for each weight: the mean of both halves."""
        return [(one + other) / 2 for one, other in zip(*(half.gradients for half in self.halves), strict=True)]

    def jacobian(self) -> Tensor:
        """(B, inputs)"""
        return torch.cat([half.jacobian for half in self.halves if half.jacobian is not None])


class _Run:
    """One half through the network and back."""

    def __init__(self, passes: Passes, x: Tensor, y: Tensor) -> None:
        self.passes, self.half = passes, Half()
        needs, self.weights = passes.needs, passes.weights
        again = bool(needs & {"jacobian", "passed", "tangents", "curvature"})
        self._before = 0
        self.x = x.detach().clone().requires_grad_("jacobian" in needs)
        with self._watched():
            answers: Tensor = passes.network(self.x)
        if self.half.blocks and self.half.blocks[-1] is answers:
            self.half.blocks.pop()
        loss = passes.batch.loss(answers.float(), y)
        if needs & {"gradients", "salience", "curvature"}:
            self._loss(loss, "curvature" in needs, again)
        if needs & {"jacobian", "tangents"}:
            self._answers(answers)
        if "passed" in needs:
            self._pass()
        if "curvature" not in needs:
            self._release()

    def _loss(self, loss: Tensor, create: bool, retain: bool) -> None:
        half, watched = self.half, self.half.outputs if "salience" in self.passes.needs else []
        found = torch.autograd.grad(
            loss, [*self.weights, *watched], create_graph=create, retain_graph=retain, allow_unused=True
        )
        split = len(self.weights)
        half.gradients = [_or_zeros(one, like) for one, like in zip(found[:split], self.weights, strict=True)]
        for output, slope in zip(watched, found[split:], strict=True):
            if slope is not None:
                half.salience.append(_over_places(output.detach() * slope.detach()) / 2)

    def _answers(self, answers: Tensor) -> None:
        half, needs = self.half, self.passes.needs
        wanted = half.outputs if "tangents" in needs else []
        inputs = [self.x] if "jacobian" in needs else []
        found = torch.autograd.grad(answers.sum(), [*inputs, *wanted], retain_graph=True, allow_unused=True)
        if inputs:
            half.jacobian = _or_zeros(found[0], self.x).flatten(1)
        half.slopes = [_or_zeros(one, like) for one, like in zip(found[len(inputs) :], wanted, strict=True)]

    def _pass(self) -> None:
        """Sends random signs backward through each block (Hutchinson's trick)."""
        blocks = self.half.blocks
        for begin, end in pairwise(blocks):
            if begin.ndim != end.ndim or not begin.requires_grad:
                continue
            signs = torch.randint(0, 2, end.shape, generator=self.passes.random, device=end.device).to(end) * 2 - 1
            arrived = torch.autograd.grad(end, begin, signs, retain_graph=True, allow_unused=True)[0]
            if arrived is not None:
                self.half.passed.append((signs, arrived))

    def curve(self, direction: Sequence[Tensor]) -> None:
        """The Hessian of the half's loss times a direction."""
        pairs = zip(self.half.gradients, direction, strict=True)
        along = torch.stack([(one * way).sum() for one, way in pairs]).sum()
        found = torch.autograd.grad(along, self.weights, allow_unused=True)
        self.half.curvature = [_or_zeros(one, like) for one, like in zip(found, self.weights, strict=True)]
        self._release()

    def _release(self) -> None:
        """Lets go of the graph."""
        half = self.half
        half.gradients = [one.detach() for one in half.gradients]
        half.outputs = [one.detach() for one in half.outputs]
        half.blocks = [one.detach() for one in half.blocks]

    @contextlib.contextmanager
    def _watched(self) -> Iterator[None]:
        needs, network = self.passes.needs, self.passes.network
        handles = []
        if "activations" in needs:
            codes = _Codes(self.half)
            for module in network.modules():
                if isinstance(module, ACTIVATIONS):
                    handles.append(module.register_forward_pre_hook(codes))
        if needs & {"outputs", "salience", "tangents", "blocks", "passed"}:
            for layer in self.passes.layers:
                handles.append(layer.register_forward_hook(self._ran))
        if needs & {"blocks", "passed"}:
            network.waist = self._narrowed
        try:
            yield
        finally:
            network.waist = None
            for handle in handles:
                handle.remove()

    def _narrowed(self, value: Tensor) -> None:
        """A block ends where one value alone is carried on, if it has weights."""
        if len(self.half.ran) > self._before:
            self._before = len(self.half.ran)
            self.half.blocks.append(value)

    def _ran(self, layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        self.half.ran.append(layer)
        self.half.outputs.append(output)
        self.half.inputs.append(inputs[0].detach())


class _Codes:
    """A hook before activations that notes which units are on; what several activations read is noted once."""

    def __init__(self, half: Half) -> None:
        self.half = half
        self.known: dict[int, int] = {}
        self.kept: list[Tensor] = []

    def __call__(self, module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        x = inputs[0]
        place = self.known.get(id(x))
        if place is not None:
            code, readers = self.half.codes[place]
            self.half.codes[place] = code, readers + 1
            return
        self.known[id(x)] = len(self.half.codes)
        self.kept.append(x)
        self.half.codes.append(((x.detach() > 0).flatten(1), 1))


def untrained(network: Network) -> Network:
    """In the state in which it is looked at: norms by the batch, nothing dropped or hidden."""
    network.train()
    for module in network.modules():
        if isinstance(module, nn.Dropout | SpecAugment):
            module.eval()
    return network


def _or_zeros(gradient: Tensor | None, like: Tensor) -> Tensor:
    return torch.zeros_like(like) if gradient is None else gradient


def _over_places(values: Tensor) -> Tensor:
    """(B, C, ...) -> (B, C)"""
    return values.flatten(2).sum(2) if values.ndim > 2 else values


def _plain_attention() -> contextlib.AbstractContextManager[None]:
    """Attention as plain matrix products: its fused kernels have no second derivative. Always, so that scores do not
    depend on which others are asked for."""
    return sdpa_kernel(SDPBackend.MATH)


@contextlib.contextmanager
def without_norms(network: nn.Module) -> Iterator[None]:
    """Norms pass everything on as it is."""
    norms = [module for module in network.modules() if isinstance(module, NORMS)]
    for module in norms:
        module.forward = _same  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        for module in norms:
            del module.forward


def _same(x: Tensor) -> Tensor:
    return x
