"""From learnt preferences to networks."""

from __future__ import annotations

import math
from statistics import fmean

import numpy as np
import torch
from torch import Tensor

from netwright.operations import Signature, analyse
from netwright.space import Architecture, Decision, Space
from netwright.space.decision import Value
from netwright.supernet.bank import Bank

COMPARED = 200
"""Random networks that a size is held against."""
TRIES = 16
"""Draws for each network wanted."""


def derive(bank: Bank, space: Space, count: int, rng: np.random.Generator) -> list[Architecture]:
    """Up to `count` distinct networks, the most preferred first: the one with the preferred option of every decision if
    the space's constraints allow it, and the likeliest of many draws; a random one where they allow none of these."""
    found: dict[str, tuple[float, Architecture]] = {}
    first = favourite(bank, space)
    if first is not None:
        found[first.key] = (math.inf, first)
    for _ in range(TRIES * count):
        architecture = _made(space, Derivation(bank, rng))
        if space.allows(architecture):
            found.setdefault(architecture.key, (float(likelihood(bank, architecture).detach()), architecture))
    if not found:
        architecture = space.sample(rng)
        found[architecture.key] = (-math.inf, architecture)
    ranked = sorted(found.values(), key=lambda one: one[0], reverse=True)
    return [architecture for _, architecture in ranked[:count]]


def _made(space: Space, derivation: Derivation) -> Architecture:
    """What comes of it, whether the space's constraints allow it or not."""
    return space.architecture(space.free.decided(derivation.decide, np.random.default_rng(0)).choices)


def favourite(bank: Bank, space: Space) -> Architecture | None:
    """The network with the preferred option of every decision; None where it breaks the space's constraints."""
    chosen = _made(space, Derivation(bank, None))
    return chosen if space.allows(chosen) else None


def likelihood(bank: Bank, architecture: Architecture) -> Tensor:
    """The log-probability that a bank's preferences give a network, where they know of its decisions: scalar."""
    total = torch.zeros(())
    for name, value in architecture.choices.items():
        if name in bank.preferences:
            logs = bank.preferences[name].log_softmax(0)
            decision = architecture.decisions[name]
            total = total + (logs[list(value)].sum() if isinstance(value, tuple) else logs[decision.place(value)])
    return total


def smaller(architecture: Architecture, space: Space, signature: Signature, rng: np.random.Generator) -> float:
    """The share of random networks that have fewer parameters."""
    mine = analyse(architecture.graph, signature).params
    return fmean(analyse(space.sample(rng).graph, signature).params < mine for _ in range(COMPARED))


def undecided(bank: Bank) -> float:
    """How evenly the preferences of a decision are spread over its options, on average: 1 for all alike, 0 for one."""
    shares = []
    for preference in bank.preferences.values():
        logs = preference.detach().double().log_softmax(0)
        if len(logs) > 1:
            shares.append(float(-(logs.exp() * logs).sum()) / math.log(len(logs)))
    return fmean(shares) if shares else 0.0


class Derivation:
    """Decides by a bank's preferences: the preferred options, or with a generator by draws."""

    def __init__(self, bank: Bank, rng: np.random.Generator | None) -> None:
        self.bank, self.rng = bank, rng

    def decide(self, decision: Decision) -> Value:
        learnt = self.bank.preferences.get(decision.name)
        if learnt is None:
            return decision.first if self.rng is None else decision.sample(self.rng)
        logs = learnt.detach().log_softmax(0).cpu().numpy()
        noise = 0.0 if self.rng is None else self.rng.gumbel(size=len(logs))
        order = np.argsort(-(logs + noise), kind="stable")
        if decision.kind == "subset":
            return tuple(sorted(int(place) for place in order[: max(1, decision.k[1])]))
        return decision.value_at(int(order[0]))
