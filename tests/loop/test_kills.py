"""kill -9 of a worker and then of the driver in the middle of a real search."""

from __future__ import annotations

from pathlib import Path

import pytest

from netwright.testing.kills import ordeal


@pytest.mark.timeout(300)
def test_a_killed_search_resumes_whole(tmp_path: Path) -> None:
    assert ordeal(tmp_path / "search", ("worker", "driver"), seed=1, most_s=3.0) == 2
