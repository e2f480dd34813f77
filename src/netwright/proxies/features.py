"""Proxies from the features inside a network: how rich they are, and how gradients pass between blocks."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from netwright.proxies.base import Proxy
from netwright.proxies.passes import Passes

NOISE, NOISY = 1e-2, 16
"""How far inputs are moved, and how many there are, in `zen`."""


def meco(passes: Passes) -> float:
    """The smallest eigenvalues of the correlations between channels, for one example."""
    total = 0.0
    for output in passes.halves[0].outputs:
        if output.ndim < 3:
            continue
        channels = output[0].detach().flatten(1).double()
        centred = F.normalize(channels - channels.mean(1, keepdim=True), dim=1)
        total += float(torch.linalg.eigvalsh(centred @ centred.T)[0])
    return total


@torch.no_grad()
def zen(passes: Passes) -> float:
    """How far the last features move when the input does, and how much batch norms have taken out before."""
    network = passes.network
    shape = (NOISY, *passes.batch.x.shape[1:])
    device = passes.batch.x.device
    random = torch.Generator(device=device).manual_seed(0)
    x = torch.randn(shape, generator=random, device=device)
    moved = x + NOISE * torch.randn(shape, generator=random, device=device)
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d)]
    taken: list[float] = []
    last: list[Tensor] = []

    def note(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        values = inputs[0]
        taken.append(0.5 * float(torch.log(values.var((0, *range(2, values.ndim)), correction=0).mean() + 1e-30)))

    handles = [module.register_forward_hook(note) for module in norms]
    head = passes.layers[-1]
    handles.append(head.register_forward_pre_hook(lambda _, inputs: last.append(inputs[0])))
    try:
        network(x)
        logs = sum(taken)
        network(moved)
    finally:
        for handle in handles:
            handle.remove()
    away = float((last[0] - last[1]).abs().mean())
    return float(torch.tensor(away / NOISE, dtype=torch.float64).log()) + logs


def expressivity(passes: Passes) -> float:
    return float(sum(_entropies(passes)))


def progressivity(passes: Passes) -> float:
    """The least that a block adds to the entropy of its features."""
    values = _entropies(passes)
    return min((later - earlier for earlier, later in pairwise(values)), default=0.0)


def _entropies(passes: Passes) -> list[float]:
    """Of the principal components of the features behind each block."""
    found = []
    for halves in zip(*(half.blocks for half in passes.halves), strict=True):
        rows = [values.detach().movedim(1, -1).reshape(-1, values.shape[1]) for values in halves]
        count = sum(map(len, rows))
        mean = torch.stack([part.sum(0).double() for part in rows]).sum(0) / count
        moments = torch.stack([(part.T @ part).double() for part in rows]).sum(0) / count
        shares = torch.linalg.eigvalsh(moments - torch.outer(mean, mean)).clamp_min(0)
        shares = shares / shares.sum().clamp_min(1e-30)
        found.append(-float((shares * torch.log(shares + 1e-8)).sum()))
    return found


def trainability(passes: Passes) -> float:
    """How near to one the largest gain of gradients is, on average over blocks."""
    scores = []
    for signs, arrived in passes.halves[0].passed:
        gain = float(torch.linalg.matrix_norm(_through(signs, arrived), 2))
        scores.append(-gain - 1 / (gain + 1e-6) + 2)
    return float(sum(scores) / len(scores)) if scores else 0.0


def _through(signs: Tensor, arrived: Tensor) -> Tensor:
    """(channels in, channels out): what of each output's gradient arrives at each input, averaged over places."""
    if signs.ndim == 4 and arrived.ndim == 4 and signs.shape[2:] != arrived.shape[2:]:
        stride = arrived.shape[2] // max(1, signs.shape[2])
        if stride > 1 and arrived.shape[2] == stride * signs.shape[2] and arrived.shape[3] == stride * signs.shape[3]:
            arrived = F.pixel_unshuffle(arrived, stride)
    if signs.shape[2:] != arrived.shape[2:]:
        signs, arrived = signs.flatten(2).sum(-1), arrived.flatten(2).sum(-1)
    one, other = (values.movedim(1, -1).reshape(-1, values.shape[1]) for values in (arrived, signs))
    return one.T @ other / len(one)


BLOCKS = "Lee & Ham 2024, AZ-NAS, https://arxiv.org/abs/2403.19232"

FEATURES = (
    Proxy(
        "meco",
        "how independent the channels of each layer are",
        "Jiang et al. 2023, MeCo, https://openreview.net/forum?id=KFm2lZiI7n",
        meco,
        frozenset({"outputs"}),
        images=True,
    ),
    Proxy(
        "zen",
        "how far features move with the input",
        "Lin et al. 2021, Zen-NAS, https://arxiv.org/abs/2102.01063",
        zen,
    ),
    Proxy("az-expressivity", "how evenly features fill their space", BLOCKS, expressivity, frozenset({"blocks"})),
    Proxy("az-progressivity", "what each block adds to that", BLOCKS, progressivity, frozenset({"blocks"})),
    Proxy("az-trainability", "how steadily gradients pass through blocks", BLOCKS, trainability, frozenset({"passed"})),
)
