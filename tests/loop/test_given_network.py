"""A trained network of the user's, cut down by a search until it meets constraints that are relative to it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

import netwright
from netwright.backends.torch.elastic import elastic_space
from netwright.errors import InputError
from netwright.loop.relative import absolute
from netwright.operations import Signature
from netwright.space import Space, op

CODE = """
from torch import nn


def net():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.Conv2d(16, 32, 3, 2, 1), nn.ReLU(),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 10),
    )


number = 3
"""
DIGITS = Signature((1, 8, 8), 10, "classification")


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    name = f"given_{tmp_path.name.replace('-', '_')}"
    (tmp_path / f"{name}.py").write_text(CODE)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield name
    sys.modules.pop(name, None)


def test_half_of_it_is_found_and_held_against_all_of_it(tmp_path: Path, module: str) -> None:
    weights = tmp_path / "weights.safetensors"
    torch.manual_seed(0)
    network = __import__(module).net()
    save_file(network.state_dict(), weights)
    found = netwright.search(
        "digits",
        model=f"{module}:net",
        weights=weights,
        constraints="flops<0.5x",
        budget="3trials",
        recipe={"epochs": 1},
        executor="inline",
        workers=1,
        out=tmp_path / "search",
    )
    (whole,) = [one for one in found.summary["baselines"] if one["name"] == "the network given"]
    assert found.summary["best"]["flops"] < 0.5 * whole["flops"]
    assert whole["params"] == sum(parameter.numel() for parameter in network.parameters())
    assert netwright.resume(tmp_path / "search").finished


def test_multiples_become_numbers(module: str) -> None:
    space = elastic_space(f"{module}:net", "", DIGITS)
    params = sum(parameter.numel() for parameter in __import__(module).net().parameters())
    assert absolute("params<=0.5x", space, DIGITS) == f"params<={params / 2:.6g}"
    assert float(absolute("latency_ms<2x", space, DIGITS).removeprefix("latency_ms<")) > 0
    assert absolute("params<300k", space, DIGITS) == "params<300k"
    with pytest.raises(InputError, match="cannot be relative"):
        absolute("accuracy>0.9x", space, DIGITS)
    with pytest.raises(InputError, match="no network to be relative to"):
        absolute("params<0.5x", Space(op("head"), "plain"), DIGITS)


@pytest.mark.parametrize(
    ("where", "says"),
    [("{}", "names no network"), ("{}:nett", "cannot be made"), ("{}_no:net", "cannot be made"), ("{}:number", "made")],
)
def test_what_is_no_network_is_refused(module: str, where: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        elastic_space(where.format(module), "", DIGITS)


def test_weights_that_do_not_fit_or_are_none_are_refused(tmp_path: Path, module: str) -> None:
    other, broken, missing = (tmp_path / name for name in ("other.safetensors", "broken.pt", "missing.pt"))
    save_file({"0.weight": torch.zeros(3)}, other)
    broken.write_bytes(b"no weights")
    pickled = tmp_path / "pickled.pt"
    torch.save({"network": __import__(module).net()}, pickled)
    for path, says in (
        (other, "does not fit"),
        (broken, "holds no"),
        (missing, "cannot be read"),
        (pickled, "holds no"),
    ):
        with pytest.raises(InputError, match=says):
            elastic_space(f"{module}:net", str(path), DIGITS)


def test_contradictions_are_refused(tmp_path: Path, module: str) -> None:
    for further, says in (({"space": "mlp", "model": f"{module}:net"}, "both"), ({"weights": "w.pt"}, "no model")):
        with pytest.raises(InputError, match=says):
            netwright.search("digits", budget="1trials", out=tmp_path / "search", **further)
