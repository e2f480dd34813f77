"""Plain data as strict JSON text and back, with the floats that JSON lacks."""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from netwright.errors import NetwrightError

_TAG = "$float"


def encode(value: Any) -> str:
    """JSON text of plain data. NaN and infinities become {"$float": "nan"}; numpy numbers and arrays their plain twins.

    Raises NetwrightError for anything that is not plain data.

    >>> encode({"loss": float("inf")})
    '{"loss":{"$float":"inf"}}'
    """
    try:
        return json.dumps(value, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError):
        return json.dumps(_plain(value), allow_nan=False, separators=(",", ":"))


def decode(text: str) -> Any:
    """The data that `encode` wrote.

    >>> decode('{"loss":{"$float":"-inf"}}')
    {'loss': -inf}
    """
    return json.loads(text, object_hook=_untag if _TAG in text else None)


def checksum(text: str) -> int:
    """CRC-32 of the text in UTF-8."""
    return zlib.crc32(text.encode())


def _untag(found: dict[str, Any]) -> Any:
    return float(found[_TAG]) if found.keys() == {_TAG} else found


def _plain(value: Any) -> Any:
    """`value` in what strict JSON knows."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else {_TAG: str(float(value))}
    if value is None or isinstance(value, (str, int)):
        return value
    if isinstance(value, PurePath):
        return str(value)
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    raise NetwrightError(f"a {type(value).__name__} cannot be stored: only plain data (numbers, text, lists, dicts)")
