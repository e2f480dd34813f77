"""What a method's name stands for: a strategy alone, or one that searches on the shared weights of a supernet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from netwright import strategies
from netwright.errors import InputError, unknown
from netwright.operations import Signature, is_estimator
from netwright.space import Space
from netwright.strategies import Listed
from netwright.strategies.base import AnyStrategy
from netwright.supernet import policies
from netwright.supernet.relaxed import options, relax


@dataclass(frozen=True)
class Method:
    """policy: how the supernet is trained, "" for none; settings: of the policy; derives: its preferences say which
    networks are tried, and these are trained; otherwise `strategy` searches by the scores that the weights give."""

    strategy: AnyStrategy
    policy: str = ""
    settings: tuple[tuple[str, Any], ...] = ()

    @property
    def derives(self) -> bool:
        return bool(self.policy) and policies.POLICIES[self.policy].prefers


ONE_SHOT: dict[str, str] = dict.fromkeys(policies.POLICIES, "npenas") | {"spos": "genetic", "fairnas": "nsga2"}
"""Methods that train a supernet by the policy of the same name -> the strategy that then searches on its weights, if
the policy has no preferences."""
DRAWN = 32
"""Architectures looked at for models without weights."""
NAMES = (*strategies.NAMES, *ONE_SHOT)


def get(name: str, settings: Mapping[str, Any], objectives: int = 1) -> Method:
    """The method of a name. settings: of its policy if it has one, else of its strategy. objectives: how many.

    Raises InputError with the nearest name, or with what is wrong in a setting.
    """
    if name not in NAMES:
        raise unknown("method", name, NAMES)
    if name not in ONE_SHOT:
        return Method(strategies.get(name, **settings))
    policy = policies.get(name, **settings)
    strategy = Listed() if policy.prefers else strategies.get(ONE_SHOT[name])
    if objectives > 1 and not strategy.multi_objective:
        strategy = strategies.get("nsga2")
    return Method(strategy, name, tuple(settings.items()))


def has_estimators(space: Space) -> bool:
    """Are there models without weights among its networks?"""
    random = np.random.default_rng(0)
    return any(is_estimator(space.sample(random).graph) for _ in range(DRAWN))


def check_shareable(method: Method, space: Space, signature: Signature, name: str, wanted: Iterable[str]) -> None:
    """Where a supernet is asked for, refuses a space with decisions or models that weights cannot be shared between,
    or that preferences cannot be learnt for, and metrics that are of trainings."""
    if not method.policy:
        return
    if "train_s" in wanted and not method.derives:
        raise InputError(f"{name} trains no network while it searches, so train_s is not known", "leave it out")
    others = f"use a method that trains each one: {', '.join(strategies.NAMES)}"
    for decision in space.decisions():
        if decision.name.startswith("hyper/"):
            raise InputError(f"{name} shares weights, and {decision.name} is a setting of training, not a part", others)
    if has_estimators(space):
        raise InputError(f"{name} shares weights, and this space holds models that have none", others)
    if method.derives:
        relax(space, signature, lambda decision: 0, lambda decision: (0,))
        for decision in space.decisions():
            options(decision)
