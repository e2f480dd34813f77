"""Which changes of an image keep its label: the default policy for training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from netwright.operations import Shape

SIDED = frozenset({"left", "right", "clockwise", "counterclockwise"})
"""Words in class names that a mirror would turn round."""


def policy(inputs: Shape, classes: Sequence[str], flip: bool | None = None) -> dict[str, Any]:
    """Plain data for the trainer of images: {"shift": pixels each way, "flip": mirror left-right}; {} for tables.

    flip: whether mirrored images keep their label; None: yes for colour images unless the class names are digits,
    letters or speak of sides.

    >>> policy((1, 28, 28), [str(digit) for digit in range(10)])
    {'shift': 2}
    >>> policy((3, 32, 32), ("cat", "dog"))
    {'shift': 4, 'flip': True}
    """
    if len(inputs) != 3:
        return {}
    colour, side = inputs[0] >= 3, min(inputs[1:])
    made: dict[str, Any] = {"shift": min(8, max(1, round(side / (8 if colour else 14))))}
    if flip if flip is not None else colour and not reads_one_way(classes):
        made["flip"] = True
    return made


def reads_one_way(classes: Sequence[str]) -> bool:
    """Whether the classes are digits, letters or sides, which a mirror image would not keep."""
    if all(len(name) == 1 for name in classes):
        return True
    words = {word for name in classes for word in name.lower().replace("-", " ").replace("_", " ").split()}
    return bool(words & SIDED)
