"""Predictor-guided evolution."""

from __future__ import annotations

import numpy as np
import pytest

from netwright.errors import InputError
from netwright.strategies import NPENAS, GeneticAlgorithm
from netwright.testing.strategies import SPACES, best_accuracy, proposed, search, smooth


def test_it_finds_in_fifty_trials_what_the_genetic_algorithm_does_not() -> None:
    gains = [
        best_accuracy(search(NPENAS(), SPACES["choices"], smooth, 50, seed=seed))
        - best_accuracy(search(GeneticAlgorithm(), SPACES["choices"], smooth, 50, seed=seed))
        for seed in range(4)
    ]
    assert np.mean(gains) > 0


def test_only_founders_are_random() -> None:
    made = proposed(search(NPENAS(founders=7), SPACES["choices"], smooth, 30))
    assert [proposal.origin for proposal in made] == ["random"] * 7 + ["predicted"] * 23


def test_parents_come_from_the_best() -> None:
    log = search(NPENAS(parents=3, random_share=0.0), SPACES["choices"], smooth, 40)
    done = [trial for trial in log if trial.status == "completed"]
    for trial in done[10:]:
        before = sorted((t for t in done if t.number < trial.number), key=lambda t: -t.metric("accuracy"))
        assert set(trial.proposal.parents) <= {t.number for t in before[:3]}


@pytest.mark.parametrize("settings", [{"founders": 0}, {"boldness": -1.0}, {"random_share": 1.5}])
def test_senseless_settings_are_refused(settings: dict[str, float]) -> None:
    with pytest.raises(InputError):
        NPENAS(**settings)  # type: ignore[arg-type]
