"""What a training is held to, whatever is trained and whatever trains it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Target:
    """until: `time.monotonic()` instant that training and scoring should reach; most_epochs: but no more than these."""

    until: float
    most_epochs: float


@dataclass(frozen=True)
class Terms:
    """seed: of all its randomness; deadline: `time.monotonic()` instant; target: the time to be filled, which the
    fidelity's epochs are a guess for; scored: examples that will be scored after training, before the deadline and the
    target; report: is told of every epoch; hopeless: asked after every epoch, by the share of the schedule and the
    loss, whether to stop there; span: which part of a schedule the training is."""

    seed: int = 0
    deadline: float = math.inf
    target: Target | None = None
    scored: int = 0
    report: Callable[[Mapping[str, Any]], None] = lambda _: None
    hopeless: Callable[[float, float], bool] = lambda *_: False
    span: tuple[float, float] = (0.0, 1.0)
