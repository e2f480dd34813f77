"""What each option costs: a size or the latency of networks as a sum over their decisions, so that preferences can be
learnt against it by gradient (as the tables of Cai et al. 2019, "ProxylessNAS", https://arxiv.org/abs/1812.00332, but
for any space: the terms are fitted to random networks)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from netwright.devices.foretold import foretell
from netwright.errors import unknown
from netwright.operations import Signature, analyse
from netwright.space import Architecture, Space
from netwright.supernet.relaxed import options

Floats = NDArray[np.float64]
SIZES = ("flops", "params", "activations", "latency_ms")
BASE = "base:"
"""What networks cost beside their decisions goes by this name beside those of decisions: no path in a space ends so."""
AN_OPTION, MOST = 8, 2000
"""Random networks for each option, and at most."""
MEASURED = 48
"""Random networks whose latency is measured, for that of the others."""
SHRINKAGE = 1e-3
"""Of the fit, so that options which always come together share what they cost."""


def check_cost(metric: str) -> None:
    if metric not in SIZES:
        raise unknown("cost", metric, SIZES)


def additive_costs(space: Space, signature: Signature, metric: str, seed: int = 0) -> dict[str, Floats]:
    """The costs of each decision's options, (options,), and under BASE what networks cost beside their decisions, (1,):
    in terms of the mean of random networks. For connections, each by itself.

    >>> from netwright.space import chain, choice, op
    >>> space = Space(chain(op("conv", kernel=choice(1, 3), channels=8), op("head")), "tiny")
    >>> costs = additive_costs(space, Signature((1, 8, 8), 10, "classification"), "flops")
    >>> [round(cost, 1) for cost in costs[BASE] + costs["0/kernel"]]
    [0.3, 1.7]
    """
    decisions = {decision.name: decision for decision in space.decisions()}
    starts = np.cumsum([0, *(options(decision) for decision in decisions.values())])
    at = {name: int(start) for name, start in zip(decisions, starts, strict=False)}
    rng = np.random.default_rng(seed)
    drawn = [space.sample(rng) for _ in range(min(MOST, max(32, AN_OPTION * int(starts[-1]))))]
    taken = np.zeros((len(drawn), int(starts[-1])))
    for row, architecture in zip(taken, drawn, strict=True):
        for name, value in architecture.choices.items():
            if name in at:
                places = value if isinstance(value, tuple) else (decisions[name].place(value),)
                row[[at[name] + place for place in places]] = 1.0
    sizes = _sizes(drawn, signature, metric)
    sizes /= sizes.mean()
    centre = taken.mean(0)
    inner = taken - centre
    ridge = SHRINKAGE * len(drawn) * np.eye(inner.shape[1])
    terms = np.linalg.solve(inner.T @ inner + ridge, inner.T @ (sizes - 1.0))
    costs = {name: terms[at[name] : at[name] + options(one)] for name, one in decisions.items()}
    return {BASE: np.array([1.0 - centre @ terms])} | costs


def _sizes(drawn: Sequence[Architecture], signature: Signature, metric: str) -> Floats:
    """(drawn,)"""
    graphs = [one.graph for one in drawn]
    if metric == "latency_ms":
        return foretell(graphs[:MEASURED], signature)(graphs)
    return np.array([getattr(analyse(graph, signature), metric) for graph in graphs], dtype=float)
