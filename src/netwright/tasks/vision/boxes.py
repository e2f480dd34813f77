"""Images with boxes around things of some classes: sizes, splits, targets; from what a reader found to a task."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from netwright.errors import InputError
from netwright.operations import Signature
from netwright.tasks.answers.boxes import NONE
from netwright.tasks.examples import Array, listed
from netwright.tasks.splits import check_shares, share_of, split
from netwright.tasks.vision import images
from netwright.tasks.vision.augmentation import reads_one_way

if TYPE_CHECKING:
    from netwright.tasks.task import Task

KIND: Final = "object-detection"
MULTIPLE = 32
"""Height and width of what a network takes are multiples of this, so that they can be halved five times."""
SMALL = 9.0
"""Pixels of a side of what is small in the images, once they are scaled."""
LEAST_SIDE, MOST_SIDE = 128, 320
"""Pixels of the longer side, unless the images are smaller or the user says otherwise."""
FEW, FEWEST = 10, 20
"""Images of a group from which on splits have equal shares of it; in all, where splits are drawn."""


@dataclass(frozen=True, eq=False)
class Pictured:
    """x: uint8 (N, C, H, W); labels: (N,) names of the classes of each image's boxes; boxes: (N,) of (n, 4) left, top,
    right, bottom in pixels of x; places: (N,) how messages name each."""

    x: Array
    labels: Array
    boxes: Array
    places: Array

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, index: Array) -> Pictured:
        return Pictured(self.x[index], self.labels[index], self.boxes[index], self.places[index])

    @property
    def present(self) -> Counter[str]:
        """How many images have each class."""
        return Counter(label for labels in self.labels for label in set(labels))


@dataclass(frozen=True, eq=False)
class BoxExamples:
    """parts: "train", and where they are given "valid" and "test"; names: of the classes in their order, () for the
    alphabet's."""

    name: str
    parts: Mapping[str, Pictured]
    names: tuple[str, ...] = ()
    source: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def chosen_size(
    sizes: Array, boxes: Sequence[tuple[Sequence[str], Array]], longer: int | None = None
) -> tuple[int, int]:
    """Height and width of what a network takes: of the shape of the usual image, so large that half of the boxes of
    the class with the smallest ones have a narrower side of `SMALL` pixels.

    sizes: (N, 2) of the images; boxes: of each image, labels and (n, 4) by the longer side; longer: pixels of the
    longer side, where they are given.
    """
    aspect = float(np.median(sizes[:, 0] / sizes[:, 1]))
    if longer is None:
        narrow: dict[str, list[float]] = {}
        for labels, own in boxes:
            for label, side in zip(labels, (own[:, 2:] - own[:, :2]).min(axis=1), strict=True):
                narrow.setdefault(label, []).append(float(side))
        smallest = min((float(np.median(sides)) for sides in narrow.values()), default=1.0)
        wanted = min(MOST_SIDE, max(LEAST_SIDE, SMALL / smallest))
        own_side = max(MULTIPLE, math.ceil(float(np.median(sizes.max(axis=1))) / MULTIPLE) * MULTIPLE)
        longer = min(own_side, round(wanted / MULTIPLE) * MULTIPLE)
    shorter = longer * min(aspect, 1 / aspect)
    return rounded_size(shorter, longer) if aspect <= 1 else rounded_size(longer, shorter)


def rounded_size(height: float, width: float) -> tuple[int, int]:
    """The multiples of `MULTIPLE` that hold these, but for a few pixels.

    >>> rounded_size(120, 160), rounded_size(97, 64)
    ((128, 160), (96, 64))
    """
    tall, wide = (MULTIPLE * max(1, math.ceil(side / MULTIPLE - 0.1)) for side in (height, width))
    return tall, wide


def make(found: BoxExamples, *, seed: int, valid: float | None, test: float | None) -> Task:
    """Raises InputError when the images cannot be learnt from."""
    from netwright.tasks.making import repeated
    from netwright.tasks.task import Split, Task

    parts = _split(found, seed, valid, test)
    classes = _classes(parts["train"], found.names)
    splits = {name: Split(part.x, targets(part, classes, name)) for name, part in parts.items()}
    inputs = tuple(int(size) for size in parts["train"].x.shape[1:])
    mean, std = images.statistics(parts["train"].x)
    empty = sum(not len(labels) for labels in parts["train"].labels)
    return Task(
        name=found.name,
        kind=KIND,
        signature=Signature(inputs, len(classes), "detection"),
        train=splits["train"],
        valid=splits["valid"],
        test=splits["test"],
        prepare={"shape": list(inputs), "span": [0, 255], "resize": True, "fit": True, "mean": mean, "std": std},
        metric="map50",
        classes=classes,
        augment=_policy(inputs, classes),
        source={
            **found.source,
            "counts": {name: len(part) for name, part in parts.items()},
            "boxes": {name: int((split.y[..., 0] != NONE).sum()) for name, split in splits.items()},
            "split": "as given" if {"valid", "test"} <= set(found.parts) else f"stratified, seed {seed}",
            "warnings": [
                *found.warnings,
                *([f"{empty} of {len(parts['train'])} training images have no boxes"] if empty else []),
                *_absent(parts, classes),
                *repeated({name: part.x for name, part in parts.items()}, "images"),
            ],
        },
    )


def _policy(inputs: tuple[int, ...], classes: Sequence[str]) -> dict[str, Any]:
    """What may be done to images and their boxes alike."""
    made: dict[str, Any] = {"shift": max(2, min(inputs[1:]) // 8), "brightness": 0.2}
    return made if reads_one_way(classes) else made | {"flip": True}


def _split(found: BoxExamples, seed: int, valid: float | None, test: float | None) -> dict[str, Pictured]:
    """The parts given, the others drawn from the training images, by the rarest class that each has."""
    parts, train = dict(found.parts), found.parts["train"]
    shares = {name: share_of(len(train), share) for name, share in (("valid", valid), ("test", test))}
    check_shares(shares["valid"], shares["test"])
    shares = {name: share for name, share in shares.items() if not len(parts.get(name, ()))}
    if shares and len(train) < FEWEST:
        problem = f"{len(train)} annotated images are too few to split"
        raise InputError(problem, f"give at least {FEWEST}, or splits of your own")
    if shares:
        drawn = _drawn(train, list(shares.values()), seed)
        parts |= {name: train[index] for name, index in zip(("train", *shares), drawn, strict=True)}
    return {name: parts[name] for name in ("train", "valid", "test")}


def _drawn(train: Pictured, shares: list[float], seed: int) -> list[Array]:
    """Indices of what remains and of a part for each share. Images with a class that none of those has remain."""
    first, *others = split(_groups(train), shares, ("images",) * len(train), seed)
    known = set(train[first].present)
    alone = [index for part in others for index in part.tolist() if not known.issuperset(train.labels[index])]
    kept = np.sort(np.concatenate([first, np.array(alone, dtype=first.dtype)]))
    return [kept, *(np.setdiff1d(part, alone) for part in others)]


def _groups(train: Pictured) -> Array:
    """(N,) group of each image, by its rarest class; small ones are one."""
    present = train.present
    rarest = [min(set(labels), key=lambda label: (present[label], label), default="") for labels in train.labels]
    sizes = Counter(rarest)
    merged = [one if sizes[one] >= FEW else "" for one in rarest]
    if 0 < merged.count("") < FEW:
        largest = sizes.most_common(1)[0][0]
        merged = [one or largest for one in merged]
    groups: Array = np.unique(np.array(merged), return_inverse=True)[1].reshape(-1)
    return groups


def _classes(train: Pictured, names: Sequence[str]) -> tuple[str, ...]:
    present = train.present
    if not present:
        raise InputError("no training image has a box", "give images with boxes")
    return tuple(name for name in names if name in present) if names else tuple(sorted(present))


def targets(part: Pictured, classes: Sequence[str], name: str) -> Array:
    """(N, M, 5) float32 class, left, top, right, bottom; M is the most boxes of an image. Raises InputError for a class
    that training does not have."""
    place = {label: index for index, label in enumerate(classes)}
    most = max(1, max(map(len, part.labels), default=0))
    y = np.full((len(part), most, 5), NONE, dtype=np.float32)
    for row, (labels, boxes) in enumerate(zip(part.labels, part.boxes, strict=True)):
        strange = [label for label in labels if label not in place]
        if strange:
            problem = f"{part.places[row]} of the {name} split has a {strange[0]!r}, which no training image has"
            raise InputError(problem, f"known: {listed(classes)}")
        y[row, : len(labels), 0] = [place[label] for label in labels]
        y[row, : len(labels), 1:] = boxes
    return y


def _absent(parts: Mapping[str, Pictured], classes: Sequence[str]) -> list[str]:
    return [
        f"the {name} split has no {label!r}"
        for name in ("valid", "test")
        for label in classes
        if label not in parts[name].present
    ]
