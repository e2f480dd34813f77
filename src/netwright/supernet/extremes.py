"""The largest and the smallest network of a space."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from netwright.errors import InputError
from netwright.operations import Signature, analyse
from netwright.space import Architecture, Space

STARTS = 3
"""Random networks that the climbs begin at."""


def largest(space: Space, signature: Signature) -> Architecture:
    """The network with the most multiply-accumulates that climbing by single decisions finds, within the space's
    constraints.

    >>> from netwright.space import chain, choice, op
    >>> space = Space(chain(op("conv", kernel=choice(3, 5), channels=choice(8, 16)), op("head")), "tiny")
    >>> largest(space, Signature((1, 8, 8), 2)).describe()
    '0/kernel=5, 0/channels=16'
    """
    return _extreme(space, signature, 1)


def smallest(space: Space, signature: Signature) -> Architecture:
    """The network with the fewest multiply-accumulates, found in the same way."""
    return _extreme(space, signature, -1)


def _extreme(space: Space, signature: Signature, sign: int) -> Architecture:
    rng = np.random.default_rng(0)

    def worth(architecture: Architecture) -> float:
        try:
            return float(sign * analyse(architecture.graph, signature).flops)
        except InputError:
            return float("-inf")

    return max((_climb(space, space.sample(rng), worth) for _ in range(STARTS)), key=worth)


def _climb(space: Space, here: Architecture, worth: Callable[[Architecture], float]) -> Architecture:
    """Takes each step that leads up, until none does."""
    best, moved = worth(here), True
    while moved:
        moved = False
        for there in space.neighbours(here):
            found = worth(there)
            if found > best:
                here, best, moved = there, found, True
                break
    return here
