"""A portfolio of strategies under a bandit: discounted UCB (Garivier & Moulines 2011, "On Upper-Confidence Bound
Policies for Switching Bandit Problems", https://arxiv.org/abs/0805.3415), as Hoffman, Brochu & de Freitas 2011,
"Portfolio Allocation for Bayesian Optimization", https://arxiv.org/abs/1009.5419, hedge over acquisition functions.

Every member is told every trial, whoever proposed it. A member earns credit for each of its proposals that only few of
the latest results beat; who proposes next is whose credit is best, plus a bonus for those that were seldom asked. Old
credit fades, because who is good at the start need not be good at the end. The origin of a proposal names its member.
"""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np

from netwright.errors import InputError
from netwright.objectives import Objectives
from netwright.strategies.base import AnyStrategy, Problem
from netwright.trial import Proposal, Trial

WINDOW = 100
"""Latest results that a new one is compared with."""
FEW = 0.1
"""The share of them that may beat it for its member to earn credit."""


@dataclass(frozen=True)
class Portfolio:
    """members: names, with commas between; those that cannot handle several objectives sit such a search out;
    exploration: weight of the bonus for the seldom asked; memory: what is left of a result's credit after the next."""

    members: str = "npenas,regularized-evolution,local-search,nsga2"
    exploration: float = 0.3
    memory: float = 0.98
    name: ClassVar[str] = "portfolio"
    multi_objective: ClassVar[bool] = True
    learns: ClassVar[bool] = True
    uses_fidelity: ClassVar[bool] = False
    model_based: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not (self.exploration >= 0 and 0 < self.memory <= 1):
            raise InputError("portfolio needs exploration >= 0 and 0 < memory <= 1", f"got {self}")
        members = self._members()
        if len(members) < len(self.members.split(",")):
            raise InputError(f"a member of the portfolio is named twice: {self.members}")
        for member in members.values():
            if member.uses_fidelity:
                raise InputError(f"{member.name} proposes fidelities, a portfolio compares equal ones", "leave it out")

    def init(self, problem: Problem) -> PortfolioState:
        several = len(problem.objectives.objectives) > 1
        members = {name: one for name, one in self._members().items() if one.multi_objective or not several}
        if not members:
            raise InputError(f"no member of {self.members} handles several objectives", "nsga2 does")
        seeds = (problem.seed * len(members) + place for place in range(len(members)))
        states = {
            name: member.init(replace(problem, seed=seed))
            for (name, member), seed in zip(members.items(), seeds, strict=True)
        }
        return PortfolioState(problem.objectives, members, states)

    def ask(self, state: PortfolioState, n: int) -> Sequence[Proposal]:
        wanted = Counter(state.turns(n, self.exploration))
        proposals: dict[str, Proposal] = {}
        for name, share in wanted.items():
            state.fill(proposals, len(proposals) + share, name)
        for name in state.members:
            state.fill(proposals, n, name)
        return list(proposals.values())

    def tell(self, state: PortfolioState, trials: Sequence[Trial]) -> PortfolioState:
        for trial in trials:
            for name, member in state.members.items():
                state.states[name] = member.tell(state.states[name], [trial])
            state.note(trial, self.memory)
        return state

    def _members(self) -> dict[str, AnyStrategy]:
        from netwright.strategies import get

        return {name: get(name) for name in map(str.strip, self.members.split(","))}


@dataclass
class PortfolioState:
    """states: of the members, by name; asked, credit: ended proposals of each and what they earned, both faded;
    proposers: the member of each trial under way, by number; out: how many each has under way; latest: (1 +
    objectives,) violation and losses of the latest results."""

    objectives: Objectives
    members: dict[str, AnyStrategy]
    states: dict[str, Any]
    proposers: dict[int, str] = field(default_factory=dict)
    out: Counter[str] = field(default_factory=Counter)
    asked: dict[str, float] = field(init=False)
    credit: dict[str, float] = field(init=False)
    latest: deque[np.ndarray] = field(default_factory=lambda: deque(maxlen=WINDOW))

    def __post_init__(self) -> None:
        self.asked = dict.fromkeys(self.members, 0.0)
        self.credit = dict.fromkeys(self.members, 0.0)

    def turns(self, n: int, exploration: float) -> Iterator[str]:
        """Whose the next `n` proposals are."""
        out = self.out.copy()
        for _ in range(n):
            name = max(self.members, key=lambda name: self._promise(name, out, exploration))
            out[name] += 1
            yield name

    def fill(self, proposals: dict[str, Proposal], most: int, name: str) -> None:
        """Adds a member's proposals until there are so many; it may make some that another has made."""
        if len(proposals) >= most:
            return
        for proposal in self.members[name].ask(self.states[name], most):
            if len(proposals) < most:
                origin = f"{name}: {proposal.origin}"
                proposals.setdefault(proposal.architecture.key, replace(proposal, origin=origin))

    def note(self, trial: Trial, memory: float) -> None:
        """Takes a proposed or an ended trial in."""
        if trial.status == "pending":
            name = trial.proposal.origin.partition(":")[0]
            if name in self.members:
                self.proposers[trial.number] = name
                self.out[name] += 1
            return
        earned = self._earned(trial)
        proposer = self.proposers.pop(trial.number, None)
        if proposer is None:
            return
        for name in self.members:
            self.asked[name] *= memory
            self.credit[name] *= memory
        self.out[proposer] -= 1
        self.asked[proposer] += 1
        self.credit[proposer] += earned

    def _promise(self, name: str, out: Mapping[str, int], exploration: float) -> float:
        """A member's mean credit, hoped for where it has none, and the bonus."""
        asked = self.asked[name] + out[name]
        if not asked:
            return math.inf
        earned = self.credit[name] / self.asked[name] if self.asked[name] else 1.0
        every = sum(self.asked.values()) + sum(out.values())
        return earned + exploration * math.sqrt(math.log(1 + every) / asked)

    def _earned(self, trial: Trial) -> float:
        """1 where few of the latest results beat this one, 0 for the others and for failures."""
        if not self.objectives.valid(trial):
            return 0.0
        row = np.array([self.objectives.violation(trial), *self.objectives.losses(trial)])
        latest = np.array(self.latest).reshape(len(self.latest), len(row))
        equal = latest[:, 0] == row[0]
        better = (latest[:, 1:] <= row[1:]).all(1) & (latest[:, 1:] < row[1:]).any(1)
        beaten = (latest[:, 0] < row[0]) | (equal & better)
        self.latest.append(row)
        return float(beaten.sum() <= FEW * len(latest))
