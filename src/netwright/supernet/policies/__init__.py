"""Training policies: how the networks of a space learn together on one bank. One a file."""

from __future__ import annotations

from typing import Any

from netwright.named import named
from netwright.supernet.policies.base import Policy
from netwright.supernet.policies.darts import DARTS
from netwright.supernet.policies.darts2 import SecondOrderDARTS
from netwright.supernet.policies.drnas import DrNAS
from netwright.supernet.policies.enas import ENAS
from netwright.supernet.policies.fair import Fair
from netwright.supernet.policies.gdas import GDAS
from netwright.supernet.policies.pc_darts import PCDARTS
from netwright.supernet.policies.proxyless import Proxyless
from netwright.supernet.policies.sandwich import Sandwich
from netwright.supernet.policies.shrinking import ProgressiveShrinking
from netwright.supernet.policies.single_path import SinglePath
from netwright.supernet.policies.snas import SNAS

POLICIES: dict[str, type[Any]] = {
    policy.name: policy
    for policy in (
        SinglePath,
        Fair,
        Sandwich,
        ProgressiveShrinking,
        ENAS,
        DARTS,
        SecondOrderDARTS,
        PCDARTS,
        GDAS,
        SNAS,
        DrNAS,
        Proxyless,
    )
}


def get(name: str, **settings: Any) -> Policy:
    """The policy of a name. InputError with the nearest name, or with what is wrong in a setting."""
    policy: Policy = named("policy", name, POLICIES, settings)
    return policy


__all__ = ["POLICIES", "Policy", "get"]
