"""A user's own module class, with choices in its arguments and inside it, goes the whole way."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from torch import Tensor, nn

import netwright
from netwright.deploy.network import Network
from netwright.space import choice
from netwright.torch import choose, searchable


class Mine(nn.Module):
    """Picks its depth itself."""

    def __init__(self, width: int, classes: int = 10) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.Flatten(), nn.Linear(64, width), nn.ReLU()]
        for _ in range(choose("depth", choice(0, 1, 2))):
            layers += [nn.Linear(width, width), nn.ReLU()]
        self.body = nn.Sequential(*layers, nn.Linear(width, classes))

    def forward(self, x: Tensor) -> Tensor:
        answers: Tensor = self.body(x)
        return answers


def test_my_own_class_is_searched_trained_and_exported(tmp_path: Path) -> None:
    space = searchable(Mine, width=choice(8, 16, 32))
    out = tmp_path / "mine"
    found = netwright.search(
        "digits",
        space=space,
        budget="4trials",
        recipe={"epochs": 4},
        constraints="params<3k",
        executor="inline",
        out=out,
    )
    assert found.finished
    assert found.summary["delivered"]["onnx"]["file"] == "model.onnx"
    assert found.best is not None
    assert found.summary["best"]["params"] < 3000
    network = Network.load(out, found.best.proposal.architecture.graph)
    assert network.outputs(np.asarray(found.task.test.x[:5])).shape == (5, 10)

    again = netwright.resume(out, space=space)
    assert [trial.key for trial in again.trials] == [trial.key for trial in found.trials]
