"""What an earlier search found, as plain data that a later one starts from and keeps."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from netwright.errors import InputError
from netwright.space import Space
from netwright.store import holds_search, open_in
from netwright.trial import Measurement, Proposal, Trial


def read_earlier(directory: Path) -> dict[str, Any]:
    """The space and the completed trials of the search in a folder. InputError where there are none."""
    if not holds_search(directory):
        raise InputError(f"{directory} holds no search to start from", "it should contain search.sqlite")
    with open_in(directory) as store:
        spaces, name = store.spaces(), store.get("space")
        if name not in spaces:
            raise InputError(f"the search in {directory} used a space made by Python code", "start without it")
        done = [one for one in store.trials(status="completed") if one.phase in ("search", "control")]
    found = [
        {"choices": one.proposal.architecture.to_dict(), "metrics": dict(one.measurement.metrics)}
        for one in done
        if one.measurement is not None and one.proposal.architecture.space.name == name
    ]
    if not found:
        raise InputError(f"the search in {directory} has measured nothing yet", "start without it")
    return {"space": spaces[name].to_dict(), "trials": found}


def earlier_trials(data: Mapping[str, Any]) -> tuple[Trial, ...]:
    """The trials, numbered from 0."""
    space = Space.from_dict(data["space"])
    return tuple(
        Trial(number, Proposal(space.architecture(one["choices"]))).complete(Measurement(one["metrics"]))
        for number, one in enumerate(data["trials"])
    )
