"""Fitting an estimator within the time that a fidelity gives it: to more and more examples, until all are in."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from netwright.operations import is_estimator
from netwright.space import OpGraph
from netwright.tasks import Task
from netwright.trial import Fidelity

if TYPE_CHECKING:
    from netwright.backends.torch.network import Network

FIRST = 512
"""Examples that are fitted first, to see how long that takes."""
USED, LEAST_GROWTH = 0.8, 1.5
"""Share of the time left that a fit may take, as foretold from the last one; growth that makes another fit worth it."""


def fitted(graph: OpGraph, task: Task, fidelity: Fidelity, seed: int, deadline: float) -> tuple[Network, Fidelity]:
    """The estimator and what was paid: one pass over the part of the training data that there was time for.

    deadline: `time.monotonic()` instant. Raises TimeoutError when there is no time at all.
    """
    import netwright.backends.sklearn.estimator  # noqa: F401  (what it takes to import says nothing of fitting)

    began = time.monotonic()
    if began >= deadline:
        raise TimeoutError("no time is left for fitting")
    until = deadline if fidelity.seconds is None else min(deadline, began + fidelity.seconds)
    most = fidelity.data
    if math.isinf(until):
        return fit(graph, task, most, seed), replace(fidelity, epochs=1.0)
    share = min(most, FIRST / len(task.train))
    network, share_s = _timed(graph, task, share, seed)
    while share < most:
        growth = USED * (until - time.monotonic()) / share_s
        if growth < min(LEAST_GROWTH, most / share):
            break
        share = min(most, share * growth)
        network, share_s = _timed(graph, task, share, seed)
    return network, Fidelity(epochs=1.0, data=round(share, 4))


def fit(graph: OpGraph, task: Task, share: float, seed: int) -> Network:
    """The estimator fitted to a share of the training split, as its network would see it."""
    import torch

    from netwright.backends.sklearn.estimator import fit_estimator
    from netwright.backends.torch.batches import Batches
    from netwright.backends.torch.network import place

    assert is_estimator(graph)
    batches = Batches(task, task.train, torch.device("cpu"), share)
    x = torch.cat(list(batches.in_order())).contiguous().numpy()
    if task.graph is not None:
        x = task.graph.features[x[:, 0]]
    network = fit_estimator(graph, task.signature, x, batches.y.numpy(), seed)
    place(network, task.graph)
    return network


def _timed(graph: OpGraph, task: Task, share: float, seed: int) -> tuple[Network, float]:
    began = time.monotonic()
    return fit(graph, task, share, seed), max(1e-6, time.monotonic() - began)
