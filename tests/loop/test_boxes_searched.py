"""From a folder of images and boxes to a network that finds them."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from tests.shapes import shapes, write_voc

import netwright
from netwright import spaces
from netwright.operations import analyse
from netwright.proxies import applicable
from netwright.proxies.score import batch_of, score
from netwright.tasks import Task, open_task

SIZE = (64, 64)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_voc(tmp_path_factory.mktemp("boxes") / "shapes", shapes(80, SIZE, most=2))


@pytest.fixture(scope="module")
def found(folder: Path) -> netwright.Result:
    return netwright.search(
        str(folder),
        budget="2trials",
        recipe={"epochs": 8, "batch_size": 8},
        constraints="params<300k",
        executor="inline",
        workers=1,
        out=folder.parent / "search",
    )


def test_the_network_found_finds_boxes(found: netwright.Result) -> None:
    summary = found.summary
    assert summary["metric"] == "map50"
    assert set(summary["best"]["test"]) == {"map50", "map"}
    assert summary["best"]["test"]["map50"] > 0.1
    assert [one["name"] for one in summary["baselines"]] == ["mobilenet-centernet"]
    assert "mAP@.5" in summary["verdict"]
    assert summary["delivered"]["onnx"]["file"] == "model.onnx"


def test_it_tells_boxes_of_files(found: netwright.Result, folder: Path) -> None:
    said = found.network.told([folder / "JPEGImages" / "000.png"])[0]["boxes"]
    assert all(set(one) == {"label", "score", "box"} for one in said)
    assert all(0 <= side <= 64 for one in said for side in one["box"])
    with pytest.raises(netwright.InputError, match="a detection has no probabilities: use predict"):
        found.network.probabilities([folder / "JPEGImages" / "000.png"])


def test_the_card_shows_how_boxes_are_decoded(found: netwright.Result) -> None:
    card = (found.directory / "model_card.md").read_text()
    assert "left, top, right and bottom of a box" in card
    code = re.findall(r"```python\n(.*?)```", card, re.DOTALL)[-1]
    path = str(found.directory / "model.onnx")
    task = Task.load(found.directory / "data")
    session = onnxruntime.InferenceSession(path)
    for x in task.test.x[:4]:
        names = {"x": x[None]}
        exec(re.sub(r"batch = .*", "batch = x", code.replace("model.onnx", path)), names)
        ours = {(one["label"], round(one["score"], 3)) for one in found.network.told(x[None])[0]["boxes"]}
        theirs = {(label, round(float(sure), 3)) for label, sure, _ in names["boxes"]}
        assert ours <= theirs
    assert session.get_outputs()[0].name == "maps"


def test_the_report_shows_examples(found: netwright.Result) -> None:
    report = (found.directory / "report.html").read_text()
    assert "the image, its boxes, the network&#39;s" in report or "the image, its boxes, the network's" in report
    assert "data:image/png;base64," in report


def test_untrained_detectors_are_ranked(folder: Path) -> None:
    task = open_task(folder)
    space = spaces.get("detector", task.signature)
    graph = space.sample(np.random.default_rng(0)).graph
    names = applicable(task.signature)
    scores = score(graph, task, batch_of(task, 8), names)
    assert scores.problems == {}
    assert {"synflow", "params", "flops"} <= set(scores.values)
    assert analyse(graph, task.signature).params == scores.values["params"]
