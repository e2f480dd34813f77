"""What equal networks and equal trainings of them have in common, as it is written beside each trial."""

from __future__ import annotations

import hashlib
from importlib.metadata import version

from netwright.trial import Trial

NAME = "keys by"
"""Under which the version of netwright is kept that makes the store's keys: another one may tell networks apart
differently."""


def this_version() -> str:
    return version("netwright")


def twin_of(trial: Trial) -> str:
    """What equal trainings of equal networks have in common; it begins with the network's key."""
    training = repr((trial.proposal.fidelity, trial.proposal.seed, trial.proposal.inherit)).encode()
    return f"{trial.key}:{hashlib.sha256(training).hexdigest()[:16]}"


def key_of(twin: str) -> str:
    """The network's part of it."""
    return twin.partition(":")[0]
