"""Networks on disk: what was saved comes back, what is damaged or foreign is refused."""

from __future__ import annotations

import json
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tests.deploy.conftest import KINDS, drawn
from torch import Tensor, nn

from netwright.backends.torch.build import build
from netwright.deploy.weights import load_network, save_network
from netwright.errors import InputError
from netwright.space import Space, chain, choice, op
from netwright.tasks import Task
from netwright.torch import searchable

Saved = Callable[[str], Path]


@pytest.fixture
def folder(saved: Saved, tmp_path: Path) -> Path:
    """A copy that a test may damage."""
    return Path(shutil.copytree(saved(KINDS[0]), tmp_path / "copy"))


def change(folder: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    path = folder / "architecture.json"
    data = json.loads(path.read_text())
    edit(data)
    path.write_text(json.dumps(data))


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_saved_comes_back(kind: str, saved: Saved, tmp_path: Path, tasks: dict[str, Task]) -> None:
    module, metadata = load_network(saved(kind))
    task = tasks[metadata.name]
    assert (metadata.signature, metadata.classes, metadata.prepare) == (task.signature, task.classes, task.prepare)
    assert metadata.further == {"trial": 3}
    assert not module.training
    again = save_network(module, metadata.graph, task, tmp_path)
    assert again.sha256 == metadata.sha256
    assert again.graph == metadata.graph
    x = drawn(task.signature, 3)
    copy, _ = load_network(tmp_path)
    assert torch.equal(module(x), copy(x))
    assert all(not tensor.is_meta for tensor in copy.state_dict().values())


def test_saving_keeps_weights_in_any_memory_layout(tmp_path: Path, tasks: dict[str, Task], saved: Saved) -> None:
    module, metadata = load_network(saved(KINDS[0]))
    laid_out: nn.Module = module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    assert save_network(laid_out, metadata.graph, tasks["digits"], tmp_path).sha256 == metadata.sha256


def test_a_truncated_file_of_weights_is_refused(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(InputError, match=r"model\.safetensors is damaged or no safetensors file"):
        load_network(folder)


@pytest.mark.parametrize("place", [0, 8, 60, -1])
def test_a_changed_byte_of_the_weights_is_refused(folder: Path, place: int) -> None:
    path = folder / "model.safetensors"
    raw = bytearray(path.read_bytes())
    raw[place] ^= 0xFF
    path.write_bytes(bytes(raw))
    with pytest.raises(InputError, match=r"model\.safetensors is (damaged|not the file)"):
        load_network(folder)


class Armed:
    """Tells when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.mark,)


def test_a_pickle_is_refused_and_never_run(folder: Path, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    (folder / "model.safetensors").write_bytes(pickle.dumps(Armed(mark)))
    with pytest.raises(InputError, match="no safetensors file"):
        load_network(folder)
    torch.save({"w": torch.zeros(1)}, folder / "model.safetensors")
    with pytest.raises(InputError, match="no safetensors file"):
        load_network(folder)
    assert not mark.exists()


@pytest.mark.parametrize("name", ["model.safetensors", "architecture.json"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(InputError, match=rf"{name}: No such file"):
        load_network(folder)


EDITS: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "schema": (lambda d: d.update(schema="netwright.network/99"), "its schema is"),
    "no graph": (lambda d: d.pop("graph"), "'graph' is missing"),
    "unknown op": (lambda d: d["graph"]["nodes"][1].update(op="os.system"), "os.system"),
    "attribute": (lambda d: d["graph"]["nodes"][1]["attrs"].update(kernel=-3), "kernel=-3"),
    "attribute of a strange kind": (lambda d: d["graph"]["nodes"][1]["attrs"].update(kernel=[3]), "node 1"),
    "later input": (lambda d: d["graph"]["nodes"][1].update(inputs=[2]), "takes inputs"),
    "output": (lambda d: d["graph"].update(output="1"), "output is '1'"),
    "no nodes": (lambda d: d["graph"].update(nodes=[]), "no input"),
    "signature": (lambda d: d["signature"].update(inputs=[1, 8, 8, 8]), r"inputs of shape \(1, 8, 8, 8\)"),
    "classes": (lambda d: d["classes"].pop(), "9 classes do not fit 10 outputs"),
    "mean": (lambda d: d["prepare"].update(mean=["a"]), "mean is"),
    "deviation": (lambda d: d["prepare"].update(std=[0.0]), "std or span"),
    "shape": (lambda d: d["prepare"].update(shape=[1, 9, 9]), "its shape is"),
    "graph is text": (lambda d: d.update(graph="conv"), "damaged"),
    "wider": (lambda d: d["graph"]["nodes"][1]["attrs"].update(channels=60_000), "does not fit"),
    "own class": (
        lambda d: d["graph"]["nodes"][1].update(op="module", attrs={"name": "subprocess.Popen"}),
        "your own subprocess.Popen",
    ),
}


@pytest.mark.parametrize("name", EDITS)
def test_a_foreign_or_damaged_description_is_refused(folder: Path, name: str) -> None:
    edit, message = EDITS[name]
    change(folder, edit)
    with pytest.raises(InputError, match=message) as caught:
        load_network(folder)
    assert str(folder) in str(caught.value)


@pytest.mark.parametrize("text", ["", "{", "[]", "\x00", "[" * 100_000])
def test_what_is_no_description_is_refused(folder: Path, text: str) -> None:
    (folder / "architecture.json").write_text(text)
    with pytest.raises(InputError, match=r"architecture\.json (is damaged|describes no network)"):
        load_network(folder)


def test_the_columns_of_a_table_are_checked(saved: Saved, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(saved("perceptron"), tmp_path / "copy"))
    change(folder, lambda data: data["prepare"]["columns"].pop())
    with pytest.raises(InputError, match="its columns make 12 numbers, the network takes 13"):
        load_network(folder)
    change(folder, lambda data: data["prepare"]["columns"].append({"name": "x", "type": "code", "indicator": False}))
    with pytest.raises(InputError, match="column 'x' is neither numbers nor text"):
        load_network(folder)


class Own(nn.Module):
    """A user's network."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Flatten(), nn.Linear(64, width), nn.ReLU(), nn.Linear(width, 10))

    def forward(self, x: Tensor) -> Tensor:
        answer: Tensor = self.body(x)
        return answer


def test_networks_of_own_classes_need_the_graph(tmp_path: Path, tasks: dict[str, Task]) -> None:
    space = searchable(Own, width=choice(8, 16))
    graph = space.sample(np.random.default_rng(0)).graph
    network = build(graph, tasks["digits"].signature, seed=0)
    save_network(network, graph, tasks["digits"], tmp_path)
    with pytest.raises(InputError, match="made of your own Own"):
        load_network(tmp_path)
    again, _ = load_network(tmp_path, graph)
    x = torch.randn(2, 1, 8, 8)
    assert torch.equal(again(x), network.eval()(x))


def test_weights_of_another_network_are_refused(folder: Path, tmp_path: Path, tasks: dict[str, Task]) -> None:
    graph = Space(chain(op("conv", kernel=3, channels=4), op("head")), "other").architecture({}).graph
    other = save_network(build(graph, tasks["digits"].signature), graph, tasks["digits"], tmp_path / "other")
    shutil.copy(tmp_path / "other" / "model.safetensors", folder)
    with pytest.raises(InputError, match="is not the file that"):
        load_network(folder)
    change(folder, lambda data: data["weights"].update(sha256=other.sha256))
    with pytest.raises(InputError, match=r"does not fit architecture\.json: "):
        load_network(folder)
