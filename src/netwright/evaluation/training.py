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
from typing import TYPE_CHECKING, Any

import numpy as np

from netwright import backends
from netwright.backends.terms import Target, Terms
from netwright.backends.torch.recipe import Recipe
from netwright.devices.metering import Meter
from netwright.evaluation.affordable import affordable
from netwright.evaluation.base import Context
from netwright.evaluation.outlook import STOPPED, Outlook
from netwright.evaluation.pace import Pace
from netwright.evaluation.scoring import scores_of
from netwright.evaluation.speed import timed
from netwright.operations import analyse, is_estimator
from netwright.operations.narrowing import narrowed
from netwright.space import OpGraph
from netwright.supernet import BANK
from netwright.tasks import Split, Task
from netwright.trial import Fidelity, Measurement, Proposal

if TYPE_CHECKING:
    from netwright.backends.torch.network import Network

FINISHING_S, SLACK = 4.0, 0.1
"""Seconds, and at most this share of the time left, that are kept for saving and measuring after training."""


@dataclass(frozen=True)
class Training:
    """Trains a proposal's network by `recipe` and measures it.

    test: also score the test split and keep its outputs (`test.npz`: outputs, y) for paired comparisons;
    keep: save the weights (`weights.safetensors`); latency: measure inference latency on this CPU; backend: the name of
    what trains all networks but those with operations that it lacks; pace: by which a network's speed is foretold where
    time is given, None: it is measured; outlook: by which a training without prospects is stopped. A proposal that
    inherits begins with the weights that its parents left (Real et al. 2017, "Large-Scale Evolution of Image
    Classifiers", https://arxiv.org/abs/1703.01041).
    """

    recipe: Recipe = Recipe()
    test: bool = False
    keep: bool = False
    latency: bool = False
    backend: str = backends.DEFAULT
    pace: Pace | None = None
    outlook: Outlook | None = None

    def held_to(self, outlook: Outlook | None) -> Training:
        """The same, but stopping what falls short of an outlook."""
        return replace(self, outlook=outlook)

    def prepare(self) -> None:
        """Imports what trains: seconds that are not the first trial's."""
        backends.get(self.backend).prepare()

    def evaluate(self, proposal: Proposal, task: Task, context: Context) -> Measurement:
        graph = narrowed(proposal.architecture.graph, proposal.fidelity.width)
        meter = Meter()
        if is_estimator(graph):
            fitted = _fit_estimator(graph, task, proposal.fidelity, context)
        else:
            fitted = self._fit_network(graph, proposal, task, context)
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

    def _fit_network(self, graph: OpGraph, proposal: Proposal, task: Task, context: Context) -> _Fitted:
        from netwright.backends.torch.train import outputs

        recipe, fidelity = self.recipe.adapted(proposal.architecture.hyper), proposal.fidelity
        backend = backends.able(self.backend, graph.operations)
        scored = len(task.valid.y) + (len(task.test.y) if self.test else 0)
        target = None
        if fidelity.seconds is not None:
            until, most = time.monotonic() + fidelity.seconds, fidelity.epochs or recipe.epochs
            fidelity = self._affordable(graph, task, recipe, fidelity, scored)
            target = Target(until, most / fidelity.data)
        network = _begun(graph, task, context.seed, _heritage(proposal, context))
        deadline = context.deadline
        if deadline < math.inf:
            deadline -= min(FINISHING_S, SLACK * max(0.0, context.seconds_left))
        terms = Terms(context.seed, deadline, target, scored, context.report)
        if self.outlook is not None:
            terms = replace(terms, hopeless=self.outlook.hopeless)
        trained = backend.train(graph, network, task, recipe, fidelity, terms)
        notes = [f"out of time: trained {trained.epochs:.2f} epochs"] if trained.shortened else []
        if trained.stopped:
            notes.append(f"{STOPPED} after {trained.epochs:.2f} epochs")
        if trained.parts > 1:
            notes.append(f"out of memory: batches were computed in {trained.parts} parts")

        def answer(split: Split) -> np.ndarray:
            return outputs(trained.network, task, split, trained.dtype, fidelity)

        return _Fitted(
            outputs=answer,
            sizes=analyse(graph, task.signature).metrics,
            fidelity=replace(fidelity, epochs=trained.epochs),
            network=trained.network,
            curve=tuple(trained.curve),
            notes=tuple(notes),
        )

    def _affordable(self, graph: OpGraph, task: Task, recipe: Recipe, fidelity: Fidelity, scored: int) -> Fidelity:
        """A fidelity in seconds as epochs and data, by the network's speed; measuring it, starting and scoring are part
        of the time."""
        from netwright.backends.torch.train import FORWARD_SHARE

        assert fidelity.seconds is not None
        meter = Meter()
        if self.pace is None:
            example_s = timed(graph, task, recipe, backends.able(self.backend, graph.operations)).example_s
            spent = meter.seconds
        else:
            example_s, spent = self.pace.seconds(analyse(graph, task.signature)), self.pace.starting_s
        seconds = fidelity.seconds - spent - FORWARD_SHARE * example_s * scored
        return affordable(fidelity, seconds, len(task.train.y), recipe.epochs, example_s)


@dataclass
class _Fitted:
    """A model after its training, whatever made it."""

    outputs: Any
    sizes: dict[str, float]
    fidelity: Fidelity
    network: Any
    curve: tuple[Mapping[str, float], ...] = ()
    notes: tuple[str, ...] = ()


def _begun(graph: OpGraph, task: Task, seed: int, heritage: Sequence[Path]) -> Network:
    """The network before its training: with fresh weights, or what it inherits."""
    import torch

    from netwright.backends.torch.build import build
    from netwright.backends.torch.device import default_device
    from netwright.backends.torch.network import place
    from netwright.supernet.part import inherit
    from netwright.supernet.rounds import inherited

    torch.manual_seed(seed)
    network = build(graph, task.signature)
    place(network, task.graph, default_device())
    for weights in inherited(heritage, task):
        inherit(network, weights)
    return network


def _heritage(proposal: Proposal, context: Context) -> list[Path]:
    """The files with the parents' weights, or with those of a supernet, what counts most last."""
    from netwright.backends.torch.state import FILE

    if not proposal.inherit:
        return []
    parents = proposal.parents[::-1]
    return [*context.left_by(parents, BANK), *context.left_by(parents, FILE)]


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
