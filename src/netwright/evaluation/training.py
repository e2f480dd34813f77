"""Full and low-fidelity training: build the network, train it (fit it, if it is an estimator), score it on the
validation split.

Final trainings also touch the test split (`test=True`), once, and keep the weights (`keep=True`).
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from netwright.backends.torch.recipe import Recipe
from netwright.devices.metering import Meter
from netwright.evaluation.affordable import affordable
from netwright.evaluation.base import Context
from netwright.evaluation.scoring import scores_of
from netwright.evaluation.speed import example_seconds
from netwright.operations import analyse, is_estimator
from netwright.operations.narrowing import narrowed
from netwright.space import OpGraph
from netwright.supernet import BANK
from netwright.tasks import Split, Task
from netwright.trial import Fidelity, Measurement, Proposal

FINISHING_S, SLACK = 4.0, 0.1
"""Seconds, and at most this share of the time left, that are kept for saving and measuring after training."""


@dataclass(frozen=True)
class Training:
    """Trains a proposal's network by `recipe` and measures it.

    test: also score the test split and keep its outputs (`test.npz`: outputs, y) for paired comparisons;
    keep: save the weights (`weights.safetensors`); latency: measure inference latency on this CPU. A proposal that
    inherits begins with the weights that its parents left (Real et al. 2017, "Large-Scale Evolution of Image
    Classifiers", https://arxiv.org/abs/1703.01041).
    """

    recipe: Recipe = Recipe()
    test: bool = False
    keep: bool = False
    latency: bool = False

    def prepare(self) -> None:
        """Imports torch: seconds that are not the first trial's."""
        import netwright.backends.torch.train  # noqa: F401

    def evaluate(self, proposal: Proposal, task: Task, context: Context) -> Measurement:
        graph = narrowed(proposal.architecture.graph, proposal.fidelity.width)
        meter = Meter()
        if is_estimator(graph):
            fitted = _fit_estimator(graph, task, proposal.fidelity, context)
        else:
            recipe = self.recipe.adapted(proposal.architecture.hyper)
            scored = len(task.valid.y) + (len(task.test.y) if self.test else 0)
            heritage = _heritage(proposal, context) if proposal.inherit else ()
            fitted = _fit_network(graph, task, recipe, proposal.fidelity, context, scored, heritage)
        trained_s = meter.seconds
        metrics = {**fitted.sizes, **scores_of(task, fitted.outputs(task.valid), task.valid.y), "train_s": trained_s}
        if self.latency:
            metrics["latency_ms"] = _latency(fitted.network, task)
        test: dict[str, float] = {}
        artifacts: dict[str, str] = {}
        if self.test:
            answers = fitted.outputs(task.test)
            test = scores_of(task, answers, task.test.y)
            artifacts |= _keep_outputs(context.directory, answers, task.test.y, task.signature.kind)
        if self.keep:
            artifacts |= _keep_network(context.directory, fitted.network)
        cost = meter.cost()
        return Measurement(
            metrics=metrics | {"peak_memory_mb": cost.peak_memory_mb or math.nan},
            test=test,
            curve=fitted.curve,
            cost=cost,
            fidelity=fitted.fidelity,
            artifacts=artifacts,
            notes=fitted.notes,
        )


@dataclass
class _Fitted:
    """A model after its training, whatever made it."""

    outputs: Any
    sizes: dict[str, float]
    fidelity: Fidelity
    network: Any
    curve: tuple[Mapping[str, float], ...] = ()
    notes: tuple[str, ...] = ()


def _fit_network(
    graph: OpGraph,
    task: Task,
    recipe: Recipe,
    fidelity: Fidelity,
    context: Context,
    scored: int,
    heritage: Sequence[Path] = (),
) -> _Fitted:
    import torch

    from netwright.backends.torch.build import build
    from netwright.backends.torch.device import default_device
    from netwright.backends.torch.network import place
    from netwright.backends.torch.train import Target, outputs, train
    from netwright.supernet.part import inherit
    from netwright.supernet.rounds import inherited

    size = analyse(graph, task.signature)
    target = None
    if fidelity.seconds is not None:
        until, most = time.monotonic() + fidelity.seconds, fidelity.epochs or recipe.epochs
        fidelity = _timed(graph, task, recipe, fidelity, scored)
        target = Target(until, most / fidelity.data)
    torch.manual_seed(context.seed)
    network = build(graph, task.signature)
    place(network, task.graph, default_device())
    for weights in inherited(heritage, task):
        inherit(network, weights)
    deadline = context.deadline
    if deadline < math.inf:
        deadline -= min(FINISHING_S, SLACK * max(0.0, context.seconds_left))
    trained = train(
        network,
        task,
        recipe,
        fidelity,
        seed=context.seed,
        deadline=deadline,
        target=target,
        scored=scored,
        report=context.report,
    )
    notes = (f"out of time: trained {trained.epochs:.2f} epochs",) if trained.shortened else ()

    def answer(split: Split) -> np.ndarray:
        return outputs(trained.network, task, split, trained.dtype, fidelity)

    return _Fitted(
        outputs=answer,
        sizes=size.metrics,
        fidelity=replace(fidelity, epochs=trained.epochs),
        network=trained.network,
        curve=tuple(trained.curve),
        notes=notes,
    )


def _heritage(proposal: Proposal, context: Context) -> list[Path]:
    """The files with the parents' weights, or with those of a supernet, what counts most last."""
    from netwright.backends.torch.state import FILE

    parents = proposal.parents[::-1]
    return [*context.left_by(parents, BANK), *context.left_by(parents, FILE)]


def _timed(graph: OpGraph, task: Task, recipe: Recipe, fidelity: Fidelity, scored: int) -> Fidelity:
    """A fidelity in seconds as epochs and data, by the network's measured speed; what measuring takes is part of it."""
    from netwright.backends.torch.train import FORWARD_SHARE

    assert fidelity.seconds is not None
    meter = Meter()
    example_s = example_seconds(graph, task, recipe)
    seconds = fidelity.seconds - meter.seconds - FORWARD_SHARE * example_s * scored
    return affordable(fidelity, seconds, len(task.train.y), recipe.epochs, example_s)


def _fit_estimator(graph: OpGraph, task: Task, fidelity: Fidelity, context: Context) -> _Fitted:
    import torch

    from netwright.backends.torch.train import outputs
    from netwright.evaluation.fitting import fitted

    size = analyse(graph, task.signature)
    network, paid = fitted(graph, task, fidelity, context.seed, context.deadline)
    notes = () if paid.data >= fidelity.data else (f"time for fitting {paid.data:.0%} of the training data",)
    return _Fitted(
        outputs=lambda split: outputs(network, task, split, torch.float32),
        sizes=size.metrics,
        fidelity=paid,
        network=network,
        notes=notes,
    )


def _latency(network: Any, task: Task) -> float:
    from netwright.devices.latency import latency_ms

    return float(latency_ms(network, task.signature))


def _keep_outputs(directory: Path | None, answers: np.ndarray, targets: np.ndarray, kind: str) -> dict[str, str]:
    if directory is None:
        return {}
    y = np.asarray(targets) if np.ndim(targets) == 1 else np.zeros(len(answers))
    np.savez(directory / "test.npz", outputs=answers.astype(np.float32), y=y, kind=np.array(kind))
    return {"test": "test.npz"}


def _keep_network(directory: Path | None, network: Any) -> dict[str, str]:
    if directory is None:
        return {}
    from netwright.backends.torch.state import save_state

    return {"weights": save_state(network, directory).name}
