"""Zero-cost proxies: what an untrained network is worth, from one batch. A family a file.

values = score(architecture.graph, batch_of(task), ["synflow", "naswot"])
"""

from __future__ import annotations

from collections.abc import Iterable

from netwright.errors import InputError, unknown
from netwright.operations import Signature
from netwright.proxies.base import Proxy
from netwright.proxies.features import FEATURES
from netwright.proxies.gradients import GRADIENTS
from netwright.proxies.jacobians import JACOBIANS
from netwright.proxies.units import UNITS
from netwright.proxies.weights import WEIGHTS

PROXIES: dict[str, Proxy] = {proxy.name: proxy for proxy in (*WEIGHTS, *GRADIENTS, *UNITS, *JACOBIANS, *FEATURES)}
SIZES = ("params", "flops")
"""Scores that need no network at all."""
NAMES = (*PROXIES, *SIZES)


def applicable(signature: Signature) -> tuple[str, ...]:
    """The names of those that say something of networks with this signature."""
    return tuple(name for name in NAMES if not refusal(name, signature))


def refusal(name: str, signature: Signature) -> str:
    """Why a proxy says nothing of networks with this signature; "" where it does."""
    if name in SIZES:
        return ""
    proxy = PROXIES[name]
    if proxy.classes and signature.kind != "classification":
        return f"{name} compares examples within classes, and this task has none"
    if "curvature" in proxy.needs and signature.kind == "transcript":
        return f"{name} needs second derivatives, which the loss of transcripts has none of"
    if "jacobian" in proxy.needs and signature.vocabulary:
        return f"{name} takes gradients for the inputs, and tokens have none"
    if proxy.images and len(signature.inputs) != 3:
        return f"{name} compares channels over the places of an image, and these inputs have none"
    return ""


def check(names: Iterable[str], signature: Signature) -> tuple[str, ...]:
    """The names, each once. Raises InputError for one that does not exist or says nothing here.

    >>> check(["synflow", "params"], Signature((64,), 10))
    ('synflow', 'params')
    """
    wanted = tuple(dict.fromkeys(names))
    for name in wanted:
        if name not in NAMES:
            raise unknown("zero-cost proxy", name, NAMES)
        if reason := refusal(name, signature):
            raise InputError(reason, f"those that apply: {', '.join(applicable(signature))}")
    return wanted


__all__ = ["NAMES", "PROXIES", "SIZES", "Proxy", "applicable", "check", "refusal"]
