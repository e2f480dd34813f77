"""From a model's answers to its scores."""

from __future__ import annotations

import numpy as np

from netwright.tasks import Task


def scores_of(task: Task, answers: np.ndarray, targets: np.ndarray) -> dict[str, float]:
    """The task's metrics. Raises FloatingPointError for answers that are not numbers."""
    if not np.isfinite(answers).all():
        raise FloatingPointError("the network answers with values that are not numbers")
    return dict(task.score(answers, targets))
