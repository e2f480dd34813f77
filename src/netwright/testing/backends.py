"""What every backend must do. Subclass `BackendConformance` in a test module and give it the fixture `backend`:

class TestMine(BackendConformance):
    @pytest.fixture
    def backend(self):
        return MINE

The torch network of the same graph says what is right.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np
import pytest

from netwright import backends
from netwright.backends import Backend, Gradients
from netwright.backends.terms import Terms
from netwright.backends.torch.recipe import Recipe
from netwright.operations import OPERATIONS, Signature, analyse, get
from netwright.operations.attributes import ACTIVATIONS
from netwright.space import Architecture, OpGraph, OpNode, Space, chain, op
from netwright.spaces.mlp import mlp
from netwright.spaces.mobile import mobile
from netwright.spaces.nb201 import nb201
from netwright.spaces.resnet import resnet
from netwright.spaces.tabular import tabular
from netwright.tasks import Task, open_task
from netwright.trial import Fidelity

TABLE, VALUES = Signature((14,), 5, columns=(1, 5, 1, 1, 6)), Signature((7,), 1, "regression")
IMAGE, LARGE = Signature((3, 8, 8), 5), Signature((8, 9, 7), 5)
SPACES: Mapping[str, tuple[Signature, Callable[[], Space]]] = {
    "mlp": (TABLE, lambda: mlp(TABLE)),
    "tabular": (TABLE, lambda: tabular(TABLE)),
    "mlp of values": (VALUES, lambda: mlp(VALUES)),
    "mlp of images": (IMAGE, lambda: mlp(IMAGE)),
    "resnet": (IMAGE, lambda: resnet(IMAGE)),
    "mobile": (IMAGE, lambda: mobile(IMAGE)),
    "nb201": (IMAGE, lambda: nb201(IMAGE, channels=4, cells=1)),
}
DRAWN, BATCH = 1, 16
CLOSE = 1e-4
"""How far apart the same numbers may be, by their largest."""

Attrs = dict[str, Any]
CHAINS: Mapping[str, tuple[Attrs, ...]] = {
    "conv": (
        {"kernel": 5, "stride": 2, "channels": 12},
        {"kernel": 4, "padding": "valid", "norm": "none", "groups": 2},
        {"preactivation": True, "dilation": 2, "norm": "layer", "bias": True},
        {"groups": 12},
    ),
    "sepconv": ({"kernel": 5, "stride": 2, "repeats": 2, "channels": 12}, {"preactivation": True, "dilation": 2}),
    "mbconv": (
        {"kernel": 5, "expansion": 3, "se": True},
        {"stride": 2, "channels": 12, "expansion": 1, "norm": "none"},
    ),
    "resblock": (
        {},
        {"stride": 2, "channels": 12, "se": True, "shortcut": "pool"},
        {"preactivation": True, "stride": 3, "channels": 8, "shortcut": "pool"},
    ),
    "bottleneck": ({"groups": 2, "ratio": 0.5}, {"preactivation": True, "stride": 2, "channels": 12, "norm": "layer"}),
    "convnext": ({"kernel": 5}, {"stride": 2, "channels": 12}),
    "squeeze-excite": ({},),
    "max-pool": ({"stride": 2}, {"kernel": 2, "stride": 2}, {"kernel": 2, "stride": 1, "padding": "valid"}),
    "avg-pool": ({"stride": 2}, {"kernel": 2, "stride": 2}, {"kernel": 2, "stride": 1, "padding": "valid"}),
    "global-pool": ({"kind": "max"},),
    "channel-split": ({"parts": 4, "part": 1, "others": True}, {"parts": 2, "part": 1}),
    "channel-shuffle": ({"groups": 4},),
    "flatten": ({},),
    "linear": ({"units": 9, "norm": "batch", "activation": "gelu", "dropout": 0.5}, {"units": 6, "norm": "layer"}),
    "tabular-resblock": ({}, {"norm": "layer", "expansion": 0.5}, {"norm": "none"}),
    "head": (),
    "column-embedding": ({"embedding": "periodic", "width": 6, "waves": 4, "sigma": 0.5},),
    "ft-transformer": ({"width": 8, "heads": 2, "layers": 2, "dropout": 0.5},),
    "norm": ({"kind": "layer"}, {"kind": "batch"}),
    "activation": tuple({"function": name} for name in ACTIVATIONS),
    "dropout": ({"rate": 0.5},),
}
"""Operation -> attributes of such operations in a row, or, of activations, side by side."""

NETWORK = Space(
    chain(op("conv", kernel=3, channels=16), op("conv", kernel=3, channels=16, stride=2), op("head")), "small"
)
RECIPES = {
    "adamw": Recipe(epochs=1, precision="float32"),
    "sgd": Recipe(epochs=1, precision="float32", optimizer="sgd", learning_rate=0.1),
    "average": Recipe(epochs=1, precision="float32", average=0.9),
}


def graph_of(operation: str) -> OpGraph:
    """The operation's chain, and a head."""
    nodes = [OpNode("input", "input", {}, (), "input")]
    aside = operation == "activation"
    for place, attrs in enumerate(CHAINS[operation], 1):
        nodes.append(OpNode(f"op/{place}", operation, attrs, (0 if aside else place - 1,), f"op/{place}"))
    if aside:
        nodes.append(OpNode("sum", "sum", {}, tuple(range(1, len(nodes))), "sum"))
    nodes.append(OpNode("head", "head", {}, (len(nodes) - 1,), "head"))
    return OpGraph(tuple(nodes), len(nodes) - 1)


def signature_of(operation: str) -> Signature:
    return TABLE if operation in ("linear", "tabular-resblock", "column-embedding", "ft-transformer") else LARGE


def weights_for(graph: OpGraph, signature: Signature) -> dict[str, np.ndarray]:
    """Weights and running statistics of which none is without effect."""
    from netwright.backends.torch.build import build
    from netwright.backends.torch.model import arrays

    random, found = np.random.default_rng(0), arrays(build(graph, signature, seed=0))
    for name, array in found.items():
        if name.endswith("running_var") or (array.ndim == 1 and name.endswith("weight")):
            found[name] = random.uniform(0.5, 1.5, array.shape).astype(np.float32)
        elif array.ndim == 1:
            found[name] = random.normal(0, 0.1, array.shape).astype(np.float32)
    return found


def batch_for(signature: Signature) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(1)
    x = random.normal(size=(BATCH, *signature.inputs)).astype(np.float32)
    if signature.kind == "regression":
        return x, random.normal(size=BATCH).astype(np.float32)
    return x, random.integers(0, signature.outputs, BATCH)


def alike(found: np.ndarray, right: np.ndarray, what: str) -> None:
    """Raises AssertionError where two arrays are not the same but for rounding."""
    assert found.shape == right.shape, what
    apart = float(np.abs(found - right).max(initial=0.0))
    assert apart <= CLOSE * max(1.0, float(np.abs(right).max(initial=0.0))), f"{what}: {apart:.2g} apart"


def same_network(backend: Backend, graph: OpGraph, signature: Signature) -> None:
    """Raises AssertionError where a backend's network is another one than torch's."""
    model, right = backend.model(graph, signature), backends.get("torch").model(graph, signature)
    assert dict(model.shapes) == dict(right.shapes)
    weights, (x, y) = weights_for(graph, signature), batch_for(signature)
    alike(model.answers(weights, x), right.answers(weights, x), "answers")
    found, wanted = model.gradients(weights, x, y, 0.1), right.gradients(weights, x, y, 0.1)
    _same_gradients(found, wanted)


def _same_gradients(found: Gradients, right: Gradients) -> None:
    assert found.loss == pytest.approx(right.loss, abs=CLOSE)
    for what, mine, theirs in (
        ("gradient", found.weights, right.weights),
        ("statistics", found.statistics, right.statistics),
    ):
        assert mine.keys() == theirs.keys()
        for name, array in theirs.items():
            alike(mine[name], array, f"{what} of {name}")


class Ticking:
    """A clock that moves only when it is read: a hundredth of a second each time."""

    now = 0.0

    def monotonic(self) -> float:
        self.now += 0.01
        return self.now


class BackendConformance:
    """The suite."""

    @pytest.fixture
    def backend(self) -> Backend:
        raise NotImplementedError("give the fixture `backend`")

    @pytest.fixture
    def digits(self) -> Task:
        return _digits()

    def test_has_operations_of_the_vocabulary(self, backend: Backend) -> None:
        assert backends.get(backend.name) is backend
        assert backend.operations <= set(OPERATIONS)
        assert {get(name).family for name in backend.operations} == {"network"}
        assert not backend.lacks([*backend.operations, "input", "sum", "linear-model"])

    @pytest.mark.parametrize("operation", CHAINS)
    def test_operations_are_those_of_torch(self, backend: Backend, operation: str) -> None:
        if operation not in backend.operations:
            pytest.skip(f"{backend.name} does not have it, and says so")
        same_network(backend, graph_of(operation), signature_of(operation))

    @pytest.mark.parametrize("space", SPACES)
    def test_networks_are_those_of_torch(self, backend: Backend, space: str) -> None:
        signature, make = SPACES[space]
        for architecture in _drawn(make()):
            graph = architecture.graph
            if backend.lacks(graph.operations):
                pytest.skip(f"{backend.name} does not have all of its operations, and says so")
            shapes = backend.model(graph, signature).shapes.values()
            assert sum(map(math.prod, shapes)) == analyse(graph, signature).params
            same_network(backend, graph, signature)

    @pytest.mark.parametrize("recipe", RECIPES)
    def test_first_steps_are_those_of_torch(self, backend: Backend, digits: Task, recipe: str) -> None:
        """Less than a pass: further on, rounding has its way, and last batches may be filled up."""
        mine, right = (self._trained(one, digits, RECIPES[recipe], 0.5) for one in (backend, backends.get("torch")))
        assert mine.curve[-1]["loss"] == pytest.approx(right.curve[-1]["loss"], rel=1e-2)
        assert mine.epochs == right.epochs
        for (name, found), wanted in zip(_arrays(mine).items(), _arrays(right).values(), strict=True):
            assert np.abs(found - wanted).mean() < 0.02 * max(0.1, float(np.abs(wanted).max())), name

    def test_learns(self, backend: Backend, digits: Task) -> None:
        trained = self._trained(backend, digits, Recipe(), 8.0)
        assert self._accuracy(trained, digits) > 0.9
        assert [point["epoch"] for point in trained.curve] == pytest.approx(range(1, 9))
        assert trained.curve[-1]["loss"] < trained.curve[0]["loss"]

    def test_the_trained_network_answers_as_the_backends_does(self, backend: Backend, digits: Task) -> None:
        trained = self._trained(backend, digits, RECIPES["average"], 1.0)
        model = backend.model(_graph(), digits.signature)
        x = np.random.default_rng(0).normal(size=(BATCH, *digits.signature.inputs)).astype(np.float32)
        right = backends.get("torch").model(_graph(), digits.signature)
        weights = _arrays(trained)
        alike(model.answers(weights, x), right.answers(weights, x), "answers")

    @pytest.mark.parametrize("recipe", RECIPES)
    def test_equal_seeds_give_equal_networks(self, backend: Backend, digits: Task, recipe: str) -> None:
        first, second, other = (
            _arrays(self._trained(backend, digits, RECIPES[recipe], 0.5, seed=seed)) for seed in (3, 3, 4)
        )
        assert all(np.array_equal(first[name], second[name]) for name in first)
        assert any(not np.array_equal(first[name], other[name]) for name in first)

    def test_less_of_the_data_at_less_resolution(self, backend: Backend, digits: Task) -> None:
        fidelity = Fidelity(epochs=2.0, data=0.25, resolution=0.5)
        trained = self._trained(backend, digits, Recipe(), fidelity)
        assert trained.epochs == pytest.approx(2.0)

    def test_reports_each_epoch(self, backend: Backend, digits: Task) -> None:
        told: list[Mapping[str, Any]] = []
        trained = self._trained(backend, digits, Recipe(), 2.0, report=told.append)
        assert [dict(point) for point in told] == [point | {"epochs": 2.0} for point in trained.curve]

    def test_a_deadline_shortens_the_schedule(
        self, backend: Backend, digits: Task, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("netwright.backends.torch.train.time", Ticking())
        trained = self._trained(backend, digits, Recipe(), 10_000.0, deadline=4.0)
        assert trained.shortened
        assert 3 < trained.epochs < 15
        assert self._accuracy(trained, digits) > 0.5

    def test_no_time_at_all_is_an_error(self, backend: Backend, digits: Task) -> None:
        with pytest.raises(TimeoutError):
            self._trained(backend, digits, Recipe(), 1.0, deadline=time.monotonic() - 1)

    def test_a_diverging_loss_is_an_error(self, backend: Backend, digits: Task) -> None:
        with pytest.raises(FloatingPointError, match="not a number"):
            self._trained(backend, digits, Recipe(learning_rate=1e30, optimizer="sgd"), 5.0)

    def _trained(
        self, backend: Backend, task: Task, recipe: Recipe, fidelity: Fidelity | float, seed: int = 0, **further: Any
    ) -> Any:
        from netwright.backends.torch.build import build

        paid = fidelity if isinstance(fidelity, Fidelity) else Fidelity(epochs=fidelity)
        network = build(_graph(), task.signature, seed=seed)
        return backend.train(_graph(), network, task, recipe, paid, Terms(seed, **further))

    def _accuracy(self, trained: Any, task: Task) -> float:
        from netwright.backends.torch.train import outputs

        answers = outputs(trained.network, task, task.valid, trained.dtype)
        return float(task.score(answers, task.valid.y)["accuracy"])


@cache
def _digits() -> Task:
    return open_task("digits")


def _graph() -> OpGraph:
    return NETWORK.architecture({}).graph


def _drawn(space: Space) -> list[Architecture]:
    random = np.random.default_rng(0)
    return [space.sample(random) for _ in range(DRAWN)]


def _arrays(trained: Any) -> dict[str, np.ndarray]:
    from netwright.backends.torch.model import arrays

    return arrays(trained.network)
