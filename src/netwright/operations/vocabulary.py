"""Every operation by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from netwright.errors import unknown
from netwright.operations.base import Operation
from netwright.operations.blocks import BLOCKS
from netwright.operations.columns import COLUMNS
from netwright.operations.convolution import CONVOLUTION
from netwright.operations.dense import DENSE
from netwright.operations.detection import DETECTION
from netwright.operations.messages import MESSAGES
from netwright.operations.places import PLACES
from netwright.operations.pooling import POOLING
from netwright.operations.positions import POSITIONS
from netwright.operations.sequences import SEQUENCES
from netwright.operations.shallow import SHALLOW
from netwright.operations.shuffling import SHUFFLING
from netwright.operations.speaking import SPEAKING
from netwright.operations.structure import STRUCTURE
from netwright.operations.whole import WHOLE

OPERATIONS: Mapping[str, Operation] = MappingProxyType(
    {
        operation.name: operation
        for operation in (
            *STRUCTURE,
            *CONVOLUTION,
            *BLOCKS,
            *POOLING,
            *PLACES,
            *SHUFFLING,
            *SEQUENCES,
            *POSITIONS,
            *SPEAKING,
            *DENSE,
            *DETECTION,
            *COLUMNS,
            *MESSAGES,
            *SHALLOW,
            *WHOLE,
        )
    }
)


def get(name: str) -> Operation:
    """The operation of that name. Raises InputError with the nearest name.

    >>> get("conv").attributes["kernel"].default
    3
    """
    operation = OPERATIONS.get(name)
    if operation is None:
        raise unknown("operation", name, OPERATIONS)
    return operation
