"""A job as bytes, for workers that are other processes."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

from netwright.executors.base import Failed, Job
from netwright.trial import Failure


def packed(job: Job) -> bytes | Failed:
    """The pickled job, or its failure where it holds what cannot be pickled."""
    if job.directory:
        job = replace(job, directory=str(Path(job.directory).absolute()))
    try:
        return pickle.dumps(job)
    except Exception as error:
        message = f"it cannot be sent to a worker: {error} (define classes and functions at the top of a module)"
        return Failed(job.number, Failure("error", message))
