"""One small real search that several tests look at."""

from __future__ import annotations

from pathlib import Path

import pytest

import netwright
from netwright.space import Space, chain, choice, op

SMALL = Space(
    chain(op("conv", kernel=choice(3, 5), channels=choice(4, 8, 16), stride=choice(1, 2)), op("head")), "small"
)


@pytest.fixture(scope="session")
def found(tmp_path_factory: pytest.TempPathFactory) -> netwright.Result:
    folder = tmp_path_factory.mktemp("found") / "search"
    return netwright.search(
        "digits",
        space=SMALL,
        budget="5trials",
        recipe={"epochs": 3},
        constraints="params<2k",
        workers=2,
        out=Path(folder),
    )
