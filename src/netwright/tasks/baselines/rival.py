"""A hand-designed model that a search has to beat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from netwright.space import Node, Space

Size = Literal["small", "medium", "large"]


@dataclass(frozen=True)
class Baseline:
    """A model to beat. `space.architecture({})` is the model."""

    name: str
    size: Size
    space: Space


def baseline(name: str, size: Size, root: Node) -> Baseline:
    return Baseline(name, size, Space(root, name=name))
