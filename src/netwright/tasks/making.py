"""From examples as they were found to a task: kind, classes, splits, encoding, warnings."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from netwright.errors import InputError
from netwright.operations import Signature
from netwright.operations.base import Kind as Answered
from netwright.tasks import tables, targets
from netwright.tasks.answers.places import UNKNOWN
from netwright.tasks.domains import DOMAINS
from netwright.tasks.examples import Array, Examples, Items, Part, Table, listed
from netwright.tasks.sound import transcripts
from netwright.tasks.splits import check_shares, share_of, split
from netwright.tasks.targets import Kind
from netwright.tasks.task import Split, Task
from netwright.tasks.vision import augmentation, images, masks

LOPSIDED = 0.9
"""From this share of the largest class on, balanced accuracy is the default objective."""


@dataclass(frozen=True)
class _Coded:
    """The kind of task, the targets of each given part as numbers, the names of the classes (regression: ()), and what
    is to be said."""

    kind: Kind
    y: dict[str, Array]
    classes: tuple[str, ...]
    warnings: Sequence[str] = ()


def make(examples: Examples, *, kind: str | None, seed: int, valid: float | None, test: float | None) -> Task:
    """Raises InputError when the examples cannot be learnt from."""
    valid, test = (share_of(len(examples.train.y), share) for share in (valid, test))
    check_shares(valid, test)
    coded = _code(examples, kind)
    parts, y = _split(examples, coded, seed, valid, test)
    warnings = [*examples.warnings, *coded.warnings]
    if isinstance(examples.train.x, Table):
        x, prepare = _encode_tables(parts, examples.target, warnings)
    elif isinstance(examples.train.x, Items):
        x, prepare = _encode_items(parts, warnings)
        raw = {name: part.x.values for name, part in parts.items() if isinstance(part.x, Items)}
        warnings += repeated(raw, DOMAINS[prepare["domain"]].noun)
    else:
        x, prepare = _encode_images(parts, examples)
        warnings += repeated(x, "images")
    if y["train"].ndim > 1:
        prepare["colours"] = [list(colour) for colour in examples.colours or masks.palette(len(coded.classes))]
    if not coded.classes:
        prepare |= _target_statistics(y["train"])
    splits = {name: Split(x[name], y[name]) for name in ("train", "valid", "test")}
    signature = _signature(x["train"], coded, prepare)
    if coded.kind == transcripts.KIND:
        signature = _with_steps(signature, parts["train"], splits["train"], warnings)
    metric = _metric(coded, y, warnings)
    return Task(
        name=examples.name,
        kind=coded.kind,
        signature=signature,
        train=splits["train"],
        valid=splits["valid"],
        test=splits["test"],
        prepare=prepare,
        metric=metric,
        classes=coded.classes,
        augment=_augment(signature, coded.classes, examples.flip, prepare),
        source={
            **examples.source,
            "counts": {name: len(part) for name, part in splits.items()},
            "split": "as given" if examples.test and examples.valid else f"stratified, seed {seed}",
            "warnings": warnings,
        },
    )


def _signature(x: Array, coded: _Coded, prepare: Mapping[str, Any]) -> Signature:
    inputs = tuple(int(size) for size in x.shape[1:])
    domain = DOMAINS.get(prepare.get("domain", ""))
    vocabulary, padded = (0, False) if domain is None else domain.tokens(prepare)
    columns = tables.columns(prepare["columns"]) if "columns" in prepare else ()
    return Signature(inputs, len(coded.classes) or 1, _answer(coded.kind), vocabulary, padded, columns)


def _answer(kind: Kind) -> Answered:
    """What the outputs of its networks are for."""
    if kind == "semantic-segmentation":
        return "segmentation"
    if kind == transcripts.KIND:
        return "transcript"
    return "regression" if kind.endswith("regression") else "classification"


def _with_steps(signature: Signature, part: Part, split: Split, warnings: list[str]) -> Signature:
    """With the fewest steps that transcripts need."""
    steps, further = transcripts.steps(part, split.y, split.x)
    warnings += further
    return replace(signature, steps=steps)


def _augment(
    signature: Signature, classes: Sequence[str], flip: bool | None, prepare: Mapping[str, Any]
) -> Mapping[str, Any]:
    if "domain" in prepare:
        return DOMAINS[prepare["domain"]].augment(prepare)
    policy = augmentation.policy(signature.inputs, classes, flip)
    return {**policy, "brightness": 0.2} if signature.kind == "segmentation" else policy


def _domain(part: Part) -> str:
    if part.y.ndim > 1:
        return "masks"
    return part.x.domain if isinstance(part.x, Items) else "tabular" if isinstance(part.x, Table) else "image"


def _code(examples: Examples, kind: str | None) -> _Coded:
    name = examples.target or "y"
    if examples.train.y.ndim > 1:
        return _code_masks(examples, targets.guess(examples.train.y, "masks", kind))
    for _, part in examples.parts():
        targets.check_present(part, name)
    train = examples.train
    known = targets.guess(train.y, _domain(train), kind)
    if known == "tabular-regression":
        y = {split: targets.values(part, name) for split, part in examples.parts()}
        if y["train"].min() == y["train"].max():
            raise InputError(f"the target {name!r} is {y['train'][0]:g} everywhere", "there is nothing to predict")
        return _Coded(known, y, ())
    if known == transcripts.KIND:
        y, classes, warnings = transcripts.coded(dict(examples.parts()))
        return _Coded(known, y, classes, warnings)
    labels, classes = targets.class_names(train.y, examples.classes)
    return _Coded(known, {split: targets.codes(part, labels, split) for split, part in examples.parts()}, classes)


def _code_masks(examples: Examples, kind: Kind) -> _Coded:
    """Masks as class indices: as they are where the reader has made them such, else by the values met in all splits."""
    if examples.train.y.dtype == np.int16:
        return _Coded(kind, {split: part.y for split, part in examples.parts()}, examples.classes)
    codes = masks.Codes()
    given = {
        split: [codes.of(mask, part.where(at)) for at, mask in enumerate(part.y)] for split, part in examples.parts()
    }
    if examples.classes:
        named = tuple(range(len(examples.classes)))
        legend = masks.Legend(examples.classes, named, frozenset({UNKNOWN, masks.BORDER}), origin="the list of classes")
        legend.refuse(list(codes.values), examples.train.name)
    else:
        legend = masks.guessed(list(codes.values), coloured=False)
    y = {split: np.stack([codes.classes(mask, legend) for mask in each]) for split, each in given.items()}
    return _Coded(kind, y, legend.names)


def _split(
    examples: Examples, coded: _Coded, seed: int, valid: float, test: float
) -> tuple[dict[str, Part], dict[str, Array]]:
    """The three parts and their targets: the given ones, the rest taken from the training examples."""
    parts, y = dict(examples.parts()), dict(coded.y)
    shares = {name: share for name, share in (("valid", valid), ("test", test)) if name not in parts}
    _check_layout(parts)
    if shares:
        train, targets_ = parts["train"], y["train"]
        if coded.kind == transcripts.KIND:
            chosen = split(transcripts.sizes(targets_), list(shares.values()), (), seed)
        elif targets_.ndim > 1:
            chosen = split(np.arange(len(targets_)), list(shares.values()), (), seed)
        else:
            chosen = split(targets_, list(shares.values()), coded.classes, seed)
        for name, index in zip(("train", *shares), chosen, strict=True):
            parts[name] = replace(train, x=train.x[index], y=train.y[index])
            y[name] = targets_[index]
    return parts, y


def _check_layout(parts: dict[str, Part]) -> None:
    """Raises InputError when given splits hold inputs of different forms."""
    shapes = {name: _form(part) for name, part in parts.items()}
    if len(set(shapes.values())) > 1:
        given = ", ".join(f"{name}: {shape}" for name, shape in shapes.items())
        raise InputError(f"the splits hold inputs of different shapes ({given})", "give them one shape")


def _form(part: Part) -> str | tuple[int, ...]:
    return targets.GIVEN[_domain(part)] if isinstance(part.x, Table | Items) else part.x.shape[1:]


def _encode_items(parts: dict[str, Part], warnings: list[str]) -> tuple[dict[str, Array], dict[str, Any]]:
    found = {name: part.x for name, part in parts.items() if isinstance(part.x, Items)}
    domain = DOMAINS[found["train"].domain]
    prepare, further = domain.fit(found["train"])
    warnings += further
    prepare = {"domain": found["train"].domain, **prepare}
    return {name: domain.apply(items, prepare) for name, items in found.items()}, prepare


def _encode_tables(
    parts: dict[str, Part], target: str | None, warnings: list[str]
) -> tuple[dict[str, Array], dict[str, Any]]:
    found = {name: part.x for name, part in parts.items() if isinstance(part.x, Table)}
    encoders, further = tables.fit(found["train"])
    warnings += further
    prepare = {"columns": encoders, "names": list(found["train"].columns), "target": target}
    for name in ("valid", "test"):
        warnings += tables.unseen(found["train"], found[name], encoders, name)
    return {name: tables.apply(table, encoders) for name, table in found.items()}, prepare


def _encode_images(parts: dict[str, Part], examples: Examples) -> tuple[dict[str, Array], dict[str, Any]]:
    raw = {name: part.x for name, part in parts.items() if not isinstance(part.x, Table | Items)}
    span = examples.span or images.guess_span(raw["train"])
    x = {name: images.to_bytes(array, span, f"the {name} images") for name, array in raw.items()}
    mean, std = images.statistics(x["train"])
    shape = [int(size) for size in x["train"].shape[1:]]
    return x, {"shape": shape, "span": list(span), "resize": examples.resize, "mean": mean, "std": std}


def repeated(x: dict[str, Array], noun: str) -> list[str]:
    """A warning for examples of the validation and test splits that the training split holds as well."""
    seen = set(_hashes(x["train"]))
    warnings = []
    for name in ("valid", "test"):
        count = sum(value in seen for value in _hashes(x[name]))
        if count:
            warnings.append(f"{count} of {len(x[name])} {name} {noun} occur in the training split as well")
    return warnings


def _hashes(x: Array) -> Sequence[bytes]:
    return [hashlib.blake2b(_bytes(one), digest_size=16).digest() for one in x]


def _bytes(example: Any) -> Any:
    return example.encode() if isinstance(example, str) else np.ascontiguousarray(example).data


def _target_statistics(y: Array) -> dict[str, Any]:
    values = y.astype(np.float64)
    return {"target_mean": float(values.mean()), "target_std": float(values.std()) or 1.0}


def _metric(coded: _Coded, y: dict[str, Array], warnings: list[str]) -> str:
    if not coded.classes:
        return "rmse"
    if coded.kind == transcripts.KIND:
        return "cer"
    if y["train"].ndim > 1:
        warnings += _absent(y, coded.classes)
        return "mean_iou"
    counts = np.bincount(y["train"], minlength=len(coded.classes))
    for name in ("valid", "test"):
        absent = [coded.classes[label] for label in np.flatnonzero(np.bincount(y[name], minlength=len(counts)) == 0)]
        warnings += [f"the {name} split has no example of class {label!r}" for label in absent]
    if coded.kind == "medical-image-classification":
        return "auc"
    share = counts.max() / counts.sum()
    if share < LOPSIDED:
        return "accuracy"
    largest = coded.classes[int(counts.argmax())]
    warnings.append(f"class {largest!r} holds {share:.0%} of the examples: the default objective is balanced accuracy")
    return "balanced_accuracy"


def _absent(y: Mapping[str, Array], classes: Sequence[str]) -> list[str]:
    """Warnings for classes that no mask of a split has."""
    warnings = []
    for name, own in y.items():
        counts = sum(
            (np.bincount(mask[mask != UNKNOWN], minlength=len(classes)) for mask in own), np.zeros(len(classes))
        )
        absent = [classes[index] for index in np.flatnonzero(counts == 0).tolist()]
        if absent:
            warnings.append(f"no mask of the {name} split has {listed(absent, 5)}")
    return warnings
