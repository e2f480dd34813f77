"""What has been asked of a peer and not been answered yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from netwright.space import Architecture, Decision
from netwright.trial import Proposal, Trial


@dataclass
class Waiting:
    """The peer's own handle of each proposal, found by the proposal itself: equal ones may be out more than once."""

    out: list[tuple[Proposal, Any]] = field(default_factory=list)

    def add(self, architecture: Architecture, handle: Any) -> Proposal:
        proposal = Proposal(architecture, origin="peer")
        self.out.append((proposal, handle))
        return proposal

    def take(self, trial: Trial) -> Any:
        """The handle of an ended trial."""
        place = next(place for place, (proposal, _) in enumerate(self.out) if proposal is trial.proposal)
        return self.out.pop(place)[1]


def options(decision: Decision) -> int:
    """How many there are to choose among; ValueError for what is no plain choice."""
    if decision.kind != "choice":
        raise ValueError(f"{decision.name} is no choice, which is all that this peer can make")
    return len(decision.options)
