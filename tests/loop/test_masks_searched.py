"""From a folder of images and masks to a network that draws masks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from PIL import Image

import netwright
from netwright.deploy.card import model_card
from netwright.insight.report import write_report
from netwright.loop.provenance import describe
from netwright.tasks.vision.masks import nearest

SIZE, COUNT = (24, 32), 60
COLOURS = np.array([[30, 30, 30], [200, 60, 60], [60, 60, 200]])


def drawn(number: int) -> tuple[np.ndarray, np.ndarray]:
    """An image with a red block and a blue disc somewhere, and its mask."""
    rng = np.random.default_rng(number)
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    mask = np.zeros(SIZE, dtype=np.uint8)
    top, left = rng.integers(0, 12), rng.integers(0, 20)
    mask[top : top + 9, left : left + 10] = 1
    mask[(rows - rng.integers(6, 18)) ** 2 + (columns - rng.integers(6, 26)) ** 2 < 25] = 2
    noise = rng.integers(-25, 26, (*SIZE, 3))
    return (COLOURS[mask] + noise).clip(0, 255).astype(np.uint8), mask


@pytest.fixture(scope="module")
def shapes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("shapes") / "shapes"
    for number in range(COUNT):
        image, mask = drawn(number)
        for name, pixels in (("images", image), ("masks", mask)):
            (root / name).mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(root / name / f"{number:02}.png")
    (root / "classes.txt").write_text("ground\nblock\ndisc")
    return root


@pytest.fixture(scope="module")
def found(shapes: Path) -> netwright.Result:
    return netwright.search(
        str(shapes),
        budget="3trials",
        recipe={"epochs": 4},
        constraints="params<40k",
        executor="inline",
        workers=1,
        out=shapes.parent / "search",
    )


def test_the_network_found_knows_its_shapes(found: netwright.Result) -> None:
    summary = found.summary
    assert summary["metric"] == "mean_iou"
    assert set(summary["best"]["test"]) == {"mean_iou", "pixel_accuracy", "log_loss"}
    assert summary["best"]["test"]["mean_iou"] > 0.5
    assert "unet-12" in [baseline["name"] for baseline in summary["baselines"]]
    assert "of test mean IoU" in summary["verdict"]


def test_it_predicts_masks_of_class_indices(found: netwright.Result) -> None:
    image, mask = drawn(COUNT + 1)
    given = found.predict(image[None])[0]
    assert given.shape == SIZE
    assert (given == mask).mean() > 0.7
    shares = found.network.probabilities(image[None])
    assert shares.shape == (1, 3, *SIZE)
    assert np.array_equal(shares[0].argmax(axis=0), given)


def test_the_onnx_file_gives_the_same_mask(found: netwright.Result) -> None:
    image, _ = drawn(COUNT + 2)
    session = onnxruntime.InferenceSession(found.directory / "model.onnx", providers=["CPUExecutionProvider"])
    (logits,) = session.run(["logits"], {"image": image.transpose(2, 0, 1)[None]})
    assert np.array_equal(logits.argmax(axis=1)[0], found.predict(image[None])[0])


def test_report_and_card_tell_of_it(found: netwright.Result) -> None:
    pictures = sorted((found.directory / "examples").glob("*.png"))
    assert len(pictures) == 4
    with Image.open(pictures[0]) as shown:
        assert shown.width == 3 * 128
    text = write_report(found.directory).read_text()
    assert text.count("data:image/png;base64,") == 4
    assert "the image, its mask, the network&#39;s" in text
    card = (found.directory / "model_card.md").read_text()
    assert "logits of 3 classes for each pixel (ground, block, disc)" in card
    assert "mask = network.predict" in card
    meta = {"settings": {}, "task": describe(found.task), "machine": {}}
    assert "masks = logits.argmax(axis=1)" in model_card(dict(found.summary), meta)


def test_masks_are_drawn_for_files(found: netwright.Result, tmp_path: Path) -> None:
    from netwright.deploy.pictures import write

    files = [tmp_path / "a" / "one.png", tmp_path / "b" / "one.png"]
    for number, file in enumerate(files):
        file.parent.mkdir()
        Image.fromarray(drawn(COUNT + number)[0]).save(file)
    network = found.network
    said = network.told(files)
    written = write(network, files, said, tmp_path / "out")
    assert [sorted(one) for one in written] == [["mask", "overlay"]] * 2
    assert len({path for one in written for path in one.values()}) == 4
    for one, told in zip(written, said, strict=True):
        with Image.open(one["mask"]) as mask, Image.open(one["overlay"]) as overlay:
            assert mask.mode == "P"
            assert np.array_equal(np.asarray(mask), told["mask"])
            assert mask.getpalette()[:9] == [part for colour in network.metadata.prepare["colours"] for part in colour]
            assert overlay.size[0] == SIZE[1]
            assert overlay.size[1] > SIZE[0]


def test_the_nearest_place_of_a_mask() -> None:
    mask = np.arange(12).reshape(3, 4)
    assert np.array_equal(nearest(mask, (3, 4)), mask)
    assert np.array_equal(nearest(mask, (6, 8)), mask.repeat(2, 0).repeat(2, 1))
    assert nearest(mask, (1, 2)).tolist() == [[5, 7]]
