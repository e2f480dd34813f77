"""Pictures, masks, annotations and lists of classes as `netwright.testing.hostile` damages them."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np


def png() -> bytes:
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (12, 9, 3), dtype=np.uint8)).save(file, "PNG")
    return file.getvalue()


def mask() -> bytes:
    from PIL import Image

    file = io.BytesIO()
    drawn = Image.fromarray(np.arange(108, dtype=np.uint8).reshape(12, 9) % 3).convert("P")
    drawn.putpalette([0, 0, 0, 128, 0, 0, 0, 128, 0])
    drawn.save(file, "PNG")
    return file.getvalue()


def read_mask(path: Path) -> object:
    from netwright.tasks.vision import files
    from netwright.tasks.vision.masks import Codes

    files.header(path)
    read = files.mask(path)
    return Codes().of(read.values, str(path)), Codes().of(read.in_colours(), str(path))


def coco() -> bytes:
    shapes = [[[1, 1, 5, 1, 5, 6, 1, 6]], {"size": [12, 9], "counts": [6, 12, 90]}, {"size": [12, 9], "counts": "6<j2"}]
    data = {
        "images": [{"id": at, "file_name": f"{at}.png", "height": 12, "width": 9} for at in range(3)],
        "annotations": [
            {"image_id": at, "category_id": 1, "segmentation": shape, "bbox": [1, 1, 4, 5]}
            for at, shape in enumerate(shapes)
        ],
        "categories": [{"id": 1, "name": "thing"}],
    }
    return json.dumps(data).encode()


def read_coco(path: Path) -> object:
    from netwright.tasks.readers import coco_masks

    for at in range(3):
        if not (path.parent / f"{at}.png").exists():
            (path.parent / f"{at}.png").write_bytes(png())
    return coco_masks.read(path.parent, "things")


def read_legend(path: Path) -> object:
    from netwright.tasks.readers.legends import legend

    return legend(path.parent)
