"""Proxies from which units are on: a network that tells examples apart by them can learn to.

Two examples lie in the same linear region of a ReLU network when the same units are on.
"""

from __future__ import annotations

import torch
from torch import Tensor

from netwright.proxies.base import Proxy
from netwright.proxies.passes import Passes

CHUNK, WORD = 16, 4
"""Bits of a chunk, exact in a product of single precision; chunks that fit into a whole number of 64 bits."""
MIX = 0x5851F42D4C957F2D
"""An odd factor that spreads bits (Knuth, MMIX)."""


def _layers(passes: Passes) -> list[tuple[Tensor, int]]:
    """(B, units) of each, 0 or 1, and how many activations read it."""
    first, second = (half.codes for half in passes.halves)
    pairs = zip(first, second, strict=True)
    return [(torch.cat([one, other]).float(), readers) for (one, readers), (other, _) in pairs]


def _agreement(passes: Passes) -> tuple[Tensor, float]:
    """(B, B) units that are equal for two examples, and how many units there are."""
    count = len(passes.batch.x)
    alike, units = torch.zeros(count, count, device=passes.batch.x.device), 0.0
    for code, readers in _layers(passes):
        signs = 2 * code - 1
        alike += readers * (signs @ signs.T)
        units += readers * code.shape[1]
    return (alike.double() + units) / 2, units


def naswot(passes: Passes) -> float:
    """The log determinant of how alike examples are."""
    alike, _ = _agreement(passes)
    sign, size = torch.linalg.slogdet(alike)
    return float(size) if sign > 0 else float("-inf")


def linear_regions(passes: Passes) -> float:
    """Units that change between two examples, on average: at least so many regions lie between them."""
    alike, units = _agreement(passes)
    count = len(alike)
    return float((units - alike).sum() / (count * (count - 1)))


def swap(passes: Passes) -> float:
    """How many different patterns over the examples the units show."""
    patterns = [_patterns(code) for code, _ in _layers(passes)]
    return float(len(torch.unique(torch.cat(patterns)))) if patterns else 0.0


def _patterns(code: Tensor) -> Tensor:
    """(B, units) of 0 and 1 -> (units,) a whole number for each pattern; beyond 64 examples two patterns share one with
    a chance of one in 2^64."""
    powers = torch.zeros(-(-len(code) // CHUNK), len(code), device=code.device)
    bits = torch.arange(len(code), device=code.device)
    powers[bits // CHUNK, bits] = 2.0 ** (bits % CHUNK)
    chunks = (powers @ code).long()
    pattern = chunks[0]
    for place, chunk in enumerate(chunks[1:], 1):
        pattern = pattern ^ (chunk << (CHUNK * place)) if place < WORD else pattern * MIX + chunk
    return pattern


UNITS = (
    Proxy(
        "naswot",
        "how differently examples turn units on and off",
        "Mellor et al. 2021, https://arxiv.org/abs/2006.04647",
        naswot,
        frozenset({"activations"}),
    ),
    Proxy(
        "swap",
        "different patterns of units over the examples",
        "Peng et al. 2024, SWAP-NAS, https://arxiv.org/abs/2403.04161",
        swap,
        frozenset({"activations"}),
    ),
    Proxy(
        "linear-regions",
        "linear regions between two examples, at least",
        "Hanin & Rolnick 2019, https://arxiv.org/abs/1906.00904; Chen et al. 2021, TE-NAS",
        linear_regions,
        frozenset({"activations"}),
    ),
)
