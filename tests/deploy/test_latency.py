"""Latency: of a module and of the file exported from it, and what is refused."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from tests.deploy.conftest import drawn
from torch import nn

from netwright.backends.torch.build import build
from netwright.deploy.export import Exported
from netwright.deploy.network import Network
from netwright.devices import latency
from netwright.devices.conversion import on_cpu, traced
from netwright.devices.latency import latency_ms, measure
from netwright.devices.runtime import open_session, run
from netwright.errors import InputError
from netwright.operations import Signature
from netwright.space import Space, chain, op

Saved = Callable[[str], Path]


@pytest.mark.parametrize("kind", ["depthwise and squeeze-excite", "perceptron", "words, in every way"])
def test_it_times_the_network_itself(kind: str, saved: Saved) -> None:
    """What is timed gives the network's answers."""
    network = Network.load(saved(kind))
    x = drawn(network.signature, 1)
    session = open_session(traced(on_cpu(network.module), x))
    assert np.abs(run(session, x.numpy()) - network.module(x).numpy()).max() <= 1e-4


def test_a_module_and_its_file_can_be_measured(saved: Saved, exported: Callable[[str], Exported]) -> None:
    network = Network.load(saved("depthwise and squeeze-excite"))
    file = exported("depthwise and squeeze-excite").path
    for model in (network.module, file, file.read_bytes()):
        found = measure(model, network.signature, seconds=0.02)
        assert 0 < found.q25_ms <= found.median_ms <= found.q75_ms
        assert found.spread_ms == found.q75_ms - found.q25_ms
        assert found.runs >= 31


class Interrupted:
    """A session on a clock of its own: of ten runs, eight take 1 or 2 ms and two are interrupted for 500 ms."""

    def __init__(self, model: object) -> None:
        self.now, self.runs = 0.0, itertools.cycle([1, 2, 1, 2, 500, 1, 2, 1, 2, 500])

    def get_inputs(self) -> list[SimpleNamespace]:
        return [SimpleNamespace(name="input", type="tensor(float)", shape=["batch", 8])]

    def get_outputs(self) -> list[SimpleNamespace]:
        return [SimpleNamespace(name="output")]

    def run(self, outputs: list[str], feed: dict[str, np.ndarray]) -> None:
        assert feed["input"].shape == (1, 8)
        self.now += next(self.runs) / 1e3


def test_interruptions_do_not_move_the_median(monkeypatch: pytest.MonkeyPatch) -> None:
    session = Interrupted(None)
    monkeypatch.setattr(latency, "open_session", lambda model: session)
    monkeypatch.setattr(latency.time, "perf_counter", lambda: session.now)
    found = measure(b"model", Signature((8,), 2), seconds=60)
    assert (found.q25_ms, found.median_ms, found.q75_ms) == pytest.approx((1, 2, 2))
    assert found.runs > 500
    assert latency_ms(b"model", Signature((8,), 2)) == pytest.approx(2)


def test_measuring_leaves_the_module_as_it_was() -> None:
    module = nn.Sequential(nn.BatchNorm1d(8), nn.Linear(8, 2)).train()
    before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    measure(module, Signature((8,), 2), seconds=0.01)
    assert module.training
    assert all(parameter.requires_grad for parameter in module.parameters())
    assert all(torch.equal(tensor, before[name]) for name, tensor in module.state_dict().items())


def test_measuring_is_silent(capfd: pytest.CaptureFixture[str]) -> None:
    measure(nn.Linear(8, 2), Signature((8,), 2), seconds=0.01)
    assert capfd.readouterr() == ("", "")


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        measure(tmp_path / "model.onnx", Signature((8,), 2))
    (tmp_path / "model.onnx").write_bytes(b"rubbish")
    with pytest.raises(InputError, match=r"model\.onnx cannot be run by onnxruntime"):
        measure(tmp_path / "model.onnx", Signature((8,), 2))


def test_a_network_through_which_nothing_passes_is_timed_as_well() -> None:
    """Exported, it takes no input at all."""
    signature = Signature((1, 8, 8), 3)
    graph = Space(chain(op("conv", channels=4), op("none"), op("head")), "dead").architecture({}).graph
    assert measure(build(graph, signature).eval(), signature).median_ms > 0
