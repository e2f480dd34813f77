"""The one protocol of all training policies: which networks of the space a step trains, and on what."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Protocol

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor

    from netwright.supernet.sharing import Sharing


class Policy(Protocol):
    """Frozen settings. prefers: learns preferences for options, on data that is held out from training, and networks
    are derived from them; learn: leaves one step's gradients in the bank and returns the loss to be shown; progress: of
    the whole training, in [0, 1]."""

    name: ClassVar[str]
    prefers: ClassVar[bool]

    def learn(self, net: Sharing, x: Tensor, y: Tensor, progress: float, rng: np.random.Generator) -> Tensor: ...
