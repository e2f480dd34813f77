"""The data that supernets learn from here."""

from __future__ import annotations

import pytest

from netwright.tasks import Task, open_task


@pytest.fixture(scope="session")
def digits() -> Task:
    return open_task("digits")
