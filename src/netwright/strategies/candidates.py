"""What a model-based strategy chooses from: children of the best networks and random ones, all of them new."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from netwright.errors import InputError
from netwright.space import Architecture
from netwright.strategies.memory import Memory
from netwright.trial import Proposal, Trial


class Candidate(NamedTuple):
    """parents: numbers of the trials it descends from, none for a random one."""

    architecture: Architecture
    parents: tuple[int, ...] = ()


def random(memory: Memory, rng: np.random.Generator, count: int) -> list[Candidate]:
    """Up to `count` random ones that are new and distinct."""
    return _new(memory, _sampled(memory, rng, count))


def _sampled(memory: Memory, rng: np.random.Generator, count: int) -> Iterator[Candidate]:
    """Fewer where feasible ones are hard to come by."""
    for _ in range(count):
        with contextlib.suppress(InputError):
            yield Candidate(memory.space.sample(rng))


def children(memory: Memory, parents: Sequence[Trial], rng: np.random.Generator, count: int) -> list[Candidate]:
    """Up to `count` children of these, by crossover and mutation of one to three decisions, new and distinct."""
    return _new(memory, (_child(memory, parents, rng) for _ in range(count)))


def _child(memory: Memory, parents: Sequence[Trial], rng: np.random.Generator) -> Candidate:
    one, other = (parents[int(rng.integers(len(parents)))] for _ in range(2))
    crossed = one is not other and rng.random() < 0.5
    architecture = one.proposal.architecture
    if crossed:
        architecture = memory.space.crossover(architecture, other.proposal.architecture, rng)
    if not crossed or rng.random() < 0.5:
        architecture = memory.space.mutate(architecture, rng, int(rng.integers(1, 4)))
    return Candidate(architecture, (one.number, other.number) if crossed else (one.number,))


def mutants(memory: Memory, of: Sequence[Candidate], rng: np.random.Generator, count: int) -> list[Candidate]:
    """Up to `count` neighbours of these candidates, new and distinct."""

    def mutant() -> Candidate:
        parent = of[int(rng.integers(len(of)))]
        return parent._replace(architecture=memory.space.mutate(parent.architecture, rng))

    return _new(memory, (mutant() for _ in range(count)))


def _new(memory: Memory, found: Iterator[Candidate]) -> list[Candidate]:
    distinct = {one.architecture.key: one for one in found if one.architecture.key not in memory.seen}
    return list(distinct.values())


def proposals(
    memory: Memory,
    rng: np.random.Generator,
    n: int,
    chosen: Iterator[Candidate],
    label: str,
) -> list[Proposal]:
    """Up to `n` proposals: the chosen candidates in their order, and when these run out whatever is left unseen."""
    made: dict[str, Proposal] = {}
    for candidate in chosen:
        if len(made) == n:
            break
        key = candidate.architecture.key
        if key not in memory.seen and key not in made:
            made[key] = Proposal(candidate.architecture, parents=candidate.parents, origin=label)
    while len(made) < n and (found := memory.unseen(made, rng)) is not None:
        made[found[0].key] = Proposal(found[0], origin="random")
    return list(made.values())
