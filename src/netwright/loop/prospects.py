"""Which prospects a training must have to be taken to its end: those of the best quarter, so far, of the networks that
are no larger than its own."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from netwright.evaluation.outlook import Curve, Outlook, stopped
from netwright.objectives import METRICS, Objective, Objectives
from netwright.space import Architecture
from netwright.trial import Proposal, Trial

REMEMBERED = 300
"""Trainings at most that are told of."""
QUARTER, FEWEST = 4, 8
"""One in so many is taken to its end in any case, and of so many networks at least."""
Sizes = Callable[[Architecture], Mapping[str, float]]


class Prospects:
    """Collects the curves of one phase. sizes: of an architecture before its training."""

    def __init__(self, objectives: Objectives, sizes: Sizes) -> None:
        self._quality, self._sizes = qualities(objectives)[0], sizes
        self._others = [one for one in objectives.objectives if one is not self._quality]
        self._told: deque[dict[str, Any]] = deque(maxlen=REMEMBERED)

    @staticmethod
    def serve(objectives: Objectives, known: Mapping[str, float]) -> bool:
        """Are they of use: is one quality asked for, and is everything else known before a training?"""
        graded = qualities(objectives)
        return len(graded) == 1 and all(one in graded or one.metric in known for one in objectives.objectives)

    def tell(self, trial: Trial) -> None:
        """Takes a training's end in."""
        found = trial.measurement
        if found is None or self._quality.metric not in found.metrics:
            return
        whole = found.fidelity.epochs or 0.0
        curve = (
            [] if stopped(found) or not whole else [[point["epoch"] / whole, point["loss"]] for point in found.curve]
        )
        self._told.append(
            {
                "fidelity": asdict(trial.proposal.fidelity),
                "inherit": trial.proposal.inherit,
                "reached": self._quality.loss(found.metrics[self._quality.metric]),
                "others": [one.loss(found.metrics[one.metric]) for one in self._others],
                "curve": curve,
            }
        )

    def outlook(self, proposal: Proposal) -> Outlook | None:
        """What its training is held to; None: to nothing."""
        fidelity = asdict(proposal.fidelity)
        alike = [one for one in self._told if one["fidelity"] == fidelity]
        sizes = self._sizes(proposal.architecture) if self._others else {}
        own = [one.loss(sizes[one.metric]) for one in self._others]
        rivals = sorted(one["reached"] for one in alike if all(a <= b for a, b in zip(one["others"], own, strict=True)))
        if len(rivals) < FEWEST:
            return None
        known = [one for one in alike if len(one["curve"]) > 1 and one["inherit"] == proposal.inherit]
        curves: list[Curve] = [tuple((stage, loss) for stage, loss in one["curve"]) for one in known]
        wanted = rivals[len(rivals) // QUARTER]
        return Outlook(tuple(curves), tuple(one["reached"] for one in known), wanted)

    def freeze(self) -> list[dict[str, Any]]:
        """What was told, as plain data."""
        return list(self._told)

    def thaw(self, told: list[dict[str, Any]]) -> None:
        self._told = deque(told, maxlen=REMEMBERED)


def qualities(objectives: Objectives) -> list[Objective]:
    """The objectives that only a training tells."""
    return [one for one in objectives.objectives if METRICS[one.metric].source == "quality"]
