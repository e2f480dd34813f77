"""Counting the layers that a block is made of, in the order in which data flows through them."""

from __future__ import annotations

import math

from netwright.errors import InputError
from netwright.operations.base import Footprint, Shape


def widened(channels: int, factor: float) -> int:
    """`channels` times `factor`, a whole number, at least 1."""
    return max(1, round(channels * factor))


def squeezed(channels: int, reduction: int) -> int:
    """The narrow width of a squeeze-and-excitation layer."""
    return max(1, channels // reduction)


def padding(kernel: int, dilation: int, mode: str) -> int:
    """Zeros on each side: for "same" as many as keep the size at stride 1 (odd kernels), for others none."""
    return dilation * (kernel - 1) // 2 if mode == "same" else 0


def written(shape: Shape) -> str:
    """A shape for people.

    >>> written((3, 32, 32))
    '3×32×32'
    """
    return "×".join(map(str, shape))


def spatial(shape: Shape) -> Shape:
    """The shape, or InputError when it isn't that of an image or a sequence."""
    if len(shape) not in (2, 3):
        raise InputError(
            f"needs an image (C, H, W) or a sequence (C, T), but gets {written(shape)}",
            "put it before pooling and flattening",
        )
    return shape


def sequence(shape: Shape) -> Shape:
    """The shape, or InputError when it isn't that of a sequence."""
    if len(shape) != 2:
        raise InputError(f"needs a sequence (C, T), but gets {written(shape)}", "put it before pooling and flattening")
    return shape


def vector(shape: Shape) -> int:
    """The number of features, or InputError when the shape isn't that of a vector."""
    if len(shape) != 1:
        raise InputError(f"needs a vector, but gets {written(shape)}", "put global-pool or flatten before it")
    return shape[0]


def _slid(size: int, kernel: int, stride: int, dilation: int, mode: str) -> int:
    """Output size of a window slid over `size` positions; with "causal" all zeros are before the first."""
    span = dilation * (kernel - 1) + 1
    zeros = span - 1 if mode == "causal" else 2 * padding(kernel, dilation, mode)
    room = size + zeros - span
    if room < 0:
        raise InputError(f"a kernel that spans {span} does not fit on {size} positions", "give a smaller kernel")
    return room // stride + 1


def _pooled(size: int, kernel: int, stride: int, mode: str) -> int:
    """As `_slid`; but with "same", an even kernel has no zeros around it and visits a last, incomplete window."""
    if mode == "valid" or kernel % 2:
        return _slid(size, kernel, stride, 1, mode)
    count = -((kernel - size) // stride) + 1
    if count < 1:
        raise InputError(f"a kernel of {kernel} does not fit on {size} positions", "give a smaller kernel")
    return count - 1 if (count - 1) * stride >= size else count


class Tally:
    """The shape reached so far and the costs up to it.

    >>> tally = Tally((3, 8, 8))
    >>> tally.conv(4, 3, bias=True)
    >>> tally.footprint()
    Footprint(shape=(4, 8, 8), params=112, flops=6912, activations=256)
    """

    __slots__ = ("activations", "flops", "params", "shape")

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.params = self.flops = self.activations = 0

    def conv(
        self,
        channels: int,
        kernel: int,
        stride: int = 1,
        groups: int = 1,
        dilation: int = 1,
        bias: bool = False,
        mode: str = "same",
    ) -> None:
        before, *sizes = self.shape
        if before % groups or channels % groups:
            raise InputError(
                f"groups={groups} does not divide {before} input and {channels} output channels",
                "give a common divisor of the two",
            )
        sizes = [_slid(size, kernel, stride, dilation, mode) for size in sizes]
        positions = math.prod(sizes)
        weights = before // groups * channels * kernel ** len(sizes)
        self.params += weights + (channels if bias else 0)
        self.flops += weights * positions
        self.activations += channels * positions
        self.shape = (channels, *sizes)

    def depthwise(
        self, kernel: int, stride: int = 1, dilation: int = 1, bias: bool = False, mode: str = "same"
    ) -> None:
        self.conv(self.shape[0], kernel, stride, self.shape[0], dilation, bias, mode)

    def pool(self, kernel: int, stride: int, mode: str = "same") -> None:
        channels, *sizes = self.shape
        self.shape = (channels, *(_pooled(size, kernel, stride, mode) for size in sizes))

    def linear(self, units: int) -> None:
        features = vector(self.shape)
        self.params += features * units + units
        self.flops += features * units
        self.activations += units
        self.shape = (units,)

    def projection(self, units: int, bias: bool = True) -> None:
        """A linear layer at each position of a sequence or an image."""
        channels, *sizes = self.shape
        positions = math.prod(sizes)
        self.params += channels * units + (units if bias else 0)
        self.flops += channels * units * positions
        self.activations += units * positions
        self.shape = (units, *sizes)

    def norm(self, kind: str) -> None:
        if kind != "none":
            self.params += 2 * self.shape[0]

    def squeeze(self, reduction: int = 4) -> None:
        """Squeeze-and-excitation: pool, narrow, widen, scale."""
        channels = self.shape[0]
        narrow = squeezed(channels, reduction)
        self.params += 2 * channels * narrow + narrow + channels
        self.flops += 2 * channels * narrow
        self.activations += channels + narrow

    def flatten(self) -> None:
        self.shape = (math.prod(self.shape),)

    def beside(self, other: Tally) -> None:
        """Adds the costs of a branch that ends in the same shape."""
        self.params += other.params
        self.flops += other.flops
        self.activations += other.activations

    def footprint(self) -> Footprint:
        return Footprint(self.shape, self.params, self.flops, self.activations)
