from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits

DATA = Path(__file__).parents[3] / "shared" / "data" / "sets"


@pytest.fixture
def real():
    """The path of a real data file; skips where the folder of data sets is absent."""

    def path(name: str) -> Path:
        if not (DATA / name).exists():
            pytest.skip(f"real data set {name} is absent")
        return DATA / name

    return path


@pytest.fixture
def digit_folder(tmp_path):
    """Class folders with the first 300 digits as grey PNG files of 8 x 8 pixels."""
    root = tmp_path / "digit-images"
    digits = load_digits()
    for index in range(300):
        folder = root / f"digit-{digits.target[index]}"
        folder.mkdir(parents=True, exist_ok=True)
        pixels = np.rint(digits.images[index] * 255 / 16).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"{index:04}.png")
    return root


@pytest.fixture
def write(tmp_path):
    """Writes a text file and gives its path."""

    def make(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return make
