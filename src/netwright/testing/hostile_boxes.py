"""Files of boxes to be damaged, and how they are read; see `netwright.testing.hostile`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

YOLO = b"1 0.5 0.5 0.2 0.4\n0 0.1 0.1 0.2 0.1 0.2 0.3\n"


def voc() -> bytes:
    box = "<bndbox><xmin>1</xmin><ymin>2</ymin><xmax>7</xmax><ymax>9</ymax></bndbox>"
    size = "<size><width>9</width><height>12</height></size>"
    return f"<annotation>{size}<object><name>cell</name>{box}</object></annotation>".encode()


def coco() -> bytes:
    boxes = [{"image_id": 1, "category_id": 2, "bbox": [1, 2, 6, 7.5]}]
    images, kinds = [{"id": 1, "file_name": "a.png"}], [{"id": 2, "name": "cell"}]
    return json.dumps({"images": images, "annotations": boxes, "categories": kinds}).encode()


def reader(form: str) -> Callable[[Path], object]:
    """Reads a file that is about the picture a.png beside it."""

    def reads(path: Path) -> object:
        from PIL import Image

        from netwright.tasks.readers.boxes import coco, voc, yolo

        picture = path.with_name("a.png")
        if not picture.exists():
            Image.new("RGB", (9, 12)).save(picture)
        if form == "YOLO":
            return yolo.picture(picture, path, ("cell", "dot"))
        return {"VOC": voc, "COCO": coco}[form].find(path.parent)

    return reads
