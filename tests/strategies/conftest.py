"""Which of the published suite's tests are quick for strategies with a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from tests.quick import mark_slow

from netwright import strategies
from netwright.testing.strategies import SPACES

COSTLY = "test_learns_or_says_that_it_does_not"
"""Six searches a strategy; in a space with conditional decisions they are also where a model costs most."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    mark_slow(items, costly)


def costly(test: str, given: Mapping[str, Any]) -> bool:
    return (
        test.startswith(COSTLY)
        and given.get("space") is SPACES["conditional"]
        and given.get("strategy") in strategies.NAMES
        and strategies.get(given["strategy"]).model_based
    )
