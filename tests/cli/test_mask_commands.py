"""`netwright predict --out` on images that get masks, with a small untrained network."""

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
from netwright.tasks import open_task

Run = Callable[..., Result]
BODY = Space(chain(op("conv", channels=4, stride=2), op("head")))


@pytest.fixture
def network(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    for number in range(30):
        for name, pixels in (("images", rng.integers(0, 256, (9, 12, 3))), ("masks", rng.integers(0, 2, (9, 12)))):
            (tmp_path / "data" / name).mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels.astype(np.uint8)).save(tmp_path / "data" / name / f"{number}.png")
    (tmp_path / "data" / "classes.txt").write_text("sky\nsea\x1b[2J\n")
    return saved(tmp_path / "data", tmp_path / "net", 10)


def saved(data: Path, folder: Path, size: int | None) -> Path:
    task = open_task(data, size=size)
    torch.manual_seed(0)
    graph = BODY.architecture({}).graph
    folder.mkdir()
    save_network(build(graph, task.signature), graph, task, folder)
    return folder


def test_shares_of_classes_are_printed(run: Run, network: Path, tmp_path: Path) -> None:
    file = tmp_path / "data" / "images" / "0.png"
    ran = run("predict", network, file)
    assert ran.exit_code == 0, ran.output
    name, shares = ran.stdout.rstrip("\n").split("\t")
    assert name == str(file)
    assert {part.split()[0] for part in shares.split(", ")} <= {"sky", "sea"}
    told = json.loads(run("predict", network, file, "--json").stdout)["predictions"][0]
    assert set(told) == {"file", "shares"}
    assert sum(told["shares"].values()) == pytest.approx(1.0)


def test_masks_and_overlays_have_the_images_own_size(run: Run, network: Path, tmp_path: Path) -> None:
    Image.fromarray(np.zeros((40, 30, 3), dtype=np.uint8)).save(tmp_path / "new.jpg")
    ran = run("predict", network, tmp_path / "new.jpg", "--out", tmp_path / "drawn", "--json")
    assert ran.exit_code == 0, ran.output
    told = json.loads(ran.stdout)["predictions"][0]
    assert told["mask"] == str(tmp_path / "drawn" / "new-mask.png")
    with Image.open(told["mask"]) as mask, Image.open(told["overlay"]) as overlay:
        assert mask.size == (30, 40)
        assert set(np.unique(np.asarray(mask))) <= {0, 1}
        assert overlay.size[0] == 30
    again = run("predict", network, tmp_path / "new.jpg", "--out", tmp_path / "drawn")
    assert str(tmp_path / "drawn" / "new-overlay.png") in again.stdout


def test_what_cannot_be_drawn_is_said(run: Run, network: Path, tmp_path: Path) -> None:
    digits = open_task("digits")
    graph = BODY.architecture({}).graph
    (tmp_path / "digits").mkdir()
    save_network(build(graph, digits.signature), graph, digits, tmp_path / "digits")
    file = tmp_path / "data" / "images" / "0.png"
    ran = run("predict", tmp_path / "digits", file, "--out", tmp_path / "drawn")
    assert (ran.exit_code, "nothing to draw of a image-classification" in ran.output) == (2, True)
    (tmp_path / "taken").write_text("")
    ran = run("predict", network, file, "--out", tmp_path / "taken")
    assert (ran.exit_code, "taken" in ran.output) == (2, True)


def test_a_damaged_list_of_colours_is_refused(run: Run, network: Path, tmp_path: Path) -> None:
    path = network / "architecture.json"
    data = json.loads(path.read_text())
    data["prepare"]["colours"] = [[0, 0, 0]]
    path.write_text(json.dumps(data))
    ran = run("predict", network, tmp_path / "data" / "images" / "0.png")
    assert (ran.exit_code, "colours are not 2 times red, green and blue" in ran.output) == (2, True)
