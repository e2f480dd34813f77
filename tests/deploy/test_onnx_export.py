"""An ONNX file appears only when it answers like the network; a changed one is found out, and so is the culprit."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from tests.deploy.conftest import KINDS
from torch import Tensor, nn

from netwright.deploy.export import Exported, export
from netwright.deploy.network import Network
from netwright.deploy.onnx import check_onnx, export_onnx, exportable
from netwright.deploy.parity import TOLERANCE
from netwright.errors import InputError, NetwrightError
from netwright.tasks import Task

Saved = Callable[[str], Path]
Files = Callable[[str], Exported]


def run(path: Path, x: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    answers: np.ndarray = session.run(None, {session.get_inputs()[0].name: x})[0]
    return answers


LONG = "a voice, in every way"
"""Takes the exporter long; a whole search for a voice exports one, too."""


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=pytest.mark.slow) if kind == LONG else kind for kind in KINDS]
)
def test_the_file_answers_like_the_network(kind: str, saved: Saved, exported: Files, tasks: dict[str, Task]) -> None:
    done, network = exported(kind), Network.load(saved(kind))
    x = tasks[network.metadata.name].test.x
    assert done.real
    assert done.difference <= TOLERANCE
    unit = network.metadata.prepare.get("target_std", 1.0)
    for size in (1, 7, len(x)):
        batch = np.array(x[:size])
        found, expected = run(done.path, batch), network.outputs(batch)
        assert found.shape[:2] == (size, network.signature.answer[0])
        assert np.abs(found.reshape(expected.shape) - expected).max() <= 1e-4 * unit


@pytest.mark.parametrize("kind", [KINDS[0], KINDS[3]])
def test_without_the_preparation_it_is_the_bare_network(
    kind: str, saved: Saved, tasks: dict[str, Task], tmp_path: Path
) -> None:
    done = export(saved(kind), "onnx", raw=False, path=tmp_path / "bare.onnx")
    network = Network.load(saved(kind))
    x = np.random.default_rng(0).standard_normal((3, *network.signature.inputs), dtype=np.float32)
    expected = network.module(torch.from_numpy(x)).numpy()
    assert np.abs(run(done.path, x) - expected).max() <= 1e-4
    assert done.path == tmp_path / "bare.onnx"


def test_the_file_tells_what_it_takes_and_no_path_of_the_machine(exported: Files) -> None:
    path = exported(KINDS[0]).path
    model = onnx.load(path)
    onnx.checker.check_model(model)
    assert [node.name for node in (*model.graph.input, *model.graph.output)] == ["image", "logits"]
    assert model.graph.input[0].type.tensor_type.elem_type == onnx.TensorProto.UINT8
    assert {prop.key: prop.value for prop in model.metadata_props}["task"] == "digits"
    assert b".py" not in path.read_bytes()


def test_a_file_for_texts_takes_tokens_and_holds_its_vocabulary(exported: Files, tasks: dict[str, Task]) -> None:
    model = onnx.load(exported("words, in every way").path)
    assert [node.name for node in (*model.graph.input, *model.graph.output)] == ["tokens", "logits"]
    assert model.graph.input[0].type.tensor_type.elem_type == onnx.TensorProto.INT32
    told = {prop.key: prop.value for prop in model.metadata_props}
    assert json.loads(told["prepare"])["words"] == tasks["texts"].prepare["words"]
    assert {node.op_type for node in model.graph.node} >= {"LSTM", "GRU", "Conv", "Softmax"}


def test_export_is_silent_and_leaves_the_network_as_it_was(
    digits: Network, images: np.ndarray, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    before = {name: tensor.clone() for name, tensor in digits.module.state_dict().items()}
    digits.module.train()
    export_onnx(digits, tmp_path / "model.onnx", images[:1])
    assert capfd.readouterr() == ("", "")
    assert digits.module.training
    assert all(torch.equal(tensor, before[name]) for name, tensor in digits.module.state_dict().items())


def tampered(path: Path, dims: int, where: int) -> bytes:
    """The model with one weight changed: of the n-th tensor with at least so many dimensions."""
    model = onnx.load(path)
    tensors = [tensor for tensor in model.graph.initializer if len(tensor.dims) >= dims and "weight" in tensor.name]
    values = onnx.numpy_helper.to_array(tensors[where]).copy()
    values.flat[0] += 5.0
    tensors[where].CopyFrom(onnx.numpy_helper.from_array(values, tensors[where].name))
    return bytes(model.SerializeToString())


@pytest.mark.parametrize(
    ("dims", "where", "culprit"), [(4, 0, r"0\.norm \(BatchNorm2d\)"), (2, -1, r"2\.linear \(Linear\)")]
)
def test_a_tampered_file_is_found_out_and_the_operation_named(
    dims: int, where: int, culprit: str, digits: Network, images: np.ndarray, exported: Files
) -> None:
    path = exported(KINDS[0]).path
    module, x, unit = exportable(digits, images, raw=True)
    assert check_onnx(path, module, x, unit) <= TOLERANCE
    with pytest.raises(NetwrightError, match=rf"does not answer like the network: .* first at {culprit}"):
        check_onnx(tampered(path, dims, where), module, x, unit)


def test_what_is_no_model_is_refused(digits: Network, images: np.ndarray) -> None:
    module, x, _ = exportable(digits, images, raw=True)
    with pytest.raises(InputError, match="cannot be run by onnxruntime"):
        check_onnx(b"not a model", module, x)


def test_a_file_of_another_network_is_found_out(digits: Network, images: np.ndarray, exported: Files) -> None:
    module, x, _ = exportable(digits, images, raw=True)
    with pytest.raises(NetwrightError, match="does not answer like the network"):
        check_onnx(exported(KINDS[1]).path, module, x)


class Gamma(nn.Module):
    """An operation that ONNX does not have."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.igamma(x.abs() + 1, x.abs())


class Branching(nn.Module):
    """Control flow on values, which no exporter can follow."""

    def forward(self, x: Tensor) -> Tensor:
        return x * 2 if float(x.detach().sum()) > 0 else x


@pytest.mark.parametrize(("odd", "why"), [(Gamma, r"no ONNX operation for \w+\.igamma"), (Branching, "")])
def test_the_operation_that_cannot_be_exported_is_named(
    odd: type[nn.Module], why: str, digits: Network, images: np.ndarray, tmp_path: Path
) -> None:
    body = nn.Sequential(nn.Flatten(), nn.Linear(64, 10))
    body.add_module("odd", odd())
    network = Network(body.eval(), digits.metadata)
    with pytest.raises(NetwrightError, match=rf"cannot be exported to ONNX: odd \({odd.__name__}\): {why}"):
        export_onnx(network, tmp_path / "model.onnx", images)
    assert not list(tmp_path.iterdir())


def test_outputs_that_are_not_numbers_never_pass(digits: Network, images: np.ndarray, tmp_path: Path) -> None:
    body = nn.Sequential(nn.Flatten(), nn.Linear(64, 10))
    with torch.no_grad():
        body[1].bias.fill_(float("nan"))
    with pytest.raises(NetwrightError, match="outputs differ by up to inf"):
        export_onnx(Network(body.eval(), digits.metadata), tmp_path / "model.onnx", images)
    assert not list(tmp_path.iterdir())
