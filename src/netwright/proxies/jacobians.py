"""Proxies from the gradients of the answers, for inputs and for weights."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from netwright.proxies.base import Proxy
from netwright.proxies.passes import Passes

LEAST = 1e-5
MANY_CLASSES = 100


def jacov(passes: Passes) -> float:
    """How far the Jacobians of the examples are from being alike."""
    values = torch.linalg.eigvalsh(_correlation(passes.jacobian()))
    return -float((torch.log(values + LEAST) + 1 / (values + LEAST)).sum())


def epe_nas(passes: Passes) -> float:
    """The same within each class."""
    jacobian, classes = passes.jacobian(), passes.batch.y
    labels, scores = sorted(set(classes.tolist())), []
    for label in labels:
        rows = jacobian[classes == label]
        score = torch.log(_correlation(rows).abs() + LEAST).sum()
        scores.append(float(score) / (len(rows) if len(labels) > MANY_CLASSES else 1))
    return float(sum(abs(score) for score in scores))


def _correlation(rows: Tensor) -> Tensor:
    """(B, inputs) -> (B, B) in double precision."""
    centred = rows.double() - rows.double().mean(1, keepdim=True)
    return F.normalize(centred, dim=1) @ F.normalize(centred, dim=1).T


def ntk(passes: Passes) -> float:
    """Minus the logarithm of the condition number of the neural tangent kernel of one half of the batch."""
    half = passes.halves[0]
    count = len(passes.batch.x) // 2
    kernel = torch.zeros(count, count, dtype=torch.float64, device=passes.batch.x.device)
    for layer, x, slope in zip(half.ran, half.inputs, half.slopes, strict=True):
        rows = _tangents(layer, x, slope)
        kernel += (rows @ rows.T).double()
    values = torch.linalg.eigvalsh(kernel)
    return -float(torch.log(values[-1] / values[0].clamp_min(1e-12 * float(values[-1]) + 1e-30)))


def _tangents(layer: nn.Module, x: Tensor, slope: Tensor) -> Tensor:
    """(B, weights): the gradient of each example's answers for a layer's weight."""
    if isinstance(layer, nn.Linear):
        x, slope = x.reshape(len(x), -1, x.shape[-1]), slope.reshape(len(x), -1, slope.shape[-1])
        return torch.einsum("bto,bti->boi", slope, x).flatten(1)
    if isinstance(layer, nn.Conv1d):
        return _convolved(x[:, :, None], slope[:, :, None], _flat(layer))
    assert isinstance(layer, nn.Conv2d)
    return _convolved(x, slope, layer)


def _flat(layer: nn.Conv1d) -> nn.Conv2d:
    """The same convolution, over inputs of height one; without weights."""
    with torch.device("meta"):
        return nn.Conv2d(
            layer.in_channels,
            layer.out_channels,
            (1, layer.kernel_size[0]),
            (1, layer.stride[0]),
            (0, int(layer.padding[0])),
            (1, layer.dilation[0]),
            layer.groups,
        )


def _convolved(x: Tensor, slope: Tensor, layer: nn.Conv2d) -> Tensor:
    count, groups = len(x), layer.groups
    if layer.kernel_size == (1, 1) and layer.stride == (1, 1) and layer.padding == (0, 0):
        patches = x.flatten(2)
    else:
        patches = F.unfold(x, layer.kernel_size, layer.dilation, layer.padding, layer.stride)  # type: ignore[arg-type]
    patches = patches.reshape(count * groups, -1, patches.shape[-1])
    slopes = slope.reshape(count * groups, -1, patches.shape[-1])
    return torch.bmm(slopes, patches.transpose(1, 2)).reshape(count, -1)


JACOBIANS = (
    Proxy(
        "jacov",
        "how differently the answers depend on the inputs of different examples",
        "Mellor et al. 2020, https://arxiv.org/abs/2006.04647v1",
        jacov,
        frozenset({"jacobian"}),
    ),
    Proxy(
        "epe-nas",
        "the same within each class",
        "Lopes et al. 2021, EPE-NAS, https://arxiv.org/abs/2102.08099",
        epe_nas,
        frozenset({"jacobian"}),
        classes=True,
    ),
    Proxy(
        "ntk",
        "how evenly gradient descent learns, by the neural tangent kernel",
        "Chen et al. 2021, TE-NAS, https://arxiv.org/abs/2102.11535",
        ntk,
        frozenset({"tangents"}),
    ),
)
