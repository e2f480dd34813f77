"""Scores of untrained networks by zero-cost proxies."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from netwright.devices.metering import Meter
from netwright.evaluation.base import Context
from netwright.operations import analyse
from netwright.tasks import Task
from netwright.trial import UNTRAINED, Measurement, Proposal

if TYPE_CHECKING:
    from netwright.proxies.passes import Batch


@dataclass(frozen=True)
class ZeroCost:
    """Measures sizes and the proxies of these names, NaN where a network has none; notes say why.

    examples: in the batch that they are computed from.
    """

    names: tuple[str, ...]
    examples: int = 64

    def prepare(self) -> None:
        import netwright.proxies.score  # noqa: F401

    def evaluate(self, proposal: Proposal, task: Task, context: Context) -> Measurement:
        from netwright.proxies.score import score

        meter, graph = Meter(), proposal.architecture.graph
        scores = score(graph, task, _batch(task, self.examples), self.names, seed=context.seed)
        return Measurement(
            metrics={**scores.values, **analyse(graph, task.signature).metrics},
            cost=meter.cost(),
            fidelity=UNTRAINED,
            notes=tuple(f"{name}: {problem}" for name, problem in scores.problems.items()),
        )


@lru_cache(maxsize=1)
def _batch(task: Task, examples: int) -> Batch:
    """A worker has one task, and scores all networks on one batch of it."""
    from netwright.proxies.score import batch_of

    return batch_of(task, examples)
