"""The one way in: from a data set's name, a folder, a file or arrays to a task."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from netwright.errors import InputError, unknown
from netwright.tasks.examples import Examples, is_frame
from netwright.tasks.making import make
from netwright.tasks.nodes import KIND as NODES
from netwright.tasks.nodes import NodeExamples
from netwright.tasks.nodes import make as make_nodes
from netwright.tasks.sound.synthesis import KIND as SYNTHESIS
from netwright.tasks.sound.synthesis import make as make_voice
from netwright.tasks.task import Task
from netwright.tasks.text.corpus import KIND as LANGUAGE
from netwright.tasks.text.corpus import Corpus
from netwright.tasks.text.corpus import make as make_language
from netwright.tasks.text.parallel import KIND as TRANSLATION
from netwright.tasks.text.parallel import Parallel
from netwright.tasks.text.parallel import make as make_translation
from netwright.tasks.time_series.forecasts import KIND as FORECASTING
from netwright.tasks.time_series.forecasts import SeriesExamples
from netwright.tasks.time_series.forecasts import make as make_forecast
from netwright.tasks.time_series.series import of_arrays
from netwright.tasks.vision.boxes import KIND as BOXES
from netwright.tasks.vision.boxes import BoxExamples
from netwright.tasks.vision.boxes import make as make_boxes

NAMES = ("breast-cancer", "diabetes", "digits", "fashion-mnist", "mnist5k", "wine")
"""Data sets that can be opened by name."""
Found = Examples | NodeExamples | BoxExamples | Corpus | Parallel
"""What readers give."""
SERIES = "time-series-classification"
SEGMENTATION = "semantic-segmentation"
TRANSCRIPTS, SPEECH = "speech-transcription", ("speech-recognition", "speech-transcription")
OPEN = (None, "classification")
"""Kinds that leave open what a table holds."""


def open_task(
    source: Any,
    *,
    target: str | None = None,
    name: str | None = None,
    kind: str | None = None,
    seed: int = 0,
    valid: float | None = None,
    test: float | None = None,
    size: int | tuple[int, int] | None = None,
    horizon: int | None = None,
) -> Task:
    """Opens data as a task with stratified training, validation and test splits; official splits are kept.

    source: a name of `NAMES`; a folder of class folders of images, .txt or .wav files (or train/, valid/, test/ of
    such); a folder of images/ and masks/, Pascal VOC's folders, or COCO's JSON with the kind "semantic-segmentation";
    a folder of images with boxes in the form of Pascal VOC, COCO or YOLO; an .npz file (x_train, y_train[, x_test,
    y_test …], or X, y, or train_images, train_labels …; or a graph: x, edges, y[, train_idx, val_idx, test_idx]); a
    folder with nodes.csv and edges.csv, with `target`; a .csv or .tsv file (.gz, too), a .parquet file or a data frame,
    with `target`; a .csv, .tsv or .jsonl of texts with labels, or of paths of recordings with labels or with
    transcripts; a folder of recordings with a .txt beside each, or with .trans.txt files; running text, as .txt or with
    the kind "language-model" a folder of them; sentences and their translations, with the kind "translation"; time
    series, as .ts or with the kind "time-series-classification" as a table with a series a line; a folder with such
    files that are called train, valid and test; or (X, y) arrays.

    kind: "classification", "regression" or one of `KINDS`, guessed from the data when left out; valid, test: fractions
    to set aside, by default 15 % of the training examples and at most 5,000 (of running text 5 %, its end); size:
    pixels (height and width) to resize image files to; horizon: steps ahead to forecast, with the kind "forecasting",
    which takes a table with a step a line or an array (T, C). With the kind "speech-synthesis" recordings with labels
    or transcripts are what is to be spoken, not heard. Raises InputError for what cannot be used.

    >>> open_task("digits")
    <Task digits: image-classification, (1, 8, 8) -> 10, 1259/269/269 examples>
    """
    pixels = _size(size)
    if horizon is not None and kind != FORECASTING:
        raise InputError("only forecasts have a horizon", "give --kind forecasting, or leave the horizon out")
    if kind == FORECASTING:
        if pixels:
            raise InputError("only image files can be resized", "leave the size out")
        task = make_forecast(_read_series(source, target), horizon=horizon, valid=valid, test=test)
    elif kind == SYNTHESIS:
        if pixels:
            raise InputError("only image files can be resized", "leave the size out")
        task = make_voice(_read_spoken(source, target), seed=seed, valid=valid, test=test)
    else:
        examples = _read(source, target, pixels, kind)
        task = _made(examples, kind, pixels is not None, target, seed, valid, test)
    return task if name is None else replace(task, name=name)


def _made(
    examples: Found,
    kind: str | None,
    resized: bool,
    target: str | None,
    seed: int,
    valid: float | None,
    test: float | None,
) -> Task:
    """The task of examples as they were found."""
    if isinstance(examples, BoxExamples):
        return make_boxes(examples, seed=seed, valid=valid, test=test)
    if isinstance(examples, NodeExamples):
        if resized or kind not in (None, "classification", NODES):
            raise InputError("a graph's nodes can only be classified", "leave the size and the kind out")
        return make_nodes(examples, seed=seed, valid=valid, test=test)
    if isinstance(examples, Corpus | Parallel):
        if resized or (target and isinstance(examples, Corpus)):
            raise InputError("texts have neither pixels nor columns", "leave the size and the target out")
        if isinstance(examples, Corpus):
            return make_language(examples, valid=valid, test=test)
        return make_translation(examples, seed=seed, valid=valid, test=test)
    if resized and not examples.resize:
        raise InputError("only image files can be resized", "leave the size out")
    return make(examples, kind=kind, seed=seed, valid=valid, test=test)


def _read_series(source: Any, target: str | None) -> SeriesExamples:
    from netwright.tasks.readers import forecasts

    if isinstance(source, str | Path):
        path = Path(source).expanduser()
        if not path.is_file() or not forecasts.is_table(path):
            raise InputError(f"{path}: no table of series", "give a .csv, .tsv or .parquet file with a step a line")
        return forecasts.read(path, target, path.name.split(".")[0])
    return forecasts.read(source, target)


def _read_spoken(source: Any, target: str | None) -> Examples:
    from netwright.tasks.readers import voices

    path = Path(source).expanduser() if isinstance(source, str | Path) else None
    if path is None or not path.exists():
        given = f"a {type(source).__name__}" if path is None else str(path)
        way_out = "give a folder, or a table, of recordings with texts"
        raise InputError(f"{given}: no recordings to learn to speak from", way_out)
    return voices.read(path, target)


def _size(size: int | Sequence[int] | None) -> tuple[int, int] | None:
    if size is None:
        return None
    sides = tuple(size) if isinstance(size, Sequence) else (size, size)
    if len(sides) != 2 or not all(isinstance(side, int) and 4 <= side <= 4096 for side in sides):
        raise InputError(f"size is {size!r}", "give pixels from 4 to 4096: one number, or height and width")
    return sides[0], sides[1]


def _read(source: Any, target: str | None, size: tuple[int, int] | None, kind: str | None) -> Found:
    if isinstance(source, str) and source in NAMES:
        from netwright.tasks.readers import named

        return named.read(source)
    if isinstance(source, str | Path) and str(source).strip():
        return _read_path(Path(source).expanduser(), target, size, kind)
    from netwright.tasks.readers import arrays, series, texts

    if is_frame(source):
        return arrays.read_frame(source, target)
    if isinstance(source, tuple | list) and len(source) == 2:
        x, y = source
        if kind == SERIES:
            return series.read_arrays(x, y)
        return texts.read_arrays(x, y) if _all_texts(x) else arrays.read(x, y)
    given = "an empty name" if isinstance(source, str) else f"a {type(source).__name__}"
    raise InputError(f"cannot open {given}", "give a name, a path, a data frame, or (X, y)")


def _all_texts(x: Any) -> bool:
    return (
        getattr(x, "ndim", 1) == 1 and hasattr(x, "__len__") and len(x) > 0 and all(isinstance(one, str) for one in x)
    )


def _read_path(path: Path, target: str | None, size: tuple[int, int] | None, kind: str | None) -> Found:
    from netwright.tasks.readers import boxes, corpora, graphs, parallel_texts

    name = path.resolve().name
    if os.path.isdir(path):
        if kind == TRANSLATION:
            return parallel_texts.read(path, name, target)
        if kind == LANGUAGE:
            return corpora.read(path, name)
        if kind == BOXES or (kind is None and boxes.form_of(path)):
            return boxes.read(path, name, size)
        if graphs.is_graph(path):
            return graphs.read(path, target, name)
        return _read_folder(path, name, target, size, kind)
    if not os.path.exists(path):
        if len(path.parts) == 1 and not path.suffix:
            raise unknown("data set", str(path), NAMES)
        raise InputError(f"{path}: no such file or folder", "check the path")
    stem = name[:-3] if name.lower().endswith(".gz") else name
    if kind == TRANSLATION:
        return parallel_texts.read(path, Path(stem).stem, target)
    if kind == LANGUAGE or (kind is None and corpora.is_text(path)):
        return corpora.read(path, Path(stem).stem)
    if name.lower().endswith(".npz"):
        from netwright.tasks.readers import npz

        if graphs.is_graph(path):
            return graphs.read(path, target, name[:-4])
        return npz.read(path, name[:-4], of_arrays if kind == SERIES else None)
    if stem.lower().endswith((".csv", ".tsv", ".jsonl", ".ts")) or kind == SERIES:
        return _read_table(path, Path(stem).stem, target, kind)
    if name.lower().endswith(".parquet"):
        from netwright.tasks.readers import parquet

        return parquet.read(path, target, name[:-8])
    raise InputError(
        f"{path}: an unknown kind of file",
        "give .npz, .csv, .tsv, .jsonl, .ts, .txt (.gz, too), .parquet or class folders",
    )


def _read_table(path: Path, name: str, target: str | None, kind: str | None) -> Examples:
    from netwright.tasks.readers import csv, series, sounds, texts

    if kind == SERIES or texts.suffix(path) == ".ts":
        return series.read_parts({"train": path}, target, name)
    if kind in SPEECH or (kind in OPEN and sounds.is_manifest(path)):
        return sounds.read_manifests({"train": path}, target, name, _transcribed(kind))
    if kind == "text-classification" or (kind in OPEN and texts.holds_texts(path)):
        return texts.read(path, target, name)
    return csv.read(path, target, name)


def _transcribed(kind: str | None) -> bool | None:
    """Whether labels of recordings are transcripts, None where that is to be guessed."""
    return None if kind is None else kind == TRANSCRIPTS


def _read_folder(path: Path, name: str, target: str | None, size: tuple[int, int] | None, kind: str | None) -> Examples:
    from netwright.tasks.readers import class_folders, folders, series, sounds, text_folders, texts, transcripts
    from netwright.tasks.readers.split_files import split_files

    files = split_files(path, (".ts",)) or split_files(path, texts.SUFFIXES if kind != SERIES else series.SUFFIXES)
    if files:
        if kind == SERIES or texts.suffix(files["train"]) == ".ts":
            return series.read_parts(files, target, name)
        if kind in SPEECH or sounds.is_manifest(files["train"]):
            return sounds.read_manifests(files, target, name, _transcribed(kind))
        return texts.read_parts(files, target, name)
    if kind in (None, SEGMENTATION):
        found = _read_masks(path, name, size, asked=kind is not None)
        if found is not None:
            return found
    if kind == TRANSCRIPTS or (kind is None and transcripts.holds_transcripts(path)):
        return transcripts.read(path, name)
    sort = class_folders.commonest(path, (folders.IMAGES, text_folders.TEXTS, sounds.SOUNDS))
    if sort is text_folders.TEXTS:
        return text_folders.read(path, name)
    if sort is sounds.SOUNDS:
        return sounds.read_folder(path, name)
    return folders.read(path, name, size)


def _read_masks(path: Path, name: str, size: tuple[int, int] | None, asked: bool) -> Examples | None:
    """Images with masks, None for a folder of other things. asked: it must be such. Raises InputError."""
    from netwright.tasks.readers import coco_masks, mask_folders

    if mask_folders.is_one(path, asked):
        return mask_folders.read(path, name, size)
    if asked and coco_masks.is_one(path):
        return coco_masks.read(path, name, size)
    if asked:
        way_out = "give images/ and masks/ with the same names, Pascal VOC's folders, or COCO's JSON"
        raise InputError(f"{path} holds no images with masks", way_out)
    return None
