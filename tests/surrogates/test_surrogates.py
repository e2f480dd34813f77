"""What surrogates learn from real trainings, and whether their intervals hold."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kendalltau

from netwright import surrogates
from netwright.benchmarks.tables import open_table
from netwright.errors import InputError
from netwright.space import Architecture
from netwright.surrogates import Described, Describer, calibrate
from netwright.surrogates.base import Fitted, Floats
from netwright.surrogates.calibrated import _Scale

Known = tuple[list[Architecture], np.ndarray, Describer]
COSTLY = ("gnn", "transformer")
"""Those that are trained by gradient; the quick tests only look whether they say the same again."""
SMALL = {"members": 2, "width": 24, "depth": 2}
FAST: dict[str, dict[str, float]] = {
    "gradient-boosting": {"trees": 40},
    "extra-trees": {"trees": 50},
    "gnn": {"steps": 60, "rate": 0.01, **SMALL},
    "transformer": {"steps": 40, "rate": 0.01, **SMALL},
}


@pytest.fixture(scope="module")
def digits() -> Known:
    """Networks that were trained on handwritten digits, and how well they did."""
    table = open_table("digits")
    architectures = [table.space.architecture(choices) for choices in table.choices]
    return architectures, np.asarray(table.test), Describer(table.space)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name in COSTLY else name for name in surrogates.SURROGATES]
)
def test_foretells_networks_that_it_has_not_seen(name: str, digits: Known) -> None:
    architectures, values, describe = digits
    order = np.random.default_rng(0).permutation(len(values))
    known, new = order[:60], order[60:260]
    model = calibrate(
        surrogates.get(name, **FAST.get(name, {})), describe([architectures[i] for i in known]), values[known]
    )
    found = model(describe([architectures[i] for i in new]))
    assert kendalltau(found.value, values[new])[0] > 0.4
    assert model.tau > 0.3
    inside = (found.low <= values[new]) & (values[new] <= found.high)
    assert inside.mean() > 0.75
    assert np.all(found.low <= found.value)
    assert np.all(found.value <= found.high)
    assert (found.high - found.low).mean() < np.ptp(values)


@pytest.mark.parametrize("name", surrogates.SURROGATES)
def test_the_same_labels_give_the_same_answers(name: str, digits: Known) -> None:
    architectures, values, describe = digits
    few = describe(architectures[:12])
    settings = {"gradient-boosting": {"trees": 5}, "gnn": {"steps": 5}, "transformer": {"steps": 5}}.get(name, {})
    surrogate = surrogates.get(name, **settings)
    first, again = (surrogate.fit(few, values[:12], seed=3)(few) for _ in range(2))
    assert all(np.array_equal(one, other) for one, other in zip(first, again, strict=True))


class Honest:
    """Knows the truth but for noise of a known size."""

    name = "honest"

    def fit(self, known: Described, values: Floats, seed: int = 0) -> Fitted:
        return lambda new: (new.rows[:, 0], np.full(len(new), 0.01))


def test_intervals_hold_even_where_the_surrogate_is_too_sure() -> None:
    random = np.random.default_rng(0)
    truth, noise = random.normal(size=1200), random.normal(size=1200)
    known = Described((truth[:, None],), (None,) * 1200)  # type: ignore[arg-type]
    values = truth + noise
    model = calibrate(Honest(), known.some(np.arange(200)), values[:200], coverage=0.8)
    found = model(known.some(np.arange(200, 1200)))
    inside = (found.low <= values[200:]) & (values[200:] <= found.high)
    assert inside.mean() == pytest.approx(0.8, abs=0.07)
    assert model.covered == pytest.approx(0.8, abs=0.07)


def test_values_come_back_from_how_they_are_shown() -> None:
    values = np.random.default_rng(0).lognormal(size=50)
    scale = _Scale.of(values)
    assert np.allclose(scale(scale.shown), scale.values)
    beyond = scale(np.array([scale.shown[0] - 1, scale.shown[-1] + 1]))
    assert beyond[0] < values.min()
    assert beyond[1] > values.max()


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([0.1, 0.2, 0.3, 0.4], "4 measured networks are too few"),
        ([0.5] * 8, "all measured networks are worth the same"),
    ],
)
def test_too_little_to_learn_from_is_refused(values: list[float], said: str, digits: Known) -> None:
    architectures, _, describe = digits
    with pytest.raises(InputError, match=said):
        calibrate(surrogates.get("ridge"), describe(architectures[: len(values)]), np.array(values))


def test_an_unknown_surrogate_is_refused_with_the_nearest() -> None:
    with pytest.raises(InputError, match="did you mean 'ridge'"):
        surrogates.get("rige")
