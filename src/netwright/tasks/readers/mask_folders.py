"""Folders of images and of masks with the same names: images/ and masks/, by split or not; Pascal VOC's; SegNet's.

data/images/1.jpg, data/masks/1.png
data/train/images/1.jpg, data/train/masks/1.png, data/valid/…
data/images/train/1.jpg, data/masks/train/1.png, …
data/train/1.jpg, data/trainannot/1.png, …
data/JPEGImages/1.jpg, data/SegmentationClass/1.png [, data/ImageSets/Segmentation/train.txt, …]
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

from netwright.errors import InputError
from netwright.tasks.examples import Examples, listed
from netwright.tasks.readers.class_folders import SPLITS
from netwright.tasks.readers.legends import legend
from netwright.tasks.readers.masks import PAIRS, Pairs, examples
from netwright.tasks.vision.files import SUFFIXES
from netwright.tasks.vision.masks import Legend

IMAGES = ("images", "image", "imgs", "img", "jpegimages")
MASKS = ("masks", "mask", "labels", "label", "annotations", "annotation", "annots", "annot", "segmentations")
ENDINGS = ("annot", "_masks", "_mask", "_labels", "_annotations", "masks", "mask", "labels")
"""What folders of masks are called beside one for the images of a split: trainannot, train_labels."""
MARKS = ("_mask", "-mask", "_masks", "_label", "_labels", "_seg", "_segmentation", "_gt", "_L")
"""What a mask's name may have after its image's."""
LOSSLESS = SUFFIXES - {".jpg", ".jpeg", ".webp"}
VOC = ("JPEGImages", "SegmentationClass")
VOC_CLASSES = (
    "background", "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow", "dining table",
    "dog", "horse", "motorbike", "person", "potted plant", "sheep", "sofa", "train", "tv monitor",
)  # fmt: skip
LOOKED_AT = 200
"""Files that tell whether two folders belong together."""

Sides = tuple[Path, Path]
"""The folder of the images and that of the masks."""


def is_one(directory: Path, asked: bool = False) -> bool:
    """Whether a folder is of such a form. asked: that it is of masks is known."""
    if all((directory / name).is_dir() for name in VOC):
        return asked or not (directory / "Annotations").is_dir()
    pairs = sides(directory)
    return bool(pairs) if asked else any(_belong(*pair) for pair in pairs.values())


def read(directory: Path, name: str, size: tuple[int, int] | None = None) -> Examples:
    """Raises InputError for what cannot be used, naming it."""
    found, known = Pairs(), legend(directory)
    try:
        if all((directory / part).is_dir() for part in VOC):
            known = known or Legend(VOC_CLASSES, tuple(range(len(VOC_CLASSES))), frozenset({255}), origin="Pascal VOC")
            _find_voc(directory, found)
        else:
            for split, (images, masks) in sides(directory).items():
                _find(split, images, masks, found)
    except OSError as error:
        raise InputError(f"{error.filename}: {error.strerror}", "check the folder's permissions") from None
    return examples(directory, name, size, found, known)


def sides(directory: Path) -> dict[str, Sides]:
    """The folders of images and masks, by split; {} where there are none."""
    whole = _both(directory)
    if whole is not None:
        images, masks = map(_by_split, whole)
        apart = {split: (images[split], masks[split]) for split in SPLITS if split in images and split in masks}
        return apart if "train" in apart else {"train": whole}
    inside, found = _folders(directory), {}
    for split, folder in _by_split(directory).items():
        name = folder.name.lower()
        beside = next((inside[name + end] for end in ENDINGS if name + end in inside), None)
        within = _both(folder) or (None if beside is None else (folder, beside))
        if within is not None:
            found[split] = within
    return found if "train" in found else {}


def _both(directory: Path) -> Sides | None:
    """The folders called like ones of images and of masks."""
    inside = _folders(directory)
    images, masks = (next((inside[word] for word in words if word in inside), None) for words in (IMAGES, MASKS))
    return (images, masks) if images and masks else None


def _folders(directory: Path) -> dict[str, Path]:
    if not directory.is_dir():
        return {}
    return {entry.name.lower(): entry for entry in sorted(directory.iterdir()) if entry.is_dir()}


def _by_split(directory: Path) -> dict[str, Path]:
    inside = _folders(directory)
    found = {split: next((inside[word] for word in words if word in inside), None) for split, words in SPLITS.items()}
    return {split: folder for split, folder in found.items() if folder is not None}


def _belong(images: Path, masks: Path) -> bool:
    """Whether images of one folder have masks in the other."""
    known = _masks(masks, LOSSLESS)
    return any(_mask_of(images, path, known) is not None for path in islice(_pictures(images, SUFFIXES), LOOKED_AT))


def _pictures(directory: Path, suffixes: frozenset[str]) -> Iterator[Path]:
    return (
        path
        for path in sorted(directory.rglob("*"))
        if path.suffix.lower() in suffixes and path.is_file() and not path.name.startswith(".")
    )


def _masks(directory: Path, suffixes: frozenset[str]) -> dict[str, Path]:
    """Masks by their place in the folder, without the suffix."""
    return {str(path.relative_to(directory).with_suffix("")): path for path in _pictures(directory, suffixes)}


def _mask_of(images: Path, image: Path, masks: Mapping[str, Path]) -> Path | None:
    stem = str(image.relative_to(images).with_suffix(""))
    return next((masks[stem + mark] for mark in ("", *MARKS) if stem + mark in masks), None)


def _find(split: str, images: Path, masks: Path, found: Pairs) -> None:
    known = _masks(masks, LOSSLESS)
    if not known and _masks(masks, SUFFIXES):
        raise InputError(f"{masks} holds masks as JPEG, which blurs them", "save them as PNG")
    used = set()
    for image in _pictures(images, SUFFIXES):
        mask = _mask_of(images, image, known)
        found.add(split, image, mask)
        used.add(mask)
    left = [path for path in known.values() if path not in used]
    if left:
        found.warnings.append(f"{len(left)} masks without an image were ignored: {listed([str(p) for p in left], 3)}")


def _find_voc(directory: Path, found: Pairs) -> None:
    """The official lists where they are there, else every image that has a mask."""
    images, masks = (directory / name for name in VOC)
    lists = dict.fromkeys(SPLITS, directory / "ImageSets" / "Segmentation")
    files = {
        split: next((folder / f"{word}.txt" for word in SPLITS[split] if (folder / f"{word}.txt").is_file()), None)
        for split, folder in lists.items()
    }
    pictures = {path.stem: path for path in _pictures(images, SUFFIXES)}
    known = _masks(masks, LOSSLESS)
    listed_in = {split: _names(path) for split, path in files.items() if path is not None}
    if "train" not in listed_in:
        listed_in = {"train": [(stem, str(masks)) for stem in sorted(known) if stem in pictures]}
    for split, names in listed_in.items():
        for stem, where in names:
            if stem not in pictures:
                raise InputError(f"{where}: {images / stem} has no image", f"such as {PAIRS.example}")
            if split == "test" and stem not in known:
                continue
            found.add(split, pictures[stem], known.get(stem))


def _names(path: Path) -> list[tuple[str, str]]:
    """The names in a list of images, each with where it stands."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return [(line.split()[0], f"{path}, line {number}") for number, line in enumerate(lines, 1) if line.strip()]
