"""Checks of a preparation that comes from a file: how raw input becomes a network's x (see `netwright.tasks.Task`)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from netwright.errors import InputError
from netwright.operations import Signature
from netwright.tasks import tables
from netwright.tasks.domains import DOMAINS
from netwright.tasks.nodes import KIND as NODES


def check_prepare(prepare: Any, signature: Signature, kind: str = "") -> None:
    """Raises InputError naming what is missing, or what does not fit the signature."""
    if not isinstance(prepare, Mapping):
        raise _wrong("it is no mapping")
    if "domain" in prepare:
        _check_domain(prepare, signature)
    elif kind == NODES:
        _check_nodes(prepare, signature)
    elif len(signature.inputs) == 3:
        _check_images(prepare, signature)
    else:
        _check_table(prepare, signature)
    if signature.kind == "regression":
        _check_numbers(prepare, ("target_mean", "target_std"))


def _check_domain(prepare: Mapping[str, Any], signature: Signature) -> None:
    domain = DOMAINS.get(str(prepare["domain"]))
    if domain is None:
        raise _wrong(f"its domain is {prepare['domain']!r}")
    why = domain.check(prepare, signature.inputs, signature.vocabulary)
    if why:
        raise _wrong(why)


def _wrong(why: str) -> InputError:
    return InputError(f"prepare cannot be used: {why}", "copy the file again")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _check_numbers(data: Mapping[str, Any], names: tuple[str, ...]) -> None:
    for name in names:
        if not _is_number(data.get(name)):
            raise _wrong(f"{name} is {data.get(name)!r}")
    if not all(data[name] > 0 for name in names if name.endswith("std")):
        raise _wrong("a standard deviation is not above zero")


def _check_images(prepare: Mapping[str, Any], signature: Signature) -> None:
    channels = signature.inputs[0]
    if prepare.get("shape") != list(signature.inputs):
        raise _wrong(f"its shape is {prepare.get('shape')!r}, not {list(signature.inputs)}")
    for name, length in (("span", 2), ("mean", channels), ("std", channels)):
        values = prepare.get(name)
        if not isinstance(values, list) or len(values) != length or not all(map(_is_number, values)):
            raise _wrong(f"{name} is {values!r}, not {length} numbers")
    if not all(value > 0 for value in prepare["std"]) or not prepare["span"][0] < prepare["span"][1]:
        raise _wrong("std or span cannot be divided by")
    for name, default in (("resize", None), ("fit", False)):
        if not isinstance(prepare.get(name, default), bool):
            raise _wrong(f"{name} is {prepare.get(name)!r}")
    if signature.kind == "segmentation":
        _check_colours(prepare.get("colours"), signature.outputs)


def _check_colours(given: Any, classes: int) -> None:
    wanted = isinstance(given, list) and len(given) == classes
    if not wanted or not all(isinstance(one, list) and len(one) == 3 and all(map(_is_byte, one)) for one in given):
        raise _wrong(f"colours are not {classes} times red, green and blue from 0 to 255")


def _is_byte(value: Any) -> bool:
    return type(value) is int and 0 <= value <= 255


def _check_nodes(prepare: Mapping[str, Any], signature: Signature) -> None:
    word = prepare.get("features")
    if word == "ready":
        _check_table(prepare, signature)
    elif word == "standard":
        for name in ("mean", "std"):
            values = prepare.get(name)
            if not isinstance(values, list) or len(values) != signature.inputs[0] or not all(map(_is_number, values)):
                raise _wrong(f"{name} is not {signature.inputs[0]} numbers")
        if not all(value > 0 for value in prepare["std"]):
            raise _wrong("std cannot be divided by")
    elif word != "shares":
        raise _wrong(f"features is {word!r}")


def _check_table(prepare: Mapping[str, Any], signature: Signature) -> None:
    columns, names = prepare.get("columns"), prepare.get("names")
    if not isinstance(columns, list) or not isinstance(names, list):
        raise _wrong("columns or names are missing")
    for column in columns:
        _check_column(column)
    width = tables.width(columns)
    if (width,) != signature.inputs:
        raise _wrong(f"its columns make {width} numbers, the network takes {signature.inputs[0]}")


def _check_column(column: Any) -> None:
    if not isinstance(column, Mapping) or not isinstance(column.get("name"), str):
        raise _wrong("a column has no name")
    if not isinstance(column.get("indicator"), bool):
        raise _wrong(f"column {column['name']!r} has no indicator")
    if column.get("type") == "number":
        _check_numbers(column, ("median", "mean", "std"))
        return
    values = column.get("values")
    texts = isinstance(values, list) and all(isinstance(value, str) for value in values)
    if column.get("type") != "text" or not texts or not isinstance(column.get("rare"), bool):
        raise _wrong(f"column {column['name']!r} is neither numbers nor text")
