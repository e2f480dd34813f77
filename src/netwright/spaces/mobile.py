"""`mobile`: small image classifiers of mixed layer types.

A stem, then stages of one layer that may down-sample and up to three more, each layer of its own type: plain or
residual convolution, basic residual block (He et al. 2016, https://arxiv.org/abs/1512.03385), or inverted bottleneck
with optional squeeze-and-excitation (Sandler et al. 2018, https://arxiv.org/abs/1801.04381; Tan et al. 2019,
https://arxiv.org/abs/1807.11626). Kernels, widths, depths, expansions and skips are all decisions."""

from __future__ import annotations

from netwright.errors import InputError
from netwright.operations import Signature
from netwright.space import Node, Space, chain, choice, integer, op, parallel, repeat

WIDTHS = ((16, 24, 32, 48, 64), (24, 32, 48, 64, 96), (32, 48, 64, 96, 128), (48, 64, 96, 128, 192))
"""Channels that the stages choose from, by their place."""


def mobile(signature: Signature) -> Space:
    """The space for images of any size: it down-samples to between 4 and 7 pixels, early where images are large.

    >>> mobile(Signature((1, 28, 28), 10, "classification")).name
    'mobile'
    """
    if len(signature.inputs) != 3:
        raise InputError("the space 'mobile' is for images", "for tables: --space mlp")
    side = min(signature.inputs[1:])
    halvings = max(1, (side // 4).bit_length() - 1)
    stem = op("conv", kernel=choice(3, 5), channels=choice(16, 24, 32), stride=_stem_stride(side))
    places = range(min(len(WIDTHS), halvings + 1))
    stages = {f"stage{place + 1}": stage(place, _stride(place, last=place == places[-1])) for place in places}
    head = op("head", dropout=choice(0.0, 0.1, 0.2))
    return Space(chain(stem=stem, **stages, head=head), name="mobile")


def _stem_stride(side: int) -> int | Node:
    if side >= 48:
        return 2
    return choice(1, 2) if side >= 24 else 1


def _stride(place: int, last: bool) -> int | Node:
    """The first and, of three or more, the last stage may keep the resolution."""
    return choice(1, 2) if place == 0 or (last and place > 1) else 2


def stage(place: int, stride: int | Node) -> Node:
    """A layer that may down-sample and change the width, then up to three that keep both."""
    channels = choice(*WIDTHS[place], name=f"stage{place + 1}.channels")
    first = choice(
        op("resblock", kernel=3, channels=channels, stride=stride),
        op("conv", kernel=choice(3, 5), channels=channels, stride=stride),
        inverted_bottleneck(channels, stride),
    )
    convolution = op("conv", kernel=choice(3, 5), channels=channels)
    further = choice(
        op("resblock", kernel=3, channels=channels),
        convolution,
        parallel(convolution, op("identity"), merge="sum"),
        inverted_bottleneck(channels, 1),
    )
    return chain(first=first, further=repeat(further, integer(0, 3)))


def inverted_bottleneck(channels: Node, stride: int | Node) -> Node:
    return op(
        "mbconv",
        kernel=choice(3, 5, 7),
        channels=channels,
        stride=stride,
        expansion=choice(1, 2, 3, 4, 6),
        se=choice(False, True),
    )
