"""What strategies have in common that hold another one."""

from __future__ import annotations

from typing import ClassVar

from netwright.strategies.base import AnyStrategy

CAPABILITIES = ("name", "multi_objective", "learns", "uses_fidelity", "model_based")


class Wrapping:
    """What it can do is what the strategy inside can."""

    strategy: AnyStrategy
    name: ClassVar[str]
    multi_objective: ClassVar[bool]
    learns: ClassVar[bool]
    uses_fidelity: ClassVar[bool]
    model_based: ClassVar[bool]

    def __post_init__(self) -> None:
        for capability in CAPABILITIES:
            object.__setattr__(self, capability, getattr(self.strategy, capability))
