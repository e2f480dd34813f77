"""Attributes that several operations share."""

from __future__ import annotations

from netwright.operations.base import Attribute

NORMS = ("batch", "layer", "none")
ACTIVATIONS = (
    "relu",
    "relu6",
    "leaky-relu",
    "elu",
    "selu",
    "gelu",
    "silu",
    "mish",
    "hardswish",
    "tanh",
    "sigmoid",
    "none",
)

LARGEST = 65_536
"""The most channels or units that one layer may have."""


def kernel(default: int) -> Attribute:
    return Attribute(int, default, 1, 63, doc="side of the window, in positions")


def odd_kernel(default: int) -> Attribute:
    """Of a block with a shortcut: only odd kernels keep the size."""
    return Attribute(int, default, options=tuple(range(1, 32, 2)), doc="side of the window, in positions")


def stride(default: int = 1) -> Attribute:
    return Attribute(int, default, 1, 32, doc="step of the window; divides height and width, or length")


def norm(default: str = "batch") -> Attribute:
    return Attribute(str, default, options=NORMS, doc="normalisation (layer: over the channels of each position)")


def activation(default: str = "relu") -> Attribute:
    return Attribute(str, default, options=ACTIVATIONS, doc="non-linearity")


def expansion(default: float, doc: str) -> Attribute:
    return Attribute(float, default, 0.0625, 32, doc=doc)


CHANNELS = Attribute(int, None, 1, LARGEST, doc="output channels; as many as come in when left out")
GROUPS = Attribute(int, 1, 1, LARGEST, doc="groups of channels that don't see each other")
DILATION = Attribute(int, 1, 1, 32, doc="distance between the window's positions")
PADDING = Attribute(str, "same", options=("same", "valid"), doc="zeros around the input, or none")
CAUSAL = Attribute(bool, False, doc="of sequences: no position sees later ones")
PREACTIVATION = Attribute(bool, False, doc="activation before the weights")
SE = Attribute(bool, False, doc="squeeze-and-excitation")
DROPOUT = Attribute(float, 0.0, 0.0, 0.95, doc="share of elements set to zero in training")
SHORTCUT = Attribute(str, "conv", options=("conv", "pool"), doc="how a shortcut shrinks: strided, or pooled first")
