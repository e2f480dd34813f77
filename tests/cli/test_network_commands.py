"""`netwright predict` and `netwright export` on small untrained networks."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from typer.testing import Result

from netwright.backends.torch.build import build
from netwright.deploy.weights import save_network
from netwright.space import Space, chain, op
from netwright.tasks import Task, open_task

Run = Callable[..., Result]


def save(task: Task, space: Space, folder: Path) -> Path:
    torch.manual_seed(0)
    graph = space.architecture({}).graph
    folder.mkdir()
    save_network(build(graph, task.signature), graph, task, folder)
    return folder


@pytest.fixture
def digits(tmp_path: Path) -> Path:
    return save(open_task("digits"), Space(chain(op("conv", kernel=3, channels=4), op("head"))), tmp_path / "digits")


def tables(tmp_path: Path, targets: list[object]) -> tuple[Path, Path]:
    """A network for a table of two columns, and a file of three rows to predict."""
    rng = np.random.default_rng(0)
    rows = [f"{a:.3f},{b:.3f},{targets[i % len(targets)]}" for i, (a, b) in enumerate(rng.normal(size=(60, 2)))]
    (tmp_path / "train.csv").write_text("\n".join(["a,b,y", *rows]))
    (tmp_path / "new.csv").write_text("a,b\n0.1,0.2\n1,-1\n0,0\n")
    task = open_task(tmp_path / "train.csv", target="y")
    return save(task, Space(chain(op("linear", units=4), op("head"))), tmp_path / "net"), tmp_path / "new.csv"


def pictures(folder: Path, count: int) -> list[Path]:
    paths = [folder / f"{number}.png" for number in range(count)]
    for number, path in enumerate(paths):
        Image.fromarray(np.full((8, 8), 40 * number, dtype=np.uint8)).save(path)
    return paths


def test_images_get_a_class_and_its_probability(run: Run, digits: Path, tmp_path: Path) -> None:
    files = pictures(tmp_path, 3)
    ran = run("predict", digits, *files)
    assert ran.exit_code == 0, ran.output
    rows = [line.split("\t") for line in ran.stdout.splitlines()]
    assert [row[0] for row in rows] == [str(path) for path in files]
    assert all(row[1] in map(str, range(10)) for row in rows)
    assert all(row[2].endswith("%") for row in rows)
    found = json.loads(run("predict", digits, *files, "--json").stdout)
    assert [one["label"] for one in found["predictions"]] == [row[1] for row in rows]
    assert all(0.1 <= one["probability"] <= 1 for one in found["predictions"])


def test_a_file_that_is_no_image_is_named(run: Run, digits: Path, tmp_path: Path) -> None:
    (tmp_path / "note.png").write_text("not a picture")
    ran = run("predict", digits, tmp_path / "note.png")
    assert ran.exit_code == 2
    assert "note.png" in ran.stderr


def test_rows_of_tables_are_numbered(run: Run, tmp_path: Path) -> None:
    network, rows = tables(tmp_path, ["yes", "no\x1b[2J"])
    found = json.loads(run("predict", network, rows, rows, "--json").stdout)
    assert [one["row"] for one in found["predictions"]] == [1, 2, 3, 1, 2, 3]
    ran = run("predict", network, rows)
    assert [line.split("\t")[0] for line in ran.stdout.splitlines()] == [f"{rows}:{row}" for row in (1, 2, 3)]
    assert {line.split("\t")[1] for line in ran.stdout.splitlines()} <= {"yes", "no"}


def test_a_regression_gives_values(run: Run, tmp_path: Path) -> None:
    network, rows = tables(tmp_path, [number / 7 for number in range(60)])
    found = json.loads(run("predict", network, rows, "--json").stdout)
    assert all(isinstance(one["value"], float) and "label" not in one for one in found["predictions"])
    assert len(run("predict", network, rows).stdout.splitlines()) == 3


def test_an_export_is_checked_and_told(run: Run, digits: Path, tmp_path: Path) -> None:
    ran = run("export", digits, "--out", tmp_path / "mine.onnx", "--json")
    assert ran.exit_code == 0, ran.output
    told = json.loads(ran.stdout)
    assert (told["format"], told["path"]) == ("onnx", str(tmp_path / "mine.onnx"))
    assert told["difference"] < 1e-4
    assert (tmp_path / "mine.onnx").is_file()


def test_texts_that_training_did_not_have_are_told(run: Run, tmp_path: Path) -> None:
    rows = [f"{('red', 'blue')[i % 2]},{i % 5},{('no', 'yes')[i % 3 == 0]}" for i in range(60)]
    (tmp_path / "train.csv").write_text("\n".join(["colour,size,y", *rows]))
    (tmp_path / "new.csv").write_text("colour,size\nred,1\ngreen,2\n")
    task = open_task(tmp_path / "train.csv", target="y")
    network = save(task, Space(chain(op("linear", units=4), op("head"))), tmp_path / "net")
    ran = run("predict", network, tmp_path / "new.csv")
    assert len(ran.stdout.splitlines()) == 2
    assert "1 values of column 'colour' that training did not have (green)" in ran.stderr


def test_nodes_are_numbered(run: Run, tmp_path: Path) -> None:
    edges, y = np.array([[node, (node + 1) % 30] for node in range(30)]), np.arange(30) % 2
    np.savez(tmp_path / "ring.npz", x=np.eye(30), edges=edges, y=y)
    task = open_task(tmp_path / "ring.npz")
    network = save(task, Space(chain(op("gcn", units=4), op("head"))), tmp_path / "net")
    ran = run("predict", network, tmp_path / "ring.npz")
    assert ran.exit_code == 0, ran.output
    assert [line.split("\t")[0] for line in ran.stdout.splitlines()] == [
        f"{tmp_path / 'ring.npz'}:{node}" for node in range(30)
    ]
    found = json.loads(run("predict", network, tmp_path / "ring.npz", "--json").stdout)
    assert [one["node"] for one in found["predictions"]] == list(range(30))
    ran = run("predict", network, tmp_path / "none.npz")
    assert ran.exit_code == 2
    assert "holds no graph" in ran.stderr
