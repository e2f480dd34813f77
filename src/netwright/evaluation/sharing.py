"""Training a supernet in rounds, and scoring networks with its weights.

A round is a trial like any other: it begins with the mean of the banks that its parents left (workers train copies of
one bank side by side: Stich 2019, "Local SGD Converges Fast and Communicates Little",
https://arxiv.org/abs/1805.09767), trains on, and leaves its own. So a supernet that is killed goes on from its last
round.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netwright.backends.terms import Terms
from netwright.backends.torch.recipe import Recipe
from netwright.devices.metering import Meter
from netwright.evaluation.base import Context
from netwright.evaluation.scoring import scores_of
from netwright.operations import analyse
from netwright.space import OpGraph, Space
from netwright.supernet import BANK
from netwright.tasks import Task
from netwright.trial import Fidelity, Measurement, Proposal

if TYPE_CHECKING:
    from netwright.supernet.bank import Bank

RECALIBRATED = 2560
"""Training examples that a network's norms are measured on before it is scored."""
RECALIBRATED_OF_PLACES = 128
"""The same where each example is many places."""


@dataclass(frozen=True)
class Round:
    """Trains a bank for one of `rounds` rounds, and scores the proposal's network on it.

    space: what the bank is of; policy, settings: how it is trained; seed: of its first weights.
    """

    space: Space
    policy: str
    rounds: int
    recipe: Recipe = Recipe()
    settings: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0

    def prepare(self) -> None:
        import netwright.supernet.rounds  # noqa: F401

    def evaluate(self, proposal: Proposal, task: Task, context: Context) -> Measurement:
        from netwright.supernet import policies
        from netwright.supernet.rounds import Course
        from netwright.supernet.standalone import standalone

        assert context.directory is not None, "a round leaves a file"
        meter = Meter()
        course = Course(self.space, policies.get(self.policy, **self.settings), self.recipe, self.rounds, self.seed)
        bank, fitted = course.round(
            context.left_by(proposal.parents, BANK),
            task,
            proposal.fidelity,
            Terms(context.seed, context.deadline, report=context.report),
        )
        bank.save(context.directory / BANK)
        graph = proposal.architecture.graph
        metrics = _scored(standalone(bank, graph), graph, task, Fidelity())
        return Measurement(
            metrics=metrics | {"train_s": fitted.seconds},
            curve=tuple(fitted.curve),
            cost=meter.cost(),
            fidelity=Fidelity(epochs=fitted.epochs, data=proposal.fidelity.data),
            artifacts={"bank": BANK},
        )


@dataclass(frozen=True)
class Shared:
    """Scores a proposal's network with the weights that a bank holds for it, without training.

    banks: absolute paths of the files that the last round left; latency: also measure inference latency on this CPU.
    """

    banks: tuple[str, ...]
    latency: bool = False

    @property
    def files(self) -> tuple[str, ...]:
        return self.banks

    def moved(self, places: Mapping[str, str]) -> Shared:
        return replace(self, banks=tuple(places[path] for path in self.banks))

    def prepare(self) -> None:
        import netwright.supernet.rounds  # noqa: F401

    def evaluate(self, proposal: Proposal, task: Task, context: Context) -> Measurement:
        from netwright.devices.latency import latency_ms
        from netwright.supernet.standalone import standalone

        meter = Meter()
        network = standalone(_merged(self.banks, task), proposal.architecture.graph)
        metrics = _scored(network, proposal.architecture.graph, task, proposal.fidelity)
        if self.latency:
            metrics["latency_ms"] = float(latency_ms(network, task.signature))
        cost = meter.cost()
        metrics |= {"train_s": 0.0, "peak_memory_mb": cost.peak_memory_mb or math.nan}
        return Measurement(metrics=metrics, cost=cost, fidelity=Fidelity(epochs=0.0))


_BANKS: dict[tuple[str, ...], Bank] = {}


def _merged(paths: Sequence[str], task: Task) -> Bank:
    """The bank of some files, read once by a worker."""
    from netwright.supernet.rounds import loaded, merged

    key = tuple(paths)
    if key not in _BANKS:
        _BANKS.clear()
        _BANKS[key] = merged([loaded(Path(path), task) for path in paths])
    return _BANKS[key]


def _scored(network: Any, graph: OpGraph, task: Task, fidelity: Fidelity) -> dict[str, float]:
    """Sizes and validation scores of a network cut out of a bank."""
    from netwright.backends.torch.batches import Batches
    from netwright.backends.torch.device import default_device, precision_for
    from netwright.backends.torch.train import outputs
    from netwright.supernet.standalone import recalibrate

    device = default_device()
    examples = RECALIBRATED_OF_PLACES if task.signature.places else RECALIBRATED
    batches = Batches(task, task.train, device, min(1.0, examples / len(task.train.y)), fidelity.resolution)
    network.to(device)
    recalibrate(network, batches.in_order(min(128, batches.at_a_time)))
    answers = outputs(network, task, task.valid, precision_for(network, device), fidelity)
    return analyse(graph, task.signature).metrics | scores_of(task, answers, task.valid.y)
