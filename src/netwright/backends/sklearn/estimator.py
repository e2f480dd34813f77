"""From the graph of an estimator to a network that holds it: fitted node by node, in the order of the data."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from threadpoolctl import threadpool_limits
from torch import Tensor, nn

from netwright.backends.sklearn import lightgbm
from netwright.backends.sklearn.models import MODELS, Array
from netwright.backends.sklearn.preparations import PREPARATIONS
from netwright.backends.torch.build import build
from netwright.backends.torch.network import Network
from netwright.backends.torch.unfitted import Fitted
from netwright.errors import InputError
from netwright.operations import Signature, is_estimator
from netwright.space import OpGraph

FOLDS = 5
"""Parts of the training data that an estimator before another one answers without having seen them."""
BATCH = 512
THREADS = 1
"""Of every numerical library while it fits: trials run side by side, and threads that wait for a core cost more than
they bring."""
FITS = {**MODELS, "lightgbm": lightgbm.fit, **PREPARATIONS}


def fit_estimator(graph: OpGraph, signature: Signature, x: Array, y: Array, seed: int = 0) -> Network:
    """The graph as a network (B, *inputs) -> (B, outputs) that has learnt from x (N, *inputs) float32 and y (N,): class
    indices, or numbers, best of mean 0 and deviation 1. Equal seeds give equal networks.

    An estimator that others come after is fitted to all examples, but what comes after learns from answers of copies
    that did not see the example. Raises InputError when the graph isn't one estimator.
    """
    last = graph.nodes[graph.output]
    if not is_estimator(graph):
        raise InputError(f"{last.name} ({last.op}) is not an estimator", "build it with netwright.backends.torch")
    network = build(graph, signature, seed=seed).eval().requires_grad_(False)
    with threadpool_limits(THREADS):
        _fit(network, torch.from_numpy(np.ascontiguousarray(x, dtype=np.float32)), np.asarray(y), seed)
    return network


def _fit(network: Network, x: Tensor, y: Array, seed: int) -> None:
    values = {0: x}
    done: set[str] = set()
    for step in network.steps:
        inputs = [values[source] for source in step.inputs]
        module = network._modules.get(step.module)
        if isinstance(module, Fitted):
            if step.module in done:
                raise InputError(f"{step.module}: an estimator cannot be in two places", "give each its own")
            done.add(step.module)
            unseen = step.target != network.output and module.operation not in PREPARATIONS
            answered = cross_answers(module, inputs[0], y, seed) if unseen else None
            _fill(module, inputs[0], y, seed)
            values[step.target] = answers(module, inputs[0]) if answered is None else answered
        else:
            values[step.target] = network.made(step, inputs, x)


def _fill(module: Fitted, x: Tensor, y: Array, seed: int) -> None:
    fit = FITS[module.operation]
    state = fit(module.attrs, x.numpy(), y, module.signature, seed)
    module.load_state_dict({name: torch.from_numpy(array) for name, array in state.items()})


def cross_answers(module: Fitted, x: Tensor, y: Array, seed: int) -> Tensor:
    """What copies of an estimator answer to the examples that each has not seen."""
    found = x.new_zeros((len(x), module.signature.outputs))
    for seen, held in _folds(y, module.classes, seed):
        _fill(module, x[seen], y[seen], seed)
        found[held] = answers(module, x[held])
    return found


def _folds(y: Array, classes: bool, seed: int) -> Iterator[tuple[Array, Array]]:
    """(seen, held out) indices; every class is spread over all parts."""
    order = np.random.default_rng(seed).permutation(len(y))
    if classes:
        order = order[np.argsort(y[order], kind="stable")]
    part = np.empty(len(y), dtype=np.int64)
    part[order] = np.arange(len(y)) % FOLDS
    for fold in range(FOLDS):
        yield np.flatnonzero(part != fold), np.flatnonzero(part == fold)


def answers(module: nn.Module, x: Tensor) -> Tensor:
    """What a module answers, batch by batch."""
    with torch.inference_mode():
        found = torch.cat([module(part) for part in torch.split(x, BATCH)])
    return found.clone()
