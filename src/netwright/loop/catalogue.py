"""Earlier searches by their data: which of those in a folder a new search had best learn from.

Data sets are compared by what can be told without training: how many examples, classes and inputs they have
(meta-features: Feurer et al. 2015, "Initializing Bayesian Hyperparameter Optimization via Meta-Learning",
https://doi.org/10.1609/aaai.v29i1.9354).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from netwright.errors import NetwrightError
from netwright.loop.earlier import earlier_trials, read_earlier
from netwright.loop.provenance import describe
from netwright.space import Space
from netwright.store import holds_search, open_in
from netwright.strategies.transfer import translated
from netwright.tasks import Task

AUTO = "auto"
FEWEST = 6
"""Results with a counterpart in the new space, below which a search has nothing to tell."""


def nearest(folder: Path, task: Task, space: Space) -> Path | None:
    """Of the searches in a folder, the one with the data most like the task's, among those for the same kind of task
    with enough results that have a counterpart in the space; None where there is none."""
    wanted = describe(task)
    alike = sorted((apart(kept, wanted), str(place)) for place, kept in _kept(folder) if kept["kind"] == wanted["kind"])
    return next((Path(place) for _, place in alike if _overlaps(Path(place), space)), None)


def apart(one: Mapping[str, Any], other: Mapping[str, Any]) -> float:
    """How different two tasks' data are, as `describe` describes them: 0 for the same data, else the sum of factors
    between numbers of training examples, classes and inputs, as logarithms.

    >>> small, large = ({"counts": {"train": n}, "outputs": 10, "inputs": [1, 8, 8]} for n in (100, 1000))
    >>> round(apart(small, large), 2)
    2.3
    """
    if (sha256 := _sha256(one)) and sha256 == _sha256(other):
        return 0.0
    pairs = zip(_features(one), _features(other), strict=True)
    return sum(abs(math.log(mine / theirs)) for mine, theirs in pairs)


def _features(task: Mapping[str, Any]) -> tuple[float, ...]:
    inputs = task["inputs"]
    return max(1, task["counts"]["train"]), task["outputs"], inputs[0], math.prod(inputs[1:])


def _sha256(task: Mapping[str, Any]) -> object:
    return task.get("source", {}).get("sha256")


def _kept(folder: Path) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """The searches in a folder and what is kept of their data. Damaged ones and those out of reach are none."""
    for place in sorted(folder.iterdir()) if folder.is_dir() else ():
        if not place.is_dir() or not holds_search(place):
            continue
        try:
            with open_in(place) as store:
                task = store.get("task")
        except NetwrightError:
            continue
        if task is not None:
            yield place, task


def _overlaps(place: Path, space: Space) -> bool:
    try:
        known = earlier_trials(read_earlier(place))
    except NetwrightError:
        return False
    found = (trial for trial in known if translated(trial.proposal.architecture, space) is not None)
    return sum(1 for _, _ in zip(range(FEWEST), found, strict=False)) == FEWEST
