"""Proxies from the gradients of the loss, as they were made for pruning at initialisation.

Their use for architectures: Abdelfattah et al. 2021, "Zero-Cost Proxies for Lightweight NAS",
https://arxiv.org/abs/2101.08134.
"""

from __future__ import annotations

import torch

from netwright.proxies.base import Proxy
from netwright.proxies.passes import Passes

LEAST = 1e-12


def snip(passes: Passes) -> float:
    pairs = zip(passes.weights, passes.gradients(), strict=True)
    return float(sum(float((weight.detach() * gradient).abs().sum()) for weight, gradient in pairs))


def plain(passes: Passes) -> float:
    pairs = zip(passes.weights, passes.gradients(), strict=True)
    return float(sum(float((weight.detach() * gradient).sum()) for weight, gradient in pairs))


def grad_norm(passes: Passes) -> float:
    return float(sum(float(gradient.norm()) for gradient in passes.gradients()))


def grasp(passes: Passes) -> float:
    """The gradient flow that pruning all weights would lose."""
    halves = [half.curvature for half in passes.halves]
    pairs = zip(passes.weights, *halves, strict=True)
    return -float(sum(float((weight.detach() * (one + other)).sum()) / 2 for weight, one, other in pairs))


def fisher(passes: Passes) -> float:
    """Half the squared effect that taking each channel out would have, by a first-order estimate."""
    layers = zip(*(half.salience for half in passes.halves), strict=True)
    return float(sum(float((0.5 * torch.cat(halves) ** 2).mean(0).sum()) for halves in layers))


def zico(passes: Passes) -> float:
    """How large gradients are beside how much they vary from batch to batch, layer by layer."""
    total = 0.0
    for one, other in zip(*(half.gradients for half in passes.halves), strict=True):
        mean, deviation = (one.abs() + other.abs()) / 2, (one - other).abs() / 2
        moving = deviation > LEAST
        ratio = float((mean[moving] / deviation[moving]).sum())
        total += float(torch.tensor(ratio).log()) if ratio > 0 else 0.0
    return total


GRADIENTS = (
    Proxy(
        "snip",
        "how much the loss depends on each weight, added up",
        "Lee et al. 2019, SNIP, https://arxiv.org/abs/1810.02340",
        snip,
        frozenset({"gradients"}),
    ),
    Proxy(
        "plain",
        "the same with its sign",
        "Mozer & Smolensky 1989, Skeletonization",
        plain,
        frozenset({"gradients"}),
    ),
    Proxy(
        "grad-norm",
        "lengths of the loss's gradients, added up over layers",
        "Abdelfattah et al. 2021, https://arxiv.org/abs/2101.08134",
        grad_norm,
        frozenset({"gradients"}),
    ),
    Proxy(
        "grasp",
        "how far the gradient's flow depends on each weight, added up",
        "Wang et al. 2020, GraSP, https://arxiv.org/abs/2002.07376",
        grasp,
        frozenset({"gradients", "curvature"}),
    ),
    Proxy(
        "fisher",
        "Fisher information of the channels, added up",
        "Turner et al. 2020, BlockSwap, https://arxiv.org/abs/1906.04113",
        fisher,
        frozenset({"salience"}),
    ),
    Proxy(
        "zico",
        "gradients: their size beside their variation over batches",
        "Li et al. 2023, ZiCo, https://arxiv.org/abs/2301.11300",
        zico,
        frozenset({"gradients"}),
    ),
)
