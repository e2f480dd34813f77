"""One phase of a search: a strategy, its state, and how long it may go on. The state is the fold over the log."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from importlib.metadata import version
from typing import Any, cast

from netwright.errors import NetwrightError
from netwright.evaluation.base import Evaluator
from netwright.evaluation.training import Training
from netwright.loop.prospects import Prospects
from netwright.objectives import Objectives
from netwright.space import Space
from netwright.strategies.base import AnyStrategy, Problem, Scores
from netwright.strategies.freezing import freeze, thaw
from netwright.trial import Fidelity, Phase, Proposal, Trial


@dataclass
class Running:
    """A phase in progress.

    until: no trial starts after this second, but for the first `promised`; most: no more trials than this; most_epochs:
    passes over the data in all;
    fidelity: fills in proposals that name none; seconds: soft limit of one trial, slack: or so many times what its
    fidelity asks for, if that is more; keeps: trials leave files; inherits: who has parents begins with their weights;
    scores, fidelities, trials: see `Problem`; prospects: by which a training is stopped early.
    """

    name: Phase
    strategy: AnyStrategy
    evaluator: Evaluator
    space: Space
    objectives: Objectives
    seed: int
    until: float = math.inf
    promised: int = 0
    most: float = math.inf
    most_epochs: float = math.inf
    fidelity: Fidelity = Fidelity()
    seconds: float = math.inf
    slack: float = 1.0
    keeps: bool = False
    inherits: bool = False
    scores: Scores | None = None
    fidelities: tuple[Fidelity, ...] = (Fidelity(),)
    trials: float = math.inf
    prospects: Prospects | None = None
    asked: int = 0
    epochs: float = 0.0
    exhausted: bool = False
    state: Any = None
    pending: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.state = self.strategy.init(self.problem)

    @cached_property
    def problem(self) -> Problem:
        return Problem(self.space, self.objectives, self.seed, self.scores, self.fidelities, self.trials)

    def freeze(self) -> dict[str, Any]:
        """The state as plain data. Raises Unfreezable where it cannot be."""
        counts = {"asked": self.asked, "epochs": self.epochs, "pending": sorted(self.pending)}
        told = {} if self.prospects is None else {"prospects": self.prospects.freeze()}
        return {"of": self._identity, **counts, **told, "state": freeze(self.state, self.problem)}

    def thaw(self, data: Any) -> bool:
        """Takes a frozen state on; False, and nothing done, where it is of other settings or another version."""
        try:
            if data["of"] != self._identity:
                return False
            state = thaw(data["state"], self.problem)
        except (NetwrightError, KeyError, TypeError):
            return False
        self.state, self.asked, self.epochs = state, data["asked"], data["epochs"]
        self.pending = set(data["pending"])
        if self.prospects is not None:
            self.prospects.thaw(data.get("prospects", []))
        return True

    @property
    def _identity(self) -> str:
        """What a frozen state is only good for: this version, strategy and problem."""
        settings = (version("netwright"), self.strategy, replace(self.problem, scores=None))
        return sha256(repr(settings).encode()).hexdigest()

    def tell(self, trials: Sequence[Trial]) -> None:
        """Takes proposed and ended trials in; the log's order is what counts."""
        for trial in trials:
            if trial.status == "pending":
                self.asked += 1
                self.epochs += (trial.proposal.fidelity.epochs or 0.0) * trial.proposal.fidelity.data
                self.pending.add(trial.number)
            else:
                self.pending.discard(trial.number)
                if self.prospects is not None:
                    self.prospects.tell(trial)
        self.state = self.strategy.tell(self.state, trials)
        self.exhausted = False

    def open(self, now: float) -> bool:
        """May another trial start?"""
        in_time = now < self.until or self.asked < self.promised
        return in_time and self.asked < self.most and self.epochs < self.most_epochs and not self.exhausted

    def ask(self) -> Proposal | None:
        """The next proposal with its fidelity, None when the strategy has none now."""
        proposals = self.strategy.ask(self.state, 1)
        if not proposals:
            self.exhausted = True
            return None
        proposal = proposals[0]
        if proposal.fidelity == Fidelity():
            proposal = replace(proposal, fidelity=self.fidelity)
        return replace(proposal, inherit=True) if self.inherits and proposal.parents else proposal

    def evaluator_of(self, proposal: Proposal) -> Evaluator:
        """What measures a proposal: with prospects, its training is held to what it must be able to reach."""
        if self.prospects is None:
            return self.evaluator
        return cast(Training, self.evaluator).held_to(self.prospects.outlook(proposal))

    def limit(self, proposal: Proposal) -> float:
        """Seconds after which its trial should end."""
        return max(self.seconds, self.slack * (proposal.fidelity.seconds or 0.0))

    def over(self, now: float) -> bool:
        """Nothing under way and nothing to come."""
        return not self.pending and not self.open(now)
