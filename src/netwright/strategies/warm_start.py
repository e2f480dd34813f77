"""A warm start for any strategy, from the trials of an earlier search: of the same task, of another one, or of a space
that overlaps. The best earlier architectures come first (Feurer et al. 2015, "Initializing Bayesian Hyperparameter
Optimization via Meta-Learning", https://doi.org/10.1609/aaai.v29i1.9354), and the strategy is told the earlier results.

Results of the same task are told as they are, from the start. Results of another task are told once some of its
networks, the best and a few spread over all ranks, have been measured here: as a line through those results foretells
them, so that they weigh little where the tasks have little in common. Where the ranks of these networks do not agree
with the earlier ones at all, the earlier results are forgotten, and the strategy goes on as if it had never been told.
Earlier networks come again when the strategy has nothing else to propose.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from netwright.errors import InputError
from netwright.strategies.base import AnyStrategy, Problem
from netwright.strategies.selection import order
from netwright.strategies.transfer import agreement, foretold, lines, translated
from netwright.strategies.wrapping import Wrapping
from netwright.trial import Fidelity, Proposal, Trial

FIRST = 10**9
"""Earlier trials are numbered from here, which no search reaches."""


@dataclass(frozen=True)
class WarmStarted(Wrapping):
    """strategy: what is started; earlier: trials, of which the completed ones that have a counterpart in the space
    count; same_task: their values are comparable with those to come; probes: earlier networks to measure again; most:
    earlier results to tell. What the strategy can do is what the one inside can."""

    strategy: AnyStrategy
    earlier: tuple[Trial, ...]
    same_task: bool = True
    probes: int = 6
    most: int = 300

    def __post_init__(self) -> None:
        if self.probes < 3 or self.most < 1:
            raise InputError(f"a warm start needs probes >= 3 and most >= 1, got {self.probes} and {self.most}")
        super().__post_init__()

    def init(self, problem: Problem) -> WarmState:
        known = _known(self.earlier, problem, self.strategy.uses_fidelity)[: self.most]
        probes = [known[place] for place in _spread(len(known), self.probes)]
        chosen = {trial.key for trial in probes}
        rest = [trial for trial in known if trial.key not in chosen]
        state = WarmState(problem, self.strategy, self.strategy.init(problem), probes, rest, settled=self.same_task)
        if self.same_task:
            state.remember(rest)
        return state

    def ask(self, state: WarmState, n: int) -> Sequence[Proposal]:
        due = [trial for trial in state.probes if trial.key not in state.proposed][:n]
        keys = {trial.key for trial in due}
        others = self.strategy.ask(state.inner, n) if len(due) < n else ()
        fresh = [replace(one, parents=_own(one.parents)) for one in others if one.architecture.key not in keys]
        chosen = [*map(_again, due), *fresh][:n]
        if len(chosen) == n or self.same_task:
            return chosen
        out = state.proposed.union(one.architecture.key for one in chosen)
        return [*chosen, *(_again(one) for one in state.rest if one.key not in out)][:n]

    def tell(self, state: WarmState, trials: Sequence[Trial]) -> WarmState:
        for trial in trials:
            state.inner = self.strategy.tell(state.inner, [trial])
            state.note(trial)
        return state


@dataclass
class WarmState:
    """inner: the strategy's state; probes: earlier trials whose networks are measured again; rest: the others;
    proposed: keys of all networks proposed; outcomes: of the probes, by key; settled: what is to be told has been
    told."""

    problem: Problem
    strategy: AnyStrategy
    inner: Any
    probes: list[Trial]
    rest: list[Trial]
    proposed: set[str] = field(default_factory=set)
    outcomes: dict[str, Trial] = field(default_factory=dict)
    settled: bool = False

    def note(self, trial: Trial) -> None:
        """Takes a proposed or an ended trial in; after the last probe the earlier results are told, or forgotten."""
        if trial.status == "pending":
            self.proposed.add(trial.key)
            return
        self.outcomes.setdefault(trial.key, trial)
        if self.settled or any(probe.key not in self.outcomes for probe in self.probes):
            return
        objectives = self.problem.objectives
        outcomes = ((probe, self.outcomes[probe.key]) for probe in self.probes)
        pairs = [(probe, here) for probe, here in outcomes if objectives.valid(here)]
        if agreement(pairs, objectives) > 0:
            by = lines(pairs, objectives)
            self.remember([foretold(trial, by) for trial in self.rest])
        self.settled = True

    def remember(self, trials: Iterable[Trial]) -> None:
        """Tells the strategy earlier results."""
        for trial in trials:
            proposed = Trial(trial.number, trial.proposal, trial.phase)
            self.inner = self.strategy.tell(self.strategy.tell(self.inner, [proposed]), [trial])


def _known(earlier: Iterable[Trial], problem: Problem, name_fidelity: bool) -> list[Trial]:
    """Completed trials in the terms of the problem's space, the best first, one an architecture; for strategies that
    choose among fidelities at the full one."""
    fidelity = problem.fidelities[-1] if name_fidelity else Fidelity()
    found: dict[str, Trial] = {}
    for trial in earlier:
        if not problem.objectives.valid(trial):
            continue
        architecture = translated(trial.proposal.architecture, problem.space)
        if architecture is not None and architecture.key not in found:
            proposal = Proposal(architecture, fidelity, origin=trial.proposal.origin)
            found[architecture.key] = replace(trial, number=FIRST + len(found), proposal=proposal)
    known = list(found.values())
    return [known[place] for place in order(known, problem.objectives)]


def _spread(count: int, wanted: int) -> list[int]:
    """Places in a ranking: the better half of those wanted from its top, the others spread over what follows.

    >>> _spread(100, 6), _spread(2, 6)
    ([0, 1, 2, 35, 67, 99], [0, 1])
    """
    if count <= wanted:
        return list(range(count))
    top = wanted - wanted // 2
    return [*range(top), *np.linspace(top - 1, count - 1, wanted // 2 + 1)[1:].round().astype(int).tolist()]


def _again(trial: Trial) -> Proposal:
    """An earlier network, to be measured here."""
    return replace(trial.proposal, origin="warm start", parents=(), seed=None)


def _own(parents: tuple[int, ...]) -> tuple[int, ...]:
    """Parents that are trials of this search."""
    return tuple(number for number in parents if number < FIRST)
