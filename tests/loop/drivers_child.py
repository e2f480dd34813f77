"""A driver of a search that has others, to be killed by its test: argv is the store, a folder, the trials and a pause.

Prints its name, and a line for each trial that it begins.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from netwright import strategies
from netwright.evaluation.base import Context
from netwright.executors import Inline
from netwright.loop.loop import Loop
from netwright.loop.phase import Running
from netwright.objectives import Objective, Objectives
from netwright.store import open_store
from netwright.testing.stores import SPACE
from netwright.trial import Measurement, Proposal


@dataclass(frozen=True)
class Slow:
    """Takes its time."""

    pause: float

    def evaluate(self, proposal: Proposal, task: Any, context: Context) -> Measurement:
        print("begun", flush=True)
        time.sleep(self.pause)
        return Measurement({"accuracy": context.seed % 97 / 97})


def main() -> None:
    place, folder, most, pause, name = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]), sys.argv[5]
    with open_store(place, create=True) as store:
        store.add_space(SPACE)
        print("ready", flush=True)
        objectives = Objectives((Objective("accuracy"),))
        strategy = strategies.get("regularized-evolution", population_size=5)
        phase = Running("search", strategy, Slow(pause), SPACE, objectives, seed=1, most=most)
        with Inline(folder, folder, load=lambda _: None) as executor:  # type: ignore[arg-type, return-value]
            Loop(store, executor, folder, time.monotonic, seed=1, driver=name).run(phase)


if __name__ == "__main__":
    main()
