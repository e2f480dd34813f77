"""How a network is trained: one frozen recipe of plain values.

The defaults are made for short trainings: a one-cycle schedule (Smith & Topin 2018, https://arxiv.org/abs/1708.07120)
of AdamW (Loshchilov & Hutter 2019, https://arxiv.org/abs/1711.05101), light label smoothing (Szegedy et al. 2016,
https://arxiv.org/abs/1512.00567), weight decay on weight matrices only, and bfloat16 where the processor multiplies
it faster.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

from netwright.errors import InputError, unknown


@dataclass(frozen=True)
class Recipe:
    """Settings of one training.

    epochs: passes over the (sub-sampled) training split, fractions allowed; batch_size: examples a step, at most: small
    data get smaller batches; learning_rate: the peak of the one-cycle schedule (for "sgd" that of a batch of 128,
    scaled linearly); warmup: fraction of the steps that the rise takes; average: decay of the moving average of the
    weights that is evaluated in place of the last weights (0: off); strength: scales the task's augmentation (0: none,
    None: in full from 20 epochs on and less for shorter trainings, which underfit anyway); balance: of classes, 0: each
    counts as often as it occurs, 1: all the same, in between: rare ones somewhat more.
    """

    epochs: float = 8.0
    batch_size: int = 128
    optimizer: Literal["sgd", "adamw"] = "adamw"
    learning_rate: float = 6e-3
    weight_decay: float = 0.05
    momentum: float = 0.9
    warmup: float = 0.2
    label_smoothing: float = 0.05
    average: float = 0.0
    strength: float | None = None
    balance: float = 0.0
    precision: Literal["auto", "float32", "bfloat16"] = "auto"

    def __post_init__(self) -> None:
        if self.epochs <= 0 or self.batch_size < 1 or self.learning_rate <= 0:
            raise InputError("a recipe needs epochs, batch_size and learning_rate above zero", f"got {self}")
        if not 0 <= self.balance <= 1:
            raise InputError(f"balance is {self.balance}", "give a number from 0 to 1")
        if self.optimizer not in ("sgd", "adamw"):
            raise unknown("optimizer", self.optimizer, ("sgd", "adamw"))

    def strength_for(self, epochs: float) -> float:
        """How strong the augmentation is in a training of that many epochs."""
        return min(1.0, epochs / 20) if self.strength is None else self.strength

    def adapted(self, hyper: Mapping[str, Any]) -> Recipe:
        """The recipe with some values in the place of its own, such as an architecture's hyperparameters
        (`Space(hyper=...)`). InputError for names that a recipe has not."""
        names = {field.name for field in fields(self)}
        for name in hyper:
            if name not in names:
                raise unknown("hyperparameter", name, names)
        return replace(self, **hyper)


def default_recipe(kind: str, examples: int) -> Recipe:
    """The recipe that suits a kind of task and the number of its training examples: small data need more epochs."""
    if kind.startswith("tabular"):
        epochs = min(100.0, max(30.0, 1e6 / examples // 1))
        return Recipe(epochs=epochs, batch_size=256, learning_rate=2e-3, weight_decay=0.02, warmup=0.1)
    if kind.startswith("node"):
        return Recipe(epochs=200.0, learning_rate=1e-2, weight_decay=0.1, warmup=0.05)
    if kind.startswith("text"):
        epochs = min(20.0, max(6.0, 6e4 / examples // 1))
        return Recipe(epochs=epochs, batch_size=64, learning_rate=4e-3, weight_decay=0.2, warmup=0.1)
    if kind in ("language-model", "translation"):
        epochs = min(20.0, max(4.0, (1e5 if kind == "language-model" else 3e5) / examples // 1))
        decay = Recipe(learning_rate=6e-3, weight_decay=0.1, warmup=0.1, label_smoothing=0.0)
        return replace(decay, epochs=epochs, batch_size=16 if kind == "language-model" else 32)
    if kind in ("time-series-classification", "speech-recognition"):
        return Recipe(epochs=min(60.0, max(12.0, 4e4 / examples // 1)), batch_size=64, learning_rate=3e-3)
    if kind == "forecasting":
        epochs = min(60.0, max(10.0, 1e5 / examples // 1))
        return Recipe(epochs=epochs, batch_size=64, learning_rate=2e-3, weight_decay=0.02)
    if kind == "speech-transcription":
        epochs = min(60.0, max(10.0, 6e4 / examples // 1))
        return Recipe(epochs=epochs, batch_size=32, learning_rate=3e-3, weight_decay=0.02)
    if kind == "object-detection":
        return Recipe(epochs=min(40.0, max(10.0, 4e3 / examples // 1)), batch_size=32, balance=0.5)
    if kind == "speech-synthesis":
        epochs = min(60.0, max(15.0, 6e4 / examples // 1))
        return Recipe(epochs=epochs, batch_size=32, learning_rate=2e-3, weight_decay=0.02, warmup=0.1)
    if kind == "semantic-segmentation":
        epochs = min(30.0, max(6.0, 3e3 / examples // 1))
        return Recipe(epochs=epochs, batch_size=16, learning_rate=3e-3, label_smoothing=0.0, balance=0.5)
    balance = 0.5 if kind.startswith("medical") else 0.0
    return Recipe(epochs=min(40.0, max(8.0, 4e5 / examples // 1)), balance=balance)


def useful_epochs(recipe: Recipe) -> float:
    """Epochs from which on a further seed says more than a longer training."""
    return max(recipe.epochs, 0.6 * most_epochs(recipe))


def most_epochs(recipe: Recipe) -> float:
    """As many epochs as a final training is ever given: five times the recipe's, up to 60."""
    return max(recipe.epochs, min(5 * recipe.epochs, 60.0))
