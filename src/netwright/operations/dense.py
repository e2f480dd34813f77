"""Layers on vectors, and the layers that change no shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netwright.errors import InputError
from netwright.operations import attributes as a
from netwright.operations.base import Attribute, Footprint, Operation, Shape, Signature, never
from netwright.operations.pooling import POOLS
from netwright.operations.tally import Tally, vector, widened, written


def _linear(attrs: Mapping[str, Any], inputs: tuple[Shape, ...], signature: Signature) -> Footprint:
    tally = Tally(inputs[0])
    tally.linear(attrs["units"])
    tally.norm(attrs["norm"])
    return tally.footprint()


def _tabular_resblock(attrs: Mapping[str, Any], inputs: tuple[Shape, ...], signature: Signature) -> Footprint:
    tally = Tally(inputs[0])
    features = vector(inputs[0])
    tally.norm(attrs["norm"])
    tally.linear(widened(features, attrs["expansion"]))
    tally.linear(features)
    return tally.footprint()


def _head(attrs: Mapping[str, Any], inputs: tuple[Shape, ...], signature: Signature) -> Footprint:
    if signature.kind == "detection":
        raise InputError("finds no boxes", 'end the space in op("detection-head")')
    if signature.places:
        return _head_of_places(inputs[0], signature)
    tally = Tally(inputs[0][:1])
    tally.linear(signature.outputs)
    return tally.footprint()


def _head_of_places(features: Shape, signature: Signature) -> Footprint:
    """Outputs where there are features; brought to the input's places, which costs no products."""
    if len(features) != 1 + len(signature.places):
        problem = f"answers for each of {written(signature.places)} places, but gets {written(features)}"
        raise InputError(problem, "leave out what pools or flattens before it")
    tally = Tally(features)
    tally.conv(signature.outputs, 1, bias=True)
    tally.shape = signature.answer
    return tally.footprint()


def _norm(attrs: Mapping[str, Any], inputs: tuple[Shape, ...], signature: Signature) -> Footprint:
    tally = Tally(inputs[0])
    tally.norm(attrs["kind"])
    return tally.footprint()


def _unchanged(attrs: Mapping[str, Any], inputs: tuple[Shape, ...], signature: Signature) -> Footprint:
    return Footprint(inputs[0])


def _ahead_of_norm(attrs: Mapping[str, Any]) -> str:
    return 'give kind="layer"' if attrs["kind"] == "batch" else ""


def _ahead_of_head(attrs: Mapping[str, Any]) -> str:
    return 'end the space in op("language-head")'


DENSE = (
    Operation(
        "linear",
        "Linear layer on a vector, then norm, activation and dropout.",
        _linear,
        {
            "units": Attribute(int, low=1, high=a.LARGEST, doc="features that come out"),
            "norm": a.norm("none"),
            "activation": a.activation("none"),
            "dropout": a.DROPOUT,
        },
    ),
    Operation(
        "tabular-resblock",
        "Norm, widen, activation, narrow, and a skip (Gorishniy et al. 2021, https://arxiv.org/abs/2106.11959).",
        _tabular_resblock,
        {
            "expansion": a.expansion(2, "width inside, as a multiple of the features"),
            "norm": a.norm(),
            "activation": a.activation(),
            "dropout": a.DROPOUT,
        },
    ),
    Operation(
        "head",
        "From the last features to the outputs: pool, dropout, linear; linear at each place where each has an answer.",
        _head,
        {"dropout": a.DROPOUT, "pool": POOLS},
        ahead=_ahead_of_head,
    ),
    Operation(
        "norm",
        "Normalisation with a learnt scale and shift.",
        _norm,
        {"kind": a.norm()},
        ahead=_ahead_of_norm,
    ),
    Operation("activation", "A non-linearity.", _unchanged, {"function": a.activation()}, ahead=never),
    Operation(
        "dropout",
        "Sets random elements to zero in training.",
        _unchanged,
        {"rate": Attribute(float, 0.1, 0.0, 0.95, doc="share of elements")},
        ahead=never,
    ),
)
