"""A fidelity in seconds, as passes over the data: networks that are given equal time, however fast they are."""

from __future__ import annotations

import math
from dataclasses import replace

from netwright.trial import Fidelity

LEAST_EPOCHS, FEWEST_EPOCHS, FEWEST_EXAMPLES = 1.0, 0.5, 512


def affordable(fidelity: Fidelity, seconds: float, examples: int, epochs: float, example_s: float) -> Fidelity:
    """`fidelity` with the epochs and the data fraction that train in `seconds`: a third of the recipe's epochs on a
    part of the data if need be, more epochs once all data fit.

    examples: of the training split; epochs: of the recipe; example_s: seconds that a training example takes. The
    fidelity's own epochs are the most that it gets, as passes over all data (None: the recipe's).

    >>> affordable(Fidelity(seconds=5.0), 5.0, examples=55_000, epochs=8, example_s=2e-4).data
    0.1705
    """
    most = epochs if fidelity.epochs is None else fidelity.epochs
    passes = min(most, max(0.0, seconds) / (examples * example_s))
    wanted = max(LEAST_EPOCHS, min(epochs / 3, 3.0))
    data = max(min(1.0, passes / wanted), min(1.0, FEWEST_EXAMPLES / examples))
    return replace(fidelity, epochs=round(max(FEWEST_EPOCHS, passes / data), 2), data=round(data, 4), seconds=None)


def lengthened(fidelity: Fidelity, seconds: float, most: float = math.inf) -> Fidelity:
    """A fidelity in seconds for another time, with as many more passes at most, but never more than `most`.

    >>> lengthened(Fidelity(seconds=5.0, epochs=3.0), 10.0)
    Fidelity(epochs=6.0, data=1.0, resolution=1.0, seconds=10.0)
    """
    assert fidelity.seconds is not None
    epochs = None if fidelity.epochs is None else round(min(most, fidelity.epochs * seconds / fidelity.seconds), 3)
    return replace(fidelity, epochs=epochs, seconds=round(seconds, 2))
