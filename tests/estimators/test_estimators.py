"""The estimators keep scikit-learn's conventions, and what they find is what the search found."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, clone
from sklearn.datasets import load_diabetes, load_digits, load_wine
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from netwright.deploy.network import Network
from netwright.errors import InputError
from netwright.estimators import DataError, NASClassifier, NASRegressor

QUICK: dict[str, Any] = {"budget": "2trials", "recipe": {"epochs": 1}, "random_state": 0}
ESTIMATORS = [NASClassifier(**QUICK), NASRegressor(**QUICK)]


@pytest.mark.usefixtures("stand_in")
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.DataConversionWarning", "ignore:.*not checking array_api")
@parametrize_with_checks(ESTIMATORS)
def test_scikit_learns_own_checks(estimator: BaseEstimator, check: Any) -> None:
    check(estimator)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.DataConversionWarning", "ignore:.*not checking array_api")
@parametrize_with_checks(ESTIMATORS)
def test_scikit_learns_own_checks_with_the_real_search(estimator: BaseEstimator, check: Any) -> None:
    check(estimator)


def test_a_classifier_for_tables_searches(tmp_path: Path) -> None:
    x, y = load_wine(return_X_y=True)
    names = np.array(["barolo", "grignolino", "barbera"])[y]
    model = NASClassifier(**QUICK, out=tmp_path / "search").fit(x, names)
    assert list(model.classes_) == ["barbera", "barolo", "grignolino"]
    assert model.network_.classes == tuple(model.classes_)
    assert model.predict_proba(x).shape == (len(x), 3)
    assert list(model.predict(x)) == Network.load(tmp_path / "search").predict(x)
    assert model.verdict_
    assert model.summary_["best"]["params"] > 0
    again = clone(model).set_params(out=None).fit(x, names)
    assert np.array_equal(again.predict_proba(x), model.predict_proba(x))
    assert np.array_equal(pickle.loads(pickle.dumps(again)).predict(x), again.predict(x))


def test_a_regressor_searches() -> None:
    x, y = load_diabetes(return_X_y=True, as_frame=True)
    model = NASRegressor(**QUICK, constraints=["params<20k"]).fit(x, y)
    assert list(model.feature_names_in_) == list(x.columns)
    assert model.summary_["best"]["params"] < 20_000
    predicted = model.predict(x)
    assert predicted.shape == (len(x),)
    assert 0 < predicted.mean() < 400


@pytest.mark.usefixtures("stand_in")
@pytest.mark.parametrize("shape", [(8, 8), (8, 8, 1), (1, 8, 8)])
def test_images_in_any_layout(shape: tuple[int, ...]) -> None:
    x, y = load_digits(return_X_y=True)
    x, y = x[:400].reshape(-1, *shape), y[:400]
    model = NASClassifier(**QUICK).fit(x, y)
    assert model.network_.signature.inputs == (1, 8, 8)
    assert model.n_features_in_ == 64
    assert model.score(x, y) > 0.5
    assert model.predict(x[:1]).shape == (1,)
    with pytest.raises(ValueError, match="images of 81 values"):
        model.predict(np.zeros((1, 9, 9)))


@pytest.mark.usefixtures("stand_in")
def test_text_and_gaps_in_a_data_frame() -> None:
    random = np.random.default_rng(0)
    colour = random.choice(["red", "green"], 120)
    frame = pd.DataFrame({"colour": colour, "size": random.normal(size=120)})
    frame.loc[::7, "size"] = np.nan
    model = NASClassifier(**QUICK).fit(frame, colour == "red")
    assert model.score(frame, colour == "red") == 1.0
    assert model.predict(frame[:2]).dtype == bool
    with pytest.raises(ValueError, match="feature names should match"):
        model.predict(frame[["size"]].assign(color="red"))


@pytest.mark.usefixtures("stand_in")
def test_it_takes_part_in_scikit_learns_tools() -> None:
    x, y = load_wine(return_X_y=True)
    pipeline = make_pipeline(StandardScaler(), NASClassifier(**QUICK))
    assert cross_val_score(pipeline, x, y, cv=2, error_score="raise").mean() > 0.8
    grid = GridSearchCV(NASClassifier(**QUICK), {"constraints": [(), ("params<10k",)]}, cv=2, error_score="raise")
    assert grid.fit(x, y).best_params_["constraints"] in [(), ("params<10k",)]


@pytest.mark.usefixtures("stand_in")
def test_parameters_reach_the_search(tmp_path: Path) -> None:
    x, y = load_wine(return_X_y=True)
    model = NASClassifier(budget="3trials", method="random", objectives="f1", space="mlp", out=tmp_path / "here")
    asked = model.fit(x, y).summary_["asked"]
    assert {name: asked[name] for name in ("budget", "method", "objectives", "space", "workers", "executor")} == {
        "budget": "3trials",
        "method": "random",
        "objectives": "f1",
        "space": "mlp",
        "workers": 1,
        "executor": "inline",
    }
    assert (tmp_path / "here" / "model.safetensors").is_file()


def test_errors_are_both_kinds() -> None:
    x, y = load_wine(return_X_y=True)
    with pytest.raises(NotFittedError):
        NASClassifier().predict(x)
    for wrong in ({"budget": "often"}, {"method": "alchemy"}, {"constraints": ["parms<3"]}):
        with pytest.raises(DataError) as caught:
            NASClassifier(**{**QUICK, **wrong}).fit(x, y)
        assert isinstance(caught.value, ValueError)
        assert isinstance(caught.value, InputError)
        assert caught.value.way_out
    with pytest.raises(ValueError, match="contains NaN"):
        NASRegressor(**QUICK).fit(x, np.where(y == 1, np.nan, y))


def test_a_budget_of_time_is_declared_as_not_deterministic() -> None:
    assert NASClassifier(budget="2m").__sklearn_tags__().non_deterministic
    assert not NASClassifier(budget="20trials").__sklearn_tags__().non_deterministic
