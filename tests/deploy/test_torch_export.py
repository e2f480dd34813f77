"""torch.export files, and the command that writes either kind."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from netwright.deploy import torch_export
from netwright.deploy.export import FORMATS, export
from netwright.deploy.network import Network
from netwright.deploy.parity import difference
from netwright.deploy.torch_export import export_torch
from netwright.errors import InputError, NetwrightError

Saved = Callable[[str], Path]


@pytest.mark.parametrize(
    "kind", ["depthwise and squeeze-excite", "regression", "words, in every way", "running text, in every way"]
)
def test_the_file_answers_like_the_network(kind: str, saved: Saved) -> None:
    done = export(saved(kind), "torch")
    assert done.path.name == "model.pt2"
    assert done.real
    network = Network.load(saved(kind))
    again = torch.export.load(done.path).module()
    dtype = network.signature.stored
    for size in (1, 7):
        x = np.random.default_rng(0).integers(0, 9, (size, *network.signature.inputs)).astype(dtype)
        expected = network.outputs(x)
        assert np.allclose(again(torch.from_numpy(x)).numpy().reshape(expected.shape), expected, rtol=1e-5, atol=1e-4)


class Branching(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x * 2 if float(x.detach().sum()) > 0 else x


def test_the_operation_that_cannot_be_exported_is_named(digits: Network, images: np.ndarray, tmp_path: Path) -> None:
    body = nn.Sequential(nn.Flatten(), nn.Linear(64, 10))
    body.add_module("odd", Branching())
    with pytest.raises(NetwrightError, match=r"cannot be exported by torch\.export: odd \(Branching\)"):
        export_torch(Network(body.eval(), digits.metadata), tmp_path / "model.pt2", images)
    assert not list(tmp_path.iterdir())


def test_a_file_that_answers_differently_does_not_appear(
    digits: Network, images: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = torch_export._write

    def tampering(module: nn.Module, x: np.ndarray, path: Path) -> None:
        with torch.no_grad():
            bias = module.get_parameter("network.2.linear.bias")
            bias += 1
            write(module, x, path)
            bias -= 1

    monkeypatch.setattr(torch_export, "_write", tampering)
    with pytest.raises(NetwrightError, match=r"outputs differ by up to 1\b"):
        export_torch(digits, tmp_path / "model.pt2", images)
    assert not list(tmp_path.iterdir())


def test_export_refuses_what_it_cannot_do(saved: Saved, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"unknown export format 'onx': did you mean 'onnx'\?"):
        export(saved("perceptron"), "onx")
    with pytest.raises(InputError, match="is no folder"):
        export(tmp_path / "nowhere")
    with pytest.raises(InputError, match=r"architecture\.json: No such file"):
        export(tmp_path)
    assert FORMATS == ("onnx", "torch")


def test_without_the_data_it_compares_on_random_examples(saved: Saved, tmp_path: Path) -> None:
    for name in ("model.safetensors", "architecture.json"):
        shutil.copy(saved("perceptron") / name, tmp_path)
    done = export(tmp_path, "torch")
    assert not done.real
    assert "64 random examples" in str(done)


def test_differences_are_told_in_units_and_never_hidden() -> None:
    one = np.ones(3)
    assert difference(one, one + 0.5, unit=5.0) == pytest.approx(0.1)
    assert difference(1000 * one, 1000 * one + 0.01) == pytest.approx(1e-4)
    assert difference(one, np.array([1.0, np.nan, 1.0])) == float("inf")
    assert difference(one, np.ones((3, 1))) == float("inf")
