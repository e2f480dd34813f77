"""Neural architecture search behind scikit-learn's interface: `NASClassifier` and `NASRegressor`.

From NumPy arrays or a data frame:

    from netwright import NASClassifier

    model = NASClassifier(budget="5m", constraints=["params<50k"], random_state=0).fit(X, y)
    model.predict(X_new), model.verdict_
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils import assert_all_finite, check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_consistent_length, check_is_fitted, column_or_1d, validate_data

from netwright import backends
from netwright.deploy.network import Network
from netwright.door import Result, search
from netwright.errors import InputError, NetwrightError
from netwright.loop.budget import Budget
from netwright.loop.progress import Snapshot
from netwright.loop.settings import DEFAULT_METHOD
from netwright.space import Space
from netwright.tasks import Task, open_task
from netwright.tasks.answers.classes import softmax

Array = np.ndarray[Any, np.dtype[Any]]


class DataError(InputError, ValueError):
    """Data that cannot be learnt from or predicted: an InputError that scikit-learn's tools take for theirs."""


@contextlib.contextmanager
def _as_value_errors() -> Iterator[None]:
    try:
        yield
    except InputError as error:
        raise DataError(error.problem, error.way_out) from error


class _NAS(BaseEstimator):  # type: ignore[misc]
    """What both estimators have in common.

    X: a table (N, F) of numbers or text, with gaps or without, as an array or a data frame; or images (N, H, W),
    (N, H, W, C), (N, C, H, W).
    """

    _kind: str

    def __init__(
        self,
        budget: str = "2m",
        space: Space | str | Path | None = None,
        method: str = DEFAULT_METHOD,
        objectives: Sequence[str] | str = (),
        constraints: Sequence[str] | str = (),
        workers: int = 1,
        random_state: Any = None,
        out: str | Path | None = None,
        verbose: int = 0,
        recipe: Mapping[str, Any] | None = None,
        backend: str = backends.DEFAULT,
    ) -> None:
        self.budget = budget
        self.space = space
        self.method = method
        self.objectives = objectives
        self.constraints = constraints
        self.workers = workers
        self.random_state = random_state
        self.out = out
        self.verbose = verbose
        self.recipe = recipe
        self.backend = backend

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.input_tags.three_d_array = True
        tags.non_deterministic = _by_the_clock(self.budget)
        return tags

    def _search(self, X: Any, y: Array, classes: tuple[str, ...] = ()) -> None:
        """Searches and keeps the network found."""
        seed = _seed(self.random_state)
        with _as_value_errors():
            task = open_task((X, y), kind=self._kind, name=type(self).__name__, seed=seed)
            if classes:
                task = replace(task, classes=classes)
            with _folder(self.out) as folder:
                result = self._found(task, folder, seed)
                self.network_: Network = result.network
        self.summary_: Mapping[str, Any] = result.summary
        self.verdict_: str = result.verdict

    def _found(self, task: Task, folder: Path, seed: int) -> Result:
        result = search(
            task,
            space=self.space,
            method=self.method,
            objectives=self.objectives,
            constraints=self.constraints,
            budget=self.budget,
            workers=self.workers,
            seed=seed,
            out=folder,
            executor="inline" if self.workers == 1 else "processes",
            observer=_Teller(self.verbose),
            recipe=self.recipe,
            backend=self.backend,
        )
        if result.best is None:
            raise NetwrightError("the search ended without a network" + (f": see {folder}" if self.out else ""))
        return result

    def _outputs(self, X: Any) -> Array:
        check_is_fitted(self, "network_")
        inputs = _inputs(self, X, reset=False)
        with _as_value_errors():
            return self.network_.outputs(self.network_.encode(inputs))


class NASClassifier(ClassifierMixin, _NAS):  # type: ignore[misc]
    """Searches a neural network that classifies tables or images.

    budget: "2m", "200trials" or "30epochs"; space: a `Space`, a ready one's name or a space file, None for the one that
    suits X; method: a search strategy's name; objectives: metrics to optimise, () for accuracy (balanced accuracy where
    one class prevails); constraints: such as "params<50k"; workers: processes (1: in this one); random_state: of
    splits, search and trainings (a whole number is the seed itself); out: a folder to keep the search in, None for a
    temporary one; verbose: 1 tells the phases; recipe: changes of the training recipe, such as {"epochs": 10};
    backend: what trains networks, "torch" or "jax".

    fit sets classes_, n_features_in_ (for images: the values of one), feature_names_in_ (data frames), network_
    (`netwright.deploy.network.Network`), summary_ (what `netwright search --json` prints) and verdict_. A part of X is
    set aside to choose by, and another to judge by.

    >>> from sklearn.datasets import load_wine
    >>> X, y = load_wine(return_X_y=True)
    >>> NASClassifier(budget="1m").fit(X, y).score(X, y) > 0.9         # doctest: +SKIP
    True
    """

    _kind = "classification"

    def fit(self, X: Any, y: Any) -> Self:
        """y: (N,) labels, at least three of each. Raises ValueError for what cannot be learnt from."""
        inputs, labels = _checked(self, X, y)
        check_classification_targets(labels)
        self.classes_, codes = np.unique(labels, return_inverse=True)
        if len(self.classes_) < 2:
            raise DataError("y has one class only", "give examples of at least two")
        names = tuple(str(label) for label in self.classes_)
        self._search(inputs, codes, names if len(set(names)) == len(names) else ())
        return self

    def decision_function(self, X: Any) -> Array:
        """Logits (N, K); for two classes their difference (N,), above zero for the second."""
        logits = self._outputs(X)
        return logits[:, 1] - logits[:, 0] if len(self.classes_) == 2 else logits

    def predict_proba(self, X: Any) -> Array:
        """Probabilities (N, K), in the order of classes_."""
        return softmax(self._outputs(X).astype(np.float64))

    def predict(self, X: Any) -> Array:
        """Labels (N,)."""
        chosen = self._outputs(X).argmax(axis=1)
        labels: Array = self.classes_[chosen]
        return labels


class NASRegressor(RegressorMixin, _NAS):  # type: ignore[misc]
    """Searches a neural network that predicts a number from tables.

    Parameters and attributes are those of `NASClassifier` (without classes_); the objective is the root mean squared
    error unless another is given.
    """

    _kind = "regression"

    def fit(self, X: Any, y: Any) -> Self:
        """y: (N,) numbers. Raises ValueError for what cannot be learnt from."""
        inputs, values = _checked(self, X, y)
        self._search(inputs, _numbers(values))
        return self

    def predict(self, X: Any) -> Array:
        """Values (N,) in y's unit."""
        return self._outputs(X)


def _checked(estimator: _NAS, X: Any, y: Any) -> tuple[Any, Array]:
    """X and y of equal length, y as a vector."""
    if y is None:
        raise ValueError(f"{type(estimator).__name__} requires y to be passed, but the target y is None.")
    inputs = _inputs(estimator, X, reset=True)
    targets = column_or_1d(y, warn=True)
    assert_all_finite(targets, input_name="y", estimator_name=type(estimator).__name__)
    check_consistent_length(inputs, targets)
    return inputs, targets


def _inputs(estimator: _NAS, X: Any, reset: bool) -> Any:
    """X as it can be opened as a task: frames stay what they are, everything else becomes an array."""
    if hasattr(X, "columns") and hasattr(X, "to_numpy"):
        validate_data(estimator, X, reset=reset, skip_check_array=True)
        return X
    if (X.ndim if hasattr(X, "ndim") else np.asarray(X).ndim) < 3:
        least = 2 if reset else 1
        gaps: dict[str, Any] = {"dtype": None, "ensure_all_finite": "allow-nan"}
        return validate_data(estimator, X, reset=reset, ensure_min_samples=least, **gaps)
    images = np.asarray(X)
    width = int(np.prod(images.shape[1:]))
    if reset:
        estimator.n_features_in_ = width
    elif width != estimator.n_features_in_:
        fitted = f"{type(estimator).__name__} was fitted to {estimator.n_features_in_}"
        raise DataError(f"images of {width} values", fitted)
    return images


def _seed(random_state: Any) -> int:
    if isinstance(random_state, int | np.integer):
        return int(random_state)
    return int(check_random_state(random_state).randint(2**31 - 1))


def _numbers(values: Array) -> Array:
    if values.dtype.kind == "O":
        values = values.astype(np.float64)
    if values.dtype.kind not in "biuf":
        raise DataError(f"y holds {values.dtype}", "give numbers")
    if not np.isfinite(values).all():
        raise DataError("Input y contains NaN or infinity", "remove these examples")
    return values


def _by_the_clock(budget: str) -> bool:
    """Does the machine's speed decide how far a search comes?"""
    try:
        return Budget.parse(str(budget)).seconds is not None
    except InputError:
        return True


@contextlib.contextmanager
def _folder(out: str | Path | None) -> Iterator[Path]:
    """The folder to search in: the given one, or one that is gone afterwards."""
    if out is not None:
        yield Path(out)
        return
    with tempfile.TemporaryDirectory(prefix="netwright-") as name:
        yield Path(name) / "search"


class _Teller:
    """Tells on stderr when a search enters a phase."""

    def __init__(self, verbose: int) -> None:
        self.verbose, self.phase = verbose, ""

    def __call__(self, snapshot: Snapshot) -> None:
        if not self.verbose or snapshot.phase == self.phase:
            return
        self.phase = snapshot.phase
        trials = sum(snapshot.counts.values())
        print(f"netwright: {snapshot.phase}, {snapshot.elapsed:.0f} s, {trials} trials so far", file=sys.stderr)
