"""What all tests share: examples that are the same every time, and a PostgreSQL server of their own.

Property tests draw the same examples every time, so that a change that passes here passes everywhere. For new ones:
`pytest --hypothesis-profile=random`.
"""

from __future__ import annotations

import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("random")
settings.register_profile("repeatable", derandomize=True)
settings.load_profile("repeatable")

SCRIPT = Path(__file__).parents[1] / "scripts" / "postgres"
MISSING = 3
"""The script's exit code where PostgreSQL is not installed."""


@pytest.fixture(scope="session")
def server() -> Iterator[tuple[str, Path]]:
    """URL and folder of a server; skipped where none can be had."""
    pytest.importorskip("psycopg", reason="psycopg is not installed: pip install 'netwright[postgres]'")
    with tempfile.TemporaryDirectory(prefix="netwright-postgres-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # the server of a test that root runs is another user's
        started = subprocess.run([SCRIPT, "start", folder], capture_output=True, text=True)
        if started.returncode == MISSING:
            pytest.skip(f"needs PostgreSQL: {started.stderr.strip()}")
        assert started.returncode == 0, started.stderr
        yield started.stdout.strip(), folder
        subprocess.run([SCRIPT, "stop", folder], check=True)


@pytest.fixture
def script() -> Path:
    """What starts, stops and kills it."""
    return SCRIPT


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
