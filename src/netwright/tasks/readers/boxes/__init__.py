"""Images with boxes around things: Pascal VOC, COCO and YOLO, told from the folder."""

from __future__ import annotations

from netwright.tasks.readers.boxes.reading import form_of, read

__all__ = ["form_of", "read"]
