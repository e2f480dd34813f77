"""Latencies of many networks, foretold from those measured of a few.

A network's time is taken for the sum of its operations' times, each with a part of its own for its kind, one for its
multiply-accumulates and one for what it puts out: like the look-up tables of Cai et al. 2019, "ProxylessNAS"
(https://arxiv.org/abs/1812.00332), but fitted to whole networks, so that any operations may be in them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from netwright.operations import Signature, analyse
from netwright.space import OpGraph

Floats = NDArray[np.float64]
SECONDS = 0.05
"""Of timing each network that is measured."""
SHRINKAGE = 0.02
"""Of the fit, towards no time: kinds that are rare or always come together share what they take."""


def foretell(
    measured: Sequence[OpGraph], signature: Signature, timed: Callable[[OpGraph, Signature], float] | None = None
) -> Callable[[Sequence[OpGraph]], Floats]:
    """Measures some networks and gives what foretells others' latencies: graphs -> milliseconds, (graphs,).

    timed: what measures a network, on this CPU where it is left out. Networks of a few dozen random architectures of a
    space do for the rest of the space.

    >>> from netwright.space import Space, chain, choice, op
    >>> space = Space(chain(op("conv", kernel=choice(1, 3, 5, 7), channels=8), op("head")), "tiny")
    >>> graphs = [one.graph for one in space.enumerate()]
    >>> told = foretell(graphs[:3], Signature((1, 8, 8), 2), lambda graph, size: analyse(graph, size).flops / 1e6)
    >>> [round(1e3 * float(ms)) for ms in told(graphs)]
    [1, 5, 13, 25]
    """
    from scipy.optimize import nnls

    kinds = sorted({node.op for graph in measured for node in graph.nodes})
    rows = np.stack([_row(graph, signature, kinds) for graph in measured])
    times = np.array([(timed or _on_this_cpu)(graph, signature) for graph in measured])
    scale = np.maximum(rows.max(0), 1.0)
    # Errors count by the networks' own times, so that the small ones are foretold as well as the large ones.
    relative = rows / scale / times[:, None]
    padding = SHRINKAGE * np.eye(rows.shape[1])
    terms, _ = nnls(np.vstack([relative, padding / times.mean()]), np.append(np.ones(len(times)), np.zeros(len(scale))))
    terms = terms / scale

    def told(graphs: Sequence[OpGraph]) -> Floats:
        found: Floats = np.array([_row(graph, signature, kinds) @ terms for graph in graphs])
        return found

    return told


def _row(graph: OpGraph, signature: Signature, kinds: Sequence[str]) -> Floats:
    """One, and of each kind of operation: how many, their multiply-accumulates, what they put out."""
    at = {kind: 1 + 3 * index for index, kind in enumerate(kinds)}
    row = np.zeros(1 + 3 * len(kinds))
    row[0] = 1.0
    size = analyse(graph, signature)
    for index in size.live:
        node, cost = graph.nodes[index], size.nodes[index]
        if node.op in at:
            row[at[node.op] : at[node.op] + 3] += (1.0, cost.flops, float(np.prod(cost.shape)))
    return row


def _on_this_cpu(graph: OpGraph, signature: Signature) -> float:
    from netwright.backends.torch.build import build
    from netwright.devices.latency import measure

    return measure(build(graph, signature, seed=0).eval(), signature, seconds=SECONDS).median_ms
