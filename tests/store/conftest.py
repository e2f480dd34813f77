"""A PostgreSQL server of these tests' own."""

from __future__ import annotations

import os
import subprocess
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "postgres"
MISSING = 3
"""The script's exit code where PostgreSQL is not installed."""


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """URL and folder of a server; skipped where none can be had."""
    pytest.importorskip("psycopg", reason="psycopg is not installed: pip install 'netwright[postgres]'")
    folder = tmp_path_factory.mktemp("postgres")
    if os.getuid() == 0:
        for part in (folder, *folder.parents):  # the server runs as another user
            if part.stat().st_uid == 0 and part.is_relative_to(tmp_path_factory.getbasetemp().parent.parent):
                part.chmod(part.stat().st_mode | 0o011)
    started = subprocess.run([SCRIPT, "start", folder], capture_output=True, text=True)
    if started.returncode == MISSING:
        pytest.skip(f"needs PostgreSQL: {started.stderr.strip()}")
    assert started.returncode == 0, started.stderr
    yield started.stdout.strip(), folder
    subprocess.run([SCRIPT, "stop", folder], check=True)


@pytest.fixture
def postgres(server: tuple[str, Path]) -> str:
    """The URL of a search that is not there yet."""
    return f"{server[0]}?search=test-{uuid.uuid4().hex[:12]}"


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where to make a store, of each kind."""
    make: dict[str, Callable[[], str]] = {
        "sqlite": lambda: str(tmp_path / "search.sqlite"),
        "postgres": lambda: str(request.getfixturevalue("postgres")),
    }
    return make[request.param]()
