"""Scoring an architecture by zero-cost proxies, all from the same passes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from netwright.backends.torch.batches import Batches, subset
from netwright.backends.torch.build import build
from netwright.backends.torch.device import default_device
from netwright.backends.torch.losses import loss_of
from netwright.backends.torch.recipe import Recipe
from netwright.errors import InputError
from netwright.operations import analyse, is_estimator
from netwright.proxies import PROXIES, SIZES, check
from netwright.proxies.base import Proxy
from netwright.proxies.passes import Batch, Passes
from netwright.space import OpGraph
from netwright.tasks import Split, Task

EXAMPLES = 64
MOST_PLACES = 2**18
"""Places in all of a batch's examples, where networks answer for each."""


@dataclass(frozen=True)
class Scores:
    """values: by proxy, NaN where there is none; problems: by proxy, why there is none."""

    values: dict[str, float]
    problems: dict[str, str]


def batch_of(task: Task, examples: int = EXAMPLES, seed: int = 0) -> Batch:
    """A batch of training examples, as many of each class in both halves as can be, without augmentation."""
    most = max(4, MOST_PLACES // math.prod(task.signature.places)) if task.signature.places else examples
    wanted = min(examples, most, len(task.train.y)) // 2 * 2
    if wanted < 4:
        wanted = min(4, len(task.train.y))
    rng = np.random.default_rng(seed)
    shuffled = rng.permutation(len(task.train.y))
    targets = np.asarray(task.train.y)[shuffled]
    classes = task.signature.kind == "classification"
    chosen = shuffled[subset(targets, wanted / len(targets), len(task.classes) if classes else 0)][:wanted]
    chosen = _dealt(chosen, np.asarray(task.train.y)[chosen], classes)
    split = Split(np.asarray(task.train.x[chosen]), np.asarray(task.train.y[chosen]))
    batches = Batches(task, split, default_device())
    return Batch(next(iter(batches.in_order(wanted))), batches.y[:wanted], loss_of(task, Recipe(label_smoothing=0.0)))


def _dealt(chosen: np.ndarray, targets: np.ndarray, classes: bool) -> np.ndarray:
    """The same examples, those of a class dealt to both halves in turn."""
    order = chosen[np.argsort(targets, kind="stable")] if classes else chosen
    return np.concatenate([order[0::2], order[1::2]])


def score(graph: OpGraph, task: Task, batch: Batch, names: Sequence[str], seed: int = 0) -> Scores:
    """The scores of an untrained network. More is better.

    graph: of a network (InputError for what is none); names: of proxies that apply to the task; seed: of the weights.
    """
    names = check(names, task.signature)
    if is_estimator(graph):
        last = graph.nodes[graph.output]
        raise InputError(f"{last.name} ({last.op}) is not a network", "proxies say something of what is trained")
    size = analyse(graph, task.signature)
    values = {name: float(getattr(size, name)) for name in names if name in SIZES}
    wanted = [PROXIES[name] for name in names if name in PROXIES]
    problems: dict[str, str] = {}
    if wanted:
        network = build(graph, task.signature, seed=seed, start_at_identity=False).to(batch.x.device)
        if batch.x.ndim == 4:
            network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        passes = Passes(network, batch, frozenset().union(*(proxy.needs for proxy in wanted)), seed)
        for proxy in wanted:
            values[proxy.name], problem = _scored(proxy, passes)
            if problem:
                problems[proxy.name] = problem
    return Scores({name: values[name] for name in names}, problems)


def _scored(proxy: Proxy, passes: Passes) -> tuple[float, str]:
    """The score, or NaN and why."""
    if not passes.layers:
        return math.nan, "the network has no weights that could have gradients"
    if proxy.needs == {"activations"} and not passes.halves[0].codes:
        return math.nan, "the network has no activations"
    try:
        value = float(proxy.score(passes))
    except RuntimeError as error:
        return math.nan, f"it cannot be computed: {str(error).splitlines()[0]}"
    if not math.isfinite(value):
        return (
            math.nan,
            f"the score is {value}: the answers do not depend on the inputs, or gradients vanish or explode",
        )
    return value, ""
