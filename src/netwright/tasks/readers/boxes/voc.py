"""Pascal VOC: an XML file for each image (Everingham et al. 2010, https://doi.org/10.1007/s11263-009-0275-4).

Annotations/ beside JPEGImages/ (or images/), with the splits in ImageSets/Main/; or XML files beside the images, all
together or in train/, valid/ and test/. Files with a document type are refused: entities could make them huge.
"""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from netwright.errors import InputError
from netwright.tasks.readers.boxes.pictures import (
    LOOKED_AT,
    Picture,
    Pictures,
    begins_with,
    bytes_of,
    folder_of,
    image_files,
    number,
    said_of,
    split_folders,
    text_of,
)
from netwright.tasks.vision.files import header

CORNERS = ("xmin", "ymin", "xmax", "ymax")
LARGEST = 16 * 2**20
"""Bytes of an annotation, and of a list of names."""
SETS = {"train": ("train",), "valid": ("val", "valid"), "test": ("test",)}


def holds(directory: Path) -> bool:
    """Whether there are annotations."""
    files = [path for root in _roots(directory).values() for path in _annotations(root)]
    return any(begins_with(path, b"<annotation") for path in files[:LOOKED_AT])


def _roots(directory: Path) -> dict[str, Path]:
    """The folder of each split; the folder itself where it has annotations, or no splits."""
    split = split_folders(directory)
    return {"train": directory} if _annotations(directory) or "train" not in split else split


def _annotations(root: Path) -> list[Path]:
    folder = folder_of(root, "annotations") or root
    return sorted(path for path in folder.glob("*.xml") if path.is_file())


def find(directory: Path) -> Pictures:
    """Raises InputError where splits contradict each other."""
    found = Pictures()
    for split, root in _roots(directory).items():
        _find_in(root, split, found)
    return found


def _find_in(root: Path, split: str, found: Pictures) -> None:
    files, sets = _annotations(root), _sets(root)
    images = image_files(*(folder for name in ("jpegimages", "images") if (folder := folder_of(root, name))), root)
    stems = {path.stem for path in files}
    for path in files:
        own = sets.get(path.stem, "") if sets else split
        if not own:
            continue
        try:
            found.add(own, _picture(path, images))
        except InputError as error:
            found.damaged[path] = str(error)
    for stem in sorted(set(sets) - stems):
        found.damaged[root / stem] = f"{root}: {stem} is in a list of ImageSets, but has no annotation"
    unlisted = sorted(stems - set(sets)) if sets else []
    found.warnings += said_of(unlisted, "annotations are in no list of ImageSets and are left out")
    found.warnings += said_of(sorted(set(images) - stems), "images have no annotation and are left out")


def _sets(root: Path) -> dict[str, str]:
    """The split of each image by its stem, as ImageSets has it; nothing where there is none."""
    sets = folder_of(root, "imagesets")
    lists = folder_of(sets, "main") if sets else None
    if lists is None:
        return {}
    words = SETS if (lists / "train.txt").is_file() else {**SETS, "train": ("trainval",), "valid": ()}
    splits: dict[str, str] = {}
    for split, names in words.items():
        path = next((lists / f"{name}.txt" for name in names if (lists / f"{name}.txt").is_file()), None)
        for line in text_of(path, LARGEST).split("\n") if path else ():
            stem = (line.split() or [""])[0]
            if stem and splits.setdefault(stem, split) != split:
                raise InputError(f"{path}: {stem} is in the {splits[stem]} split as well", "let it be in one")
    return splits if "train" in splits.values() else {}


def _picture(path: Path, images: dict[str, Path]) -> Picture:
    """Raises InputError for an annotation that is damaged, or not of its image."""
    root = tree(path)
    if root.tag != "annotation":
        raise InputError(f"{path} begins with <{root.tag}>, not with <annotation>", "remove or replace it")
    named = Path((root.findtext("filename") or "").strip().replace("\\", "/")).stem
    image = images.get(path.stem) or images.get(named)
    if image is None:
        raise InputError(f"{path}: there is no image of this name", "add it, or remove the annotation")
    _check_size(path, root, image)
    return Picture.of(image, [_thing(path, place, one) for place, one in enumerate(root.findall("object"), 1)], path)


def _thing(path: Path, place: int, thing: Element) -> tuple[str, tuple[float, ...]]:
    name, box, where = (thing.findtext("name") or "").strip(), thing.find("bndbox"), f"{path}, object {place}"
    if not name or box is None:
        raise InputError(f"{where} has no {'box' if name else 'name'}", "give it one, or remove it")
    return name, tuple(number(box.findtext(corner), f"{where}, {corner}") for corner in CORNERS)


def _check_size(path: Path, root: Element, image: Path) -> None:
    """Raises InputError where an annotation says that its image has another size; 0 says nothing."""
    written = [(root.findtext(f"size/{side}") or "0").strip() for side in ("height", "width")]
    try:
        size = tuple(int(float(side)) for side in written)
    except (ValueError, OverflowError):
        return
    own = header(image).size
    if all(size) and size != own:
        said = f"{path} is for an image of {size[1]} x {size[0]} pixels"
        raise InputError(f"{said}, but {image.name} has {own[1]} x {own[0]}", "give the image that it was made for")


def tree(path: Path) -> Element:
    """An XML file without a document type. Raises InputError."""
    raw, builder, parser = bytes_of(path, LARGEST), TreeBuilder(), expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise InputError(f"{path} has a document type", "remove the DOCTYPE")

    parser.StartElementHandler, parser.EndElementHandler = builder.start, builder.end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = builder.data, refuse
    try:
        parser.Parse(raw, True)
        return builder.close()
    except (expat.ExpatError, AssertionError) as error:
        raise InputError(f"{path} is no XML ({error})", "remove or replace it") from None
