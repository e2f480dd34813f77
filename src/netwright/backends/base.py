"""What a backend is: something that runs and trains the networks of op graphs.

Weights go by the names and shapes that they have in the torch network of the same graph (its `state_dict`). So whatever
trained a network, what can be done with it afterwards is the same: answering, exporting, timing, inheriting.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, ClassVar, Protocol

import numpy as np

from netwright.backends.terms import Terms
from netwright.errors import MissingExtra
from netwright.operations import Shape, Signature, get
from netwright.operations.structure import STRUCTURAL
from netwright.space import OpGraph
from netwright.trial import Fidelity

if TYPE_CHECKING:
    from torch import nn

    from netwright.backends.torch.recipe import Recipe
    from netwright.backends.torch.train import Trained
    from netwright.tasks import Task

Arrays = Mapping[str, np.ndarray]
FORMS = {"image": "images", "sequence": "sequences", "tokens": "texts", "vector": "tables"}
"""What an input is -> many of them, for people."""


@dataclass(frozen=True)
class Gradients:
    """What a batch says. loss: its mean; weights: the gradients of the loss; statistics: what the running ones of the
    norms are after it."""

    loss: float
    weights: Arrays
    statistics: Arrays


class Model(Protocol):
    """A network as functions of its weights and running statistics, float32 arrays by their names.

    shapes: of the weights that are trained. x: (B, *inputs) float32.
    """

    @property
    def shapes(self) -> Mapping[str, Shape]: ...

    def answers(self, weights: Arrays, x: np.ndarray) -> np.ndarray:
        """(B, outputs) as after training: norms go by their running statistics, nothing is dropped."""
        ...

    def gradients(self, weights: Arrays, x: np.ndarray, y: np.ndarray, smoothing: float = 0.0) -> Gradients:
        """As in training, where norms go by the batch, but nothing is dropped. y: (B,), classes or values; smoothing:
        of the labels."""
        ...


class Backend(ABC):
    """operations: those of the family "network" that it runs; forms, kinds: of signatures; graphs: whether nodes of a
    graph are among its tasks; shares: whether it trains supernets; balances: whether it weighs classes; precisions: of
    recipes; compiles: whether every network takes long to start, so that its speed is rather foretold than measured;
    timed: networks whose speed is measured before a search is planned; packages, extra: what must be installed for it;
    plan: what a search's plan says of it.
    """

    name: ClassVar[str]
    operations: ClassVar[frozenset[str]]
    forms: ClassVar[frozenset[str]] = frozenset({"image", "vector"})
    kinds: ClassVar[frozenset[str]] = frozenset({"classification", "regression"})
    graphs: ClassVar[bool] = False
    shares: ClassVar[bool] = False
    balances: ClassVar[bool] = False
    precisions: ClassVar[frozenset[str]] = frozenset({"auto", "float32"})
    compiles: ClassVar[bool] = False
    timed: ClassVar[int] = 6
    packages: ClassVar[tuple[str, ...]] = ()
    extra: ClassVar[str] = ""
    plan: ClassVar[tuple[str, ...]] = ()

    def require(self) -> None:
        """Raises MissingExtra where it is not installed."""
        for package in self.packages:
            if find_spec(package) is None:
                raise MissingExtra(package, self.extra)

    def lacks(self, operations: Collection[str]) -> list[str]:
        """Those of the operations that are layers of networks, but none of its own, in alphabetical order."""
        foreign = set(operations) - self.operations - STRUCTURAL
        return sorted(one for one in foreign if get(one).family == "network")

    def refusal(self, task: Task, recipe: Recipe) -> str:
        """What it cannot do of a task, or of a recipe; "" where it can do all."""
        signature = task.signature
        if signature.form not in self.forms:
            return f"takes {_joined([FORMS[form] for form in sorted(self.forms)])}, no {FORMS[signature.form]}"
        if task.graph is not None and not self.graphs:
            return "knows no graphs"
        if signature.kind not in self.kinds:
            return f"is for {_joined(sorted(self.kinds))}, not for {signature.kind}"
        if recipe.balance and not self.balances:
            return "does not weigh classes (balance in the recipe)"
        if recipe.precision not in self.precisions:
            return f"does not multiply in {recipe.precision}"
        return ""

    @abstractmethod
    def prepare(self) -> None:
        """Imports what it needs."""

    @abstractmethod
    def model(self, graph: OpGraph, signature: Signature) -> Model:
        """The network of a graph. Raises InputError naming the node that cannot be built."""

    @abstractmethod
    def train(
        self,
        graph: OpGraph,
        network: nn.Module,
        task: Task,
        recipe: Recipe,
        fidelity: Fidelity = Fidelity(),
        terms: Terms = Terms(),
    ) -> Trained:
        """Trains the torch network of a graph on the task's training split: from the weights that it has, to those of
        the network in what is returned.

        Raises FloatingPointError when the loss is not finite and TimeoutError when not even one step fits.
        """


def _joined(words: Collection[str]) -> str:
    return " and ".join(words)
