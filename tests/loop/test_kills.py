"""kill -9 of the driver and of a worker in the middle of a real search."""

from __future__ import annotations

from pathlib import Path

import pytest

from netwright.testing.kills import Victim, ordeal


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("victim", "seed"), [("driver", 1), ("worker", 2)])
def test_a_killed_search_resumes_whole(victim: Victim, seed: int, tmp_path: Path) -> None:
    assert ordeal(tmp_path / "search", victim, seed, most_s=3.0)
