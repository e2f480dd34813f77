"""Which tests of the published suites are slow here: said of what they are given, since the suites do not know."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest


def mark_slow(items: Iterable[pytest.Item], costly: Callable[[str, Mapping[str, Any]], bool]) -> None:
    """costly: the test's name and parameters -> whether it is slow."""
    for item in items:
        if isinstance(item, pytest.Function) and hasattr(item, "callspec") and costly(item.name, item.callspec.params):
            item.add_marker(pytest.mark.slow)
