"""What a user asked of a search, as plain data: it is stored with the search and compared on resume."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from netwright import backends
from netwright.errors import InputError

DEFAULT_METHOD = "npenas"
"""The best in the first hundred trials, which is what a first search has time for: it knows sizes before training."""


@dataclass(frozen=True)
class Settings:
    """The settings of one search.

    method, executor: by name; method_settings, executor_settings: their own; space: a ready space's name, or "custom";
    objectives and constraints: as typed ("accuracy", "params<300k"); budget: as typed ("10m", "200trials");
    recipe: what differs from the task's default training recipe; warm_start: the folder of an earlier search to learn
    from; inherit: networks begin with the weights that their parents left, and go on training when they are promoted;
    evaluate: "train"; "zero-cost": untrained networks are ranked first; "predictor": it chooses among proposals; or
    "auto"; backend: the name of what trains networks; model, weights: the network, as package.module:Name, and the file
    of its weights that the space is all parts of.
    """

    method: str = DEFAULT_METHOD
    method_settings: Mapping[str, Any] = field(default_factory=dict)
    space: str = ""
    objectives: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    budget: str = "10m"
    workers: int = 1
    seed: int = 0
    executor: str = "processes"
    executor_settings: Mapping[str, Any] = field(default_factory=dict)
    recipe: Mapping[str, Any] = field(default_factory=dict)
    memory_mb: int | None = None
    warm_start: str = ""
    inherit: bool = True
    evaluate: str = "auto"
    model: str = ""
    weights: str = ""
    backend: str = backends.DEFAULT

    def __post_init__(self) -> None:
        if self.workers < 1:
            raise InputError(f"workers must be at least 1, got {self.workers}", "for example --workers 2")

    def to_dict(self) -> dict[str, Any]:
        data = asdict(self)
        return data | {"objectives": list(self.objectives), "constraints": list(self.constraints)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Settings:
        lists = {name: tuple(data[name]) for name in ("objectives", "constraints")}
        return cls(**{**data, **lists})

    def differences(self, other: Settings) -> list[str]:
        """The settings that differ, each as "name: mine, not theirs"."""
        pairs = ((f.name, getattr(self, f.name), getattr(other, f.name)) for f in fields(self))
        return [f"{name}: {mine!r}, not {theirs!r}" for name, mine, theirs in pairs if mine != theirs]
