"""What a training that is under way can still reach, by those before it: to stop what has no prospects (Baker et al.
2017, "Accelerating Neural Architecture Search using Performance Prediction", https://arxiv.org/abs/1705.10823).

A straight line leads from the loss at some stage of a training to what it reached in the end. How far it may be off is
told by leaving out each of the earlier trainings in turn, so that nothing is assumed of their noise (Barber et al.
2021, "Predictive inference with the jackknife+", https://arxiv.org/abs/1905.02928). Where losses tell little, the
interval is wide, and nothing is stopped.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from netwright.trial import Measurement

Curve = tuple[tuple[float, float], ...]
"""The loss at some stages of a training: shares of its schedule, in (0, 1]."""
FEWEST = 10
"""Earlier trainings from which on they tell of others."""
LEVEL = 0.9
"""Of such trainings, how many end no better than foretold."""
STAGES = (0.2, 0.8)
"""When trainings are stopped: not before they have begun to learn, nor when little is left to be saved."""
STOPPED = "stopped for lack of prospects"
"""What the note on such a training begins with."""


@dataclass(frozen=True)
class Outlook:
    """curves: of earlier trainings to their end; reached: what these ended with, the less the better; wanted: what a
    training must still be able to reach.

    >>> steep = [((0.5, 1.0 + at / 10), (1.0, at / 20)) for at in range(12)]
    >>> outlook = Outlook(tuple(steep), tuple(at / 100 for at in range(12)), wanted=0.02)
    >>> outlook.hopeless(0.5, 1.1), outlook.hopeless(0.5, 1.9)
    (False, True)
    """

    curves: tuple[Curve, ...]
    reached: tuple[float, ...]
    wanted: float

    def hopeless(self, stage: float, loss: float) -> bool:
        """Whether a training with that loss at that stage of its schedule will not reach what is wanted."""
        return STAGES[0] <= stage <= STAGES[1] and self.least(stage, loss) > self.wanted

    def least(self, stage: float, loss: float) -> float:
        """The best that it can be expected to end with; -inf where the earlier ones are too few or tell nothing."""
        if len(self.curves) < FEWEST:
            return -math.inf
        losses = np.array([_at(stage, curve) for curve in self.curves])
        reached = np.array(self.reached)
        inner = losses - losses.mean()
        spread = float(inner @ inner)
        if not 1e-12 * float(losses @ losses) < spread < math.inf:
            return -math.inf
        slope = float(inner @ reached) / spread
        leverage = 1 / len(losses) + inner**2 / spread
        missed = (reached - reached.mean() - slope * inner) / np.maximum(1 - leverage, 1e-9)
        better = np.sort(-missed)  # how much better each ended than the others foretold
        place = math.ceil(LEVEL * (len(better) + 1))
        foretold = float(reached.mean() + slope * (loss - losses.mean()))
        return foretold - max(0.0, float(better[min(place, len(better)) - 1]))


def stopped(measurement: Measurement) -> bool:
    """Whether that was of a training that was stopped."""
    return any(note.startswith(STOPPED) for note in measurement.notes)


def _at(stage: float, curve: Curve) -> float:
    """The loss at a stage between those that are known."""
    stages, losses = np.array(curve).T
    return float(np.interp(stage, stages, losses))
