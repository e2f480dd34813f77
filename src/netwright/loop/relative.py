"""A network of the user's that a search cuts down, and constraints that are relative to it: "flops<0.5x"."""

from __future__ import annotations

import re

from netwright.errors import InputError
from netwright.objectives import METRICS, Constraint
from netwright.operations import Signature, analyse
from netwright.space import Architecture, Space
from netwright.space.nodes import Program

_TIMES = re.compile(r"(.*[<>]=?\s*[0-9.]+(?:e[+-]?[0-9]+)?)\s*x\s*", re.IGNORECASE)


def absolute(text: str, space: Space, signature: Signature) -> str:
    """The constraint with a number in the place of a multiple of what the user's network has; others as they are."""
    match = _TIMES.fullmatch(text)
    if match is None:
        return text
    whole, share = given(space), Constraint.parse(match[1])
    if whole is None:
        raise InputError(f"{text} is relative, but there is no network to be relative to", "name it with --model")
    return f"{share.metric}{share.op}{share.bound * _has(whole, share.metric, signature):.6g}"


def parts_of(model: str, weights: str, signature: Signature) -> Space:
    """The space of all that the network at `model` can be cut down to, with the weights in a file, "" for its own."""
    from netwright.backends.torch.elastic import elastic_space

    return elastic_space(model, weights, signature)


def given(space: Space) -> Architecture | None:
    """The user's own network that a space is all parts of, as it was; None for other spaces."""
    if not isinstance(space.root, Program):
        return None
    from netwright.backends.torch.elastic import original

    return original(space)


def _has(whole: Architecture, metric: str, signature: Signature) -> float:
    known = analyse(whole.graph, signature).metrics
    if metric in known:
        return known[metric]
    if metric == "latency_ms":
        from netwright.backends.torch.build import build
        from netwright.devices.latency import latency_ms

        return float(latency_ms(build(whole.graph, signature).eval(), signature))
    able = ", ".join((*known, "latency_ms"))
    raise InputError(f"{METRICS[metric].label} cannot be relative to a network", f"these can: {able}")
