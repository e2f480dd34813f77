"""Partial channels: Xu et al. 2020, "PC-DARTS: Partial Channel Connections for Memory-Efficient Architecture Search",
https://arxiv.org/abs/1907.05737.

DARTS in which the options of a choice see one part of the channels, where the choice keeps the shape; the others pass
it by, and all are shuffled. That takes less time and memory, and options without weights lose their start. (The
paper's weights for edges are left out: connections are decisions here, with preferences of their own.)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from netwright.errors import InputError
from netwright.supernet.policies.darts import DARTS


@dataclass(frozen=True)
class PCDARTS(DARTS):
    """parts: of the channels, one of which goes through the options; else see `Differentiable`."""

    parts: int = 4
    name: ClassVar[str] = "pc-darts"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.parts < 2:
            raise InputError(f"{self.name} needs parts of at least 2", f"got {self.parts}; 'darts' takes all channels")

    @property
    def _parts(self) -> int:
        return self.parts
