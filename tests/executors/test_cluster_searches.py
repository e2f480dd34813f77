"""Whole searches on clusters: what they deliver does not depend on where they ran."""

from __future__ import annotations

import numpy as np
import pytest

import netwright
from netwright.space import Space, chain, choice, op

SMALL = Space(chain(op("conv", kernel=choice(3, 5), channels=choice(4, 8), stride=2), op("head")), "small")


@pytest.mark.slow
@pytest.mark.parametrize("where", ["ray, disks apart", "slurm"], indirect=True)
@pytest.mark.timeout(600)
def test_a_search_is_delivered_from_a_cluster(where, tmp_path):
    name, settings = where
    result = netwright.search(
        "digits",
        space=SMALL,
        method="random",
        budget="2trials",
        recipe={"epochs": 0.3},
        constraints="params<2k",
        workers=2,
        out=tmp_path / "search",
        executor=name,
        executor_settings=settings,
        evaluate="train",
    )
    assert result.finished
    assert {trial.status for trial in result.trials} == {"completed"}
    finals = [trial for trial in result.trials if trial.phase == "final"]
    assert finals
    for trial in finals:
        folder = result.directory / trial.folder
        assert np.load(folder / "test.npz")["outputs"].shape[1] == 10
        assert (folder / trial.measurement.artifacts["weights"]).stat().st_size > 0
    assert (result.directory / "model.onnx").stat().st_size > 0
    assert list((result.directory / "logs").glob("worker-*.log"))
