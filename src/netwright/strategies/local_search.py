"""Local search: White et al. 2021, "Exploring the Loss Landscape in Neural Architecture Search",
https://arxiv.org/abs/2005.02960; den Ottelander et al. 2021, https://arxiv.org/abs/2004.08996.

The neighbours of the best network are tried in random order until one is better, which then is the best. A network
whose neighbours have all been tried is a local optimum: the search restarts around the best one that has some left. So
workers never wait: while the last neighbours are out, those of the next best are tried.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import ClassVar

from netwright.errors import InputError
from netwright.space import Architecture
from netwright.strategies.base import Problem
from netwright.strategies.memory import Memory, Remaining
from netwright.trial import Proposal, Trial


@dataclass(frozen=True)
class LocalSearch:
    """founders: random networks before the search, which starts at the best."""

    founders: int = 5
    name: ClassVar[str] = "local-search"
    multi_objective: ClassVar[bool] = False
    learns: ClassVar[bool] = True
    uses_fidelity: ClassVar[bool] = False
    model_based: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if self.founders < 1:
            raise InputError(f"founders of local-search must be at least 1, got {self.founders}")

    def init(self, problem: Problem) -> LocalState:
        return LocalState(Memory(problem))

    def ask(self, state: LocalState, n: int) -> Sequence[Proposal]:
        memory, rng = state.memory, state.memory.generator()
        proposals: dict[str, Proposal] = {}
        near = state.near(proposals)
        for _ in range(n):
            centre, found = None, None
            if memory.asked + len(proposals) >= self.founders:
                centre, found = next(near, (None, None))
            if centre is None or found is None:
                drawn = memory.unseen(proposals, rng)
                if drawn is None:
                    break
                found = drawn[0]
            proposals[found.key] = Proposal(
                found,
                parents=() if centre is None else (centre.number,),
                origin="random" if centre is None else "neighbour",
            )
        return list(proposals.values())

    def tell(self, state: LocalState, trials: Sequence[Trial]) -> LocalState:
        for trial in trials:
            state.memory.note(trial)
            if state.memory.objectives.valid(trial):
                state.add(trial)
            state.forget()
        return state


@dataclass
class LocalState:
    """centres: completed trials that may have unseen neighbours, by number; ranks: theirs, best first."""

    memory: Memory
    centres: dict[int, Trial] = field(default_factory=dict)
    ranks: list[tuple[float, float, int]] = field(default_factory=list)
    _around: dict[int, Remaining] = field(default_factory=dict, repr=False, compare=False)

    def add(self, trial: Trial) -> None:
        """A trial that may be searched around."""
        self.centres[trial.number] = trial
        insort(self.ranks, self.memory.objectives.rank_key(trial))

    def forget(self) -> None:
        """Drops the best as long as none of its neighbours is unseen."""
        while self.ranks and self._first(self.ranks[0][-1], ()) is None:
            number = self.ranks.pop(0)[-1]
            del self.centres[number], self._around[number]

    def near(self, taken: Container[str]) -> Iterator[tuple[Trial, Architecture]]:
        """Neighbours neither seen nor taken with the trial they are of, the best one's first."""
        for *_, number in self.ranks:
            while (found := self._first(number, taken)) is not None:
                yield self.centres[number], found

    def _first(self, number: int, taken: Container[str]) -> Architecture | None:
        if number not in self._around:
            self._around[number] = Remaining(partial(_neighbours, self.memory, self.centres[number]))
        return self._around[number].first(self.memory.seen, taken)


def _neighbours(memory: Memory, centre: Trial) -> Iterator[Architecture]:
    return memory.space.neighbours(centre.proposal.architecture, memory.lots(centre))
