"""Proxies that need no data: from weights, and from what flows through them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch

from netwright.backends.torch.network import Network
from netwright.proxies.base import Proxy
from netwright.proxies.passes import Passes, untrained, without_norms


def l2_norm(passes: Passes) -> float:
    return float(sum(float(weight.detach().norm()) for weight in passes.weights))


def synflow(passes: Passes) -> float:
    """The logarithm of what flows along all paths, weights by their size, norms left out; -inf where nothing does."""
    network, shape = passes.network, passes.batch.x.shape[1:]
    with _sizes(network), without_norms(network):
        ones = torch.ones((1, *shape), dtype=torch.float64, device=passes.batch.x.device)
        flow = torch.as_tensor(network(ones)).sum()
        found = torch.autograd.grad(flow, passes.weights, allow_unused=True)
        pairs = zip(passes.weights, found, strict=True)
        total = sum((float((weight.detach() * one).sum()) for weight, one in pairs if one is not None), 0.0)
    return float(torch.tensor(total, dtype=torch.float64).log())


@contextlib.contextmanager
def _sizes(network: Network) -> Iterator[None]:
    """The network's parameters without their signs, in double precision."""
    before = {name: value.detach().clone() for name, value in network.state_dict().items()}
    dtype = next(iter(network.parameters())).dtype
    network.double()
    network.eval()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.abs_()
    try:
        yield
    finally:
        network.to(dtype)
        network.load_state_dict(before)
        untrained(network)


WEIGHTS = (
    Proxy(
        "l2-norm",
        "lengths of the weights, added up over layers",
        "Abdelfattah et al. 2021, https://arxiv.org/abs/2101.08134",
        l2_norm,
    ),
    Proxy(
        "synflow",
        "what flows through all paths of weights",
        "Tanaka et al. 2020, SynFlow, https://arxiv.org/abs/2006.05467",
        synflow,
    ),
)
