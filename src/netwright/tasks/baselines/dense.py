"""Hand-designed networks that answer for each pixel: two U-Nets (Ronneberger et al. 2015,
https://arxiv.org/abs/1505.04597) and a DeepLab (Chen et al. 2017, https://arxiv.org/abs/1706.05587) of inverted
residuals, made small. Large images are halved in the stem, as in the space `unet`."""

from __future__ import annotations

from netwright.operations import Signature
from netwright.space import Node, chain, op, parallel
from netwright.tasks.baselines.rival import Baseline, baseline

LARGE, FEWEST = 64, 4
"""Pixels of a side from which on the stem halves it; places of a side that are left at the bottom."""


def dense_baselines(signature: Signature) -> tuple[Baseline, ...]:
    """Small to large."""
    side = min(signature.places)
    early = 1 if side >= LARGE else 0
    levels = max(1, min(4, ((side >> early) // FEWEST).bit_length()))
    return (
        baseline("deeplab-mobile", "small", deeplab(early, min(levels, 3))),
        baseline("unet-12", "medium", unet(12, 1, min(levels, 3), early)),
        baseline("unet-16", "large", unet(16, 2, levels, early)),
    )


def unet(width: int, convolutions: int, levels: int, early: int) -> Node:
    """Stages of so many convolutions, twice as wide at each level as above it, handed across side by side."""

    def stage(place: int) -> list[Node]:
        return [op("conv", kernel=3, channels=width * 2**place)] * convolutions

    def level(place: int) -> Node:
        if place == levels - 1:
            return chain(*stage(place))
        rise = [op("conv", kernel=1, channels=width * 2**place), op("upsample", halvings=early + place)]
        deeper = chain(op("max-pool", kernel=2, stride=2), level(place + 1), *rise)
        return chain(*stage(place), parallel(op("identity"), deeper, merge="concat"), *stage(place))

    stem = op("conv", kernel=3, channels=width, stride=2**early)
    return chain(stem, level(0), op("head"))


def deeplab(early: int, halvings: int) -> Node:
    """Inverted residuals, then windows of several reaches side by side, and straight up from there."""
    layers: list[Node] = [op("conv", kernel=3, channels=16, stride=2**early, activation="relu6")]
    for place in range(halvings):
        stride = 2 if place or not early else 1
        layers.append(_inverted((16, 24, 48)[place], stride))
        layers.append(_inverted((16, 24, 48)[place], 1))
    reaches = [op("conv", kernel=3, channels=48, dilation=dilation) for dilation in (1, 2, 4)]
    return chain(*layers, parallel(*reaches), op("head"))


def _inverted(channels: int, stride: int) -> Node:
    return op("mbconv", kernel=3, channels=channels, stride=stride, expansion=4, activation="relu6")
