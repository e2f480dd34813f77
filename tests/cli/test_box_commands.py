"""`netwright predict` on images in which boxes are found, with a small untrained network."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from tests.shapes import shapes, write_voc
from typer.testing import Result

from netwright.backends.torch.build import build
from netwright.deploy.weights import save_network
from netwright.space import Space, chain, op
from netwright.tasks import open_task

Run = Callable[..., Result]
BODY = Space(chain(op("conv", channels=4, stride=4), op("detection-head", depth=0)))


@pytest.fixture
def network(tmp_path: Path) -> Path:
    """It holds everything for a disc, two cells each way."""
    task = open_task(write_voc(tmp_path / "data", shapes(24, (64, 64))))
    graph = BODY.architecture({}).graph
    made = build(graph, task.signature, seed=0)
    with torch.no_grad():
        made.get_parameter("1.classes.bias").copy_(torch.tensor([2.0, -9.0]))
        made.get_parameter("1.classes.weight").zero_()
        made.get_parameter("1.sides.weight").zero_()
    (tmp_path / "net").mkdir()
    save_network(made, graph, task, tmp_path / "net")
    return tmp_path / "net"


def test_a_line_a_box_in_the_images_own_pixels(run: Run, network: Path, tmp_path: Path) -> None:
    Image.fromarray(np.zeros((100, 200, 3), dtype=np.uint8)).save(tmp_path / "wide.png")
    ran = run("predict", network, tmp_path / "wide.png")
    assert ran.exit_code == 0, ran.output
    rows = [line.split("\t") for line in ran.stdout.splitlines()]
    assert len(rows) > 1
    assert {(row[0], row[1], row[2], len(row)) for row in rows} == {(str(tmp_path / "wide.png"), "disc", "88.1%", 7)}
    boxes = np.array([[float(side) for side in row[3:]] for row in rows])
    assert (boxes >= 0).all()
    assert (boxes[:, 2] <= 200).all()
    assert (boxes[:, 3] <= 100).all()
    scale = 200 / 64
    inner = boxes[(boxes[:, 0] > 0) & (boxes[:, 2] < 200)]
    assert np.allclose(inner[:, 2] - inner[:, 0], 16 * scale, atol=0.2)
    told = json.loads(run("predict", network, tmp_path / "wide.png", "--json").stdout)["predictions"]
    assert [one["label"] for one in told[0]["boxes"]] == [row[1] for row in rows]
    assert np.allclose([one["box"] for one in told[0]["boxes"]], boxes, atol=0.06)


def test_boxes_are_drawn(run: Run, network: Path, tmp_path: Path) -> None:
    file = tmp_path / "data" / "JPEGImages" / "000.png"
    ran = run("predict", network, file, "--out", tmp_path / "drawn", "--json")
    assert ran.exit_code == 0, ran.output
    told = json.loads(ran.stdout)["predictions"][0]
    assert told["drawn"] == str(tmp_path / "drawn" / "000-drawn.png")
    with Image.open(told["drawn"]) as drawn, Image.open(file) as plain:
        assert drawn.size == (8 * 64, 8 * 64)
        enlarged = np.asarray(plain.convert("RGB").resize(drawn.size, Image.Resampling.BICUBIC)).astype(int)
        changed = np.abs(np.asarray(drawn).astype(int) - enlarged).max(axis=2) > 60
    left, top, right, bottom = (round(8 * side) for side in told["boxes"][0]["box"])
    assert changed[(top + bottom) // 2, min(left + 1, 511)]
    assert changed[(top + bottom) // 2, min(right - 1, 511)]


def test_images_without_boxes_are_said(run: Run, network: Path, tmp_path: Path) -> None:
    from netwright.deploy.network import Network

    found = Network.load(network)
    with torch.no_grad():
        found.module.get_parameter("1.classes.bias").fill_(-9.0)
    assert found.predict([tmp_path / "data" / "JPEGImages" / "000.png"]) == [[]]
    from netwright.cli.deliver import _boxes

    assert _boxes([]) == [["no boxes"]]


def test_what_is_no_image_is_named(run: Run, network: Path, tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(b"none")
    ran = run("predict", network, tmp_path / "broken.png")
    assert (ran.exit_code, "broken.png: not a readable image" in ran.output) == (2, True)
