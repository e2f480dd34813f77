"""A driver to be killed or interrupted by its test: argv is the mode and a folder.

Prints "interrupted" and "finished" as these happen.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import hostile_evaluators as hostile

from netwright.executors import Finished, Processes
from netwright.testing.executors import job, run
from netwright.trial import Measurement


@dataclass(frozen=True)
class FromTheScript:
    """An evaluator of the main script, as users write them."""

    def evaluate(self, proposal, task, context):
        return Measurement({"accuracy": 0.25}, notes=(__name__,))


def hang(executor, folder):
    executor.submit(job(0, hostile.Hostile(hostile.hang_with_group, str(folder / "pid"))))
    run(executor, [])


def interrupted(executor, folder):
    executor.submit(job(0, hostile.Hostile(hostile.wait_for_file, str(folder / "pid"))))
    try:
        run(executor, [])
    except KeyboardInterrupt:
        print("interrupted", flush=True)
        (folder / "pid.go").touch()
        (end,) = run(executor, [])
        print("finished" if isinstance(end, Finished) else end, flush=True)


def script(executor, folder):
    (end,) = run(executor, [job(0, FromTheScript())])
    print("finished", end.measurement.notes[0], flush=True)


def main():
    mode, folder = sys.argv[1], Path(sys.argv[2])
    with Processes(folder, folder, workers=1, load=hostile.load_nothing) as executor:
        {"hang": hang, "interrupted": interrupted, "script": script}[mode](executor, folder)


if __name__ == "__main__":
    main()
