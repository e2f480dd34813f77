"""Zero-cost proxies straight from their definitions, each with passes of its own: what sharing them is held against."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F


def _layers(network: nn.Module) -> list[nn.Module]:
    return [module for module in network.modules() if isinstance(module, nn.Conv2d | nn.Linear)]


def snip(network: nn.Module, x: Tensor, y: Tensor) -> float:
    network.train()
    F.cross_entropy(network(x), y).backward()
    return sum(float((layer.weight.detach() * layer.weight.grad).abs().sum()) for layer in _layers(network))


def grasp(network: nn.Module, x: Tensor, y: Tensor) -> float:
    network.train()
    weights = [layer.weight for layer in _layers(network)]
    first = torch.autograd.grad(F.cross_entropy(network(x), y), weights, allow_unused=True)
    second = torch.autograd.grad(F.cross_entropy(network(x), y), weights, create_graph=True, allow_unused=True)
    along = sum((one.detach() * other).sum() for one, other in zip(first, second, strict=True) if one is not None)
    along.backward()
    return -sum(float((weight.detach() * weight.grad).sum()) for weight in weights if weight.grad is not None)


def synflow(network: nn.Module, x: Tensor, y: Tensor) -> float:
    network.double().eval()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.forward = lambda value: value
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.abs_()
    network(torch.ones((1, *x.shape[1:]), dtype=torch.float64)).sum().backward()
    total = sum(float((layer.weight.detach() * layer.weight.grad).abs().sum()) for layer in _layers(network))
    return float(np.log(total))


def naswot(network: nn.Module, x: Tensor, y: Tensor) -> float:
    kernel = np.zeros((len(x), len(x)))

    def note(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        code = (inputs[0].detach().reshape(len(x), -1) > 0).float()
        kernel[...] += (code @ code.T + (1 - code) @ (1 - code).T).numpy()

    network.train()
    handles = [one.register_forward_hook(note) for one in network.modules() if isinstance(one, nn.ReLU)]
    network(x)
    for handle in handles:
        handle.remove()
    return float(np.linalg.slogdet(kernel)[1])


def jacov(network: nn.Module, x: Tensor, y: Tensor) -> float:
    network.train()
    inputs = x.clone().requires_grad_()
    answers = network(inputs)
    answers.backward(torch.ones_like(answers))
    values = np.linalg.eigvalsh(np.corrcoef(inputs.grad.reshape(len(x), -1).numpy()))
    return float(-np.sum(np.log(values + 1e-5) + 1 / (values + 1e-5)))


def fisher(network: nn.Module, x: Tensor, y: Tensor) -> float:
    network.train()
    seen: list[Tensor] = []

    def note(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        output.retain_grad()
        seen.append(output)

    handles = [layer.register_forward_hook(note) for layer in _layers(network)]
    F.cross_entropy(network(x), y).backward()
    for handle in handles:
        handle.remove()
    total = 0.0
    for output in seen:
        if output.grad is not None:
            product = output.detach() * output.grad
            product = product.sum((2, 3)) if product.ndim == 4 else product
            total += float((0.5 * product**2).mean(0).sum())
    return total


DIRECT: dict[str, Callable[[nn.Module, Tensor, Tensor], float]] = {
    "synflow": synflow,
    "snip": snip,
    "grasp": grasp,
    "naswot": naswot,
    "jacov": jacov,
    "fisher": fisher,
}
