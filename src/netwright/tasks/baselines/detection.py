"""The hand-designed detectors that a search has to beat: a backbone of four stages, a feature pyramid (Lin et al. 2017,
https://arxiv.org/abs/1612.03144), and a head that answers for each cell (Zhou et al. 2019,
https://arxiv.org/abs/1904.07850), with MobileNetV2's blocks (Sandler et al. 2018, https://arxiv.org/abs/1801.04381) or
residual ones (He et al. 2015, https://arxiv.org/abs/1512.03385)."""

from __future__ import annotations

from collections.abc import Callable

from netwright.operations import Signature
from netwright.space import Node, chain, op, parallel
from netwright.tasks.baselines.rival import Baseline, baseline

Block = Callable[[int, int], Node]
"""Channels, stride -> a block."""


def detection_baselines(signature: Signature) -> tuple[Baseline, ...]:
    """Small to large.

    >>> [one.name for one in detection_baselines(Signature((3, 128, 160), 3, "detection"))]
    ['mobilenet-centernet', 'resnet-centernet']
    """
    return (
        baseline("mobilenet-centernet", "small", detector(_inverted, 16, (24, 32, 64, 96), 32, 1)),
        baseline("resnet-centernet", "medium", detector(_residual, 16, (24, 32, 64, 128), 48, 1)),
    )


def detector(block: Block, stem: int, widths: tuple[int, ...], neck: int, depth: int) -> Node:
    """One block a stage, two in the later ones. stem, widths: channels; neck: those of every level of the pyramid."""
    return chain(
        op("conv", kernel=3, channels=stem, stride=2),
        _level(block, 0, widths, neck),
        op("detection-head", depth=depth, channels=neck),
    )


def _level(block: Block, place: int, widths: tuple[int, ...], neck: int) -> Node:
    stage = [block(widths[place], 2), *([block(widths[place], 1)] if place else [])]
    beside = op("conv", kernel=1, channels=neck, activation="none")
    if place == len(widths) - 1:
        return chain(*stage, beside)
    below = chain(_level(block, place + 1, widths, neck), op("upsample", halvings=place + 2, mode="nearest"))
    smooth = [] if place else [op("conv", kernel=3, channels=neck)]
    return chain(*stage, parallel(beside, below), *smooth)


def _inverted(channels: int, stride: int) -> Node:
    return op("mbconv", channels=channels, stride=stride, expansion=4, activation="relu6")


def _residual(channels: int, stride: int) -> Node:
    return op("resblock", channels=channels, stride=stride)
