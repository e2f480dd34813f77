"""Which pairs of a policy and a space the quick tests take: every policy and every space, but a sixth of the pairs of
ready-made spaces, whose networks are large. The others are slow."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest


def pairs(policies: Iterable[str], spaces: Iterable[str], large: Iterable[str]) -> list[Any]:
    """(policy, space) parameters."""
    ready = set(large)
    return [
        pytest.param(policy, space, marks=pytest.mark.slow) if space in ready and (i + j) % 6 else (policy, space)
        for i, policy in enumerate(policies)
        for j, space in enumerate(spaces)
    ]
